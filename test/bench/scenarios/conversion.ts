// Recordings from binary to text and back, within this process: no server takes part.

import { encodeMessage, type Generation, messageTables } from '../../../src/lib/core/protocol/messages.js';
import { Conversion } from '../../../src/lib/core/recording/conversion.js';
import { binaryHeader } from '../../../src/lib/core/recording/header.js';
import { type Figures, megabyte, scenario } from './scenario.js';

const chunkBytes = 256 * 1024;

/** Strokes of 25 dabs mostly, and every tenth message a tile of 3 kB. */
function record(generation: Generation, size: number): Buffer {
  const pieces: Uint8Array[] = [
    binaryHeader(new Map([['version', messageTables[generation].protocol]]), generation),
  ];
  const soft = Array.from({ length: 125 }, (_, at) => [3, -2, 1000 + at, 255, 128][at % 5] as number);
  const pixels = Array.from({ length: 100 }, (_, at) => [1, 2, 5, 255][at % 4] as number);
  const tile = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * at) % 251));
  for (let bytes = 0, at = 0; bytes < size; at++) {
    const user = 1 + (at % 5);
    const stroke = { layer: 257, x: at % 4000, y: at % 3000, color: 0xff112233, mode: 1 };
    const next =
      at % 10 === 0
        ? encodeMessage(generation, 'puttile', user, { layer: 257, col: at % 50, image: tile })
        : at % 2 === 0
          ? encodeMessage(generation, 'classicdabs', user, { ...stroke, dabs: soft })
          : encodeMessage(generation, 'pixeldabs', user, { ...stroke, dabs: pixels });
    pieces.push(next);
    bytes += next.length;
  }
  return Buffer.concat(pieces);
}

function convert(bytes: Buffer): { bytes: Buffer; seconds: number } {
  const conversion = new Conversion({}, (problem) => {
    throw new Error(problem.message);
  });
  const pieces: Buffer[] = [];
  const start = process.cpuUsage();
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    pieces.push(conversion.read(bytes.subarray(at, at + chunkBytes)));
  }
  pieces.push(conversion.end());
  const { user, system } = process.cpuUsage(start);
  return { bytes: Buffer.concat(pieces), seconds: (user + system) / 1e6 };
}

export const conversion = scenario({
  summary: 'recordings become text and binary again; MB of the binary form per second of CPU',
  params: { megabytes: 20 },
  async run(_stage, { megabytes }) {
    const figures: Figures = {};
    const notes: Figures = {};
    for (const generation of ['4.21', '4.24', '4.25'] as const) {
      const binary = record(generation, megabytes * megabyte);
      const text = convert(binary);
      const back = convert(text.bytes);
      if (!back.bytes.equals(binary)) throw new Error(`${generation}: something was lost on the way`);
      const name = generation.replace('.', '');
      figures[`toText${name}MBPerSecond`] = binary.length / megabyte / text.seconds;
      figures[`toBinary${name}MBPerSecond`] = binary.length / megabyte / back.seconds;
      notes[`text${name}MB`] = text.bytes.length / megabyte;
    }
    return { figures, notes };
  },
});

// The compressed payloads of the canvas (core/canvas/needs.ts): zlib by Node, zstd by the reference library compiled to
// WebAssembly. Node includes zstd from 22.15 on; one decoder everywhere gives one answer to damaged payloads.
//
// Measured on this project's tiles (16 KB), Node 20: @bokuweb/zstd-wasm unpacks one in 35 µs and packs it in 75 µs;
// @hpcc-js/wasm-zstd needs 600 and 100, fzstd 40 for unpacking but lets through what the original refuses.

import { deflateSync, inflateSync } from 'node:zlib';
import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import type { Codecs } from '../../core/canvas/needs.js';
import { zstdFrames } from './zstd-frames.js';

/** An image of 8192 × 8192 pixels. A message of 64 KB that unpacks to more is a bomb. */
export const mostUnpackedBytes = 256 * 1024 * 1024;

/** zlib's own buffers while a payload is unpacked. */
const mostChunkBytes = 256 * 1024;

const zstdLevel = 3;

let codecs: Promise<Codecs> | undefined;

/** Loads zstd, once per thread. */
export function loadCodecs(): Promise<Codecs> {
  codecs ??= init().then(() => ({ inflate, unzstd, deflate, zstd }));
  return codecs;
}

function inflate(bytes: Uint8Array, exactLength: number): Uint8Array | undefined {
  if (exactLength > mostUnpackedBytes) return undefined;
  try {
    const unpacked = inflateSync(bytes, {
      maxOutputLength: Math.max(1, exactLength),
      chunkSize: Math.min(Math.max(exactLength + 1, 64), mostChunkBytes),
    });
    if (unpacked.length !== exactLength) return undefined;
    // no Buffer: its slice() shares what others take for a copy
    return new Uint8Array(unpacked.buffer, unpacked.byteOffset, exactLength);
  } catch {
    return undefined;
  }
}

/** As ZSTD_decompress with room for exactly `exactLength`: several frames may make it up together. */
function unzstd(bytes: Uint8Array, exactLength: number): Uint8Array | undefined {
  if (exactLength > mostUnpackedBytes) return undefined;
  const frames = zstdFrames(bytes);
  if (!frames) return undefined;
  let announced = 0;
  for (const { contentBytes } of frames) announced += contentBytes ?? 0;
  if (announced > exactLength) return undefined;
  try {
    const pieces = frames.map(({ start, end, contentBytes }) =>
      // a frame without a size gets all the room there is; it cannot take more
      contentBytes === 0
        ? new Uint8Array(0)
        : decompress(bytes.subarray(start, end), { defaultHeapSize: Math.max(1, exactLength) }),
    );
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) !== exactLength) return undefined;
    return pieces.length === 1 ? pieces[0] : new Uint8Array(Buffer.concat(pieces));
  } catch {
    return undefined;
  }
}

function deflate(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 9 });
}

function zstd(bytes: Uint8Array): Uint8Array {
  return compress(bytes as Buffer, zstdLevel);
}

// One step of the canvas bench, in a process of its own: makes a recording, or measures. Prints figures as JSON.

import { readFileSync, writeFileSync } from 'node:fs';
import { blendPatch, blendTile, makeBrush } from '../../../src/lib/core/canvas/blend/blend.js';
import { Canvas } from '../../../src/lib/core/canvas/canvas.js';
import type { Profile } from '../../../src/lib/core/canvas/pixel.js';
import { machine, useKernels } from '../../../src/lib/core/canvas/wasm/machine.js';
import { CanvasPool } from '../../../src/lib/io/canvas/canvas-pool.js';
import { loadCodecs } from '../../../src/lib/io/canvas/codecs.js';
import { makePicture } from '../../../src/lib/io/canvas/make-picture.js';
import { Seeded } from '../../helpers/seeded.js';
import { makeImage, makeRecording, type PlanName } from './recordings.js';

/** Figures by their name; a name that ends in a unit says which. */
export type Figures = Record<string, number>;

/** Behind the name of a mode: with WebAssembly where there is a kernel for it. */
const byVectors = ' (vectors)';

const loopMs = 700;
const tilePixels = 4096;

/** The modes that people use most, and one of every kind of arithmetic. */
const modes = { NORMAL: 1, ERASE: 0, MULTIPLY: 2, 'RECOLOR (keeps alpha)': 10, OKLAB: 88 } as const;

/** In the memory of the kernels, where tiles that are being painted are. */
function pixels(random: Seeded): Uint16Array {
  const made = machine.takeU16(tilePixels * 4);
  for (let at = 0; at < made.length; at += 4) {
    const alpha = random.below(32769);
    for (let channel = 0; channel < 3; channel++) made[at + channel] = random.below(alpha + 1);
    made[at + 3] = alpha;
  }
  return made;
}

/** Megapixels per second of CPU time, the best of several rounds. */
function speedOf(work: () => void): number {
  for (let round = 0; round < 50; round++) work();
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    const until = performance.now() + loopMs / 3;
    let count = 0;
    while (performance.now() < until) {
      for (let inner = 0; inner < 20; inner++) work();
      count += 20;
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (count * tilePixels) / (user + system));
  }
  return best;
}

function measureMasks(profile: Profile): Figures {
  const random = new Seeded(1);
  const mask = machine.takeU16(tilePixels);
  for (let at = 0; at < tilePixels; at++) mask[at] = random.below(32769);
  return Object.fromEntries(
    Object.entries(modes).map(([name, mode]) => {
      const tile = pixels(random);
      const fresh = new Uint16Array(tile);
      const brush = makeBrush(profile, mode, [4000, 20000, 31000, 32768])!;
      const work = (): void => {
        // what is painted over and over becomes opaque, and that is quicker
        tile.set(fresh);
        blendPatch(brush, tile, 0, 0, 64, 64, mask, 0, 64, 20000, tile.byteOffset);
      };
      return [name, speedOf(work)];
    }),
  );
}

function measureTiles(profile: Profile): Figures {
  const random = new Seeded(2);
  const source = pixels(random);
  return Object.fromEntries(
    Object.entries(modes).map(([name, mode]) => {
      const tile = pixels(random);
      const fresh = new Uint16Array(tile);
      const work = (): void => {
        tile.set(fresh);
        blendTile(profile, mode, tile, source, 20000);
      };
      return [name, speedOf(work)];
    }),
  );
}

function secondsSince(cpu: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
}

async function draw(frames: Buffer, messages: number, profile: Profile): Promise<Figures> {
  const canvas = new Canvas({ generation: '4.25', access: 'client', profile, codecs: await loadCodecs() });
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (let at = 0; at < frames.length; at += 65536)
    canvas.feed(frames, at, Math.min(frames.length, at + 65536));
  const drawnSeconds = (performance.now() - started) / 1000;
  const cpuSeconds = secondsSince(cpu);
  const drawnMemory = process.resourceUsage().maxRSS / 1024;
  const request = { format: 'png', box: { width: 256, height: 256 } } as const;
  await makePicture({ canvas, profile }, request, () => {});
  return {
    cpuSeconds,
    wallSeconds: drawnSeconds,
    messagesPerCpuSecond: messages / cpuSeconds,
    peakMegabytes: drawnMemory,
    firstPictureSeconds: (performance.now() - started) / 1000,
    firstPictureCpuSeconds: secondsSince(cpu),
  };
}

/** The first picture of a canvas that two threads share; the CPU time is that of the process. */
async function drawDivided(frames: Buffer, profile: Profile): Promise<Figures> {
  const pool = new CanvasPool();
  const canvas = await pool.openDivided({ generation: '4.25', access: 'client', profile });
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (let at = 0; at < frames.length; at += 65536)
    await canvas.feed(new Uint8Array(frames.subarray(at, at + 65536)));
  const { pieces } = canvas.pictureFile({ format: 'png', box: { width: 256, height: 256 } });
  for await (const _ of pieces) {
    // it is only made
  }
  const figures = {
    dividedPictureSeconds: (performance.now() - started) / 1000,
    dividedPictureCpuSeconds: secondsSince(cpu),
    dividedMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  await pool.stop();
  return figures;
}

/** Recordings are made in another process: their making would count as memory. */
function make(name: string, file: string): Figures {
  const { frames, messages } = name === 'image-50mb' ? makeImage() : makeRecording(name as PlanName);
  writeFileSync(file, frames);
  return { messages };
}

async function measure(name: string, profile: Profile, file: string, messages: number): Promise<Figures> {
  if (name === 'masks' || name === 'tiles') {
    const loops = name === 'masks' ? measureMasks : measureTiles;
    useKernels(false);
    const plain = loops(profile);
    useKernels(true);
    const vectors = Object.entries(loops(profile)).map(([mode, speed]) => [`${mode}${byVectors}`, speed]);
    return { ...plain, ...Object.fromEntries(vectors) };
  }
  return draw(readFileSync(file), messages, profile);
}

const [task, name = '', profile = 'portable', file = '', messages = '0'] = process.argv.slice(2);
async function work(): Promise<Figures> {
  if (task === 'make') return make(name, file);
  if (task === 'divided') return drawDivided(readFileSync(file), profile as Profile);
  return measure(name, profile as Profile, file, Number(messages));
}

const figures = await work();
process.stdout.write(JSON.stringify(figures));

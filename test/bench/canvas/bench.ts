// `npm run bench -- canvas`: how fast the canvas engine draws, beside the C engine of Drawpile and what must be reached.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import Table from 'cli-table3';
import type { Figures } from './measure.js';
import { plans } from './recordings.js';

const help = `npm run bench -- canvas [flags]

  --only NAME[,NAME]   masks, tiles, ${Object.keys(plans).join(', ')}, image-50mb
  --profile NAME       portable (default) or avx2
  --runs N             runs of each recording, the fastest counts (default 1)
  --json               figures as JSON`;

interface Reference {
  readonly engine: string;
  readonly cpuSeconds: number;
  readonly messagesPerCpuSecond: number;
  readonly peakMegabytes: number;
}

/**
 * Drawpile 2.3.1-beta.1 (libengine, gcc 12) on the same recordings: user time of one thread on a shared EPYC core, so
 * the ratio is good to about a third. Reading, access rules, drawing and undo, one message at a time; no picture.
 */
const references: Readonly<Record<string, readonly Reference[]>> = {
  'classic-100k': [
    { engine: 'C, portable', cpuSeconds: 12.152, messagesPerCpuSecond: 8230, peakMegabytes: 172 },
    { engine: 'C, AVX2', cpuSeconds: 9.987, messagesPerCpuSecond: 10_014, peakMegabytes: 172 },
  ],
  'mixed-100k': [
    { engine: 'C, portable', cpuSeconds: 52.352, messagesPerCpuSecond: 1910, peakMegabytes: 1429 },
    { engine: 'C, AVX2, batches', cpuSeconds: 22.462, messagesPerCpuSecond: 4452, peakMegabytes: 1430 },
  ],
  'long-50mb': [
    { engine: 'C, portable', cpuSeconds: 43.823, messagesPerCpuSecond: 1643, peakMegabytes: 748 },
    { engine: 'C, AVX2, batches', cpuSeconds: 26.319, messagesPerCpuSecond: 2736, peakMegabytes: 748 },
  ],
};

/** pixels.md §11: single loops of the C engine, megapixels per second. */
const loops = [
  { what: 'tiles NORMAL', engine: 'C, scalar', speed: 64 },
  { what: 'tiles NORMAL', engine: 'C, AVX2', speed: 370 },
  { what: 'tiles MULTIPLY', engine: 'C, scalar', speed: 9.5 },
] as const;

/** Least speed and largest ratios that are aimed at. */
const targets = { masks: 40, tiles: 35, cpuRatio: 4, memoryRatio: 2, firstPictureSeconds: 10 };

/** No colours of its own: the figures go into files. */
const plain = { head: [], border: [] };

const names = ['masks', 'tiles', ...Object.keys(plans), 'image-50mb'];
/** As measure.ts names what it measures with WebAssembly; importing it would run it. */
const byVectors = ' (vectors)';
const runTimeoutMs = 1_200_000;

async function run(...args: string[]): Promise<Figures> {
  const script = fileURLToPath(new URL('./measure.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], {
    timeout: runTimeoutMs,
  });
  return JSON.parse(stdout) as Figures;
}

async function measured(name: string, profile: string, runs: number): Promise<Figures> {
  if (name === 'masks' || name === 'tiles') return run('measure', name, profile);
  const folder = mkdtempSync(join(tmpdir(), 'dp-canvas-bench-'));
  try {
    const file = join(folder, 'frames');
    const { messages = 0 } = await run('make', name, profile, file);
    let best: Figures | undefined;
    for (let count = 0; count < runs; count++) {
      const figures = await run('measure', name, profile, file, String(messages));
      if (!best || (figures.cpuSeconds ?? 0) < (best.cpuSeconds ?? 0)) best = figures;
    }
    const divided = name.endsWith('-50mb') ? await run('divided', name, profile, file) : {};
    return { ...best, ...divided };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function printLoops(name: 'masks' | 'tiles', figures: Figures): void {
  const table = new Table({
    head: [`${name}, Mpixel/s`, 'TypeScript', 'with vectors', 'ratio', 'aim'],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    style: plain,
  });
  for (const [mode, speed] of Object.entries(figures)) {
    const vectors = figures[`${mode}${byVectors}`];
    if (vectors === undefined) continue;
    const aim = mode === 'NORMAL' ? targets[name] : undefined;
    table.push([
      mode,
      speed.toFixed(1),
      vectors.toFixed(1),
      (vectors / speed).toFixed(2),
      aim === undefined ? '' : `TypeScript ≥ ${aim}: ${speed >= aim ? 'yes' : 'NO'}`,
    ]);
  }
  for (const { what, engine, speed } of loops) {
    if (what.startsWith(name))
      table.push([`${what.slice(name.length + 1)} (${engine})`, String(speed), '', '', '']);
  }
  console.log(table.toString());
}

function printRecording(name: string, profile: string, figures: Figures): void {
  const about = name in plans ? plans[name as keyof typeof plans].about : 'a reset image of 50 MB of tiles';
  const table = new Table({
    head: [`${name}: ${about}`, 'CPU s', 'messages/s', 'MB', 'first picture, CPU s'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: plain,
  });
  const { cpuSeconds = 0, messagesPerCpuSecond = 0, peakMegabytes = 0, firstPictureCpuSeconds = 0 } = figures;
  const { dividedPictureSeconds = 0, dividedPictureCpuSeconds = 0, dividedMegabytes = 0 } = figures;
  table.push([
    `dp, ${profile}`,
    cpuSeconds.toFixed(2),
    String(Math.round(messagesPerCpuSecond)),
    String(Math.round(peakMegabytes)),
    firstPictureCpuSeconds.toFixed(2),
  ]);
  const [first, ...others] = references[name] ?? [];
  for (const reference of first ? [first, ...others] : []) {
    table.push([
      reference.engine,
      reference.cpuSeconds.toFixed(2),
      String(reference.messagesPerCpuSecond),
      String(reference.peakMegabytes),
      '',
    ]);
  }
  console.log(table.toString());
  if (first) {
    const cpu = cpuSeconds / first.cpuSeconds;
    const memory = peakMegabytes / first.peakMegabytes;
    console.log(
      `  ${cpu.toFixed(2)} × its time (aim: ≤ ${targets.cpuRatio}), ${memory.toFixed(2)} × its memory (aim: ≤ ${targets.memoryRatio})`,
    );
  }
  if (name.endsWith('-50mb')) {
    console.log(
      `  first picture after ${firstPictureCpuSeconds.toFixed(1)} s of CPU time (aim: ≤ ${targets.firstPictureSeconds} s)`,
    );
    console.log(
      `  with two threads after ${dividedPictureSeconds.toFixed(1)} s (${dividedPictureCpuSeconds.toFixed(1)} s of CPU time, ${Math.round(dividedMegabytes)} MB)`,
    );
  }
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      profile: { type: 'string', default: 'portable' },
      runs: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const chosen = values.only?.split(',') ?? names;
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`nothing is called ${unknown}; there are ${names.join(', ')}`);
  const all: Record<string, Figures> = {};
  for (const name of chosen) {
    const figures = await measured(name, values.profile, Math.max(1, Number(values.runs) || 1));
    all[name] = figures;
    if (values.json) continue;
    if (name === 'masks' || name === 'tiles') printLoops(name, figures);
    else printRecording(name, values.profile, figures);
  }
  if (values.json) console.log(JSON.stringify(all, undefined, 2));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

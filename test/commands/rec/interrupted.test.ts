// Ctrl-C and the like leave no half of a file, whichever command writes it, and end the command as they should.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { drawnText } from '../../helpers/drawn-recording.js';
import { until } from '../../helpers/until.js';

const program = resolve('bin/run.js');
const example = resolve('docs/example.dprec');
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).error === undefined || process.env.CI === 'true';

/** Resolves when a file of that name is in the folder. */
const appears = (folder: string, name: string): Promise<void> =>
  until(`${name} is there`, () => readdirSync(folder).includes(name));

async function interrupted(
  t: ExecutionContext,
  signal: 'SIGINT' | 'SIGTERM',
  args: readonly string[],
  part: string,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dp-interrupted-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  // more would be to come
  child.stdin.write(drawnText());
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  const ended = once(child, 'close');
  const first = await Promise.race([appears(folder, part).then(() => 'there'), ended.then(() => told)]);
  t.is(first, 'there');
  child.kill(signal);
  const [status, endedBy] = await ended;
  t.deepEqual([status, endedBy], [null, signal], told);
  t.deepEqual(readdirSync(folder), []);
}

const long = ['--duration', '90s', '--fps', '30'];

test('Ctrl-C ends a timelapse and leaves nothing', (t) =>
  interrupted(t, 'SIGINT', ['rec', 'timelapse', example, 'film.gif', ...long], 'film.gif.part'));

(hasFfmpeg ? test : test.skip)('Ctrl-C ends ffmpeg as well', (t) =>
  interrupted(t, 'SIGINT', ['rec', 'timelapse', example, 'film.mp4', ...long], 'film.mp4.part'),
);

test('a conversion that is ended leaves nothing', (t) =>
  interrupted(t, 'SIGTERM', ['rec', 'convert', '-', 'out.dprec'], 'out.dprec.part'));

test('what was there before is still there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dp-interrupted-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const out = join(folder, 'out.dprec');
  const first = spawnSync(process.execPath, [program, 'rec', 'convert', '-', out], { input: drawnText() });
  t.is(first.status, 0, first.stderr.toString());
  const before = readFileSync(out);
  const child = spawn(process.execPath, [program, 'rec', 'convert', '-', out, '--force'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.write(drawnText(['1 undopoint']));
  const ended = once(child, 'close');
  await appears(folder, 'out.dprec.part');
  child.kill('SIGINT');
  await ended;
  t.deepEqual(readdirSync(folder), ['out.dprec']);
  t.deepEqual(readFileSync(out), before);
});

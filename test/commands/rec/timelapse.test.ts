// dp rec timelapse: films of every kind, their length, and what is in them.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import RecTimelapse, { type Filmed } from '../../../src/commands/rec/timelapse.js';
import { blue, drawnRecording, red, white } from '../../helpers/drawn-recording.js';
import { runCommand } from '../../helpers/run-command.js';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).error === undefined || process.env.CI === 'true';
const withFfmpeg = hasFfmpeg ? test : test.skip;

/** All frames as raw pixels, decoded by ffmpeg. */
function framesOf(
  file: string,
  width: number,
  height: number,
): { count: number; at(frame: number, x: number, y: number): number[] } {
  const { stdout, stderr } = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgba', '-fps_mode', 'passthrough', '-'],
    { maxBuffer: 1 << 28 },
  );
  const bytes = width * height * 4;
  if (stdout.length === 0) throw new Error(stderr.toString());
  return {
    count: stdout.length / bytes,
    at: (frame, x, y) => {
      const from = (frame < 0 ? stdout.length + frame * bytes : frame * bytes) + (y * width + x) * 4;
      return [...stdout.subarray(from, from + 4)];
    },
  };
}

function isNear(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, at) => Math.abs(value - b[at]!) <= 12);
}

for (const format of ['gif', 'apng', 'mp4', 'webm']) {
  withFfmpeg(`${format}: the drawing comes into being, and stays at the end`, async (t) => {
    const { file, folder } = drawnRecording(t);
    const out = join(folder, `film.${format}`);
    const args = ['--duration', '2s', '--fps', '10', '--fade', '500ms', '--hold', '1s'];
    const ran = await runCommand(RecTimelapse, [file, out, ...args, '--json']);
    t.is(ran.status, 0, ran.stdout);
    t.like(ran.json<Filmed>(), { width: 100, height: 80, frames: 26, framesPerSecond: 10, problems: [] });
    const film = framesOf(out, 100, 80);
    t.true(film.count >= 25, String(film.count));
    t.true(isNear(film.at(0, 40, 40), red), `first ${film.at(0, 40, 40)}`);
    t.true(isNear(film.at(19, 40, 40), blue), `last of the drawing ${film.at(19, 40, 40)}`);
    t.true(isNear(film.at(-1, 40, 40), blue));
    t.true(isNear(film.at(-1, 90, 70), white));
    const fading = film.at(21, 40, 40);
    t.true(fading[0]! > 60 && fading[0]! < 240, `fading ${fading}`);
    t.deepEqual(readdirSync(folder).sort(), ['drawn.dptxt', `film.${format}`]);
  });
}

test('an animated PNG tells its frames and holds the last one', async (t) => {
  const { file, folder } = drawnRecording(t);
  const out = join(folder, 'film.apng');
  await runCommand(RecTimelapse, [
    file,
    out,
    '--duration',
    '1s',
    '--fps',
    '4',
    '--fade',
    '0',
    '--hold',
    '2s',
  ]);
  const bytes = readFileSync(out);
  const control = bytes.indexOf('acTL');
  t.is(bytes.readUInt32BE(control + 4), 5);
  const last = bytes.lastIndexOf('fcTL') + 4;
  t.is(bytes.readUInt16BE(last + 20) / bytes.readUInt16BE(last + 22), 2);
});

test('--speed goes by the waiting times, pauses are cut short', async (t) => {
  const { file, folder } = drawnRecording(t);
  const film = async (name: string, ...args: string[]): Promise<Filmed> =>
    (
      await runCommand(RecTimelapse, [
        file,
        join(folder, name),
        '--fade',
        '0',
        '--hold',
        '0',
        ...args,
        '--json',
      ])
    ).json();
  t.like(await film('a.gif', '--speed', '2', '--fps', '10'), { frames: 20 });
  t.like(await film('b.gif', '--speed', '10', '--max-pause', '1m', '--fps', '10'), { frames: 62 });
});

withFfmpeg('--max-pause cuts what is not drawn in, and what is drawn keeps its distances', async (t) => {
  // ten seconds in three waiting times with a message between them; afterwards one second until a green square
  const more = [
    '1 interval {"msecs":5000}',
    '1 chat {"message":"back in a moment"}',
    '1 interval {"msecs":5000}',
    '1 undopoint',
    '1 fillrect {"layer":257,"mode":"svg:src-over","x":10,"y":10,"w":40,"h":40,"color":"#ff00ff00"}',
    '1 interval {"msecs":1000}',
    '1 undopoint',
  ];
  const { file, folder } = drawnRecording(t, more);
  const out = join(folder, 'film.apng');
  const args = ['--speed', '1', '--fps', '2', '--fade', '0', '--hold', '0', '--max-pause', '1s', '--json'];
  const ran = await runCommand(RecTimelapse, [file, out, ...args]);
  // red for one of its two seconds, blue for one of its sixty, the text for one of ten, green for its second
  t.like(ran.json<Filmed>(), { frames: 8, seconds: 4 });
  const film = framesOf(out, 100, 80);
  const colours = Array.from({ length: 8 }, (_, frame) => film.at(frame, 20, 20));
  const second = Array.from({ length: 8 }, (_, frame) => film.at(frame, 60, 60));
  t.deepEqual(
    colours.map((colour) => isNear(colour, red)),
    [true, true, true, true, true, false, false, false],
  );
  t.deepEqual(
    second.map((colour) => isNear(colour, blue)),
    [false, true, true, true, true, true, true, true],
  );
  const whole = await runCommand(RecTimelapse, [
    file,
    out,
    '-f',
    ...args.slice(0, 8),
    '--max-pause',
    '1m',
    '--json',
  ]);
  t.like(whole.json<Filmed>(), { seconds: 2 + 60 + 10 + 1 });
});

test('names are shown where people draw', async (t) => {
  const dabs =
    '1 classicdabs {"layer":257,"mode":"svg:src-over","color":"#ff000000","x":5,"y":60,"_":[{"size":2,"hardness":255,"opacity":255}]}';
  const { file, folder } = drawnRecording(t, ['1 join {"name":"ann"}', dabs]);
  const made = async (...args: string[]): Promise<Buffer> => {
    const out = join(folder, `film${args.length}.gif`);
    t.is((await runCommand(RecTimelapse, [file, out, '--duration', '1s', ...args])).status, 0);
    return readFileSync(out);
  };
  t.notDeepEqual(await made('--names'), await made());
});

const refusals: readonly [args: readonly string[], status: number, message: RegExp][] = [
  [['FILE', 'OUT.avi'], 2, /cannot determine the timelapse format.*\n.*\.mp4, \.webm, \.gif, \.apng/],
  [['-', 'OUT.gif'], 2, /reads its recording twice/],
  [['FILE', 'OUT.gif', '--speed', '0'], 2, /invalid value '0' for --speed/],
  [['FILE', 'OUT.gif', '--max-pause', 'short'], 2, /invalid value 'short' for --max-pause/],
  [['FILE', 'OUT.gif', '--max-pause', '-1s'], 2, /--max-pause/],
  [['FILE', 'OUT.gif', '--max-pause', '0', '--speed', '2'], 2, /invalid value '0' for --max-pause/],
  [['FILE', 'OUT.gif', '--duration', 'long'], 2, /invalid value 'long' for --duration/],
  [['FILE', 'OUT.gif', '--duration', '9h'], 2, /frames; the maximum is 100000/],
  [['FILE', 'OUT.gif', '--paper', 'blue'], 2, /invalid value 'blue' for --paper/],
  [['FILE', 'OUT.gif', '--size', '9000x9000'], 0, /^$/],
  [['FILE', 'OUT.gif', '--layer', 'Nope'], 4, /no layer 'Nope'/],
  [['FILE', 'OUT.gif', '--only-user', '99'], 4, /user 99 draws nothing.*\n.*draw: 1, 2/],
  [['FILE', 'FOLDER/none/OUT.webm'], 4, /the folder of .* does not exist/],
  [['nowhere.dprec', 'OUT.gif'], 4, /there is no file/],
  [['FILE', 'FOLDER/none/OUT.gif'], 4, /the folder of .* does not exist/],
];

for (const [args, status, message] of refusals.filter(([, status]) => status !== 0)) {
  test(`${args.join(' ')} ends with ${status}`, async (t) => {
    const { file, folder } = drawnRecording(t);
    const named = args.map((each) =>
      each
        .replace(/^FILE$/, file)
        .replace(/^OUT/, join(folder, 'OUT'))
        .replace(/^FOLDER/, folder),
    );
    const ran = await runCommand(RecTimelapse, named);
    t.regex(ran.stderr, message);
    t.is(ran.status, status);
    t.deepEqual(readdirSync(folder), ['drawn.dptxt']);
  });
}

// first and alone: it changes what the whole process finds
test.serial('a video without ffmpeg is refused with the way out', async (t) => {
  const { file, folder } = drawnRecording(t);
  const out = join(folder, 'film.mp4');
  const path = process.env.PATH;
  process.env.PATH = folder;
  t.teardown(() => {
    process.env.PATH = path;
  });
  const ran = await runCommand(RecTimelapse, [file, out]);
  process.env.PATH = path;
  t.is(ran.status, 5);
  t.regex(ran.stderr, /mp4 files need the program ffmpeg.*\n.*\.apng or \.gif/);
  t.false(existsSync(out));
});

withFfmpeg('a video that cannot be written is told as any other file', async (t) => {
  const { file, folder } = drawnRecording(t);
  writeFileSync(join(folder, 'a'), '');
  const ran = await runCommand(RecTimelapse, [file, join(folder, 'a', 'film.mp4'), '--duration', '1s']);
  t.is(ran.status, 1);
  t.regex(ran.stderr, /cannot use .*film\.mp4: a part of its path is not a folder/);
});

// Canvases in threads: order, back pressure, several at once, and what happens when something breaks.

import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { Fault, Refusal } from '../../../../src/lib/core/errors.js';
import { FrameBatch } from '../../../../src/lib/core/recording/frame-batch.js';
import { RecordingReader } from '../../../../src/lib/core/recording/reader.js';
import { CanvasPool, type FollowedCanvas } from '../../../../src/lib/io/canvas/canvas-pool.js';
import { areAlike } from '../../../helpers/alike.js';
import { blue, drawnMessages, drawnText, red, white } from '../../../helpers/drawn-recording.js';
import { until } from '../../../helpers/until.js';

/** The frames of the drawn recording, as a session has them. */
function frames(until = Number.POSITIVE_INFINITY): Uint8Array {
  const reader = new RecordingReader();
  const batch = new FrameBatch();
  let number = 0;
  for (const item of [...reader.read(Buffer.from(drawnText())), ...reader.end()]) {
    if (item.kind === 'message' && ++number <= until) batch.add(item.type, item.contextId, item.payload);
  }
  return batch.take();
}

async function pixel(canvas: FollowedCanvas, x: number, y: number): Promise<number[]> {
  const { rgba } = await canvas.pixels({ crop: { x, y, width: 1, height: 1 } });
  return [...rgba];
}

const settings = { generation: '4.25', access: 'none' } as const;

// Serial: it counts the threads that this process starts.
for (const threads of [1, 2]) {
  test.serial(`canvases that are opened at once get ${threads} of the threads, and no more`, async (t) => {
    let started = 0;
    const count = () => started++;
    process.on('worker', count);
    t.teardown(() => process.off('worker', count));
    const pool = new CanvasPool({ threads });
    t.teardown(() => pool.stop());
    const canvases = await Promise.all(Array.from({ length: 5 }, () => pool.open(settings)));
    t.is(started, threads);
    await Promise.all(canvases.map((canvas) => canvas.feed(frames())));
    for (const canvas of canvases) t.deepEqual(await pixel(canvas, 40, 40), [...blue]);
  });
}

test.serial(
  'a canvas that is opened while the threads end gets a fault, and no thread is left',
  async (t) => {
    const workers: Worker[] = [];
    const note = (worker: Worker) => workers.push(worker);
    process.on('worker', note);
    t.teardown(() => process.off('worker', note));
    const pool = new CanvasPool();
    const opening = [pool.open(settings), pool.open(settings)];
    await until('the thread starts', () => workers.length > 0);
    const ended = once(workers[0]!, 'exit');
    await pool.stop();
    for (const opened of opening) await t.throwsAsync(opened, { instanceOf: Fault });
    await ended;
    t.is(workers.length, 1);
  },
);

test('questions see what was fed before them, and nothing that came later', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const canvas = await pool.open(settings);
  const all = frames();
  const first = frames(6);
  await canvas.feed(first);
  const before = pixel(canvas, 40, 40);
  await canvas.feed(all.subarray(frames(6).length));
  const after = pixel(canvas, 40, 40);
  t.deepEqual(await before, [...red]);
  t.deepEqual(await after, [...blue]);
  t.like(await canvas.counts(), { messages: drawnMessages });
});

test('bytes may be cut anywhere, and come from shared memory', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const all = frames();
  const shared = new Uint8Array(new SharedArrayBuffer(all.length));
  shared.set(all);
  const canvas = await pool.open(settings);
  for (let at = 0; at < shared.length; at += 7) await canvas.feed(shared.subarray(at, at + 7));
  t.deepEqual(await pixel(canvas, 40, 40), [...blue]);
  t.is(canvas.ahead, 0);
  t.deepEqual([...shared], [...all]);
  // a part of a larger buffer is copied: what is around it stays
  const other = await pool.open(settings);
  const large = Buffer.concat([Buffer.alloc(100), all, Buffer.alloc(100)]);
  await other.feed(large.subarray(100, 100 + all.length));
  t.deepEqual(await pixel(other, 40, 40), [...blue]);
  t.is(large.length, all.length + 200);
});

test('canvases of one thread and of several know nothing of each other', async (t) => {
  const pool = new CanvasPool({ threads: 2 });
  t.teardown(() => pool.stop());
  const canvases = await Promise.all([pool.open(settings), pool.open(settings), pool.open(settings)]);
  await Promise.all(canvases.map((canvas, at) => canvas.feed(frames(at === 1 ? 4 : 20))));
  t.deepEqual(await Promise.all(canvases.map((canvas) => pixel(canvas, 40, 40))), [
    [...blue],
    [...white],
    [...blue],
  ]);
  t.true(pool.heldBytes > 0);
  canvases[0]!.close();
  await t.throwsAsync(canvases[0]!.summary(), { instanceOf: Fault, message: 'the canvas is closed' });
  t.deepEqual(await pixel(canvases[2]!, 40, 40), [...blue]);
});

test('what is drawn is told as it goes on', async (t) => {
  const pool = new CanvasPool({ share: 0.5, isNice: true });
  t.teardown(() => pool.stop());
  const canvas = await pool.open(settings);
  const seen: number[] = [];
  canvas.onDrawn((bytes) => seen.push(bytes));
  const all = frames();
  const { length } = all;
  await canvas.feed(all);
  await canvas.summary();
  t.is(seen.at(-1), length);
});

test('a generation that cannot be drawn is refused with the first question', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const canvas = await pool.open({ generation: '4.21' });
  await t.throwsAsync(canvas.summary(), { instanceOf: Refusal, message: /2\.1/ });
});

test('a refusal for a picture keeps its code and hint', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const canvas = await pool.open(settings);
  const error = await t.throwsAsync(canvas.pixels({}), { instanceOf: Refusal });
  t.is((error as Refusal).kind, 'badInput');
  await canvas.feed(frames());
  await t.throwsAsync(canvas.pixels({ crop: { x: 500, y: 0, width: 1, height: 1 } }), { message: /outside/ });
  t.deepEqual(await pixel(canvas, 0, 0), [...white]);
});

test('whoever waits when the threads end gets a fault', async (t) => {
  const pool = new CanvasPool();
  const canvas = await pool.open(settings);
  const waiting = canvas.summary();
  const stopped = pool.stop();
  await t.throwsAsync(waiting, { instanceOf: Fault });
  await stopped;
  await t.throwsAsync(canvas.feed(Uint8Array.of(1)), { instanceOf: Fault });
  await t.throwsAsync(pool.open(settings), { instanceOf: Fault, message: 'the canvas threads have stopped' });
});

test('a reset image makes the same canvas, and a full reset empties it', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const [canvas, copy] = [await pool.open(settings), await pool.open(settings)];
  await canvas.feed(frames());
  for await (const frame of canvas.resetImage()) await copy.feed(frame);
  t.deepEqual(await pixel(copy, 40, 40), [...blue]);
  t.deepEqual((await copy.summary()).layers, (await canvas.summary()).layers);
  await canvas.restart();
  t.like(await canvas.summary(), { width: 0, height: 0, layers: [] });
});

test('the pictures of a series are those that are made one by one', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const canvas = await pool.open(settings);
  const all = frames();
  let fed = 0;
  for (let number = 1; number <= drawnMessages; number++) {
    const end = frames(number).length;
    await canvas.feed(all.subarray(fed, end));
    fed = end;
    if (number < 2) continue;
    for (const box of [undefined, { width: 33 }]) {
      const next = await canvas.pixels({ box, isNext: true });
      areAlike(t, next, await canvas.pixels({ box }), `after ${number}`);
    }
    const again = await canvas.pixels({ box: { width: 33 }, isNext: true });
    areAlike(t, again, await canvas.pixels({ box: { width: 33 } }));
  }
});

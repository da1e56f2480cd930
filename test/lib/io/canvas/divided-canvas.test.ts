// Canvases that two threads share: what is asked of them, what cannot be divided, and threads that end.

import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { Fault, Refusal } from '../../../../src/lib/core/errors.js';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import { CanvasPool, type FollowedCanvas } from '../../../../src/lib/io/canvas/canvas-pool.js';
import { areAlike } from '../../../helpers/alike.js';
import { Seeded } from '../../../helpers/seeded.js';
import { until } from '../../../helpers/until.js';

const settings = { generation: '4.25', access: 'none' } as const;
const layers = [0x101, 0x102, 0x201];

const message = (name: string, user: number, fields: Parameters<typeof encodeMessage>[3]): Uint8Array =>
  encodeMessage('4.25', name, user, fields);

/** A canvas that both parts have columns of. */
const start = [
  message('resize', 0, { top: 0, right: 2400, bottom: 200, left: 0 }),
  ...layers.map((id) =>
    message('layertreecreate', 1, { id, source: 0, target: 0, fill: 0, flags: 0, title: '' }),
  ),
];

/** Strokes from one end to the other, some undone. */
function strokes(seed: number, count: number): Uint8Array[] {
  const random = new Seeded(seed);
  return Array.from({ length: count }, () => {
    const user = random.between(1, 2);
    if (random.chance(0.15)) return [message('undo', user, { override_user: 0, redo: random.chance(0.4) })];
    const layer = random.pick(layers);
    const rectangle = {
      layer,
      mode: random.pick([1, 2, 10]),
      x: random.between(-50, 2300),
      y: random.between(-50, 150),
      w: random.between(1, 1500),
      h: random.between(1, 100),
      color: random.below(2 ** 24) + 2 ** 31,
    };
    return [message('undopoint', user, {}), message('fillrect', user, rectangle)];
  }).flat();
}

const move = message('moverect', 1, {
  layer: layers[0]!,
  source: layers[1]!,
  sx: 100,
  sy: 0,
  tx: 900,
  ty: 20,
  w: 700,
  h: 100,
  blend: 1,
  opacity: 255,
  mask: new Uint8Array(0),
});

async function feedAll(canvas: FollowedCanvas, frames: readonly Uint8Array[]): Promise<void> {
  for (const frame of frames) await canvas.feed(new Uint8Array(frame));
}

test('two threads give the state, the pictures and the reset image of one', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const [one, two] = [await pool.open(settings), await pool.openDivided(settings)];
  const drawn: number[] = [];
  two.onDrawn((bytes) => drawn.push(bytes));
  for (const seed of [1, 2, 3]) {
    const frames = [...(seed === 1 ? start : []), ...strokes(seed, 20)];
    await Promise.all([feedAll(one, frames), feedAll(two, frames)]);
    areAlike(t, await two.state(), await one.state());
    areAlike(t, await two.pixels({}), await one.pixels({}));
    areAlike(t, await two.counts(), await one.counts());
    t.is((await one.counts()).unreadable, 0);
    t.true((await one.pixels({})).rgba.some((channel) => channel > 0));
    areAlike(t, await two.summary(), await one.summary());
  }
  const image = async (canvas: FollowedCanvas) => {
    const frames: string[] = [];
    for await (const frame of canvas.resetImage()) frames.push(Buffer.from(frame).toString('latin1'));
    return frames;
  };
  areAlike(t, await image(two), await image(one));
  t.is(two.ahead, 0);
  t.deepEqual(
    drawn,
    drawn.toSorted((a, b) => a - b),
  );
  await Promise.all([one.restart(), two.restart()]);
  await Promise.all([one, two].map((canvas) => feedAll(canvas, [...start, ...strokes(4, 10)])));
  areAlike(t, await two.state(), await one.state());
});

test('a message that needs the complete canvas: one thread draws everything again', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const [one, two] = [await pool.open(settings), await pool.openDivided(settings)];
  const drawn: number[] = [];
  two.onDrawn((bytes) => drawn.push(bytes));
  const before = [...start, ...strokes(5, 15)];
  await Promise.all([feedAll(one, before), feedAll(two, before)]);
  areAlike(t, await two.state(), await one.state());
  for (const more of [[move, ...strokes(6, 5)], strokes(7, 5), [move]]) {
    await Promise.all([feedAll(one, more), feedAll(two, more)]);
    areAlike(t, await two.state(), await one.state());
  }
  t.is(two.ahead, 0);
  t.deepEqual(
    drawn,
    drawn.toSorted((a, b) => a - b),
  );
});

test('a question that comes with such a message is answered', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const [one, two] = [await pool.open(settings), await pool.openDivided(settings)];
  const all = Buffer.concat([...start, ...strokes(8, 20), move, ...strokes(9, 20)]);
  const states = [one, two].map((canvas) => {
    void canvas.feed(new Uint8Array(all));
    return canvas.state();
  });
  areAlike(t, await states[1], await states[0]);
});

test('questions and full resets keep their places when everything is drawn again', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const canvases = [await pool.open(settings), await pool.openDivided(settings)];
  const [one, two] = await Promise.all(
    canvases.map((canvas) => {
      const feed = (frames: Uint8Array[]) => void canvas.feed(new Uint8Array(Buffer.concat(frames)));
      feed([...start, ...strokes(10, 6)]);
      const before = canvas.pixels({});
      const restarted = canvas.restart();
      feed([...start, ...strokes(11, 6)]);
      const between = canvas.state();
      feed([move, ...strokes(12, 6)]);
      const after = canvas.state();
      feed(strokes(13, 6));
      return Promise.all([before, restarted, between, after, canvas.state()]);
    }),
  );
  areAlike(t, two, one);
});

test('a canvas that is refused is refused as in one thread', async (t) => {
  const pool = new CanvasPool();
  t.teardown(() => pool.stop());
  const canvas = await pool.openDivided({ generation: '4.21' });
  await t.throwsAsync(canvas.state(), { instanceOf: Refusal, message: /2\.1/ });
});

// Serial: it notes the threads that this process starts.
for (const victim of [0, 1]) {
  test.serial(`a canvas is lost with thread ${victim + 1} of its two, and no other`, async (t) => {
    // threads of a pool let a process end, also while one of them is terminated: here it has to be seen
    const awake = setInterval(() => {}, 60_000);
    t.teardown(() => clearInterval(awake));
    const workers: Worker[] = [];
    const note = (worker: Worker) => workers.push(worker);
    process.on('worker', note);
    t.teardown(() => process.off('worker', note));
    const pool = new CanvasPool();
    t.teardown(() => pool.stop());
    const two = await pool.openDivided(settings);
    await until('both threads', () => workers.length === 2);
    const one = await pool.open(settings);
    await Promise.all([feedAll(one, start), feedAll(two, start)]);
    await two.state();
    const waiting = two.state();
    const lost = t.throwsAsync(waiting, { instanceOf: Fault });
    await workers[victim]!.terminate();
    await Promise.race([lost, waiting.catch(() => {})]);
    await t.throwsAsync(feedAll(two, strokes(1, 5)), { instanceOf: Fault });
    await t.throwsAsync(two.state(), { instanceOf: Fault });
    t.like(await one.summary(), { width: 2400 });
  });
}

test('a pool that is stopped leaves no thread of a divided canvas', async (t) => {
  const pool = new CanvasPool();
  const two = await pool.openDivided(settings);
  await feedAll(two, start);
  await pool.stop();
  await t.throwsAsync(two.state(), { instanceOf: Fault });
  await t.throwsAsync(pool.openDivided(settings), { instanceOf: Fault });
});

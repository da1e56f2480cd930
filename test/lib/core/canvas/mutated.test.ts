// Damaged and hostile messages: nothing throws, hangs or takes more memory than it may.
// DP_FUZZ_ROUNDS=1000000 npx ava .build/test/lib/core/canvas/mutated.test.js tries as many messages.
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { tileBytes } from '../../../../src/lib/core/canvas/budget.js';
import { Canvas } from '../../../../src/lib/core/canvas/canvas.js';
import type { CanvasLimits } from '../../../../src/lib/core/canvas/canvas-options.js';
import { placesTaken } from '../../../../src/lib/core/canvas/tile-memory.js';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import type { RecordedMessage } from '../../../../src/lib/core/recording/items.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import { readVector, vectorNames } from '../../../helpers/canvas-vectors.js';
import { collectUntil } from '../../../helpers/garbage.js';
import { firstSeed, rounds, Seeded } from '../../../helpers/seeded.js';

const root = 'test/vectors/canvas';
const codecs = await loadCodecs();

const limits: CanvasLimits = {
  pixelBytes: 64 * 2 ** 20,
  layers: 500,
  depth: 20,
  imagePixels: 2 ** 22,
  undoBytes: 4 * 2 ** 20,
};

type Message = Pick<RecordedMessage, 'type' | 'contextId' | 'payload'>;

function pool(generation: '4.24' | '4.25'): Message[] {
  return vectorNames(`${root}/single`)
    .filter((name) => name.startsWith('v22') === (generation === '4.24'))
    .flatMap((name) => readVector(`${root}/single`, name, 'portable').recording.messages)
    .filter(({ payload }) => payload.length < 9000);
}

/** Numbers that lie at the edges of what fields can hold. */
const edges = [0, 1, 0x7f, 0x80, 0xff];

function mutate(seeded: Seeded, { type, contextId, payload }: Message): Message {
  const bytes = Buffer.from(payload);
  for (let times = seeded.between(0, 3); times > 0 && bytes.length > 0; times--) {
    const at = seeded.below(Math.min(bytes.length, 40));
    const length = seeded.pick([1, 1, 2, 4]);
    const value = seeded.chance(0.5) ? seeded.pick(edges) : seeded.below(256);
    bytes.fill(value, at, Math.min(bytes.length, at + length));
  }
  const kept = seeded.chance(0.1) ? bytes.subarray(0, seeded.below(bytes.length + 1)) : bytes;
  return {
    type: seeded.chance(0.05) ? seeded.below(256) : type,
    contextId: seeded.chance(0.2) ? seeded.below(4) : contextId,
    payload: seeded.chance(0.05) ? Buffer.concat([kept, seeded.bytes(seeded.below(20))]) : kept,
  };
}

for (const generation of ['4.25', '4.24'] as const) {
  test.serial(`mutated messages of ${generation} do no harm`, async (t) => {
    // a million of them take a while
    t.timeout(7_200_000);
    const seeded = new Seeded(firstSeed());
    const messages = pool(generation);
    const total = rounds(generation === '4.25' ? 3000 : 1000);
    const before = placesTaken();
    const places = () => placesTaken() - before;
    const mostPlaces = (2 * limits.pixelBytes) / tileBytes;
    let canvas = new Canvas({ generation, access: 'none', codecs, limits });
    for (let round = 0; round < total; round++) {
      if (round % 3000 === 0) {
        canvas.close();
        canvas = new Canvas({ generation, access: seeded.pick(['none', 'client']), codecs, limits });
      }
      // a canvas that can be drawn on, now and then
      if (round % 500 === 0) canvas.fullReset();
      if (round % 500 === 0) {
        canvas.feed(encodeMessage(generation, 'resize', 0, { top: 0, right: 300, bottom: 200, left: 0 }));
      }
      const { type, contextId, payload } = mutate(seeded, seeded.pick(messages));
      try {
        canvas.message(type, contextId, payload);
      } catch (error) {
        t.fail(
          `round ${round}, type ${type}: ${(error as Error).stack}\n${Buffer.from(payload).toString('hex')}`,
        );
        return;
      }
      if (round % 250 === 0) {
        await setImmediate();
        t.true(
          canvas.heldBytes <= limits.pixelBytes + limits.undoBytes,
          `round ${round}: ${canvas.heldBytes}`,
        );
        canvas.picture({ x: 0, y: 0, width: 200, height: 100 });
        await collectUntil(() => places() <= mostPlaces);
        t.true(places() <= mostPlaces, `round ${round}: ${places()} places of tiles`);
      }
    }
    t.is(canvas.counts.messages > 0, true);
    canvas.close();
    await collectUntil(() => places() === 0);
    t.is(places(), 0, 'every place of a tile is given back');
  });
}

const send = (canvas: Canvas, name: string, fields = {}, contextId = 0) =>
  canvas.feed(encodeMessage('4.25', name, contextId, fields));

test('a canvas of the largest size costs what is drawn on it', (t) => {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs, limits });
  send(canvas, 'resize', { top: 0, right: 32_767, bottom: 32_767, left: 0 });
  for (let id = 1; id <= 60; id++) {
    send(canvas, 'layertreecreate', {
      id: id << 8,
      source: 0,
      target: 0,
      fill: 0xff00ff00,
      flags: 0,
      title: '',
    });
  }
  send(canvas, 'fillrect', { layer: 0x100, mode: 1, x: 5, y: 5, w: 32_000, h: 32_000, color: 0x80808080 });
  t.is(canvas.counts.rejected, 1, 'a fill of 250000 tiles is refused before it is begun');
  send(canvas, 'fillrect', { layer: 0x100, mode: 1, x: 5, y: 5, w: 300, h: 300, color: 0x80808080 });
  t.is(canvas.counts.rejected, 1);
  t.true(canvas.heldBytes < 10 * 2 ** 20, `${canvas.heldBytes}`);
  t.is(canvas.picture({ x: 32_700, y: 32_700, width: 100, height: 100 }).rgba.length, 67 * 67 * 4);
});

test('a rectangle whose end wraps around at 32 bits counts with all that it fills', (t) => {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs, limits });
  send(canvas, 'resize', { top: 0, right: 1452, bottom: 26_026, left: 0 });
  send(canvas, 'layertreecreate', { id: 0x100, source: 0, target: 0, fill: 0, flags: 0, title: '' });
  const rect = { x: 178, y: 0xb2b2b214, w: 0x00fcfc3c, h: 0xb2000032 };
  send(canvas, 'fillrect', { layer: 0x100, mode: 1, ...rect, color: 0x80808080 });
  t.is(canvas.counts.rejected, 1);
  const moved = { source: 0x100, sx: 0, sy: 0, tx: 178, ty: 0xb2b2b214 | 0, w: 1000, h: 0xb2000032 | 0 };
  send(canvas, 'moverect', { layer: 0x100, ...moved, blend: 1, opacity: 255 });
  t.is(canvas.counts.rejected, 2);
  t.true(canvas.heldBytes < 2 ** 20);
});

test('layers beyond the limit, and groups within groups beyond it, are refused', (t) => {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs, limits });
  send(canvas, 'resize', { top: 0, right: 64, bottom: 64, left: 0 });
  for (let id = 1; id <= 600; id++) {
    send(canvas, 'layertreecreate', { id: id << 8, source: 0, target: 0, fill: 0, flags: 1, title: '' });
  }
  t.is(canvas.summary().layers.length, 500);
  for (let id = 2; id <= 60; id++)
    send(canvas, 'layertreemove', { layer: id << 8, parent: (id - 1) << 8, sibling: 0 });
  const deepest = Math.max(...canvas.summary().layers.map(({ depth }) => depth));
  t.is(deepest, limits.depth);
});

test('a picture that unpacks to more than it may is refused', (t) => {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs, limits });
  send(canvas, 'resize', { top: 0, right: 5000, bottom: 5000, left: 0 });
  send(canvas, 'layertreecreate', { id: 0x100, source: 0, target: 0, fill: 0, flags: 0, title: '' });
  const pixels = Buffer.alloc(5000 * 3000 * 4);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(pixels.length);
  const image = Buffer.concat([length, codecs.deflate(pixels)]);
  t.true(image.length < 65_000, 'it fits a message');
  send(canvas, 'putimage', { layer: 0x100, mode: 255, x: 0, y: 0, w: 5000, h: 3000, image });
  t.is(canvas.counts.rejected, 1);
});

test('messages that are kept for undo are bounded, and undo goes on working', (t) => {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs, limits });
  send(canvas, 'resize', { top: 0, right: 64, bottom: 64, left: 0 });
  const title = 'x'.repeat(50_000);
  send(canvas, 'layertreecreate', { id: 0x100, source: 0, target: 0, fill: 0, flags: 0, title: '' });
  for (let round = 0; round < 400; round++) {
    if (round % 50 === 0) send(canvas, 'undopoint', {}, 1);
    send(canvas, 'retitlelayer', { id: 0x100, title: `${round}${title}` }, 1);
    t.true(canvas.heldBytes < limits.undoBytes + 2 ** 20);
  }
  send(canvas, 'undo', {}, 1);
  t.is(canvas.counts.rejected, 0);
  t.true(canvas.summary().layers[0]!.title.startsWith('349x'));
});

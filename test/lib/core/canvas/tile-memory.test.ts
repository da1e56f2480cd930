// Tiles give their memory back as soon as no state has them any more, and never before.
import test from 'ava';
import { Canvas } from '../../../../src/lib/core/canvas/canvas.js';
import { placesTaken } from '../../../../src/lib/core/canvas/tile-memory.js';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import { areAlike } from '../../../helpers/alike.js';
import { collectUntil } from '../../../helpers/garbage.js';
import { Seeded } from '../../../helpers/seeded.js';

const codecs = await loadCodecs();
const size = 640;
const tileBytes = 32_768;

interface Drawing {
  readonly canvas: Canvas;
  readonly send: (name: string, fields?: Record<string, number | boolean | string>, user?: number) => void;
}

function drawing(): Drawing {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs });
  const send: Drawing['send'] = (name, fields = {}, user = 0) =>
    canvas.feed(encodeMessage('4.25', name, user, fields));
  send('resize', { top: 0, right: size, bottom: size, left: 0 });
  for (const id of [0x100, 0x200])
    send('layertreecreate', { id, source: 0, target: 0, fill: 0, flags: 0, title: '' });
  return { canvas, send };
}

/** Two dabs in one message: direct, or on a sublayer. */
function softDabs(seeded: Seeded, layer: number): Uint8Array {
  const bytes = Buffer.alloc(17 + 2 * 7);
  bytes.writeUInt32BE(layer, 0);
  bytes[0] = seeded.below(4);
  bytes.writeInt32BE(seeded.below(4 * size), 4);
  bytes.writeInt32BE(seeded.below(4 * size), 8);
  bytes.writeUInt32BE(0xff000000 + seeded.below(0x1000000), 12);
  bytes[16] = seeded.pick([1, 1, 1, 0]);
  for (let at = 17; at < bytes.length; at += 7) {
    bytes.set([9, 9], at);
    bytes.writeUIntBE(seeded.between(500, 40_000), at + 2, 3);
    bytes.set([200, 150], at + 5);
  }
  return bytes;
}

/** Strokes of two users who take turns, some of them undone, some redone, some on selections. */
function scribble(seeded: Seeded, { canvas, send }: Drawing, strokes: number): void {
  for (let stroke = 0; stroke < strokes; stroke++) {
    const user = seeded.between(1, 2);
    if (seeded.chance(0.15)) send('undo', { redo: seeded.chance(0.3) }, user);
    send('undopoint', {}, user);
    const layer = seeded.chance(0.1) ? 0x800100 | user : seeded.pick([0x100, 0x200]);
    for (let dabs = 0; dabs < 3; dabs++) canvas.message(148, user, softDabs(seeded, layer));
    if (seeded.chance(0.7)) send('penup', { layer }, user);
  }
}

type Send = Drawing['send'];

const layer = (send: Send, id: number, fields: Record<string, number> = {}) =>
  send('layertreecreate', { id, source: 0, target: 0, fill: 0, flags: 0, title: '', ...fields });

/** TABLE: what makes grids whole or lets go of them, on the layers 0x100 and 0x200, each time for itself. */
const operations: Readonly<Record<string, (drawn: Drawing, seeded: Seeded) => void>> = {
  'a layer is deleted': ({ send, canvas }, seeded) => {
    layer(send, 0x300);
    canvas.message(148, 1, softDabs(seeded, 0x300));
    send('layertreedelete', { id: 0x300, merge_to: 0 });
  },
  'a layer with a stroke goes into another': ({ send, canvas }, seeded) => {
    layer(send, 0x300);
    for (let dabs = 0; dabs < 6; dabs++) canvas.message(148, 1, softDabs(seeded, 0x300));
    send('layertreedelete', { id: 0x300, merge_to: 0x100 });
  },
  'a group becomes a layer': ({ send, canvas }, seeded) => {
    layer(send, 0x300, { flags: 1 });
    layer(send, 0x400, { target: 0x300, flags: 2 });
    layer(send, 0x500, { target: 0x300, flags: 2, source: 0x100 });
    send('layertreecreate', { id: 0x600, source: 0, target: 0x300, fill: 0, flags: 3, title: '' });
    canvas.message(148, 1, softDabs(seeded, 0x400));
    canvas.message(148, 1, softDabs(seeded, 0x500));
    send('layertreedelete', { id: 0x300, merge_to: 0x300 });
    send('layertreedelete', { id: 0x300, merge_to: 0 });
  },
  'a copy is drawn on': ({ send, canvas }, seeded) => {
    layer(send, 0x300, { source: 0x100 });
    canvas.message(148, 1, softDabs(seeded, 0x300));
    canvas.message(148, 1, softDabs(seeded, 0x100));
    send('layertreedelete', { id: 0x300, merge_to: 0 });
  },
  'the canvas moves by whole tiles': ({ send }) => {
    send('resize', { top: 64, right: 0, bottom: -64, left: 0 });
    send('resize', { top: -64, right: 0, bottom: 64, left: 0 });
  },
  'the canvas moves by some pixels': ({ send }) => {
    send('resize', { top: 0, right: 5, bottom: 0, left: -5 });
    send('resize', { top: 0, right: -5, bottom: 0, left: 5 });
  },
  'a stroke through a selection moves by some pixels': ({ send, canvas }) => {
    const bytes = (hex: string) => Buffer.from(hex, 'hex');
    layer(send, 0x300);
    canvas.message(177, 1, bytes('01810000000000'));
    canvas.message(148, 1, bytes('11000300000002d26dfe0091ffd020100100000009e096c8'));
    for (const left of [10, -10, 64, -64]) send('resize', { top: 0, right: -left, bottom: 0, left });
    send('layertreedelete', { id: 0x300, merge_to: 0 });
  },
  'a selection is put together with another': ({ send }) => {
    for (const op of [1, 2, 3, 4]) {
      const first = { selection_id: 1, op: 0, x: 20, y: 20, w: 80, h: 60, mask: '' };
      send('selectionput', first, 1);
      send('selectionput', { ...first, op, x: 60, y: 40, w: 100 }, 1);
    }
    send('selectionclear', { selection_id: 1 }, 1);
  },
  'everything is filled': ({ send }) => {
    send('fillrect', { layer: 0x200, mode: 255, x: 0, y: 0, w: size, h: size, color: 0xff00ff00 });
    send('fillrect', { layer: 0x200, mode: 255, x: 0, y: 0, w: size, h: size, color: 0 });
  },
  'tiles are put over others': ({ send, canvas }, seeded) => {
    canvas.message(148, 1, softDabs(seeded, 0x200));
    const tile = Buffer.alloc(4);
    for (let row = 0; row < size / 64; row++) {
      const fields = { user: 1, layer: 0x200, sublayer: 0, col: 0, row, repeat: size / 64 - 1 };
      send('puttile', { ...fields, image: tile } as unknown as Record<string, number>);
    }
  },
  'a selection is drawn and cleared': ({ send, canvas }, seeded) => {
    canvas.message(148, 1, softDabs(seeded, 0x800101));
    send('selectionclear', { selection_id: 1 }, 1);
  },
};

/** More undo points than can be undone, so that none of the states from before is kept. */
function forgetOldStates(seeded: Seeded, { canvas, send }: Drawing): void {
  for (let point = 0; point < 40; point++) {
    send('undopoint', {}, 1);
    canvas.message(148, 1, softDabs(seeded, 0x100));
    send('penup', { layer: 0x100 }, 1);
  }
}

for (const [name, operate] of Object.entries(operations)) {
  for (const isUndone of [false, true]) {
    test.serial(`no tile is left behind when ${name}${isUndone ? ' and that is undone' : ''}`, async (t) => {
      await collectUntil(() => placesTaken() === 0);
      const before = placesTaken();
      const drawn = drawing();
      const { canvas, send } = drawn;
      const seeded = new Seeded(14);
      scribble(seeded, drawn, 20);
      for (let round = 0; round < 5; round++) {
        send('undopoint', {}, 1);
        const { rejected } = canvas.counts;
        operate(drawn, seeded);
        t.is(canvas.counts.rejected, rejected, 'it was done');
        if (isUndone) send('undo', { redo: false }, 1);
        scribble(seeded, drawn, 3);
      }
      forgetOldStates(seeded, drawn);
      const spare = () => placesTaken() - before - Math.ceil(canvas.heldBytes / tileBytes);
      await collectUntil(() => spare() <= 0);
      t.true(spare() <= 0, `${spare()} more places than tiles`);
      t.true(placesTaken() > before);
      canvas.close();
      await collectUntil(() => placesTaken() === before);
      t.is(placesTaken(), before, 'and none when it is closed');
    });
  }
}

const wholePicture = (canvas: Canvas) =>
  Buffer.from(canvas.picture({ x: 0, y: 0, width: size, height: size }).rgba);

test.serial('as many tiles are held as states have', (t) => {
  const before = placesTaken();
  const drawn = drawing();
  const { canvas } = drawn;
  const seeded = new Seeded(11);
  for (let round = 0; round < 12; round++) {
    scribble(seeded, drawn, 40);
    const states = Math.ceil(canvas.heldBytes / tileBytes);
    t.true(placesTaken() - before <= states, `${placesTaken() - before} places for ${states} tiles`);
  }
  t.true(placesTaken() - before > 100);
  if (canvas.inside.thin()) scribble(seeded, drawn, 60);
  drawn.send('softreset');
  scribble(seeded, drawn, 40);
  canvas.close();
  t.is(placesTaken(), before, 'and none when it is closed');
});

test.serial('what others keep stays as it is', (t) => {
  const drawn = drawing();
  const { canvas } = drawn;
  const seeded = new Seeded(12);
  scribble(seeded, drawn, 30);
  const kept = canvas.resetImage();
  const copyOf = (frames: Iterable<Uint8Array>) => {
    const copy = new Canvas({ generation: '4.25', access: 'none', codecs });
    for (const frame of frames) copy.feed(frame);
    return wholePicture(copy);
  };
  const expected = copyOf([...canvas.resetImage()]);
  scribble(seeded, drawn, 300);
  areAlike(t, copyOf(kept), expected, 'a reset image that was begun before');
});

test.serial('memory that is given back and used again changes nothing', (t) => {
  const pictures = [false, true].map((isThinned) => {
    const drawn = drawing();
    const { canvas } = drawn;
    const seeded = new Seeded(13);
    for (let round = 0; round < 20; round++) {
      scribble(seeded, drawn, 20);
      if (isThinned) canvas.inside.thin();
    }
    return wholePicture(canvas);
  });
  t.true(pictures[0]!.equals(pictures[1]!));
});

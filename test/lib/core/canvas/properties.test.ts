// What holds for every recording: cuts don't matter, reset images lose what they must and nothing else, savepoints
// change nothing, undo and redo come back to where they were.
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { Canvas } from '../../../../src/lib/core/canvas/canvas.js';
import type { AccessFilter } from '../../../../src/lib/core/canvas/canvas-options.js';
import type { StateForm } from '../../../../src/lib/core/canvas/state-form.js';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import { areAlike } from '../../../helpers/alike.js';
import { sessionBytes } from '../../../helpers/canvas-recordings.js';
import { resetDifferences } from '../../../helpers/canvas-reset.js';
import {
  differences,
  play,
  readRecording,
  readVector,
  stateOf,
  vectorNames,
} from '../../../helpers/canvas-vectors.js';
import { firstSeed, Seeded } from '../../../helpers/seeded.js';

const root = 'test/vectors/canvas';
const codecs = await loadCodecs();

/** The canvas itself, without what is counted on the way to it. */
function picture({ messages: _, filtered: __, rejected: ___, ...rest }: StateForm): StateForm {
  return rest;
}

test('a session cut anywhere gives the same canvas', (t) => {
  for (const name of ['mix-004']) {
    const { recording, expected } = readVector(`${root}/random`, name, 'portable');
    const bytes = sessionBytes(recording.messages);
    const seeded = new Seeded(firstSeed());
    for (const longest of [1, 70, 5000]) {
      const canvas = new Canvas({ generation: recording.generation, access: 'none', codecs });
      for (let at = 0; at < bytes.length; ) {
        const next = Math.min(bytes.length, at + seeded.between(1, longest));
        // what is fed is not kept: it is written over afterwards
        const piece = Uint8Array.from(bytes.subarray(at, next));
        canvas.feed(piece);
        piece.fill(0xee);
        at = next;
        if (longest === 1 && at > 4000) {
          canvas.feed(bytes, at);
          break;
        }
      }
      t.deepEqual(differences(expected, stateOf(canvas)), [], `${name} in pieces of up to ${longest}`);
    }
  }
});

test('savepoints that are let go change nothing', (t) => {
  const names = [
    ...vectorNames(`${root}/single`).filter(
      (name) => name.startsWith('undo-') || name.includes('mid-stroke'),
    ),
    'random/undo-036',
  ];
  t.true(names.length > 20);
  for (const name of names) {
    const [part, file] = name.includes('/') ? name.split('/') : ['single', name];
    const { recording, expected } = readVector(`${root}/${part}`, file!, 'portable');
    for (const every of [1, 7]) {
      const canvas = play({ ...recording, messages: [] }, { codecs, access: expected.acl as AccessFilter });
      let thinned = 0;
      recording.messages.forEach(({ type, contextId, payload }, index) => {
        canvas.message(type, contextId, payload);
        if (index % every === 0 && canvas.inside.thin()) thinned++;
      });
      t.deepEqual(differences(expected, stateOf(canvas)), [], `${name}, thinned ${thinned} times`);
    }
  }
});

/** Reset images that clients made, with the recordings whose canvas they hold. */
const resets = vectorNames(`${root}/reset`).flatMap((name) => {
  const [part, ...rest] = name.split('-');
  const source = rest.join('-');
  return existsSync(`${root}/${part}/${source}.dprec`) ? [{ name, part, source }] : [];
});

test('a reset image gives what a client says it gives, and more of annotations', (t) => {
  t.true(resets.length >= 12);
  for (const { name, part, source } of resets) {
    const { recording, expected } = readVector(`${root}/${part}`, source, 'portable');
    const canvas = play(recording, { codecs, access: expected.acl as AccessFilter });
    const given = readVector(`${root}/reset`, name, 'portable');
    const wanted = { ...picture(given.expected), annotations: expected.annotations };
    t.deepEqual(differences(wanted, imageOf(canvas, given.expected.acl as AccessFilter)), [], name);
  }
});

/** The state that the reset image of a canvas gives. */
function imageOf(canvas: Canvas, access: AccessFilter): StateForm {
  const copy = new Canvas({ generation: '4.25', access, codecs });
  for (const frame of canvas.resetImage({ generation: '4.25', isComplete: true })) copy.feed(frame);
  assertAllDone(copy);
  return picture(stateOf(copy));
}

function assertAllDone(copy: Canvas): void {
  const { unreadable, rejected, filtered } = copy.counts;
  if (unreadable + rejected + filtered > 0)
    throw new Error('a reset image has messages that can not be done');
}

test('stray colours, which exceed their alpha, wrap around in tiles of one colour as in others', (t) => {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs });
  const send = (name: string, fields = {}) => canvas.feed(encodeMessage('4.25', name, 1, fields));
  send('resize', { top: 0, right: 128, bottom: 64, left: 0 });
  send('layertreecreate', { id: 0x100, source: 0, target: 0, fill: 0, flags: 0, title: '' });
  for (const [x, w] of [
    [0, 64],
    [70, 20],
  ]) {
    // a plane of differences per channel: the first pixel, and nothing changes
    const planes = Buffer.alloc(w! * 64 * 4);
    for (const [channel, value] of [200, 30, 90, 60].entries()) planes[channel * w! * 64] = value;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(planes.length);
    const image = Buffer.concat([length, codecs.zstd(planes)]);
    send('putimagezstd', { layer: 0x100, mode: 255, x, y: 0, w, h: 64, image });
  }
  t.is(canvas.counts.rejected + canvas.counts.unreadable, 0);
  t.deepEqual(resetDifferences(canvas, codecs), []);
});

test('a canvas that went through two reset images is not changed by a third', (t) => {
  // a tile may be of one colour only once it went through 8 bits, and is written as that colour the next time
  const through = (canvas: Canvas) => {
    const copy = new Canvas({ generation: '4.25', access: 'none', codecs });
    const image = Buffer.concat([...canvas.resetImage({ generation: '4.25' })]);
    copy.feed(image);
    return { copy, image };
  };
  for (const part of ['single', 'random']) {
    for (const name of vectorNames(`${root}/${part}`).filter((_, index) => index % 11 === 0)) {
      const { recording, expected } = readVector(`${root}/${part}`, name, 'portable');
      const first = through(play(recording, { codecs, access: expected.acl as AccessFilter }));
      const second = through(first.copy);
      const third = through(second.copy);
      t.true(second.image.equals(third.image), `${part}/${name}`);
    }
  }
});

test('a reset image for 2.2 gives the same but for what 2.2 does not know', (t) => {
  for (const { part, source, name } of resets) {
    const { recording, expected } = readVector(`${root}/${part}`, source, 'portable');
    const canvas = play(recording, { codecs, access: expected.acl as AccessFilter });
    const as25 = imageOf(canvas, 'none');
    const copy = new Canvas({ generation: '4.24', access: 'none', codecs });
    for (const frame of canvas.resetImage({ generation: '4.24', isComplete: true })) copy.feed(frame);
    assertAllDone(copy);
    const as24 = picture(stateOf(copy));
    const found = differences(known24(as25), known24(as24));
    t.deepEqual(found, [], name);
  }
});

/** Without what a 4.24 image can't say. */
function known24(state: StateForm): unknown {
  return JSON.parse(
    JSON.stringify(state, (key, value: unknown) => {
      switch (key) {
        case 'clip':
        case 'selections':
        case 'flat':
        case 'offsetX':
        case 'offsetY':
        case 'frameSha256':
        case 'framerateFraction':
        case 'frameRangeFirst':
        case 'frameRangeLast':
        case 'alias':
        case 'rasterize':
          return undefined;
        default:
          return value;
      }
    }),
  );
}

test('undo of everything and redo of everything come back', (t) => {
  const { recording } = readVector(`${root}/single`, 'classic-subpixel', 'portable');
  const canvas = play(recording, { codecs, access: 'none' });
  const start = picture(stateOf(canvas));
  const strokes = 12;
  const layer = (start.layers as { id: number }[])[0]!.id;
  const send = (name: string, fields = {}) => canvas.feed(encodeMessage('4.25', name, 7, fields));
  const states: StateForm[] = [start];
  for (let stroke = 0; stroke < strokes; stroke++) {
    send('undopoint');
    send('fillrect', { layer, mode: 1 + (stroke % 9), x: 5 * stroke, y: 9, w: 40, h: 60, color: 0x80336699 });
    send('newannotation', { id: 0x700 + stroke, x: stroke, y: 1, w: 2, h: 3 });
    states.push(picture(stateOf(canvas)));
  }
  for (let stroke = strokes - 1; stroke >= 0; stroke--) {
    send('undo');
    areAlike(t, picture(stateOf(canvas)), states[stroke]!, `undone down to ${stroke}`);
  }
  const { rejected } = canvas.counts;
  send('undo');
  t.is(canvas.counts.rejected, rejected + 1, 'there is nothing more to undo');
  for (let stroke = 1; stroke <= strokes; stroke++) {
    send('undo', { redo: true });
    areAlike(t, picture(stateOf(canvas)), states[stroke]!, `redone up to ${stroke}`);
  }
  send('undo', { redo: true });
  t.is(canvas.counts.rejected, rejected + 2, 'there is nothing more to redo');
});

test('a region of the picture is that part of the whole', (t) => {
  const bytes = readFileSync(`${root}/random/layers-043.dprec`);
  const canvas = play(readRecording(bytes), { codecs, access: 'none' });
  const { width, height } = canvas;
  const whole = canvas.picture({ x: 0, y: 0, width, height });
  const seeded = new Seeded(firstSeed());
  for (let round = 0; round < 40; round++) {
    const region = {
      x: seeded.between(-30, width),
      y: seeded.between(-30, height),
      width: seeded.between(0, 150),
      height: seeded.between(0, 150),
    };
    const part = canvas.picture(region);
    t.true(part.x >= 0 && part.y >= 0 && part.x + part.width <= width && part.y + part.height <= height);
    for (let row = 0; row < part.height; row++) {
      const at = ((part.y + row) * width + part.x) * 4;
      t.deepEqual(
        Buffer.from(part.rgba.subarray(row * part.width * 4, (row + 1) * part.width * 4)),
        Buffer.from(whole.rgba.subarray(at, at + part.width * 4)),
      );
    }
  }
});

test('only drawing of the users that are wanted is drawn', (t) => {
  const { recording } = readVector(`${root}/random`, 'mix-004', 'portable');
  const users = new Set(recording.messages.map(({ contextId }) => contextId));
  t.true(users.size > 1);
  const options = { generation: recording.generation, access: 'none', codecs } as const;
  const feed = (canvas: Canvas) => {
    canvas.feed(sessionBytes(recording.messages));
    return canvas;
  };
  const all = feed(new Canvas(options));
  const same = feed(new Canvas({ ...options, draws: () => true }));
  const none = feed(new Canvas({ ...options, draws: () => false }));
  areAlike(t, stateOf(same), stateOf(all));
  t.is(same.counts.leftOut, 0);
  t.true(none.counts.leftOut > 100);
  t.deepEqual(
    none
      .summary()
      .layers.map(({ id }) => id)
      .toSorted(),
    all
      .summary()
      .layers.map(({ id }) => id)
      .toSorted(),
  );
});

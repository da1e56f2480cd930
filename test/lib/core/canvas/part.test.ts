// A canvas in two parts is the canvas that one engine draws, or it says that it cannot be divided.
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { Canvas } from '../../../../src/lib/core/canvas/canvas.js';
import type { AccessFilter } from '../../../../src/lib/core/canvas/canvas-options.js';
import { type Profile, profiles } from '../../../../src/lib/core/canvas/pixel.js';
import type { StateForm } from '../../../../src/lib/core/canvas/state-form.js';
import { Fault } from '../../../../src/lib/core/errors.js';
import type { RecordedMessage } from '../../../../src/lib/core/recording/items.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import {
  differences,
  play,
  type Recording,
  readVector,
  stateOf,
  vectorNames,
} from '../../../helpers/canvas-vectors.js';
import { firstSeed, Seeded } from '../../../helpers/seeded.js';

const root = 'test/vectors/canvas';
const codecs = await loadCodecs();

/** Calls `look` for each part while it has the tiles of the others. */
function complete(parts: readonly Canvas[], look: (part: Canvas) => void): void {
  for (const part of parts) {
    part.giveBack();
    for (const other of parts) {
      if (other !== part) for (const tiles of other.lentTiles()) part.borrow(structuredClone(tiles));
    }
    look(part);
    part.giveBack();
  }
}

/** Undefined: it cannot be divided. Tiles are lent, and savepoints let go, on the way too. */
function playInParts(
  { generation, messages }: Recording,
  access: AccessFilter,
  profile: Profile,
  seeded: Seeded,
): StateForm[] | undefined {
  const of = seeded.pick([2, 2, 3]);
  const columns = seeded.pick([1, 1, 2]);
  const parts = Array.from(
    { length: of },
    (_, index) => new Canvas({ generation, access, profile, codecs, part: { index, of, columns } }),
  );
  try {
    for (const { type, contextId, payload } of messages) {
      for (const part of parts) {
        part.message(type, contextId, payload);
        if (seeded.chance(0.01)) part.inside.thin();
      }
      if (seeded.chance(0.003)) complete(parts, () => {});
    }
    const states: StateForm[] = [];
    complete(parts, (part) => states.push(stateOf(part)));
    return states;
  } catch (error) {
    if (error instanceof Fault && error.code === 'canvas-not-divisible') return undefined;
    throw error;
  } finally {
    for (const part of parts) part.close();
  }
}

/** Folders and how many of their recordings are taken: every so many. */
const folders = { single: 5, real: 2, reset: 3 };

for (const [folder, every] of Object.entries(folders)) {
  for (const profile of profiles) {
    test.serial(`${folder}, ${profile}: recordings in parts`, async (t) => {
      t.timeout(600_000);
      const seeded = new Seeded(firstSeed());
      const first = seeded.below(every);
      let divided = 0;
      for (const name of vectorNames(`${root}/${folder}`).filter((_, at) => at % every === first)) {
        await setImmediate();
        const { recording, expected } = readVector(`${root}/${folder}`, name, profile);
        const states = playInParts(recording, expected.acl as AccessFilter, profile, seeded);
        if (states) divided++;
        for (const state of states ?? []) t.deepEqual(differences(expected, state), [], name);
      }
      if (folder === 'single') t.true(divided > 10, String(divided));
    });
  }
}

const selecting: ReadonlySet<number> = new Set([174, 175, 177]);

const moving: ReadonlySet<number> = new Set([160, 165, 181, 182]);

/** Random mixtures without what moves and selections, and with all of their undo. */
function divisible(messages: readonly RecordedMessage[]): RecordedMessage[] {
  let isFilled = false;
  return messages.filter(({ type, payload }) => {
    if (moving.has(type) || selecting.has(type) || (type === 129 && isFilled)) return false;
    if (type >= 148 && type <= 152 && (payload[0]! >> 3 !== 0 || payload[1]! >= 128)) return false;
    if ((type === 136 || type === 137 || type === 178 || type === 140) && payload[0]! >= 128) return false;
    if (type >= 136 && type < 255) isFilled = true;
    return true;
  });
}

test.serial('random mixtures of what can be divided', async (t) => {
  t.timeout(600_000);
  const seeded = new Seeded(firstSeed());
  let divided = 0;
  for (const name of vectorNames(`${root}/random`)) {
    await setImmediate();
    const { recording } = readVector(`${root}/random`, name, 'portable');
    for (const seed of [1, 2]) {
      const chosen = new Seeded(seed);
      const kept = recording.messages.filter(({ type }) => !moving.has(type) || chosen.chance(0.02));
      const messages = seed === 1 ? divisible(kept) : kept;
      const some = { ...recording, messages };
      const states = playInParts(some, 'none', 'portable', seeded);
      if (states === undefined) continue;
      divided++;
      const one = play(some, { codecs, access: 'none', profile: 'portable' });
      const expected = stateOf(one);
      one.close();
      for (const state of states) t.deepEqual(differences(expected, state), [], `${name}, ${seed}`);
    }
  }
  t.true(divided >= 6, String(divided));
});

/** Messages of all kinds that can be divided, some of them damaged, from sessions of single features. */
function mixture(seeded: Seeded, count: number): RecordedMessage[] {
  const names = vectorNames(`${root}/single`).filter((name) => !name.startsWith('v22'));
  const pool = Array.from({ length: 6 }, () => seeded.pick(names)).flatMap((name) =>
    divisible(readVector(`${root}/single`, name, 'portable').recording.messages).filter(
      ({ type, payload }) => type !== 129 && payload.length < 9000,
    ),
  );
  return Array.from({ length: count }, () => {
    const message = seeded.pick(pool);
    const payload = new Uint8Array(message.payload);
    if (seeded.chance(0.3) && payload.length > 0) {
      payload[seeded.below(Math.min(payload.length, 24))] = seeded.pick([0, 1, 127, 128, 255]);
    }
    return { ...message, payload, contextId: seeded.chance(0.3) ? seeded.below(4) : message.contextId };
  });
}

test.serial('mixtures of all kinds of messages, damaged ones too', async (t) => {
  t.timeout(600_000);
  let divided = 0;
  for (let round = 0; round < 6; round++) {
    await setImmediate();
    const seeded = new Seeded(firstSeed() + round);
    const sized = { type: 129, contextId: 0, payload: size(400, 260) } as RecordedMessage;
    const messages = [sized, ...mixture(seeded, 150)];
    const recording: Recording = { generation: '4.25', messages };
    const states = playInParts(recording, 'none', 'portable', seeded);
    if (states === undefined) continue;
    divided++;
    const one = play(recording, { codecs, access: 'none', profile: 'portable' });
    const expected = stateOf(one);
    one.close();
    for (const state of states) t.deepEqual(differences(expected, state), [], `seed ${firstSeed() + round}`);
  }
  t.true(divided > 0, String(divided));
});

/** CanvasResize of a canvas without a size. */
function size(right: number, bottom: number): Uint8Array {
  const payload = Buffer.alloc(16);
  payload.writeInt32BE(right, 4);
  payload.writeInt32BE(bottom, 8);
  return payload;
}

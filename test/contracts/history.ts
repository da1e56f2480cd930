// What every History and ResetImage must do, run against each implementation. Frames are made so that each one
// tells its number, and what was read is compared frame by frame.
import { Buffer } from 'node:buffer';
import type { ExecutionContext, TestFn } from 'ava';
import type { Cursor, History } from '../../src/lib/core/session/needs.js';
import { Seeded } from '../helpers/seeded.js';
import { until } from '../helpers/until.js';

/** One history under test. */
export interface HistoryUnderTest {
  history: History;
  /** Gives back the memory of everything that is stored, where there is such a thing. */
  release(): void;
}

export interface HistoryKind {
  name: string;
  make(t: ExecutionContext): HistoryUnderTest;
}

/** A drawing message that carries its number. */
export function numbered(number: number, payloadBytes = 20): Buffer {
  const frame = Buffer.alloc(4 + payloadBytes, number & 0xff);
  frame.writeUInt16BE(payloadBytes, 0);
  frame[2] = 148;
  frame[3] = 1;
  frame.writeUInt32BE(number, 4);
  return frame;
}

export function numbersIn(slice: Uint8Array): number[] {
  const bytes = Buffer.from(slice.buffer, slice.byteOffset, slice.length);
  const numbers: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 8) throw new Error('slice ends inside a frame');
    numbers.push(bytes.readUInt32BE(at + 4));
    at += 4 + bytes.readUInt16BE(at);
  }
  if (at !== bytes.length) throw new Error('slice ends inside a frame');
  return numbers;
}

export function add(history: History, ...frames: Buffer[]): void {
  const bytes = Buffer.concat(frames);
  history.append(bytes, 0, bytes.length, frames.length);
}

/** Wakes whoever waits for `onReadable`. */
function readables(history: History): () => Promise<void> {
  let wake: (() => void) | undefined;
  history.onReadable = () => wake?.();
  return () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
}

/** Reads until the cursor is at the end, waiting where the history says "not yet". */
export async function readAll(history: History, cursor: Cursor): Promise<number[]> {
  const next = readables(history);
  const numbers: number[] = [];
  while (cursor.index <= history.lastIndex) {
    const readable = next();
    const slice = history.read(cursor);
    if (slice) numbers.push(...numbersIn(slice));
    // Reading may have moved a cursor of the past to the end of an empty history.
    else if (cursor.index <= history.lastIndex) await readable;
  }
  history.onReadable = undefined;
  return numbers;
}

/** Flushes and waits until everything may be read. */
export async function settle(history: History): Promise<void> {
  const next = readables(history);
  let readable = next();
  history.flush();
  while (history.readableIndex < history.lastIndex) {
    await readable;
    readable = next();
  }
  history.onReadable = undefined;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const frames = (from: number, to: number, bytes?: number): Buffer[] =>
  range(from, to).map((i) => numbered(i, bytes));

export function historyContract(test: TestFn, kind: HistoryKind): void {
  const it = (
    title: string,
    run: (t: ExecutionContext, under: HistoryUnderTest) => Promise<void> | void,
  ): void => {
    test(`${kind.name}: ${title}`, async (t) => {
      await run(t, kind.make(t));
    });
  };

  it('a new history is empty', (t, { history }) => {
    t.is(history.firstIndex, 0);
    t.is(history.lastIndex, -1);
    t.is(history.readableIndex, -1);
    t.is(history.sizeBytes, 0);
    t.is(history.read(history.cursorAt(0)), null);
  });

  it('what was appended is read in order by everyone', async (t, { history }) => {
    add(history, ...frames(0, 3));
    t.is(history.lastIndex, 2);
    t.is(history.sizeBytes, 3 * 24);
    await settle(history);
    t.is(history.readableIndex, 2);
    const early = history.cursorAt(0);
    t.deepEqual(await readAll(history, early), [0, 1, 2]);
    add(history, ...frames(3, 5));
    await settle(history);
    t.deepEqual(await readAll(history, early), [3, 4]);
    t.deepEqual(await readAll(history, history.cursorAt(0)), range(0, 5));
    t.is(history.read(early), null);
  });

  it('append takes only the bytes between start and end, and copies them', async (t, { history }) => {
    const bytes = Buffer.concat([Buffer.alloc(7, 0xee), ...frames(0, 2), Buffer.alloc(5, 0xee)]);
    history.append(bytes, 7, 7 + 48, 2);
    bytes.fill(0xee);
    await settle(history);
    t.deepEqual(await readAll(history, history.cursorAt(0)), [0, 1]);
  });

  it('a position is a message index and a byte offset', async (t, { history }) => {
    add(history, numbered(0, 10), numbered(1, 30), numbered(2, 50));
    await settle(history);
    const cursor = history.cursorAt(1);
    t.is(cursor.index, 1);
    t.is(cursor.offset, 14);
    t.deepEqual(await readAll(history, cursor), [1, 2]);
    t.is(cursor.index, 3);
    t.is(cursor.offset, history.sizeBytes);
    t.is(history.cursorAt(99).index, 3);
    t.is(history.cursorAt(-5).index, 0);
  });

  it('readers of the same place get the same buffer', async (t, { history }) => {
    add(history, ...frames(0, 100));
    await settle(history);
    const one = history.read(history.cursorAt(0));
    const two = history.read(history.cursorAt(0));
    t.truthy(one);
    t.is(one, two);
  });

  it('slices are whole frames of at most 256 KiB, also after memory was given back', async (t, under) => {
    const { history } = under;
    const total = 900;
    for (let i = 0; i < total; i += 10) add(history, ...frames(i, i + 10, 1 + ((i * 37) % 4000) + 4));
    await settle(history);
    for (const isReleased of [false, true]) {
      if (isReleased) under.release();
      const cursor = history.cursorAt(0);
      const next = readables(history);
      const numbers: number[] = [];
      while (cursor.index <= history.lastIndex) {
        const readable = next();
        const before = { ...cursor };
        const slice = history.read(cursor);
        if (!slice) {
          await readable;
          continue;
        }
        t.true(slice.length <= 256 * 1024);
        const found = numbersIn(slice);
        t.is(cursor.index - before.index, found.length);
        t.is(cursor.offset - before.offset, slice.length);
        numbers.push(...found);
      }
      t.deepEqual(numbers, range(0, total));
    }
  });

  it('one run longer than a slice, of the largest frames', async (t, under) => {
    const { history } = under;
    add(history, ...frames(0, 12, 65_535));
    await settle(history);
    t.deepEqual(await readAll(history, history.cursorAt(0)), range(0, 12));
    under.release();
    t.deepEqual(await readAll(history, history.cursorAt(0)), range(0, 12));
  });

  it('a cursor in the middle, whether it is in memory or not', async (t, under) => {
    const { history } = under;
    add(history, ...frames(0, 50, 9000));
    await settle(history);
    t.deepEqual(await readAll(history, history.cursorAt(33)), range(33, 50));
    under.release();
    t.deepEqual(await readAll(history, history.cursorAt(17)), range(17, 50));
  });

  it('memory that was given back in a quiet time does not disturb who draws on', async (t, under) => {
    const { history } = under;
    const live = history.cursorAt(0);
    const seen: number[] = [];
    for (let i = 0; i < 40; i++) {
      add(history, ...frames(2 * i, 2 * i + 2));
      await settle(history);
      seen.push(...(await readAll(history, live)));
      under.release();
    }
    t.deepEqual(seen, range(0, 80));
    t.deepEqual(await readAll(history, history.cursorAt(0)), range(0, 80));
  });

  it('readers at different places do not disturb each other', async (t, under) => {
    const { history } = under;
    add(history, ...frames(0, 300, 5000));
    await settle(history);
    under.release();
    const starts = [0, 299, 150, 7, 0, 222];
    const cursors = starts.map((index) => history.cursorAt(index));
    const seen = starts.map((): number[] => []);
    const next = readables(history);
    while (cursors.some((cursor) => cursor.index <= history.lastIndex)) {
      const readable = next();
      let hasRead = false;
      cursors.forEach((cursor, i) => {
        const slice = history.read(cursor);
        if (!slice) return;
        hasRead = true;
        seen[i]!.push(...numbersIn(slice));
      });
      if (!hasRead) await readable;
    }
    starts.forEach((start, i) => {
      t.deepEqual(seen[i], range(start, 300));
    });
  });

  it('a full reset takes everyone to the new image', async (t, { history }) => {
    add(history, ...frames(0, 10));
    await settle(history);
    const behind = history.cursorAt(4);
    const atEnd = history.cursorAt(0);
    await readAll(history, atEnd);
    history.replaceAll([Buffer.concat(frames(100, 103)), numbered(103)], 4);
    t.is(history.firstIndex, 10);
    t.is(history.lastIndex, 13);
    t.is(history.sizeBytes, 4 * 24);
    await settle(history);
    add(history, numbered(104));
    await settle(history);
    t.deepEqual(await readAll(history, behind), range(100, 105));
    t.deepEqual(await readAll(history, atEnd), range(100, 105));
    t.deepEqual(await readAll(history, history.cursorAt(0)), range(100, 105));
    t.is(history.firstIndex, 10);
    t.is(history.lastIndex, 14);
  });

  it('messages that nobody could read yet go with a full reset', async (t, { history }) => {
    add(history, ...frames(0, 5));
    history.replaceAll([numbered(50)], 1);
    add(history, numbered(51));
    await settle(history);
    t.deepEqual(await readAll(history, history.cursorAt(0)), [50, 51]);
  });

  it('one full reset after the other', async (t, under) => {
    const { history } = under;
    add(history, ...frames(0, 5));
    await settle(history);
    const cursor = history.cursorAt(2);
    history.replaceAll([numbered(10)], 1);
    history.replaceAll([numbered(20), numbered(21)], 2);
    await settle(history);
    history.replaceAll([numbered(30)], 1);
    add(history, numbered(31));
    await settle(history);
    under.release();
    t.deepEqual(await readAll(history, cursor), [30, 31]);
    t.is(history.firstIndex, 8);
    t.is(history.lastIndex, 9);
  });

  it('a streamed reset puts the image before the tail, and moves the cursors with it', async (t, under) => {
    const { history } = under;
    add(history, ...frames(0, 20));
    await settle(history);
    const inTail = history.cursorAt(20);
    const image = history.beginImage();
    add(history, ...frames(20, 24));
    await settle(history);
    const slice = Buffer.concat(frames(100, 105));
    image.append(slice, 0, slice.length, 5);
    t.is(image.count, 5);
    t.is(image.sizeBytes, 5 * 24);
    add(history, ...frames(24, 30));
    await settle(history);
    const atTail = history.cursorAt(20);
    t.deepEqual(numbersIn(history.read(inTail)!), range(20, 30));
    const middle = history.cursorAt(26);
    t.true(image.isReady);
    image.apply(20, [inTail, atTail, middle]);
    t.is(history.firstIndex, 30);
    t.is(history.lastIndex, 44);
    t.is(history.sizeBytes, 15 * 24);
    t.deepEqual([inTail.index, atTail.index, middle.index], [45, 35, 41]);
    add(history, ...frames(30, 33));
    await settle(history);
    t.deepEqual(await readAll(history, inTail), range(30, 33));
    t.deepEqual(await readAll(history, atTail), range(20, 33));
    t.deepEqual(await readAll(history, middle), range(26, 33));
    const everything = [...range(100, 105), ...range(20, 33)];
    t.deepEqual(await readAll(history, history.cursorAt(0)), everything);
    under.release();
    t.deepEqual(await readAll(history, history.cursorAt(0)), everything);
    t.deepEqual(await readAll(history, history.cursorAt(31)), everything.slice(1));
  });

  it('a streamed reset without a tail', async (t, { history }) => {
    add(history, ...frames(0, 4));
    await settle(history);
    const cursor = history.cursorAt(4);
    const image = history.beginImage();
    const bytes = numbered(50);
    image.append(bytes, 0, bytes.length, 1);
    image.apply(4, [cursor]);
    t.is(cursor.index, 5);
    add(history, numbered(4));
    await settle(history);
    t.deepEqual(await readAll(history, cursor), [4]);
    t.deepEqual(await readAll(history, history.cursorAt(0)), [50, 4]);
  });

  it('a streamed reset with a tail that has left memory, twice', async (t, under) => {
    const { history } = under;
    add(history, ...frames(0, 5, 3000));
    await settle(history);
    const cursor = history.cursorAt(5);
    for (const round of [0, 1]) {
      const tailIndex = history.lastIndex + 1;
      const image = history.beginImage();
      add(history, ...frames(200 + round * 100, 250 + round * 100, 20_000));
      await settle(history);
      under.release();
      await readAll(history, cursor);
      const bytes = numbered(1000 + round);
      image.append(bytes, 0, bytes.length, 1);
      await until('the image is ready', () => image.isReady);
      image.apply(tailIndex, [cursor]);
      add(history, numbered(500 + round));
      await settle(history);
      t.deepEqual(await readAll(history, cursor), [500 + round]);
    }
    under.release();
    t.deepEqual(await readAll(history, history.cursorAt(0)), [1001, ...range(300, 350), 501]);
  });

  it('a full reset to nothing leaves an empty history that goes on', async (t, { history }) => {
    add(history, ...frames(0, 3));
    await settle(history);
    const behind = history.cursorAt(1);
    const atEnd = history.cursorAt(3);
    history.replaceAll([], 0);
    t.is(history.sizeBytes, 0);
    t.is(history.firstIndex, 3);
    t.is(history.lastIndex, 2);
    t.is(history.read(behind), null);
    t.is(history.read(atEnd), null);
    add(history, numbered(7));
    await settle(history);
    t.deepEqual(await readAll(history, behind), [7]);
    t.deepEqual(await readAll(history, atEnd), [7]);
  });

  it('a full reset that is not as many messages as it says changes nothing', async (t, { history }) => {
    add(history, ...frames(0, 3));
    await settle(history);
    t.throws(() => history.replaceAll([numbered(9)], 2), { instanceOf: RangeError });
    add(history, numbered(3));
    await settle(history);
    t.deepEqual(await readAll(history, history.cursorAt(0)), range(0, 4));
  });

  it('a full reset while a streamed one arrives: the image is not for the new history', async (t, {
    history,
  }) => {
    add(history, ...frames(0, 3));
    const image = history.beginImage();
    const bytes = numbered(50);
    image.append(bytes, 0, bytes.length, 1);
    history.replaceAll([numbered(10)], 1);
    await settle(history);
    t.deepEqual(await readAll(history, history.cursorAt(0)), [10]);
  });

  for (const seed of [1, 2, 3]) {
    it(`whatever happens, everyone reads what a plain list would give them (seed ${seed})`, async (t, under) => {
      const { history } = under;
      const random = new Seeded(seed);
      let expected: number[] = [];
      let next = 0;
      /** Where each reader is in the list, and what comes next for them. */
      let readers: { cursor: Cursor; at: number }[] = [];
      const some = (most: number): Buffer[] =>
        Array.from({ length: 1 + random.below(most) }, () => numbered(next++, 4 + random.below(20_000)));
      const numbersOf = (list: Buffer[]): number[] => list.map((bytes) => bytes.readUInt32BE(4));
      for (let step = 0; step < 150; step++) {
        const what = random.pick([
          'add',
          'add',
          'add',
          'settle',
          'join',
          'read',
          'read',
          'release',
          'full reset',
          'streamed reset',
        ] as const);
        if (what === 'add') {
          const list = some(12);
          add(history, ...list);
          expected.push(...numbersOf(list));
        } else if (what === 'settle') {
          await settle(history);
        } else if (what === 'release') {
          await settle(history);
          under.release();
        } else if (what === 'join') {
          const at = random.below(expected.length + 1);
          readers.push({ cursor: history.cursorAt(history.firstIndex + at), at });
        } else if (what === 'read' && readers.length > 0) {
          await settle(history);
          const reader = random.pick(readers);
          t.deepEqual(await readAll(history, reader.cursor), expected.slice(reader.at));
          reader.at = expected.length;
        } else if (what === 'full reset') {
          const list = random.chance(0.1) ? [] : some(20);
          history.replaceAll([Buffer.concat(list)], list.length);
          expected = numbersOf(list);
          for (const reader of readers) reader.at = 0;
        } else if (what === 'streamed reset') {
          const image = history.beginImage();
          const tailAt = expected.length;
          const tailIndex = history.lastIndex + 1;
          const tail = random.chance(0.3) ? [] : some(30);
          if (tail.length > 0) add(history, ...tail);
          const list = some(20);
          const bytes = Buffer.concat(list);
          image.append(bytes, 0, bytes.length, list.length);
          // Those in front of the tail begin again, as a session has them do.
          readers = readers.filter(({ at }) => at >= tailAt);
          await settle(history);
          if (random.chance(0.5)) under.release();
          await until('the image is ready', () => image.isReady);
          image.apply(
            tailIndex,
            readers.map(({ cursor }) => cursor),
          );
          expected = [...numbersOf(list), ...numbersOf(tail)];
          for (const reader of readers) reader.at += list.length - tailAt;
        }
        t.is(history.lastIndex - history.firstIndex + 1, expected.length);
      }
      await settle(history);
      t.deepEqual(await readAll(history, history.cursorAt(0)), expected);
    });
  }

  it('an image that was given up leaves no trace', async (t, { history }) => {
    add(history, ...frames(0, 3));
    const image = history.beginImage();
    const bytes = numbered(50);
    image.append(bytes, 0, bytes.length, 1);
    image.abort();
    add(history, numbered(3));
    await settle(history);
    t.deepEqual(await readAll(history, history.cursorAt(0)), range(0, 4));
  });
}

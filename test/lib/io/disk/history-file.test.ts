import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MemoryHistory } from '../../../../src/lib/core/session/memory-history.js';
import type { Cursor } from '../../../../src/lib/core/session/needs.js';
import { AppendFile } from '../../../../src/lib/io/disk/append-file.js';
import { Disk, type Durability } from '../../../../src/lib/io/disk/disk.js';
import { HistoryFile } from '../../../../src/lib/io/disk/history-file.js';
import type { HistoryPlace } from '../../../../src/lib/io/disk/history-place.js';
import { add, historyContract, numbered, numbersIn, readAll, settle } from '../../../contracts/history.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { until } from '../../../helpers/until.js';

historyContract(test, { name: 'memory', make: () => ({ history: new MemoryHistory(), release: () => {} }) });

interface FileUnderTest {
  history: HistoryFile;
  disk: Disk;
  folder: string;
  troubles: (string | undefined)[];
  /** What the next calls for a new file answer with. */
  failures: Error[];
  retired: string[];
  /** What was in the files that were left when the history ended. */
  left: Buffer[];
  release(): void;
}

function makeFile(
  t: ExecutionContext,
  durability: Durability = 'os',
  whenTrouble?: (problem: Error | undefined) => void,
): FileUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'dp-history-'));
  const disk = new Disk(durability, () => 0);
  const head = Buffer.from('head');
  let files = 1;
  const troubles: (string | undefined)[] = [];
  const failures: Error[] = [];
  const retired: string[] = [];
  const left: Buffer[] = [];
  const place: HistoryPlace = {
    createNext: async () => {
      const failure = failures.shift();
      if (failure) throw failure;
      return AppendFile.create(disk, join(folder, `${++files}`), head);
    },
    makeCurrent: async () => {},
    retire: (file) => {
      retired.push(file.path);
      file.remove();
    },
    retireDamaged: (file, lostBytes) => {
      t.is(lostBytes, 0);
      place.retire(file);
    },
    salvage: (bytes) => bytes,
    printsOf: () => [],
    reportProblem: whenTrouble ?? ((problem) => troubles.push(problem?.message)),
    printed: () => {},
    unreadable: (problem) => t.fail(`${problem}`),
    ended: (_, file) => {
      if (file) left.push(readFileSync(file.path));
      file?.remove();
    },
  };
  const history = HistoryFile.begin(disk, place, AppendFile.create(disk, join(folder, '1'), head));
  t.teardown(async () => {
    history.close('delete');
    await new Promise<void>((resolve) => history.whenSettled(resolve));
    rmSync(folder, { recursive: true });
  });
  const release = (): void => {
    for (let i = 0; i < 4; i++) disk.sweep();
  };
  return { history, disk, folder, troubles, failures, retired, left, release };
}

for (const durability of ['os', 'sync'] satisfies Durability[]) {
  historyContract(test, {
    name: `file, durability ${durability}`,
    make: (t) => makeFile(t, durability, (problem) => t.fail(`${problem}`)),
  });
}

test('nothing is readable before it is in the file', async (t) => {
  const { history, folder } = makeFile(t);
  add(history, numbered(0));
  t.is(history.readableIndex, -1);
  t.is(history.read(history.cursorAt(0)), null);
  t.is(readFileSync(join(folder, '1')).length, 4);
  let sizeWhenTold = 0;
  history.onReadable = () => {
    sizeWhenTold = readFileSync(join(folder, '1')).length;
  };
  history.flush();
  t.is(sizeWhenTold, 4 + 24);
  t.is(history.readableIndex, 0);
});

test('what has to be on the disk is not readable in the same turn', async (t) => {
  const { history } = makeFile(t, 'sync');
  add(history, numbered(0));
  history.flush();
  add(history, numbered(1));
  history.flush();
  t.is(history.readableIndex, -1);
  await settle(history);
  t.is(history.readableIndex, 1);
});

test('a history at rest holds nothing in memory, and everything comes back', async (t) => {
  const { history, release } = makeFile(t);
  for (let i = 0; i < 100; i++) add(history, numbered(i, 10_000));
  await settle(history);
  t.true(history.isResident);
  release();
  t.false(history.isResident);
  for (let i = 0; i < 40; i++) release();
  t.is(history.lastIndex, 99);
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const [one, two] = await Promise.all([
    readAll(history, history.cursorAt(0)),
    readAllBeside(history, history.cursorAt(50)),
  ]);
  t.deepEqual(one, numbers);
  t.deepEqual(two, numbers.slice(50));
});

/** Reads without taking `onReadable` for itself. */
async function readAllBeside(history: HistoryFile, cursor: Cursor): Promise<number[]> {
  const numbers: number[] = [];
  await until('all has been read', () => {
    for (let slice = history.read(cursor); slice; slice = history.read(cursor))
      numbers.push(...numbersIn(slice));
    return cursor.index > history.lastIndex;
  });
  return numbers;
}

test('a streamed reset that takes its time finds where its tail begins, though all of it left memory', async (t) => {
  const { history, disk } = makeFile(t);
  add(history, numbered(0), numbered(1));
  await settle(history);
  const cursor = history.cursorAt(2);
  const image = history.beginImage();
  add(history, numbered(2));
  await settle(history);
  // Long enough for everything to be written, given back and, without the reset, joined.
  for (let i = 0; i < 60; i++) disk.sweep();
  const bytes = numbered(50);
  image.append(bytes, 0, bytes.length, 1);
  image.apply(2, [cursor]);
  add(history, numbered(3));
  await settle(history);
  t.deepEqual(await readAll(history, history.cursorAt(history.firstIndex)), [50, 2, 3]);
});

test('a new file that can not be made leaves the old one; the history is shown from memory meanwhile', async (t) => {
  const { history, folder, failures, troubles, retired } = makeFile(t);
  add(history, numbered(0));
  await settle(history);
  failures.push(new Error('no space left'));
  history.replaceAll([numbered(10)], 1);
  await settle(history);
  t.deepEqual(troubles, ['no space left']);
  t.deepEqual(readFileSync(join(folder, '1')).subarray(4), numbered(0));
  add(history, numbered(11));
  await settle(history);
  t.deepEqual(await readAllBeside(history, history.cursorAt(0)), [10, 11]);
  await until('the trouble is over', () => troubles.length === 2);
  t.is(troubles[1], undefined);
  t.deepEqual(retired, [join(folder, '1')]);
  t.deepEqual(readFileSync(join(folder, '2')).subarray(4), Buffer.concat([numbered(10), numbered(11)]));
});

test('a reset while the one before is under way: only the last one counts', async (t) => {
  const { history, folder, retired } = makeFile(t);
  add(history, numbered(0));
  await settle(history);
  for (let i = 1; i < 6; i++) {
    history.replaceAll([numbered(i * 10)], 1);
    await new Promise(setImmediate);
  }
  add(history, numbered(51));
  await settle(history);
  t.deepEqual(await readAllBeside(history, history.cursorAt(0)), [50, 51]);
  t.true(retired.includes(join(folder, '1')));
  t.deepEqual(readFileSync(history.path!).subarray(4), Buffer.concat([numbered(50), numbered(51)]));
  t.false(existsSync(join(folder, '1')));
});

test('a session that ends while it is being reset leaves no file', async (t) => {
  for (const turns of [0, 1, 2, 3, 5, 8]) {
    const { history, folder } = makeFile(t);
    add(history, numbered(0));
    await settle(history);
    history.replaceAll([numbered(10)], 1);
    for (let i = 0; i < turns; i++) await new Promise(setImmediate);
    history.close('delete');
    await new Promise<void>((resolve) => history.whenSettled(resolve));
    t.deepEqual(readdirSync(folder), [], `${turns} turns`);
  }
});

test('a server that stops while a session is being reset finishes that first', async (t) => {
  const { history, left } = makeFile(t);
  add(history, numbered(0));
  await settle(history);
  history.replaceAll([numbered(10)], 1);
  add(history, numbered(11));
  history.flush();
  history.close('keep');
  await new Promise<void>((resolve) => history.whenSettled(resolve));
  t.deepEqual(
    left.map((bytes) => bytes.subarray(4)),
    [Buffer.concat([numbered(10), numbered(11)])],
  );
});

test('a disk is slow when writes on the spot have stalled for long, not after one hiccup', (t) => {
  let now = 5000;
  const disk = new Disk('os', () => now);
  disk.note(100);
  t.false(disk.isOffLoop);
  for (let i = 0; i < 8; i++) disk.note(20);
  t.true(disk.isOffLoop);
  now += 14_999;
  t.true(disk.isOffLoop);
  now += 1;
  t.false(disk.isOffLoop, 'it gets another chance after 15 seconds');
  const other = new Disk('os', () => now);
  other.note(149);
  now += 5000;
  other.note(75);
  t.false(other.isOffLoop, 'half of the time after which a stall is forgotten has passed');
  for (let i = 0; i < 100; i++) other.note(9);
  t.false(other.isOffLoop, 'writes that are short tell nothing');
  other.note(10);
  t.true(other.isOffLoop);
  t.true(new Disk('sync').isOffLoop);
});

test('what a failed write left behind is cut off before more is written', async (t) => {
  const folder = tempFolder(t);
  const disk = new Disk('os', () => 0);
  const file = AppendFile.create(disk, join(folder, 'a'), Buffer.from('head!'));
  appendFileSync(file.path, 'torn');
  file.shorten(4);
  t.is(readFileSync(file.path, 'utf8'), 'head');
  appendFileSync(file.path, 'torn again, and longer than what follows');
  file.shorten(3);
  await new Promise<void>((resolve, reject) => {
    file.write([Buffer.from('rt')], (error) => (error ? reject(error) : resolve()), { isOffLoop: true });
  });
  t.is(readFileSync(file.path, 'utf8'), 'heart');
});

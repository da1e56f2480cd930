// The files of a session on a disk that fails at any call, is full for a while, is slow, or whose process is killed at
// any call: the same short life of a session, once for each of its calls.
import '../../../helpers/disk-faults.js';

import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Cursor, History, OpenedSession } from '../../../../src/lib/core/session/needs.js';
import { Disk, type Durability } from '../../../../src/lib/io/disk/disk.js';
import { SessionFolder } from '../../../../src/lib/io/disk/session-folder.js';
import { add, numbered, numbersIn, readAll } from '../../../contracts/history.js';
import {
  copyAsKilled,
  type DiskCall,
  systemError,
  type Watcher,
  watchFolder,
} from '../../../helpers/disk-faults.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { until } from '../../../helpers/until.js';

const id = '01m8112ne3k0d1f6kr701npyym';

/** An image that took the place of everything, or of the first `before` messages that somebody saw. */
interface Image {
  numbers: number[];
  before: number;
}

/** Somebody who reads along: what was told so far, and resets that they have not seen yet. */
class Witness {
  told: number[] = [];
  images: Image[] = [];
  readonly cursor: Cursor;
  readonly #history: History;
  #isBehind = false;

  constructor(history: History) {
    this.#history = history;
    this.cursor = history.cursorAt(0);
    history.onReadable = () => this.read();
  }

  read(): void {
    for (;;) {
      const slice = this.#history.read(this.cursor);
      if (!slice) return;
      if (this.#isBehind) {
        this.told = [];
        this.images = [];
        this.#isBehind = false;
      }
      this.told = [...this.told, ...numbersIn(slice)];
    }
  }

  /** A full reset was done; what is read next is of the image. */
  expect(numbers: number[]): void {
    this.images.push({ numbers, before: Number.POSITIVE_INFINITY });
    this.#isBehind = true;
  }

  get isUpToDate(): boolean {
    return this.cursor.index > this.#history.lastIndex;
  }

  /** What a history that is loaded later may begin with. */
  get allowed(): number[][] {
    return [this.told, ...this.images.map(({ numbers, before }) => [...numbers, ...this.told.slice(before)])];
  }
}

interface Phase {
  witness: Witness | undefined;
  troubles: (string | undefined)[];
  /** Everything, before the last message. */
  readBack: number[];
}

const unreadable = (reports: readonly string[]): number =>
  reports.filter((report) => report.includes('users who need it wait')).length;

/** The life of a session: drawing, a full reset, a streamed one, memory given back, the end of the server. */
async function live(folder: string, durability: Durability, life: Phase): Promise<string[]> {
  const disk = new Disk(durability, () => 0);
  const reports: string[] = [];
  const sessions = new SessionFolder({
    path: folder,
    disk,
    isArchiving: () => false,
    report: (level, message) => {
      reports.push(`${level}: ${message}`);
      if (/cannot write .*continues in memory/.test(message)) life.troubles.push(message);
      if (message.includes('are written again')) life.troubles.push(undefined);
    },
  });
  sessions.load();
  const { history, journal } = sessions.create({
    id,
    protocol: 'dp:4.25.1',
    alias: 'room',
    founder: 'alice',
  });
  const witness = new Witness(history);
  life.witness = witness;
  const told = (what: string) =>
    until(`${what} is told`, () => {
      witness.read();
      return witness.isUpToDate;
    });
  const say = (...numbers: number[]): void => {
    add(history, ...numbers.map((number) => numbered(number)));
    history.flush();
    witness.read();
  };
  say(0, 1);
  say(2);
  await told('drawing');
  journal.write({ key: 'setting', name: 'title', value: 'a title' });
  history.replaceAll([numbered(10), numbered(11)], 2);
  witness.expect([10, 11]);
  say(12);
  await told('the full reset');
  say(13);
  await told('drawing after the full reset');
  const image = history.beginImage();
  const tailIndex = history.lastIndex + 1;
  const before = witness.told.length;
  say(20);
  await told('the tail');
  for (let i = 0; i < 4; i++) disk.sweep();
  const bytes = numbered(50);
  image.append(bytes, 0, bytes.length, 1);
  await until('the image may be applied', () => image.isReady);
  witness.images.push({ numbers: [50], before });
  image.apply(tailIndex, [witness.cursor]);
  say(21);
  await told('the streamed reset');
  say(22);
  await told('drawing after the streamed reset');
  for (let i = 0; i < 4; i++) disk.sweep();
  life.readBack = await readAll(history, history.cursorAt(0));
  history.onReadable = () => witness.read();
  say(23);
  await told('the last message');
  if (life.troubles.length % 2 === 1) await until('the trouble ends', () => life.troubles.length % 2 === 0);
  history.onReadable = undefined;
  await sessions.stop();
  return reports;
}

/** What a server that starts in this folder finds. */
async function restored(folder: string): Promise<{ numbers: number[]; title: string }> {
  const sessions = new SessionFolder({
    path: folder,
    disk: new Disk('os', () => 0),
    isArchiving: () => false,
    report: () => {},
  });
  const [found] = sessions.load();
  if (!found) return { numbers: [], title: '' };
  const opened = await new Promise<OpenedSession>((resolve) => found.open(resolve));
  if ('error' in opened) throw new Error(opened.error);
  const numbers = await readAll(found.history, found.history.cursorAt(0));
  const { title } = found.saved;
  await sessions.stop();
  return { numbers, title };
}

/** Lives once with a watcher; answers with the calls that were made. */
async function run(
  t: ExecutionContext,
  durability: Durability,
  watcher: (call: DiskCall, index: number, life: Phase, folder: string) => ReturnType<Watcher>,
): Promise<{ calls: DiskCall[]; life: Phase; folder: string; reports: string[] }> {
  const folder = join(tempFolder(t), 'sessions');
  const life: Phase = { witness: undefined, troubles: [], readBack: [] };
  const calls: DiskCall[] = [];
  const unwatch = watchFolder(folder, (call) => {
    calls.push(call);
    return watcher(call, calls.length - 1, life, folder);
  });
  const reports = await live(folder, durability, life);
  unwatch();
  return { calls, life, folder, reports };
}

const everything = { numbers: [50, 20, 21, 22, 23], title: 'a title' };
const startsWith = (all: readonly number[], start: readonly number[]): boolean =>
  start.length <= all.length && start.every((item, i) => item === all[i]);
const nothing = (): void => {};

for (const durability of ['os', 'sync'] satisfies Durability[]) {
  test(`a disk that works, durability ${durability}: all of it is there afterwards`, async (t) => {
    const { life, folder, calls } = await run(t, durability, nothing);
    t.deepEqual(life.troubles, []);
    t.deepEqual(await restored(folder), everything);
    // Every kind of call that the session makes takes part in what follows.
    const names = new Set(calls.map(({ name }) => name));
    for (const name of ['openSync', 'writev', 'readv', 'fdatasync', 'rename', 'unlink', 'open'])
      t.true(names.has(name) || name === 'rename', name);
  });

  test(`killed before any call or in the middle of a write, durability ${durability}: what was told is there`, async (t) => {
    const copies = tempFolder(t);
    const kills: { folder: string; allowed: number[][]; call: DiskCall }[] = [];
    await run(t, durability, (call, index, { witness }, folder) => {
      if (!call.isChange) return;
      const allowed = (witness?.allowed ?? [[]]).map((numbers) => [...numbers]);
      for (const torn of call.write ? [undefined, call] : [undefined]) {
        const copy = join(copies, `${index}${torn ? 'torn' : ''}`);
        copyAsKilled(folder, copy, torn);
        kills.push({ folder: copy, allowed, call });
      }
    });
    t.true(kills.length > 20);
    for (const { folder, allowed, call } of kills) {
      const { numbers } = await restored(folder);
      const isThere = allowed.some((told) => startsWith(numbers, told));
      t.true(isThere, `${call.name} ${call.path}: told ${JSON.stringify(allowed)}, found ${numbers}`);
    }
  });

  for (const [what, code, times] of [
    ['one call fails', 'EIO', 1],
    ['the disk is full for some calls', 'ENOSPC', 4],
    ['there are too many open files for a while', 'EMFILE', 3],
  ] as const) {
    test(`${what}, whichever it is, durability ${durability}: it is told, and nothing is lost`, async (t) => {
      t.timeout(120_000);
      const { calls } = await run(t, durability, nothing);
      const attempts = calls.map(async (_, first) => {
        let failed: DiskCall | undefined;
        const { life, folder, reports } = await run(t, durability, (call, index) => {
          if (index < first || index >= first + times) return;
          failed ??= call;
          throw systemError(code, call);
        });
        const where = `call ${first}: ${failed?.name} ${failed?.path}`;
        t.deepEqual(life.readBack, everything.numbers.slice(0, -1), where);
        // A streamed reset whose file could not be made before the server stopped is not done; nothing is lost by that.
        const found = await restored(folder);
        const whole = life.witness!.allowed.some((numbers) => `${numbers}` === `${found.numbers}`);
        t.true(whole, `${where}: ${found.numbers} of ${JSON.stringify(life.witness!.allowed)}`);
        t.is(found.title, everything.title, where);
        // Trouble and its end, in turn.
        life.troubles.forEach((problem, i) => {
          t.is(problem === undefined, i % 2 === 1, where);
        });
        t.is(life.troubles.length % 2, 0, where);
        t.is(unreadable(reports) <= times, true, where);
      });
      await Promise.all(attempts);
    });
  }

  test(`a disk that answers late, durability ${durability}: nothing is told earlier, all of it is there`, async (t) => {
    const attempts = [1, 2, 3].map(async (turns) => {
      const copies = tempFolder(t);
      const kills: { folder: string; allowed: number[][] }[] = [];
      const { life, folder } = await run(t, durability, (call, index, { witness }, at) => {
        if (call.isChange) {
          const copy = join(copies, `${index}`);
          copyAsKilled(at, copy);
          kills.push({ folder: copy, allowed: (witness?.allowed ?? [[]]).map((told) => [...told]) });
        }
        return wait(1 + ((index * 7) % (10 * turns)));
      });
      t.deepEqual(life.troubles, []);
      t.deepEqual(await restored(folder), everything);
      for (const { folder: copy, allowed } of kills) {
        const { numbers } = await restored(copy);
        t.true(
          allowed.some((told) => startsWith(numbers, told)),
          `${allowed} ${numbers}`,
        );
      }
    });
    await Promise.all(attempts);
  });
}

/** Turns of the event loop. */
async function wait(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise(setImmediate);
}

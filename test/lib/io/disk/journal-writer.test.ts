// The writer of a journal: in order, once, whatever fails on the way, up to the last moment of the server or session.

import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Disk, type Durability, lastTries } from '../../../../src/lib/io/disk/disk.js';
import { JournalWriter } from '../../../../src/lib/io/disk/journal-writer.js';
import { systemError, watchFolder } from '../../../helpers/disk-faults.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { until } from '../../../helpers/until.js';

/** The lines without their checksums. */
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** A disk whose tries come when the test says so. */
class PatientDisk extends Disk {
  readonly waiting = new Set<() => void>();
  /** Whether the process stays for what waits. */
  readonly lasts: boolean[] = [];

  override retryLater(run: () => void, { isLast = false } = {}): void {
    this.lasts.push(isLast);
    this.waiting.add(run);
  }

  override forgetRetry(run: () => void): void {
    this.waiting.delete(run);
  }

  retry(): void {
    const due = [...this.waiting];
    this.waiting.clear();
    for (const run of due) run();
  }
}

function makeWriter(t: ExecutionContext, options: { durability?: Durability; complete?: string[] } = {}) {
  const folder = tempFolder(t);
  const path = join(folder, 'a.session');
  const disk = new PatientDisk(options.durability ?? 'os', () => 0);
  const told: string[] = [];
  const all: string[] = [];
  const host = {
    allLines: () => options.complete ?? all,
    mayCompact: true,
    reportProblem: (problem: Error | undefined) =>
      void told.push(problem ? `problem: ${problem.message}` : 'again'),
    lost: (why: string) => void told.push(`lost: ${why.slice(path.length + 1)}`),
    unsaved: (count: number, problem: Error) => void told.push(`${count} unsaved: ${problem.message}`),
  };
  const writer = new JournalWriter(disk, path, host, undefined);
  t.teardown(() => writer.close());
  const add = (...lines: string[]) => {
    all.push(...lines);
    for (const line of lines) writer.add(line);
  };
  const written = () => (existsSync(path) ? linesOf(readFileSync(path, 'utf8')) : undefined);
  /** Calls of these names fail until the function that it answers with is called. */
  const failing = (names: RegExp, code = 'EIO') =>
    watchFolder(folder, (call) => {
      if (names.test(call.name)) throw systemError(code, call);
    });
  return { folder, path, disk, told, host, writer, add, written, failing };
}

const news = (told: string[]) => told.splice(0).map((each) => each.replace(/: made up.*/, ''));
const stored = (writer: JournalWriter) => new Promise<void>((resolve) => writer.whenStored(resolve));

test('lines are written at once, and nobody waits for them', (t) => {
  const { writer, add, written } = makeWriter(t);
  t.true(writer.isStored);
  t.is(writer.sizeBytes, 0);
  add('one');
  t.deepEqual(written(), ['one']);
  add('two', 'three');
  t.deepEqual(written(), ['one', 'two', 'three']);
  t.true(writer.isStored);
  let isCalled = false;
  writer.whenStored(() => {
    isCalled = true;
  });
  t.true(isCalled);
});

test('the lines of a turn are one batch where each has to be forced to the disk, and who waits is called in order', async (t) => {
  const { path, writer, add, written } = makeWriter(t, { durability: 'sync' });
  const done: string[] = [];
  add('one');
  writer.whenStored(() => done.push('one'));
  add('two');
  writer.whenStored(() => done.push('two'));
  t.false(writer.isStored);
  t.deepEqual(done, []);
  await stored(writer);
  t.deepEqual(done, ['one', 'two']);
  t.deepEqual(written(), ['one', 'two']);
  t.is(readFileSync(path, 'utf8').match(/#dp sum/g)?.length, 1);
  add('three');
  const first = stored(writer);
  await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  add('four');
  writer.whenStored(() => done.push('four'));
  await first;
  t.false(done.includes('four'), 'which came while the third was written');
  await stored(writer);
  t.deepEqual(written(), ['one', 'two', 'three', 'four']);
  t.true(done.includes('four'));
});

test('lines for which nobody waits count as stored', (t) => {
  const { writer, written } = makeWriter(t);
  writer.addFirst(['one', 'two']);
  t.true(writer.isStored);
  t.deepEqual(written(), ['one', 'two']);
});

test('what cannot be written is told once, nobody waits for it, and it is written in order when that is possible', async (t) => {
  const { disk, told, writer, add, written, failing } = makeWriter(t);
  add('one');
  const heal = failing(/^write/);
  add('two');
  t.deepEqual(news(told), ['problem: EIO']);
  t.true(writer.isStored, 'nobody waits for what cannot be done');
  add('three');
  t.is(disk.waiting.size, 1);
  t.deepEqual(disk.lasts, [false]);
  disk.retry();
  await until('it has failed again', () => disk.waiting.size === 1);
  t.deepEqual(news(told), []);
  heal();
  disk.retry();
  await until('it is written', () => told.length > 0);
  t.deepEqual(news(told), ['again']);
  t.deepEqual(written(), ['one', 'two', 'three']);
  add('four');
  t.deepEqual(written(), ['one', 'two', 'three', 'four']);
});

test('a file that could not be made is made with everything', async (t) => {
  const { folder, disk, told, writer, add, written } = makeWriter(t, { complete: ['all'] });
  let isBroken = true;
  watchFolder(folder, (call) => {
    if (isBroken && /^open/.test(call.name)) throw systemError('EIO', call);
  });
  add('one');
  t.deepEqual(news(told), ['problem: EIO']);
  isBroken = false;
  disk.retry();
  await writer.whenIdle();
  t.deepEqual(written(), ['all']);
  t.deepEqual(news(told), ['again']);
});

test("somebody else's file of that name is not replaced", async (t) => {
  const { path, folder, disk, told, writer, add } = makeWriter(t, { complete: ['all'] });
  const other = join(folder, 'x');
  writeFileSync(other, 'not ours');
  renameSync(other, path);
  add('one');
  t.regex(told[0] ?? '', /^problem: .*EEXIST/);
  disk.retry();
  await writer.whenIdle();
  t.is(readFileSync(path, 'utf8'), 'not ours');
  rmSync(path);
  disk.retry();
  await writer.whenIdle();
  t.is(told.at(-1), 'again');
  t.deepEqual(linesOf(readFileSync(path, 'utf8')), ['one']);
});

for (const code of ['EACCES', 'EPERM', 'ELOOP', 'ENOENT']) {
  test(`a file that can no longer be written on is replaced: ${code}`, async (t) => {
    const { disk, told, writer, add, written, failing } = makeWriter(t);
    add('one');
    const heal = failing(/^write/, code);
    add('two');
    t.deepEqual(news(told), [
      code === 'ENOENT' ? 'lost: was deleted or moved' : 'lost: can no longer be opened',
      `problem: ${code}`,
    ]);
    heal();
    disk.retry();
    await writer.whenIdle();
    t.deepEqual(written(), ['one', 'two']);
    t.deepEqual(news(told), ['again']);
  });
}

test('a file that is gone is noticed by the next line, told once, and made anew with everything', async (t) => {
  const { path, told, writer, add, written } = makeWriter(t);
  add('one');
  rmSync(path);
  add('two');
  await writer.whenIdle();
  t.deepEqual(news(told), ['lost: was deleted or moved']);
  t.deepEqual(written(), ['one', 'two']);
  rmSync(path);
  writer.check();
  await writer.whenIdle();
  t.deepEqual(news(told), ['lost: was deleted or moved']);
  t.deepEqual(written(), ['one', 'two']);
  writer.check();
  t.deepEqual(news(told), []);
});

test('a replacement that fails is tried again as a whole', async (t) => {
  const { disk, told, writer, add, written, failing } = makeWriter(t);
  add('one');
  const heal = failing(/^rename/);
  writer.rewrite();
  await writer.whenIdle();
  t.deepEqual(news(told), ['problem: EIO']);
  writer.check();
  t.is(disk.waiting.size, 1, 'a look does not change that');
  heal();
  disk.retry();
  await writer.whenIdle();
  t.deepEqual(news(told), ['again']);
  t.deepEqual(written(), ['one']);
});

test('a journal whose lines count no more is written anew, but not one that is in doubt', async (t) => {
  const { path, host, writer, add, written } = makeWriter(t, { complete: ['all'] });
  host.mayCompact = false;
  for (let i = 0; i < 40; i++) add('x'.repeat(1000));
  await writer.whenIdle();
  t.true(statSync(path).size > 40_000);
  host.mayCompact = true;
  add('one');
  await writer.whenIdle();
  t.deepEqual(written(), ['all']);
});

test('what waits and counts no more is written as everything there is', async (t) => {
  const { disk, told, writer, add, written, failing } = makeWriter(t, { complete: ['all'] });
  add('one');
  const heal = failing(/^write/);
  for (let i = 0; i < 40; i++) add('x'.repeat(1000));
  heal();
  disk.retry();
  await writer.whenIdle();
  t.deepEqual(written(), ['all']);
  t.deepEqual(news(told), ['problem: EIO', 'again']);
});

test('a line that has to be safe is written behind all others, and what comes meanwhile waits', async (t) => {
  const { writer, add, written } = makeWriter(t);
  add('one');
  let seen: string[] | undefined;
  await writer.writeNow(['file'], () => {
    seen = written();
    add('two');
    t.deepEqual(written(), seen);
  });
  await writer.whenIdle();
  t.deepEqual(seen, ['one', 'file']);
  t.deepEqual(written(), ['one', 'file', 'two']);
});

test('a line that has to be safe and cannot be written is an error, and is not tried again', async (t) => {
  const { told, writer, add, written, failing } = makeWriter(t);
  await t.throwsAsync(
    writer.writeNow(['file'], () => t.fail()),
    { message: /a\.session cannot be written/ },
  );
  add('one');
  const heal = failing(/^writev/);
  await t.throwsAsync(
    writer.writeNow(['file'], () => t.fail()),
    { message: /EIO/ },
  );
  heal();
  t.deepEqual(news(told), []);
  add('two');
  await writer.whenIdle();
  t.deepEqual(written(), ['one', 'two']);
});

test('while writing fails a line that has to be safe fails with the same problem', async (t) => {
  const { disk, writer, add, failing } = makeWriter(t);
  add('one');
  const heal = failing(/^write/);
  add('two');
  await t.throwsAsync(
    writer.writeNow(['file'], () => t.fail()),
    { message: /EIO/ },
  );
  heal();
  disk.retry();
  await writer.whenIdle();
});

test('a journal that has grown to 4 KiB is written anew at a reset', async (t) => {
  const { writer, add, written } = makeWriter(t, { complete: ['all'] });
  for (let i = 0; i < 5; i++) add('x'.repeat(1000));
  await writer.writeNow(['file'], () => {});
  await writer.whenIdle();
  t.deepEqual(written(), ['all']);
});

// ---- the end --------------------------------------------------------------------------------------------

test('when the server stops what waits is tried a few times more, and then said to be lost', async (t) => {
  const { disk, told, writer, add, failing } = makeWriter(t);
  add('one');
  failing(/^write/);
  add('two', 'three');
  news(told);
  writer.close();
  for (let i = 0; i < lastTries; i++) {
    await until('it waits', () => disk.waiting.size === 1);
    t.deepEqual(news(told), []);
    disk.retry();
  }
  await writer.whenIdle();
  t.deepEqual(news(told), ['2 unsaved: EIO']);
  t.deepEqual(disk.lasts.slice(-lastTries), Array(lastTries).fill(true));
  t.true(writer.isStored);
  add('four');
  t.is(disk.waiting.size, 0);
});

test('when the server stops what could not be written before is written if that is possible by now', async (t) => {
  const { disk, told, writer, add, written, failing } = makeWriter(t);
  add('one');
  const heal = failing(/^write/);
  add('two');
  writer.close();
  await until('it waits', () => disk.waiting.size === 1);
  t.false(writer.isStored);
  heal();
  disk.retry();
  await writer.whenIdle();
  t.deepEqual(news(told), ['problem: EIO', 'again']);
  t.deepEqual(written(), ['one', 'two']);
  t.true(writer.isStored);
  writer.close();
});

test('after the stop nothing is looked after or added', (t) => {
  const { path, told, writer, add } = makeWriter(t);
  add('one');
  writer.close();
  rmSync(path);
  writer.check();
  add('two');
  writer.addFirst([]);
  t.deepEqual(news(told), []);
  t.false(existsSync(path));
});

for (const durability of ['os', 'sync'] as const) {
  test(`the end of a session is stored with its last name, which comes after the last line: ${durability}`, async (t) => {
    const { path, writer, add, written } = makeWriter(t, { durability });
    add('one');
    await stored(writer);
    add('two');
    const seen: unknown[] = [];
    const putAway = () => {
      seen.push(written());
      renameSync(path, `${path}.ended`);
    };
    writer.end({ now: putAway, offLoop: async () => putAway() });
    writer.end({ now: () => t.fail(), offLoop: async () => t.fail() });
    t.true(writer.isEnding);
    t.is(writer.isStored, durability === 'os');
    await stored(writer);
    t.deepEqual(seen, [['one', 'two']]);
    t.true(writer.isStored);
    add('three');
    writer.rewrite();
    writer.check();
    writer.close();
    await writer.whenIdle();
    t.false(existsSync(path));
  });
}

test('a session that ends while its journal cannot be written ends all the same, and nothing comes back', async (t) => {
  const { path, disk, told, writer, add, failing } = makeWriter(t);
  add('one');
  const heal = failing(/^write/);
  add('two');
  news(told);
  writer.end({ now: () => rmSync(path), offLoop: async () => rmSync(path) });
  await stored(writer);
  heal();
  disk.retry();
  await writer.whenIdle();
  t.false(existsSync(path));
  t.deepEqual(news(told), []);
});

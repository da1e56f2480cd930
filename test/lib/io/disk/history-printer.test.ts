// When prints of a history are made, what is in them, and that a file is read again when somebody has changed it.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { crc32 } from '../../../../src/lib/core/session/journal-seals.js';
import { AppendFile } from '../../../../src/lib/io/disk/append-file.js';
import { ChangeLog } from '../../../../src/lib/io/disk/change-log.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { HistoryPrinter, type NewPrint } from '../../../../src/lib/io/disk/history-printer.js';
import { firstPlace, readPrints, windowOf } from '../../../../src/lib/io/disk/history-prints.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { until } from '../../../helpers/until.js';

const window = 4096;

function makePrinter(t: ExecutionContext) {
  const path = join(tempFolder(t), 'a.dprec');
  const disk = new Disk();
  writeFileSync(path, '');
  const file = new AppendFile(disk, path, 0);
  t.teardown(() => file.close());
  const all: NewPrint[] = [];
  const batches: number[][] = [];
  let idle = 0;
  const swept: unknown[] = [];
  disk.sweepLater = (each) => void swept.push(each);
  // Time passes when the test says so.
  disk.sweep = () => {};
  const host = {
    written: { file, bytes: 0 } as { file: AppendFile; bytes: number } | undefined,
    printed: (_: AppendFile, prints: readonly NewPrint[]) => {
      all.push(...prints);
      batches.push(prints.map(({ at }) => at));
    },
    printsOf: () => all,
    idle: () => void idle++,
  };
  const printer = new HistoryPrinter(disk, host);
  printer.use(file, 0);
  let content = Buffer.alloc(0);
  const grow = (bytes: number) => {
    const more = Buffer.alloc(bytes, String(content.length));
    appendFileSync(path, more);
    content = Buffer.concat([content, more]);
    file.sizeBytes = content.length;
    host.written = { file, bytes: content.length };
    printer.grew();
  };
  /** So many sweeps, after each of which a print that was begun is finished. */
  const sweep = async (times = 1) => {
    let isOn = true;
    for (let i = 0; i < times; i++) {
      disk.tick++;
      isOn = printer.sweep();
      await until('no print is being made', () => !printer.isPrinting);
    }
    return isOn;
  };
  const sumAt = (at: number) => crc32(content.subarray(Math.max(0, at - window), at));
  return { path, disk, file, host, printer, all, batches, grow, sweep, sumAt, swept, timesIdle: () => idle };
}

test('the first print is made with the first sweep, at its first 4 KiB and at its end', async (t) => {
  const { grow, sweep, all, batches, sumAt } = makePrinter(t);
  grow(10_000);
  t.true(await sweep());
  t.false(await sweep(), 'nothing has grown since');
  t.deepEqual(batches, [[4096, 10_000]]);
  t.deepEqual(all, [
    { at: 4096, sum: sumAt(4096) },
    { at: 10_000, sum: sumAt(10_000) },
  ]);
});

test('a history that is shorter than that has one print', async (t) => {
  for (const bytes of [100, 4096]) {
    const { grow, sweep, all, sumAt } = makePrinter(t);
    grow(bytes);
    await sweep();
    t.deepEqual(all, [{ at: bytes, sum: sumAt(bytes) }]);
  }
});

test('the next print is made when the history has doubled, or after thirty sweeps', async (t) => {
  const { grow, sweep, batches, swept } = makePrinter(t);
  grow(1000);
  t.is(swept.length, 1);
  await sweep(2);
  grow(999);
  t.is(swept.length, 2, 'it asks to be swept once more');
  t.true(await sweep());
  t.is(batches.length, 1);
  grow(1);
  t.is(swept.length, 2);
  await sweep();
  t.deepEqual(batches.slice(1), [[2000]]);
  grow(1);
  await sweep(29);
  t.is(batches.length, 2);
  await sweep();
  t.deepEqual(batches.slice(2), [[2001]]);
  t.false(await sweep(40), 'it has not grown');
  t.is(batches.length, 3);
});

test('a history that is not to be read now is swept until it is', async (t) => {
  const { host, grow, sweep, batches } = makePrinter(t);
  grow(1000);
  const { written } = host;
  host.written = undefined;
  t.true(await sweep());
  t.deepEqual(batches, []);
  host.written = written;
  await sweep();
  t.deepEqual(batches, [[1000]]);
});

test('a history with prints is printed from those on', async (t) => {
  const { printer, file, grow, sweep, batches } = makePrinter(t);
  printer.use(file, 6000);
  grow(10_000);
  await sweep();
  t.deepEqual(batches, []);
  grow(2000);
  await sweep();
  t.deepEqual(batches, [[12_000]]);
});

test('at the end what has grown is printed once, and whoever waits is called', async (t) => {
  const { printer, grow, batches, timesIdle } = makePrinter(t);
  t.false(printer.finish(), 'there is nothing');
  grow(1000);
  t.true(printer.finish());
  t.true(printer.finish(), 'it is being made');
  await until('the last print is made', () => timesIdle() === 1);
  t.deepEqual(batches, [[1000]]);
  grow(1000);
  t.false(printer.finish(), 'once');
});

test('what comes too late, or is of another file, is no print', async (t) => {
  const { printer, disk, path, grow, batches, timesIdle } = makePrinter(t);
  grow(1000);
  printer.sweep();
  printer.stop();
  t.false(printer.isPrinting);
  await until('it was read', () => timesIdle() === 1);
  t.deepEqual(batches, []);
  printer.grew();
  t.false(printer.sweep());
  const other = makePrinter(t);
  other.grow(1000);
  other.printer.sweep();
  other.printer.use(new AppendFile(disk, path, 0), 0);
  await until('it was read', () => other.timesIdle() === 1);
  t.deepEqual(other.batches, []);
  t.false(other.printer.isPrinting);
});

test('a file that cannot be read back is printed later', async (t) => {
  const { printer, file, grow, sweep, batches, timesIdle } = makePrinter(t);
  grow(1000);
  const read = file.read.bind(file);
  file.read = (_buffers, _position, done) => setImmediate(done, new Error('no'));
  printer.sweep();
  await until('that was tried', () => timesIdle() === 1);
  t.deepEqual(batches, []);
  file.read = read;
  await sweep();
  t.deepEqual(batches, [[1000]]);
});

test('a file that was changed by somebody is compared, until it was found intact twice', async (t) => {
  const { path, printer, file, grow, sweep } = makePrinter(t);
  grow(10_000);
  await sweep();
  const gone: string[] = [];
  file.onGone = (why) => void gone.push(why);
  let begun = 0;
  let read = 0;
  const reading = file.read.bind(file);
  file.read = (buffers, position, done) => {
    begun++;
    reading(buffers, position, (error) => {
      done(error);
      read++;
    });
  };
  const look = async (at: number) => {
    const before = begun;
    printer.look(file, at);
    const isRead = begun > before;
    await until('both places are read', () => !isRead || read >= before + 2);
    // what comes of it is decided in this turn
    await new Promise((resolve) => setImmediate(resolve));
    return isRead;
  };
  t.true(await look(5));
  t.true(await look(5), 'what changed in the same moment');
  t.false(await look(5));
  t.true(await look(6));
  t.deepEqual(gone, []);
  writeFileSync(path, Buffer.alloc(10_000, '?'));
  t.true(await look(7));
  t.deepEqual(gone, ['was overwritten: its first 4096 bytes differ from what was written']);
  printer.use(file, 10_000);
  t.true(await look(7), 'another file is another matter');
  printer.look(new AppendFile(new Disk(), path, 0), 9);
});

test('the bytes of a print are named as people count them', (t) => {
  t.is(windowOf(4096), 'its first 4096 bytes');
  t.is(windowOf(10), 'its first 10 bytes');
  t.is(windowOf(4097), 'its bytes 1 to 4096');
  t.is(windowOf(10_000), 'its bytes 5904 to 9999');
  t.deepEqual([firstPlace(10), firstPlace(4096), firstPlace(4097)], [10, 4096, 4096]);
});

test('a file that cannot be read has no prints', async (t) => {
  const { file } = makePrinter(t);
  await t.throwsAsync(readPrints(file, [10]));
});

test('a change is looked at twice, so that another one in the same moment is seen', (t) => {
  const log = new ChangeLog();
  t.true(log.isNew(1));
  log.wasIntact(1);
  t.true(log.isNew(1));
  log.wasIntact(1);
  t.false(log.isNew(1));
  t.true(log.isNew(2));
  log.wasIntact(2);
  t.false(log.isNew(1), 'that moment is known to be intact');
  log.forget();
  t.true(log.isNew(1));
  log.wasIntact(3);
  t.true(log.isNew(1));
});

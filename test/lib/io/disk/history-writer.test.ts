// When a history is written, what of it may be read meanwhile, and what happens when writing fails, before and after the end.
import test from 'ava';
import { BlockList } from '../../../../src/lib/core/session/block-list.js';
import { lastTries } from '../../../../src/lib/io/disk/disk.js';
import { HistoryWriter, type WriterHost } from '../../../../src/lib/io/disk/history-writer.js';
import { frame } from '../../../helpers/wire.js';

interface Call {
  bytes: string;
  isOffLoop: boolean;
  done(error?: Error): void;
}

const message = (mark: number) => frame(150, 1, Buffer.alloc(4, mark));
const hex = (...marks: number[]) => Buffer.concat(marks.map(message)).toString('hex');

function make() {
  const list = new BlockList(0, 0, 64);
  const calls: Call[] = [];
  const problems: (string | undefined)[] = [];
  const retries: { run: () => void; isLast: boolean }[] = [];
  const file: NonNullable<WriterHost['file']> = {
    write: (pieces, done, options) => {
      calls.push({
        bytes: Buffer.concat(pieces).toString('hex'),
        isOffLoop: options?.isOffLoop ?? false,
        done: (error) => done(error),
      });
    },
  };
  const host = {
    list,
    file: file as WriterHost['file'],
    isMoving: false,
    isEnded: false,
    shown: 0,
    over: 0,
    readable: () => void host.shown++,
    reportProblem: (problem: Error | undefined) => void problems.push(problem?.message),
    written: () => void host.over++,
  };
  const disk = {
    retryLater: (run: () => void, options?: { isLast?: boolean }) =>
      void retries.push({ run, isLast: options?.isLast ?? false }),
    forgetRetry: (run: () => void) =>
      void retries.splice(0, retries.length, ...retries.filter((each) => each.run !== run)),
  };
  const writer = new HistoryWriter(disk, host, list);
  const add = (mark: number) => list.append(message(mark), 0, 8, 1);
  /** The retry that was asked for last. */
  const retry = () => retries.splice(0).forEach(({ run }) => void run());
  return { list, file, calls, problems, retries, host, writer, add, retry };
}

const full = new Error('no space left');

test('what is written may be read when the write is over, not before', (t) => {
  const { calls, host, writer, add } = make();
  writer.flush();
  t.is(calls.length, 0, 'nothing to write');
  add(1);
  add(2);
  writer.flush();
  t.is(calls[0]?.bytes, hex(1, 2));
  t.false(calls[0]?.isOffLoop);
  t.true(writer.isBusy);
  t.is(writer.unwrittenBytes, 16);
  t.deepEqual([writer.readableOffset, writer.readableIndex, host.shown], [0, -1, 0]);
  calls[0]?.done();
  t.deepEqual([writer.readableOffset, writer.readableIndex, host.shown], [16, 1, 1]);
  t.deepEqual([writer.writtenOffset, writer.writtenIndex, writer.unwrittenBytes], [16, 1, 0]);
  t.false(writer.isBusy);
  t.is(host.over, 1);
});

test('there is one write at a time, and what came meanwhile follows at once', (t) => {
  const { calls, writer, add } = make();
  add(1);
  writer.flush();
  add(2);
  writer.flush();
  add(3);
  writer.flush();
  t.is(calls.length, 1);
  calls[0]?.done();
  t.deepEqual(
    calls.map(({ bytes }) => bytes),
    [hex(1), hex(2, 3)],
  );
});

test('without a file nothing is written or shown until there is one', (t) => {
  const { file, calls, host, writer, add } = make();
  host.file = undefined;
  add(1);
  writer.flush();
  t.is(calls.length + host.shown, 0);
  host.file = file;
  writer.flush();
  t.is(calls.length, 1);
});

test('who waits for the end of a write gets it, and at once where there is none', async (t) => {
  const { calls, writer, add } = make();
  await writer.whenIdle();
  add(1);
  writer.flush();
  let isIdle = false;
  const idle = writer.whenIdle().then(() => {
    isIdle = true;
  });
  await new Promise(setImmediate);
  t.false(isIdle);
  calls[0]?.done();
  await idle;
  t.true(isIdle);
});

test('what cannot be written is shown all the same, told once and tried again off the loop until it can', (t) => {
  const { calls, problems, retries, host, writer, add, retry } = make();
  add(1);
  writer.flush();
  calls[0]?.done(full);
  t.true(writer.isFailing);
  t.false(writer.isBusy);
  t.deepEqual([writer.readableOffset, writer.readableIndex, writer.writtenOffset], [8, 0, 0]);
  t.deepEqual(problems, ['no space left']);
  t.deepEqual(
    retries.map(({ isLast }) => isLast),
    [false],
  );
  add(2);
  writer.flush();
  t.is(calls.length, 1, 'only the retry writes');
  t.deepEqual([writer.readableOffset, host.shown], [16, 2]);
  retry();
  t.deepEqual([calls[1]?.bytes, calls[1]?.isOffLoop], [hex(1, 2), true]);
  t.true(writer.isFailing);
  add(3);
  writer.flush();
  calls[1]?.done(full);
  t.deepEqual(problems, ['no space left'], 'told once');
  retry();
  add(4);
  calls[2]?.done();
  t.deepEqual(problems, ['no space left', undefined]);
  t.is(calls[3]?.bytes, hex(4), 'what came while it was tried follows at once');
  t.false(writer.isFailing);
  calls[3]?.done();
  t.is(writer.unwrittenBytes, 0);
});

test('while a new file is made, which will have all of it, nothing is tried again', (t) => {
  const { file, calls, problems, host, writer, add, list, retry } = make();
  add(1);
  writer.flush();
  calls[0]?.done(full);
  host.isMoving = true;
  retry();
  host.isMoving = false;
  host.file = undefined;
  retry();
  t.is(calls.length, 1);
  host.file = file;
  writer.stored(list.endOffset, list.lastIndex);
  t.false(writer.isFailing);
  t.deepEqual(problems, ['no space left', undefined]);
  t.is(writer.unwrittenBytes, 0);
});

test('a retry that finds everything written says that all is well again', (t) => {
  const { list, calls, problems, writer, add, retry } = make();
  add(1);
  writer.flush();
  calls[0]?.done(full);
  writer.writtenOffset = list.endOffset;
  writer.writtenIndex = list.lastIndex;
  retry();
  t.is(calls.length, 1);
  t.deepEqual(problems, ['no space left', undefined]);
  t.false(writer.isFailing);
});

test('a history that was replaced is not told how the write of the old one went', (t) => {
  const { calls, problems, host, writer, add } = make();
  add(1);
  writer.flush();
  add(2);
  writer.flush();
  const next = new BlockList(2, 16, 64);
  host.list = next;
  writer.begin(next);
  t.deepEqual([writer.writtenOffset, writer.writtenIndex], [16, 1]);
  t.deepEqual([writer.readableOffset, writer.readableIndex], [16, 1]);
  calls[0]?.done(full);
  t.deepEqual(problems, []);
  t.deepEqual([writer.writtenOffset, calls.length, host.over], [16, 1, 1]);
  next.append(message(3), 0, 8, 1);
  writer.flush();
  t.is(calls[1]?.bytes, hex(3));
});

test('a history that begins anew while nothing can be written is shown at once', (t) => {
  const { calls, host, writer, add } = make();
  add(1);
  writer.flush();
  calls[0]?.done(full);
  const next = new BlockList(1, 8, 64);
  next.append(message(2), 0, 8, 1);
  host.list = next;
  writer.begin(next);
  t.deepEqual([writer.readableOffset, writer.readableIndex], [16, 1]);
  t.is(writer.unwrittenBytes, 8);
});

test('messages that get other numbers while they are written are counted by these', (t) => {
  const { calls, writer, add } = make();
  add(1);
  writer.flush();
  writer.shift(100, 10);
  calls[0]?.done();
  t.deepEqual([writer.writtenOffset, writer.writtenIndex], [108, 10]);
  t.deepEqual([writer.readableOffset, writer.readableIndex], [108, 10]);
});

test('after the end what fails is tried a few times more, and the process waits for that', (t) => {
  const { calls, problems, retries, host, writer, add, retry } = make();
  add(1);
  host.isEnded = true;
  writer.flushAtLast();
  for (let i = 0; i < lastTries; i++) {
    calls[i]?.done(full);
    t.true(writer.isBusy, `${i}`);
    t.deepEqual(
      retries.map(({ isLast }) => isLast),
      [true],
    );
    retry();
  }
  t.is(calls.length, lastTries + 1);
  calls.at(-1)?.done(full);
  t.false(writer.isBusy);
  retry();
  t.is(calls.length, lastTries + 1);
  t.deepEqual(problems, [], 'nobody is notified any more');
  t.is(host.over, lastTries + 1);
});

test('the end tries at once what has failed before', (t) => {
  const { calls, host, writer, add, retry } = make();
  add(1);
  writer.flush();
  calls[0]?.done(full);
  host.isEnded = true;
  writer.flushAtLast();
  t.is(calls[1]?.bytes, hex(1));
  t.false(calls[1]?.isOffLoop);
  retry();
  t.is(calls.length, 2, 'not beside it');
  calls[1]?.done();
  t.is(writer.unwrittenBytes, 0);
});

/** The session is over, its last write has failed, and its file is away. */
function awayAtTheEnd() {
  const made = make();
  made.add(1);
  made.host.isEnded = true;
  made.writer.flushAtLast();
  made.calls[0]?.done(full);
  made.host.file = undefined;
  return made;
}

test('a file that is away at the end is awaited as often as a write is tried, then given up', (t) => {
  const { calls, retries, host, writer, retry } = awayAtTheEnd();
  for (let i = 1; i < lastTries; i++) {
    retry();
    t.true(writer.isBusy, `${i}`);
    t.deepEqual(
      retries.map(({ isLast }) => isLast),
      [true],
    );
  }
  const { over } = host;
  retry();
  t.deepEqual([writer.isBusy, retries.length, host.over], [false, 0, over + 1]);
  t.is(calls.length, 1);
});

test('a file that is back at the end is written, also where another one was being made', (t) => {
  const { file, calls, host, retry } = awayAtTheEnd();
  retry();
  host.file = file;
  host.isMoving = true;
  retry();
  t.is(calls[1]?.bytes, hex(1));
});

test('a problem after the end is nothing to show, and a retry of before it is not made', (t) => {
  const { calls, problems, host, writer, add, retry } = make();
  add(1);
  writer.flush();
  calls[0]?.done(full);
  host.isEnded = true;
  writer.unstorable(new Error('late'));
  t.deepEqual(problems, ['no space left']);
  retry();
  t.is(calls.length, 1);
});

test('after stop nothing is tried again', (t) => {
  const { calls, retries, writer, add } = make();
  add(1);
  writer.flush();
  calls[0]?.done(full);
  writer.stop();
  t.is(retries.length, 0);
});

test('what was found in the file may be read, and is told where that is more than before', (t) => {
  const { host, writer, list } = make();
  list.addStored(3, 100);
  writer.stored(list.endOffset, list.lastIndex);
  t.deepEqual([writer.readableOffset, writer.readableIndex, host.shown], [100, 2, 1]);
  writer.stored(list.endOffset, list.lastIndex);
  t.is(host.shown, 1, 'nothing new');
});

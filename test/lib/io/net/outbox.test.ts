// The two lanes of a connection: what waits, what goes first, what is too much (sessions.md §4).
import { Buffer } from 'node:buffer';
import { Writable } from 'node:stream';
import test from 'ava';
import { Outbox, unsentAtMost } from '../../../../src/lib/io/net/outbox.js';

/** A stream that takes one write at a time, when told. */
class SlowStream extends Writable {
  readonly written: string[] = [];
  #done: (() => void) | undefined;
  isFast = true;
  /** Calls of the kernel, each with all pieces that it took. */
  readonly calls: string[] = [];

  constructor() {
    super({ highWaterMark: 16 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // An empty write sends nothing.
    if (chunk.length > 0) {
      this.written.push(chunk.toString('latin1'));
      this.calls.push(chunk.toString('latin1'));
    }
    if (this.isFast || chunk.length === 0) done();
    else this.#done = done;
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: () => void): void {
    const pieces = chunks.map(({ chunk }) => chunk.toString('latin1')).filter((text) => text !== '');
    this.written.push(...pieces);
    this.calls.push(pieces.join(''));
    if (this.isFast) done();
    else this.#done = done;
  }

  take(): void {
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}

function setUp() {
  const stream = new SlowStream();
  const due: (() => void)[] = [];
  const told = { drained: 0, overflowed: 0, whenDrained: () => {} };
  const user = {
    drained: () => {
      told.drained++;
      told.whenDrained();
    },
    overflowed: () => told.overflowed++,
  };
  const outbox = new Outbox(stream, user, (run) => due.push(run));
  const endTurn = () => {
    for (const run of due.splice(0)) run();
  };
  return { stream, due, outbox, told, endTurn };
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

test('direct messages of a turn are one write, and history waits for them', (t) => {
  const { stream, outbox, told, endTurn } = setUp();
  t.true(outbox.hasRoom);
  outbox.send(Buffer.from('a'));
  outbox.send(Buffer.from('b'));
  t.false(outbox.hasRoom);
  endTurn();
  t.deepEqual(stream.written, ['ab']);
  t.is(told.drained, 1);
  t.true(outbox.hasRoom);
});

test('a stream that is full is left alone until it drains', async (t) => {
  const { stream, outbox, told, endTurn } = setUp();
  stream.isFast = false;
  outbox.sendHistory(Buffer.from('history'));
  t.false(outbox.hasRoom);
  outbox.send(Buffer.from('direct'));
  endTurn();
  t.deepEqual(stream.written, ['history']);
  stream.take();
  await tick();
  t.deepEqual(stream.written, ['history', 'direct']);
  t.is(told.drained, 0);
  stream.take();
  await tick();
  t.is(told.drained, 1);
});

test('what goes first goes before what is queued', (t) => {
  const { stream, outbox, endTurn } = setUp();
  outbox.send(Buffer.from('queued'));
  outbox.sendFirst(Buffer.from('pong'));
  endTurn();
  t.deepEqual(stream.written, ['pong', 'queued']);
});

test('the end comes after everything that is queued, and nothing after it', (t) => {
  const { stream, outbox, endTurn } = setUp();
  let hasEnded = false;
  outbox.send(Buffer.from('bye'));
  outbox.finish(() => {
    hasEnded = true;
    t.deepEqual(stream.written, ['bye']);
  });
  outbox.send(Buffer.from('too late'));
  endTurn();
  t.true(hasEnded);
  t.deepEqual(stream.written, ['bye']);
  t.false(outbox.hasRoom);
});

test('more than eight megabytes of direct messages are too much', (t) => {
  const { outbox, told, stream } = setUp();
  stream.isFast = false;
  outbox.sendHistory(Buffer.from('x'));
  const piece = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < unsentAtMost / piece.length; i++) outbox.send(piece);
  t.is(told.overflowed, 0);
  outbox.send(piece);
  t.is(told.overflowed, 1);
});

test('pongs for someone who never reads do not pile up', async (t) => {
  const { stream, outbox, told } = setUp();
  stream.isFast = false;
  for (let i = 0; i < 1000; i++) outbox.sendFirst(Buffer.from('p'));
  t.is(told.overflowed, 0);
  for (let i = 0; i < 10; i++) outbox.sendFirst(Buffer.from('p'));
  t.true(told.overflowed > 0);
  t.true(outbox.unsentBytes <= 1002);
});

test('bytes that belong to no message overtake direct ones, which follow', async (t) => {
  const { stream, outbox, told, endTurn } = setUp();
  stream.isFast = false;
  outbox.sendHistory(Buffer.from('history'));
  outbox.sendRaw(Buffer.from('pong of the transport'));
  outbox.send(Buffer.from('direct'));
  endTurn();
  stream.take();
  await tick();
  t.deepEqual(stream.written, ['history', 'pong of the transport']);
  stream.take();
  await tick();
  t.deepEqual(stream.written.at(-1), 'direct');
  t.is(told.overflowed, 0);
});

test('while it is held nothing leaves but what is sent first', (t) => {
  const { stream, outbox, told, endTurn } = setUp();
  outbox.hold();
  outbox.hold();
  outbox.send(Buffer.from('direct'));
  endTurn();
  outbox.flushNow();
  outbox.sendFirst(Buffer.from('pong'));
  t.false(outbox.hasRoom);
  t.deepEqual(stream.written, ['pong']);
  outbox.release();
  t.deepEqual(stream.written, ['pong'], 'somebody else holds it still');
  outbox.release();
  t.deepEqual(stream.written, ['pong', 'direct']);
  t.true(outbox.hasRoom);
  t.is(told.drained, 1);
});

test('the end waits for the release, behind what was sent before it', (t) => {
  const { stream, outbox } = setUp();
  let isOver = false;
  outbox.hold();
  outbox.send(Buffer.from('goodbye'));
  outbox.finish(() => {
    isOver = true;
  });
  t.false(isOver);
  t.deepEqual(stream.written, []);
  outbox.release();
  t.true(isOver);
  t.deepEqual(stream.written, ['goodbye']);
});

test('a held connection that is gone is let go without harm', (t) => {
  const { stream, outbox } = setUp();
  outbox.hold();
  outbox.send(Buffer.from('never'));
  outbox.close();
  outbox.release();
  t.deepEqual(stream.written, []);
});

test('who is sent much gets it with the history in one call, and what is large is not copied', (t) => {
  const { stream, due, outbox, told, endTurn } = setUp();
  const log = Buffer.alloc(5000, 'l');
  told.whenDrained = () => {
    if (told.drained === 1) outbox.sendHistory(Buffer.from('history'));
  };
  for (const frame of ['a', 'b']) outbox.send(Buffer.from(frame));
  outbox.send(log);
  outbox.send(Buffer.from('c'));
  endTurn();
  t.deepEqual(due, []);
  t.deepEqual(stream.written, ['ab', log.toString(), 'c', 'history']);
  t.deepEqual(stream.calls, [`ab${log}chistory`]);
  t.is(outbox.sentBytes, 5010);
  t.true(outbox.hasRoom);
});

test('a gathered write that is not taken blocks like any other, and is not endless', async (t) => {
  const { stream, outbox, told, endTurn } = setUp();
  stream.isFast = false;
  told.whenDrained = () => {
    while (outbox.hasRoom) outbox.sendHistory(Buffer.alloc(20_000, 'h'));
  };
  outbox.send(Buffer.alloc(5000, 'l'));
  endTurn();
  t.is(stream.calls.length, 1);
  t.is(stream.calls[0]?.length, 85_000);
  t.false(outbox.hasRoom);
  stream.take();
  await tick();
  t.is(stream.calls.length, 2);
});

test('a small write that is not taken at once is noticed when it is', async (t) => {
  const { stream, outbox, told } = setUp();
  for (let i = 0; i < 3; i++) {
    stream.isFast = false;
    outbox.sendFirst(Buffer.from('p'));
    outbox.sendFirst(Buffer.from('q'));
    t.false(outbox.hasRoom);
    stream.isFast = true;
    stream.take();
    await tick();
    t.true(outbox.hasRoom, `round ${i}`);
    t.is(told.drained, i + 1);
  }
});

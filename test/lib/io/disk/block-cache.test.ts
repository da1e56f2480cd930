// Blocks that were given back are read again for whoever wants them, a few at a time; what nobody reads leaves memory.
import test from 'ava';
import { BlockList, blockBytes } from '../../../../src/lib/core/session/block-list.js';
import { BlockCache, type CacheHost } from '../../../../src/lib/io/disk/block-cache.js';
import { frame } from '../../../helpers/wire.js';

interface Call {
  lengths: number[];
  position: number;
  /** Reads these messages, or fails. */
  done(result: readonly Buffer[] | Error): void;
}

const message = (mark: number) => frame(150, 1, Buffer.alloc(4, mark));

/** A history of so many stored blocks of one message each; it begins at byte 50 of the file. */
function make(count: number) {
  const list = new BlockList(10, 1000, 64);
  for (let i = 0; i < count; i++) list.addStored(1, 8);
  const calls: Call[] = [];
  const problems: (string | undefined)[] = [];
  const retries: (() => void)[] = [];
  const stored: NonNullable<CacheHost['stored']> = {
    base: 50 - 1000,
    from: 1000,
    file: {
      read: (buffers, position, done) => {
        calls.push({
          lengths: buffers.map(({ length }) => length),
          position,
          done: (result) => {
            if (result instanceof Error) return done(result);
            const bytes = Buffer.concat(result);
            let at = 0;
            for (const buffer of buffers) at += bytes.copy(buffer, 0, at);
            return done(undefined);
          },
        });
      },
    },
  };
  const host = {
    list,
    stored: stored as CacheHost['stored'],
    writtenOffset: list.endOffset,
    release: 'everything' as CacheHost['release'],
    isEnded: false,
    shown: 0,
    readable: () => void host.shown++,
    unreadable: (problem: Error | undefined) => void problems.push(problem?.message),
  };
  const disk = {
    tick: 100,
    sweeps: 0,
    sweepLater: () => void disk.sweeps++,
    retryLater: (run: () => void) => void retries.push(run),
    forgetRetry: (run: () => void) =>
      void retries.splice(0, retries.length, ...retries.filter((each) => each !== run)),
  };
  const cache = new BlockCache(disk, host);
  const block = (place: number) => {
    const found = list.blocks[place];
    if (found === undefined) throw new Error(`no block ${place}`);
    return found;
  };
  const inMemory = () => list.blocks.map(({ bytes }) => bytes !== undefined);
  return { list, calls, problems, retries, host, disk, cache, block, inMemory };
}

test('a block is read with three behind it, from where it is in the file', (t) => {
  const { calls, host, disk, cache, block, inMemory } = make(6);
  cache.load(block(1));
  t.deepEqual(
    calls.map(({ lengths, position }) => ({ lengths, position })),
    [{ lengths: [8, 8, 8, 8], position: 58 }],
  );
  cache.load(block(1));
  cache.load(block(2));
  t.is(calls.length, 1, 'not again while they are read');
  t.is(disk.sweeps, 1, 'they will be given back some time');
  calls[0]?.done([1, 2, 3, 4].map(message));
  t.deepEqual(inMemory(), [false, true, true, true, true, false]);
  t.is(Buffer.from(block(2).bytes ?? []).toString('hex'), message(2).toString('hex'));
  t.deepEqual([block(2).usedAt, block(2).isLoading], [100, false]);
  t.is(host.shown, 1);
});

test('only blocks up to the next one that is there or on its way are read', (t) => {
  const { calls, cache, block } = make(6);
  block(2).bytes = message(2);
  cache.load(block(0));
  t.deepEqual(calls[0]?.lengths, [8, 8]);
  cache.load(block(5));
  t.deepEqual(calls[1]?.lengths, [8], 'none behind the last one');
  cache.load(block(3));
  t.deepEqual(calls[2]?.lengths, [8, 8]);
});

test('nothing is read where nothing is stored', (t) => {
  const { calls, host, cache, block } = make(1);
  host.stored = undefined;
  cache.load(block(0));
  t.is(calls.length, 0);
  t.false(block(0).isLoading);
});

for (const [what, read] of [
  ['are fewer', [message(1)]],
  ['are no messages', [Buffer.from('0000000000000000', 'hex')]],
  ['are cut', [Buffer.concat([message(1).subarray(0, 4), Buffer.from('ffffffff', 'hex')])]],
] as const) {
  test(`bytes that ${what} are not shown as the messages that were written`, (t) => {
    const { list, calls, problems, retries, host, cache, block } = make(0);
    list.addStored(what === 'are fewer' ? 2 : 1, what === 'are cut' ? 7 : 8);
    cache.load(block(0));
    calls[0]?.done(read);
    t.is(block(0).bytes, undefined);
    t.deepEqual(problems, ['the content of the file differs from what was written']);
    t.deepEqual([host.shown, retries.length], [0, 1]);
  });
}

test('messages that a block has lost are not missed when it is read', (t) => {
  const { list, calls, problems, cache, block } = make(0);
  list.addStored(3, 8);
  block(0).missing = 2;
  cache.load(block(0));
  calls[0]?.done([message(1)]);
  t.deepEqual(problems, []);
  t.is(block(0).bytes?.length, 8);
});

test('who waits for a block that cannot be read tries again, and the problem is told at each change', (t) => {
  const { calls, problems, retries, host, cache, block } = make(1);
  cache.load(block(0));
  calls[0]?.done(new Error('bad sector'));
  t.deepEqual(problems, ['bad sector']);
  t.false(block(0).isLoading);
  t.is(host.shown, 0);
  retries[0]?.();
  t.is(host.shown, 1, 'readers look again');
  cache.load(block(0));
  calls[1]?.done([message(1)]);
  t.deepEqual(problems, ['bad sector', undefined]);
  t.is(host.shown, 2);
  block(0).bytes = undefined;
  cache.load(block(0));
  calls[2]?.done([message(1)]);
  t.deepEqual(problems, ['bad sector', undefined], 'said once');
});

test('what is read after the end, or for a block that is gone, is nothing to anybody', (t) => {
  const { calls, problems, host, retries, cache, block } = make(2);
  const gone = block(0);
  cache.load(gone);
  gone.isAlive = false;
  calls[0]?.done([message(1), message(2)]);
  t.is(gone.bytes, undefined);
  t.is(block(1).bytes?.length, 8);
  block(1).bytes = undefined;
  cache.load(block(1));
  host.isEnded = true;
  calls[1]?.done(new Error('bad sector'));
  t.deepEqual([problems.length, retries.length, host.shown], [0, 0, 1]);
});

test('the next block is read before anybody asks for it', (t) => {
  const { calls, cache, block } = make(8);
  block(0).bytes = message(0);
  cache.readAhead(10);
  t.is(calls[0]?.position, 58);
  cache.readAhead(10);
  t.is(calls.length, 1, 'while it is read nothing more');
  calls[0]?.done([1, 2, 3, 4].map(message));
  cache.readAhead(10);
  t.is(calls.length, 1, 'both are there');
  cache.readAhead(14);
  t.is(calls[1]?.position, 90);
  cache.readAhead(17);
  t.is(calls.length, 2);
});

test('after stop readers do not try again', (t) => {
  const { calls, retries, cache, block } = make(1);
  cache.load(block(0));
  calls[0]?.done(new Error('bad sector'));
  cache.stop();
  t.is(retries.length, 0);
});

test('a block leaves memory two sweeps after its last use', (t) => {
  const { disk, cache, block, list, inMemory } = make(1);
  block(0).bytes = message(0);
  block(0).usedAt = 100;
  cache.sweepLater();
  disk.tick = 102;
  t.true(cache.sweep());
  t.deepEqual(inMemory(), [true]);
  disk.tick = 103;
  t.true(cache.sweep());
  t.false(list.isResident);
});

test('what is not written stays in memory, and so does everything while a new file is made', (t) => {
  const { disk, host, cache, block, inMemory } = make(2);
  for (const place of [0, 1]) block(place).bytes = message(place);
  cache.sweepLater();
  disk.tick = 200;
  host.release = 'nothing';
  t.true(cache.sweep());
  t.deepEqual(inMemory(), [true, true]);
  host.release = 'everything';
  host.stored = undefined;
  t.true(cache.sweep());
  t.deepEqual(inMemory(), [true, true], 'there is no file');
  const again = make(2);
  for (const place of [0, 1]) again.block(place).bytes = message(place);
  again.host.writtenOffset = 1008;
  again.cache.sweepLater();
  again.disk.tick = 200;
  again.cache.sweep();
  t.deepEqual(again.inMemory(), [false, true]);
});

test('during a streamed reset blocks leave memory, but none are joined', (t) => {
  for (const [release, left] of [
    ['blocks', 2],
    ['everything', 1],
  ] as const) {
    const { disk, host, cache, block, list } = make(2);
    for (const place of [0, 1]) block(place).bytes = message(place);
    host.release = release;
    cache.sweepLater();
    disk.tick = 200;
    t.true(cache.sweep());
    t.false(list.isResident);
    t.is(list.blocks.length, left);
  }
});

test('the list is packed after thirty sweeps without anything in memory, and sweeps end until something is used', (t) => {
  const { disk, cache, block, list } = make(0);
  for (const count of [1, 2]) list.addStored(count, blockBytes);
  const [remembered] = list.blocks;
  cache.used();
  for (let i = 1; i < 20; i++) t.true(cache.sweep());
  block(0).bytes = Buffer.alloc(blockBytes);
  block(0).usedAt = 200;
  t.true(cache.sweep());
  block(0).bytes = undefined;
  for (let i = 1; i < 30; i++) t.true(cache.sweep(), `${i}`);
  t.true(remembered?.isAlive);
  t.false(cache.sweep());
  t.false(remembered?.isAlive);
  t.false(cache.sweep(), 'nothing is looked at any more');
  t.is(disk.sweeps, 1);
  cache.used();
  cache.used();
  t.is(disk.sweeps, 2);
  t.true(cache.sweep());
});

test('after the end nothing is swept', (t) => {
  const { host, cache } = make(1);
  cache.used();
  host.isEnded = true;
  t.false(cache.sweep());
  host.isEnded = false;
  t.false(cache.sweep());
});

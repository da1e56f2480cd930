// What all files of the server share: how many are open, which are looked at when, and when writes leave the event loop.

import test from 'ava';
import { Disk, OpenFile } from '../../../../src/lib/io/disk/disk.js';

/** A file that only notes what is done with it. */
class NotedFile extends OpenFile {
  readonly done: string[] = [];
  readonly #disk: Disk;

  constructor(disk: Disk, path = '/nowhere') {
    super(disk, path);
    this.#disk = disk;
  }

  override close(options: { isNow?: boolean } = {}): void {
    this.done.push(options.isNow ? 'closed now' : 'closed');
    this.#disk.closed(this);
  }

  override check(): void {
    this.done.push(`checked ${this.#disk.tick}`);
  }
}

test('a disk is slow when writes have stalled for more than 150 ms, for 15 seconds', (t) => {
  let now = 1_000_000;
  const disk = new Disk('os', () => now);
  disk.note(150);
  t.false(disk.isOffLoop);
  disk.note(10);
  t.true(disk.isOffLoop, 'ten milliseconds are long');
  now += 14_999;
  t.true(disk.isOffLoop);
  now += 1;
  t.false(disk.isOffLoop);
});

test('the first stall counts as any other, whatever the clock shows', (t) => {
  const disk = new Disk('os', () => 0);
  t.false(disk.isOffLoop);
  disk.note(150);
  t.false(disk.isOffLoop);
  disk.note(10);
  t.true(disk.isOffLoop);
});

test('short writes never make a disk slow, however many there are', (t) => {
  const disk = new Disk('os', () => 1);
  for (let i = 0; i < 100; i++) disk.note(9.9);
  t.false(disk.isOffLoop);
  t.is(disk.writes.count, 100);
  t.is(Math.round(disk.writes.seconds * 1000), 990);
});

test('of stalls half is forgotten after five seconds, and never more than there was', (t) => {
  for (const [pause, then, isSlow] of [
    [5_000, 75, false],
    [5_000, 76, true],
    [10_000, 150, false],
    [60_000, 150, false],
    [60_000, 151, true],
  ] as const) {
    let now = 1_000_000;
    const disk = new Disk('os', () => now);
    disk.note(150);
    now += pause;
    disk.note(then);
    t.is(disk.isOffLoop, isSlow, `${pause} ms, then ${then}`);
  }
});

test('the longest write is known, in seconds', (t) => {
  const disk = new Disk('os', () => 1);
  for (const ms of [2, 5, 3]) disk.note(ms);
  t.deepEqual({ ...disk.writes, seconds: 0 }, { count: 3, seconds: 0, longestSeconds: 0.005 });
  disk.note(5.004);
  t.is(disk.writes.longestSeconds, 0.005_004);
});

test('what must be on the disk is never written on the loop', (t) => {
  t.true(new Disk('sync').isOffLoop);
  t.false(new Disk().isOffLoop);
});

test('two files are read through at a time, others in their turn, also after one that failed', async (t) => {
  const disk = new Disk();
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const read = (id: number) =>
    disk.inTurn(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(id);
          ends[id] = (error) => (error ? reject(error) : resolve(id));
        }),
    );
  const all = [0, 1, 2, 3].map(read);
  t.deepEqual(begun, [0, 1]);
  ends[1]!(new Error('gone'));
  await t.throwsAsync(all[1]!, { message: 'gone' });
  while (begun.length < 3) await Promise.resolve();
  t.deepEqual(begun, [0, 1, 2]);
  ends[0]!();
  t.is(await all[0], 0);
  while (begun.length < 4) await Promise.resolve();
  for (const id of [2, 3]) ends[id]!();
  t.deepEqual(await Promise.all([all[2], all[3]]), [2, 3]);
  const later = read(4);
  t.deepEqual(begun, [0, 1, 2, 3, 4], 'nobody is in the way any more');
  ends[4]!();
  await later;
});

test('each problem is named once, as long as somebody has it', (t) => {
  const disk = new Disk();
  const [a, b] = [{}, {}];
  disk.noteProblem(a, 'full');
  disk.noteProblem(b, 'full');
  t.deepEqual(disk.problems, ['full']);
  disk.noteProblem(a, 'read-only');
  t.deepEqual(disk.problems, ['read-only', 'full']);
  disk.noteProblem(b, undefined);
  t.deepEqual(disk.problems, ['read-only']);
});

test('a retry comes once for each who asks, unless they need none any more', async (t) => {
  const disk = new Disk();
  const called: string[] = [];
  const [first, gone] = [() => called.push('first'), () => called.push('gone')];
  const second = new Promise<void>((resolve) => {
    disk.retryLater(first);
    disk.retryLater(first);
    disk.retryLater(gone);
    disk.forgetRetry(gone);
    disk.retryLater(
      () => {
        called.push('second');
        resolve();
      },
      { isLast: true },
    );
  });
  await second;
  t.deepEqual(called, ['first', 'second']);
  await new Promise<void>((resolve) => disk.retryLater(resolve, { isLast: true }));
  t.deepEqual(called, ['first', 'second'], 'what was tried is not tried again');
});

test('who gives something back is asked at each sweep until nothing is left', (t) => {
  const disk = new Disk();
  let left = 3;
  let asked = 0;
  disk.sweepLater({
    sweep: () => {
      asked++;
      return --left > 0;
    },
  });
  for (let i = 0; i < 6; i++) disk.sweep();
  t.is(asked, 3);
  t.is(disk.tick, 6);
});

/** Which timers of the process begin and end during this. */
function timersOf(run: () => void): string[] {
  const { setInterval: begin, clearInterval: end } = globalThis;
  const seen: string[] = [];
  globalThis.setInterval = ((...args: Parameters<typeof begin>) => {
    seen.push(`begins, every ${args[1]} ms`);
    return begin(...args);
  }) as typeof begin;
  globalThis.clearInterval = ((timer: NodeJS.Timeout) => {
    seen.push('ends');
    end(timer);
  }) as typeof end;
  try {
    run();
  } finally {
    Object.assign(globalThis, { setInterval: begin, clearInterval: end });
  }
  return seen;
}

test('sweeps begin with the first file that is opened or watched, and end with the last', (t) => {
  const begins = 'begins, every 1000 ms';
  const disk = new Disk();
  const [first, second] = [new NotedFile(disk), new NotedFile(disk)];
  t.deepEqual(
    timersOf(() => {
      disk.opened(first);
      disk.opened(second);
      disk.sweep();
      disk.closed(first);
      disk.sweep();
    }),
    [begins],
  );
  t.deepEqual(
    timersOf(() => {
      disk.watch(first);
      disk.closed(second);
      disk.sweep();
    }),
    [],
  );
  t.deepEqual(
    timersOf(() => {
      let asked = 0;
      disk.sweepLater({ sweep: () => ++asked < 3 });
      disk.unwatch(first);
      for (let i = 0; i < 2; i++) disk.sweep();
    }),
    [],
  );
  t.deepEqual(
    timersOf(() => disk.sweep()),
    ['ends'],
  );
  const watching = timersOf(() => {
    disk.watch(first);
    disk.unwatch(first);
    disk.sweep();
  });
  t.deepEqual(watching, [begins, 'ends']);
});

test('the process stays for a retry only when the server stops', (t) => {
  const { setTimeout: begin } = globalThis;
  const disk = new Disk();
  let timer: NodeJS.Timeout | undefined;
  globalThis.setTimeout = ((...args: Parameters<typeof begin>) => {
    timer = begin(...args);
    return timer;
  }) as typeof begin;
  const nothing = () => {};
  try {
    disk.retryLater(nothing);
    t.false(timer?.hasRef());
    disk.retryLater(nothing, { isLast: true });
    t.true(timer?.hasRef());
  } finally {
    globalThis.setTimeout = begin;
    clearTimeout(timer);
  }
});

test('sweeps come by themselves, and again after there was nothing to do', async (t) => {
  const disk = new Disk();
  // a sweep alone keeps no process
  const stay = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(stay));
  for (const round of [1, 2]) {
    await new Promise<void>((resolve) =>
      disk.sweepLater({
        sweep: () => {
          resolve();
          return false;
        },
      }),
    );
    t.is(disk.tick, round);
  }
});

test('a file that was not used for more than five sweeps is closed, unless its content could not be opened again', (t) => {
  const disk = new Disk();
  const [idle, used, pinned] = [new NotedFile(disk), new NotedFile(disk), new NotedFile(disk)];
  pinned.isPinned = true;
  for (const file of [idle, used, pinned]) disk.opened(file);
  t.is(disk.openCount, 3);
  for (let i = 0; i < 5; i++) disk.sweep();
  t.is(disk.openCount, 3);
  used.usedAt = disk.tick;
  disk.sweep();
  t.is(disk.openCount, 2);
  t.true(idle.done.includes('closed'));
  t.false(used.done.includes('closed'));
  t.false(pinned.done.includes('closed'));
});

test('of eight files one is looked at in each sweep, each in every eighth', (t) => {
  const disk = new Disk();
  const files = Array.from({ length: 8 }, () => new NotedFile(disk));
  for (const file of files) disk.opened(file);
  for (let i = 0; i < 16; i++) {
    for (const file of files) file.usedAt = disk.tick;
    disk.sweep();
  }
  const ticks = files.map(({ done }) => done.map((each) => Number(each.slice('checked '.length))));
  for (const [first, second, ...more] of ticks) {
    t.is(second! - first!, 8);
    t.deepEqual(more, []);
  }
  t.is(new Set(ticks.map(([first]) => first)).size, 8);
});

test('a watched file is looked at once in eight sweeps, open or closed, until it is not watched any more', (t) => {
  const disk = new Disk();
  const [open, closed] = [new NotedFile(disk), new NotedFile(disk)];
  disk.opened(new NotedFile(disk));
  disk.opened(open);
  disk.watch(closed);
  const turns = [open.checkTurn, closed.checkTurn];
  t.not(turns[0], turns[1]);
  for (const file of [open, closed]) disk.watch(file);
  t.deepEqual([open.checkTurn, closed.checkTurn], turns, 'nobody gets a turn twice');
  const sweeps = (count: number) => {
    for (let i = 0; i < count; i++) {
      open.usedAt = disk.tick;
      disk.sweep();
    }
  };
  sweeps(8);
  t.is(open.done.length, 1);
  t.is(closed.done.length, 1);
  disk.opened(closed);
  t.deepEqual([open.checkTurn, closed.checkTurn], turns);
  disk.closed(closed);
  disk.unwatch(closed);
  sweeps(8);
  t.is(open.done.length, 2);
  t.is(closed.done.length, 1);
});

test('room for a file is made by closing the one that was used longest ago, at once', (t) => {
  const disk = new Disk();
  t.false(disk.closeOldest());
  const files = [3, 1, 2, 0, 0].map((usedAt) => Object.assign(new NotedFile(disk), { usedAt }));
  const [newest, oldest, middle, pinned, busy] = files as [
    NotedFile,
    NotedFile,
    NotedFile,
    NotedFile,
    NotedFile,
  ];
  pinned.isPinned = true;
  Object.defineProperty(busy, 'isBusy', { value: true });
  for (const file of files) disk.opened(file);
  for (const file of [oldest, middle, newest]) {
    t.true(disk.closeOldest());
    t.deepEqual(file.done, ['closed now']);
  }
  t.false(disk.closeOldest(), 'who is in use stays');
  t.is(disk.openCount, 2);
});

test('1024 files are open at most', (t) => {
  const disk = new Disk();
  const files = Array.from({ length: 1024 }, () => new NotedFile(disk));
  for (const file of files) disk.opened(file);
  t.is(disk.openCount, 1024);
  disk.opened(new NotedFile(disk));
  t.is(disk.openCount, 1024);
  t.deepEqual(files[0]!.done, ['closed now']);
});

// Work that waits is bounded, and taken from everybody in turn.
import test from 'ava';
import { FairQueue, ownWork } from '../../../../src/lib/core/session/fair-queue.js';

const limits = { waitingAtMost: 8, waitingPerSource: 3 };

/** Adds `count` entries named after the address; how many were taken. */
function fill(queue: FairQueue<string>, address: string, count: number): number {
  let taken = 0;
  for (let i = 0; i < count; i++) if (queue.add(address, `${address} ${i}`)) taken++;
  return taken;
}

test('sources take turns', (t) => {
  const queue = new FairQueue<string>(limits);
  fill(queue, '192.0.2.1', 3);
  fill(queue, '192.0.2.2', 1);
  fill(queue, '192.0.2.3', 2);
  t.deepEqual(queue.clear(), [
    '192.0.2.1 0',
    '192.0.2.2 0',
    '192.0.2.3 0',
    '192.0.2.1 1',
    '192.0.2.3 1',
    '192.0.2.1 2',
  ]);
  t.is(queue.size, 0);
  t.is(queue.take(), undefined);
});

test('each source has a share, and all together have a limit', (t) => {
  const queue = new FairQueue<string>(limits);
  t.is(fill(queue, '192.0.2.1', 5), 3);
  t.is(fill(queue, '192.0.2.2', 5), 3);
  t.is(fill(queue, '192.0.2.3', 5), 2);
  t.false(queue.mayAdd('192.0.2.4'));
  queue.take();
  t.true(queue.mayAdd('192.0.2.4'));
});

test('addresses of one IPv6 network are one source, IPv4 in either form too', (t) => {
  const queue = new FairQueue<string>(limits);
  t.is(fill(queue, '2001:db8::1', 2), 2);
  t.is(fill(queue, '2001:db8::ffff:1', 2), 1);
  t.is(fill(queue, '2001:db8:0:1::1', 1), 1);
  t.is(fill(queue, '192.0.2.1', 2), 2);
  t.is(fill(queue, '::ffff:192.0.2.1', 2), 1);
});

test('a proxy on this machine may bring more, but not everything', (t) => {
  const queue = new FairQueue<string>(limits);
  t.is(fill(queue, '127.0.0.1', 5) + fill(queue, '::1', 5), 6);
  t.is(fill(queue, '192.0.2.1', 5), 2);
});

test('the work of the server itself comes first and is never refused', (t) => {
  const queue = new FairQueue<string>(limits);
  fill(queue, '127.0.0.1', 6);
  fill(queue, '192.0.2.1', 3);
  t.is(fill(queue, ownWork, 20), 20);
  t.is(queue.take(), `${ownWork} 0`);
});

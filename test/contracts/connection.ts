// What every Connection must do, run against each transport: a real connection, and the other side as bytes in TCP framing.
import { Buffer } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import type { ExecutionContext, TestFn } from 'ava';
import type { Connection, ConnectionUser } from '../../src/lib/core/peer/needs.js';
import { until } from '../helpers/until.js';

/** The other side. */
export interface Peer {
  write(frames: Buffer): void;
  /** Everything that came so far, in TCP framing. */
  received(): Buffer;
  pause(): void;
  resume(): void;
  end(): void;
  /** Goes away without a word. */
  drop(): void;
  isClosed(): boolean;
}

/** What a connection has told its user, in order. */
export class Heard implements ConnectionUser {
  readonly bytes: Buffer[] = [];
  readonly calls: string[] = [];
  onDrained: () => void = () => {};

  received(bytes: Buffer, start: number, end: number): void {
    this.bytes.push(Buffer.from(bytes.subarray(start, end)));
    this.calls.push('received');
  }

  drained(): void {
    this.calls.push('drained');
    this.onDrained();
  }

  overflowed(): void {
    this.calls.push('overflowed');
  }

  closed(problem?: string): void {
    this.calls.push(problem === undefined ? 'closed' : `closed: ${problem}`);
  }

  get all(): Buffer {
    return Buffer.concat(this.bytes);
  }

  count(call: string): number {
    return this.calls.filter((other) => other.startsWith(call)).length;
  }
}

export interface ConnectionUnderTest {
  connection: Connection;
  user: Heard;
  peer: Peer;
}

export interface ConnectionKind {
  name: Connection['transport'];
  /** A connection from 127.0.0.1, ready to talk. */
  open(t: ExecutionContext): Promise<ConnectionUnderTest>;
}

/** A frame whose payload repeats its number. */
function frame(number: number, payloadBytes = 100): Buffer {
  const bytes = Buffer.alloc(4 + payloadBytes, number & 0xff);
  bytes.writeUInt16BE(payloadBytes, 0);
  bytes[2] = 150;
  bytes[3] = 1;
  return bytes;
}

const frames = (count: number, payloadBytes?: number) =>
  Array.from({ length: count }, (_, number) => frame(number, payloadBytes));

export function testConnection(test: TestFn, { name, open }: ConnectionKind): void {
  const each = (title: string, run: (t: ExecutionContext, under: ConnectionUnderTest) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => run(t, await open(t)));
  const arrived = (peer: Peer, bytes: Buffer) =>
    until('all bytes arrive', () => peer.received().length >= bytes.length);

  each('it says where it comes from and by which way', async (t, { connection }) => {
    t.is(connection.ip, '127.0.0.1');
    t.is(connection.transport, name);
    t.false(connection.isBrowser);
  });

  each('what is sent arrives whole and in order, and is counted', async (t, { connection, peer }) => {
    const before = connection.sentBytes;
    const all = Buffer.concat(frames(200));
    for (const each of frames(200)) connection.send(each);
    await arrived(peer, all);
    t.true(peer.received().equals(all));
    t.true(connection.sentBytes > before);
    await until('nothing waits', () => connection.unsentBytes === 0);
  });

  each('several frames at once are several frames', async (t, { connection, peer }) => {
    const all = Buffer.concat([frame(1, 0), frame(2, 1), frame(3, 65_535), frame(4, 2)]);
    connection.send(all);
    await arrived(peer, all);
    t.true(peer.received().equals(all));
  });

  each('what the other side sends comes in TCP framing', async (t, { user, peer }) => {
    const all = Buffer.concat([frame(1, 0), ...frames(100), frame(5, 65_535), frame(6, 3)]);
    peer.write(all);
    await until('all bytes are heard', () => user.all.length >= all.length);
    t.true(user.all.equals(all));
  });

  each('there is room when nothing waits, and that is told', async (t, { connection, user }) => {
    t.true(connection.hasRoom);
    const drained = user.count('drained');
    connection.send(frame(1));
    t.false(connection.hasRoom);
    await until('it has room again', () => user.count('drained') > drained);
    t.true(connection.hasRoom);
  });

  each('what is to be sent first overtakes what is queued', async (t, { connection, peer }) => {
    connection.send(frame(1));
    connection.sendFirst(frame(2));
    const all = Buffer.concat([frame(2), frame(1)]);
    await arrived(peer, all);
    t.true(peer.received().equals(all));
  });

  each(
    'what is held waits for as many releases; what is sent first does not',
    async (t, { connection, peer }) => {
      connection.hold();
      connection.hold();
      connection.send(frame(1));
      t.false(connection.hasRoom);
      connection.sendFirst(frame(2));
      await arrived(peer, frame(2));
      connection.release();
      connection.sendFirst(frame(3));
      await arrived(peer, Buffer.concat([frame(2), frame(3)]));
      t.true(peer.received().equals(Buffer.concat([frame(2), frame(3)])));
      t.false(connection.hasRoom);
      connection.release();
      const all = Buffer.concat([frame(2), frame(3), frame(1)]);
      await arrived(peer, all);
      t.true(peer.received().equals(all));
    },
  );

  each('the end waits for a release too', async (t, { connection, user, peer }) => {
    connection.hold();
    connection.send(frame(1));
    connection.sendFirst(frame(2));
    connection.end();
    await arrived(peer, frame(2));
    t.false(peer.isClosed());
    connection.release();
    await until('it is closed', () => user.count('closed') > 0 && peer.isClosed());
    t.true(peer.received().equals(Buffer.concat([frame(2), frame(1)])));
  });

  each('flushed, it is under way before the turn ends', async (t, { connection, peer }) => {
    const before = connection.sentBytes;
    connection.send(frame(1));
    t.is(connection.sentBytes, before);
    connection.flush();
    t.true(connection.sentBytes > before);
    await arrived(peer, frame(1));
    t.true(peer.received().equals(frame(1)));
  });

  each(
    'history of any length arrives, as fast as the other side reads',
    async (t, { connection, user, peer }) => {
      const slices = Array.from({ length: 64 }, (_, number) =>
        Buffer.concat(frames(64, 4000).map(() => frame(number, 4000))),
      );
      const all = Buffer.concat(slices);
      const pump = () => {
        while (connection.hasRoom && slices.length > 0) connection.sendHistory(slices.shift()!);
      };
      user.onDrained = pump;
      peer.pause();
      pump();
      t.false(connection.hasRoom, 'the system does not take everything');
      t.true(slices.length > 0);
      peer.resume();
      await arrived(peer, all);
      t.true(peer.received().equals(all));
      t.is(user.count('overflowed'), 0);
    },
  );

  each('what a client does not read is too much at some point', async (t, { connection, user, peer }) => {
    peer.pause();
    for (let mebibytes = 0; mebibytes < 40 && user.count('overflowed') === 0; mebibytes += 1) {
      for (const each of frames(16, 65_000)) connection.send(each);
      connection.flush();
    }
    t.true(user.count('overflowed') > 0);
    connection.abort();
    peer.resume();
    await until('it is closed', () => user.count('closed') === 1);
  });

  each(
    'after the end what was queued has arrived, and nothing is sent any more',
    async (t, { connection, user, peer }) => {
      const all = Buffer.concat(frames(50, 10_000));
      for (const each of frames(50, 10_000)) connection.send(each);
      connection.end();
      connection.send(frame(99));
      t.false(connection.hasRoom);
      await until('both sides are closed', () => peer.isClosed() && user.count('closed') > 0);
      t.true(peer.received().equals(all));
      t.deepEqual(
        user.calls.filter((call) => call.startsWith('closed')),
        ['closed'],
      );
    },
  );

  each('aborted, it is gone at once and nobody is called any more', async (t, { connection, user, peer }) => {
    connection.send(frame(1));
    connection.abort();
    connection.send(frame(2));
    t.false(connection.hasRoom);
    await until('both sides are closed', () => peer.isClosed() && user.count('closed') > 0);
    const { length } = user.calls;
    connection.flush();
    connection.end();
    connection.abort();
    await new Promise((resolve) => setImmediate(resolve));
    t.is(user.calls.length, length);
    t.is(user.count('closed'), 1);
  });

  each(
    'the other side may end, or go away without a word: that is told once',
    async (t, { connection, user, peer }) => {
      peer.write(frame(7));
      await until('it is heard', () => user.all.length > 0);
      peer.drop();
      await until('it is closed', () => user.count('closed') > 0);
      connection.send(frame(1));
      connection.flush();
      await new Promise((resolve) => setImmediate(resolve));
      t.is(user.count('closed'), 1);
      t.false(connection.hasRoom);
    },
  );

  each('the other side may end while it is sent to', async (t, { connection, user, peer }) => {
    const ends = () => user.calls.filter((call) => call.startsWith('closed'));
    peer.end();
    while (ends().length === 0) {
      connection.send(frame(1));
      connection.flush();
      await turn();
    }
    t.deepEqual(ends(), ['closed'], 'no mishap');
  });

  each('the other side may end', async (t, { user, peer }) => {
    peer.end();
    await until('it is closed', () => user.count('closed') > 0);
    t.deepEqual(
      user.calls.filter((call) => call.startsWith('closed')),
      ['closed'],
    );
  });
}

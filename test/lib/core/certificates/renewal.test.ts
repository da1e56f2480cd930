// The states of a certificate that renews itself: schedule, failures, what the authority asks for, clocks that jump.
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { type CertificateFailure, failure } from '../../../../src/lib/core/certificates/failures.js';
import type { KeyPair, Order, RenewalWindow } from '../../../../src/lib/core/certificates/needs.js';
import { noProgress, type Progress } from '../../../../src/lib/core/certificates/progress.js';
import { Renewal, type RenewalOptions } from '../../../../src/lib/core/certificates/renewal.js';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const directory = 'https://authority.example/directory';
const names = ['draw.example.org'];
const down = () => failure('acme-directory-down', { directory, reason: 'Connection refused' });
const closed = () => failure('acme-port-closed', { name: names[0]!, port: 80, reason: 'timeout' });
const limited = (retryAfterMs: number) =>
  failure('acme-rate-limit', { reason: 'too many certificates' }, { retryAfterMs });

/** An authority of which a test says what it does, and a store that keeps everything. */
class Bench {
  readonly clock = new ManualClock();
  readonly orders: (Order & { at: number })[] = [];
  readonly lines: string[] = [];
  readonly issued: KeyPair[] = [];
  stored: KeyPair | undefined;
  progress: Progress | undefined;
  /** The answer to the next order; undefined: issued. */
  next: (() => CertificateFailure | undefined) | undefined;
  /** Names in the certificates; undefined: those that were ordered. */
  certified: readonly string[] | undefined;
  window: (() => RenewalWindow | undefined) | undefined;
  storeFails: (() => CertificateFailure | undefined) | undefined;
  progressFails: (() => CertificateFailure | undefined) | undefined;
  #count = 0;
  /** Calls of ports so far. */
  #calls = 0;
  renewal: Renewal;

  constructor(
    options: Partial<RenewalOptions> = {},
    start: { pair?: KeyPair; progress?: Progress; clock?: ManualClock } = {},
  ) {
    if (start.clock) this.clock = start.clock;
    this.renewal = new Renewal(
      {
        names,
        directory,
        challenges: ['http-01', 'tls-alpn-01'],
        rotatesKey: false,
        clock: this.clock,
        // the middle of every range
        random: { bytes: (count) => new Uint8Array(count).fill(0).with(0, 128) },
        authority: {
          order: async (order) => {
            this.#calls++;
            this.orders.push({ ...order, at: this.clock.now() });
            const failed = this.next?.();
            if (failed) throw failed;
            return this.pair({ key: order.key, names: this.certified ?? order.names });
          },
          renewalWindow: async () => {
            this.#calls++;
            return this.window?.();
          },
          stop: () => undefined,
        },
        store: {
          savePair: async (pair) => {
            this.#calls++;
            const failed = this.storeFails?.();
            if (failed) throw failed;
            this.stored = pair;
          },
          saveProgress: async (progress) => {
            this.#calls++;
            const failed = this.progressFails?.();
            if (failed) throw failed;
            this.progress = progress;
          },
        },
        writeLog: (level, text) => this.lines.push(`${level}: ${text}`),
        onIssued: (pair) => this.issued.push(pair),
        ...options,
      },
      { pair: start.pair ?? this.pair({ isSelfSigned: true }), progress: start.progress },
    );
  }

  pair(more: { key?: string | undefined; isSelfSigned?: boolean; names?: readonly string[] } = {}): KeyPair {
    const validFrom = this.clock.now();
    const number = ++this.#count;
    return {
      key: more.key ?? `key ${number}`,
      chain: `chain ${number}`,
      facts: {
        names: more.names ?? names,
        issuer: 'CN=Authority',
        validFrom,
        validUntil: validFrom + 90 * day,
        sha256: String(number),
        isSelfSigned: more.isSelfSigned ?? false,
      },
    };
  }

  /** Lets what was begun come to its end. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 8; turns++) await turn();
    await this.renewal.whenIdle();
    await turn();
  }

  /** Moves the clock on, step by step, so that what falls due is done at its time. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms;
    while (this.clock.monotonic() < end) {
      const due = (this.clock.nextDue ?? Number.POSITIVE_INFINITY) - this.clock.now();
      const before = this.#calls;
      this.clock.advance(Math.min(Math.max(due, 1), end - this.clock.monotonic()));
      if (this.#calls !== before) await this.settle();
    }
  }
}

test('a certificate is ordered at once, and renewed at two thirds of its life with the same key', async (t) => {
  const bench = new Bench();
  const begin = bench.clock.now();
  bench.renewal.start();
  await bench.settle();
  t.is(bench.orders.length, 1);
  t.is(bench.orders[0]!.key, 'key 1');
  t.deepEqual(bench.renewal.state, { kind: 'waiting', renewAt: begin + 60 * day, window: undefined });
  await bench.pass(59 * day);
  t.is(bench.orders.length, 1);
  await bench.pass(day + minute);
  t.is(bench.orders.length, 2);
  t.is(bench.orders[1]!.key, 'key 1');
  t.is(bench.orders[1]!.replaces, 'chain 2');
  t.is(bench.renewal.pair.key, 'key 1');
  t.deepEqual(
    bench.issued.map(({ chain }) => chain),
    ['chain 2', 'chain 3'],
  );
});

test('with rotation a renewal makes a new key, but the first certificate keeps that of the self-signed one', async (t) => {
  const bench = new Bench({ rotatesKey: true });
  bench.renewal.start();
  await bench.settle();
  t.is(bench.orders[0]!.key, 'key 1');
  await bench.pass(61 * day);
  t.is(bench.orders[1]!.key, undefined);
});

test('the moment of a renewal is spread, never before half of the life nor in its last quarter', async (t) => {
  for (const byte of [0, 255]) {
    const bench = new Bench({ random: { bytes: (count) => new Uint8Array(count).fill(byte) } });
    const begin = bench.clock.now();
    bench.renewal.start();
    await bench.settle();
    const { state } = bench.renewal;
    t.is(state.kind, 'waiting');
    const days = state.kind === 'waiting' ? (state.renewAt - begin) / day : 0;
    t.true(byte === 0 ? days >= 58 && days < 60 : days > 60 && days <= 62, String(days));
  }
});

test('an authority that is down for a day is asked ever less often, and the certificate comes when it is back', async (t) => {
  const bench = new Bench();
  let isDown = true;
  bench.next = () => (isDown ? down() : undefined);
  bench.renewal.start();
  await bench.settle();
  t.is(bench.renewal.state.kind, 'failed');
  t.regex(
    bench.lines.at(-1)!,
    /^error: No new certificate: .*does not answer: Connection refused \(.+\)\. The next try is in 1 min\.$/,
  );
  await bench.pass(day);
  const gaps = bench.orders.slice(1).map(({ at }, index) => at - bench.orders[index]!.at);
  t.deepEqual(
    gaps.slice(0, 8),
    [1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * minute),
  );
  t.true(bench.orders.length < 35, String(bench.orders.length));
  isDown = false;
  await bench.pass(hour);
  t.is(bench.renewal.state.kind, 'waiting');
  t.is(bench.renewal.progress.attempts, 0);
  t.deepEqual(bench.renewal.progress.failures, []);
});

test('the other check is tried at once when a port is closed, and the one that worked comes first from then on', async (t) => {
  const bench = new Bench();
  bench.next = () => (bench.orders.at(-1)!.challenge === 'http-01' ? closed() : undefined);
  bench.renewal.start();
  await bench.settle();
  t.deepEqual(
    bench.orders.map(({ challenge }) => challenge),
    ['http-01', 'tls-alpn-01'],
  );
  t.is(bench.renewal.state.kind, 'waiting');
  await bench.pass(61 * day);
  t.is(bench.orders[2]!.challenge, 'tls-alpn-01');
  t.is(bench.orders.length, 3);
});

test('an authority that forbids the name is not asked again for the other check', async (t) => {
  const bench = new Bench();
  bench.next = () => failure('acme-caa', { name: names[0]!, reason: 'CAA record' });
  bench.renewal.start();
  await bench.settle();
  t.is(bench.orders.length, 1);
});

test('two closed ports are fewer than five failed checks in any hour', async (t) => {
  const bench = new Bench();
  bench.next = closed;
  bench.renewal.start();
  await bench.settle();
  await bench.pass(day);
  for (const { at } of bench.orders) {
    const inHour = bench.orders.filter((other) => other.at >= at && other.at < at + hour).length;
    t.true(inHour <= 5, `${inHour} after ${(at - bench.orders[0]!.at) / minute} min`);
  }
});

test('what an authority asks for with Retry-After is respected, also by dp cert renew', async (t) => {
  const bench = new Bench();
  bench.next = () => limited(7 * hour);
  bench.renewal.start();
  await bench.settle();
  const error = t.throws(() => bench.renewal.renewNow(), { instanceOf: Refusal });
  t.is(error?.code, 'certificate-renewal-too-early');
  t.regex(error?.message ?? '', /does not accept a new order before 2026-01-01 07:/);
  bench.next = undefined;
  await bench.pass(7 * hour - minute);
  t.is(bench.orders.length, 1);
  await bench.pass(hour);
  t.is(bench.orders.length, 2);
  t.is(bench.renewal.state.kind, 'waiting');
});

test('a limit without Retry-After waits an hour at first', async (t) => {
  const bench = new Bench();
  bench.next = () => failure('acme-rate-limit', { reason: 'too many' });
  bench.renewal.start();
  await bench.settle();
  await bench.pass(50 * minute);
  t.is(bench.orders.length, 1);
  await bench.pass(20 * minute);
  t.is(bench.orders.length, 2);
});

test('a server that starts again goes on waiting; what costs the authority nothing is tried at once', async (t) => {
  const bench = new Bench();
  bench.next = closed;
  bench.renewal.start();
  await bench.settle();
  bench.renewal.stop();
  const later = new Bench({}, { progress: bench.progress!, pair: bench.renewal.pair, clock: bench.clock });
  later.renewal.start();
  await later.settle();
  t.is(later.orders.length, 0);
  t.regex(
    later.lines[0]!,
    /cannot reach port 80 .+ The next one is in (20|1\d) min.*at once: dp cert renew$/,
  );
  await later.pass(25 * minute);
  t.is(later.orders.length, 1);
  later.renewal.stop();

  const terms = failure('acme-terms', { terms: 'https://authority.example/terms' });
  const { code, message, hint } = terms.shown;
  const progress = {
    ...noProgress,
    directory,
    attempts: 3,
    failures: [{ code: code as 'acme-terms', message, hint }],
    failedAt: bench.clock.now(),
    retryAt: bench.clock.now() + day,
  };
  const accepted = new Bench({}, { progress });
  accepted.renewal.start();
  await accepted.settle();
  t.is(accepted.orders.length, 1);
});

test('a server that dies in the middle of an order does not order again at once', async (t) => {
  const bench = new Bench();
  bench.next = undefined;
  let kept: Progress | undefined;
  bench.next = () => {
    kept = bench.progress;
    return undefined;
  };
  bench.renewal.start();
  await bench.settle();
  t.is(kept?.attempts, 1);
  const again = new Bench({}, { progress: kept! });
  again.renewal.start();
  await again.settle();
  t.is(again.orders.length, 0);
  await again.pass(2 * minute);
  t.is(again.orders.length, 1);
});

test('a certificate that cannot be stored is neither used nor ordered again, and stored when there is room', async (t) => {
  const bench = new Bench();
  let isFull = true;
  bench.storeFails = () =>
    isFull ? failure('acme-disk', { folder: '/data/acme', reason: 'the disk is full' }) : undefined;
  bench.renewal.start();
  await bench.settle();
  t.is(bench.renewal.state.kind, 'storing');
  t.deepEqual(bench.issued, []);
  t.regex(
    bench.lines.at(-1)!,
    /^error: A new certificate is not in use yet: cannot store the certificate in \/data\/acme: the disk is full \(make room/,
  );
  await bench.pass(3 * hour);
  t.is(bench.orders.length, 1);
  isFull = false;
  await bench.pass(2 * hour);
  t.is(bench.renewal.state.kind, 'waiting');
  t.is(bench.issued.length, 1);
  t.is(bench.orders.length, 1);
});

test('with a full disk the authority does not hear of an order', async (t) => {
  const bench = new Bench();
  bench.progressFails = () => failure('acme-disk', { folder: '/data/acme', reason: 'the disk is full' });
  bench.renewal.start();
  await bench.settle();
  t.is(bench.orders.length, 0);
  t.is(bench.renewal.state.kind, 'failed');
});

test('other names, or another authority, are ordered at once; the old certificate serves meanwhile', async (t) => {
  for (const change of [
    { names: [...names, 'www.example.org'] },
    { directory: 'https://other.example/dir' },
  ]) {
    const first = new Bench();
    first.renewal.start();
    await first.settle();
    const later = new Bench(change, {
      pair: first.renewal.pair,
      progress: first.progress!,
      clock: first.clock,
    });
    later.renewal.start();
    t.is(later.renewal.pair, first.renewal.pair);
    await later.settle();
    t.is(later.orders.length, 1);
    t.is(later.orders[0]!.replaces, undefined);
    t.is(later.orders[0]!.key, 'key 1');
    first.renewal.stop();
    later.renewal.stop();
  }
});

test('a certificate for other names than those ordered is not used, and not ordered in a row', async (t) => {
  for (const certified of [[], ['other.example.org']]) {
    const bench = new Bench();
    bench.certified = certified;
    bench.renewal.start();
    await bench.settle();
    await bench.pass(5 * hour);
    t.true(bench.orders.length <= 3, String(bench.orders.length));
    t.deepEqual(bench.issued, []);
    t.regex(bench.lines.at(-1)!, /it issued a certificate for (no name|other\.example\.org)/);
    bench.renewal.stop();
  }
});

test('a certificate whose notes are lost is used and not ordered anew', async (t) => {
  const first = new Bench();
  first.renewal.start();
  await first.settle();
  const later = new Bench({}, { pair: first.renewal.pair, clock: first.clock });
  later.renewal.start();
  await later.settle();
  t.is(later.orders.length, 0);
  t.is(later.renewal.state.kind, 'waiting');
});

test('the authority says when to renew, and is asked again', async (t) => {
  const bench = new Bench();
  bench.renewal.start();
  await bench.settle();
  const now = bench.clock.now();
  bench.window = () => ({
    start: now + 10 * day,
    end: now + 12 * day,
    explanation: 'https://authority.example/incident',
    askAgainMs: 6 * hour,
  });
  await bench.pass(day + minute);
  t.is(bench.renewal.state.kind === 'waiting' && bench.renewal.state.renewAt, now + 11 * day);
  t.true(bench.lines.some((line) => /asks for a renewal about 2026-01-12 .*incident$/.test(line)));
  const { length } = bench.lines;
  await bench.pass(day);
  t.is(bench.lines.length, length, 'an unchanged window is not told again');
  // an incident: now
  bench.window = () => ({ start: now, end: now + day, explanation: undefined, askAgainMs: 6 * hour });
  await bench.pass(7 * hour);
  t.is(bench.orders.length, 2);
  // and again and again: at most one a day
  await bench.pass(3 * day);
  t.true(bench.orders.length > 3 && bench.orders.length <= 5, String(bench.orders.length));
});

test('a clock that somebody sets right or wrong moves a renewal, and no retry', async (t) => {
  const bench = new Bench();
  bench.next = down;
  bench.renewal.start();
  await bench.settle();
  // a year back: waits are not measured by the time of day
  bench.clock.setTimeOfDay(bench.clock.now() - 365 * day);
  await bench.pass(5 * minute);
  t.is(bench.orders.length, 3);
  bench.clock.setTimeOfDay(bench.clock.now() + 365 * day);
  bench.next = undefined;
  await bench.pass(hour);
  t.is(bench.renewal.state.kind, 'waiting');
  const { length } = bench.orders;
  // past the end of its life, noticed within the hour
  bench.clock.setTimeOfDay(bench.clock.now() + 100 * day);
  await bench.pass(hour + minute);
  t.is(bench.orders.length, length + 1);
});

test('what is told is what is tried: an order of an administrator while one is under way is refused', async (t) => {
  const bench = new Bench();
  bench.renewal.start();
  t.is(bench.renewal.state.kind, 'ordering');
  t.is(
    t.throws(() => bench.renewal.renewNow(), { instanceOf: Refusal })?.code,
    'certificate-renewal-running',
  );
  await bench.settle();
  bench.renewal.renewNow({ newKey: true });
  await bench.settle();
  t.is(bench.orders.length, 2);
  t.is(bench.orders[1]!.key, undefined);
});

test('a fault of the program itself is a failure as others, told and tried again', async (t) => {
  const bench = new Bench();
  bench.next = () => {
    throw new TypeError('x is not a function');
  };
  bench.renewal.start();
  await bench.settle();
  t.is(bench.renewal.state.kind, 'failed');
  t.regex(bench.lines.at(-1)!, /internal error: x is not a function/);
});

test('a renewal that was stopped leaves no timer behind', async (t) => {
  const bench = new Bench();
  bench.renewal.start();
  await bench.settle();
  t.true(bench.clock.waiting > 0);
  bench.renewal.stop();
  t.is(bench.clock.waiting, 0);
});

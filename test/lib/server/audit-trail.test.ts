// What a running server does is in its audit trail, in order; who asked is answered when it is stored, and nobody fills the
// database with it.
import test from 'ava';
import type { Change } from '../../../src/lib/core/session/change.js';
import { AuditTrail } from '../../../src/lib/server/audit-trail.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { until } from '../../helpers/until.js';

const bySomebody = (name: string, more: Partial<Change> = {}): Change => ({
  when: 1,
  actor: { kind: 'operator', name: 'host' },
  address: '192.0.2.1',
  what: 'session.set',
  on: { kind: 'session', name },
  ...more,
});
const byAdministrator = (what: string): Change =>
  bySomebody('', { what, actor: { kind: 'administrator', name: '' }, on: { kind: 'server', name: '' } });

function makeTrail(append: (changes: readonly Change[]) => Promise<void> | void) {
  const clock = new ManualClock();
  const lost: [number, unknown][] = [];
  const seen = { stored: 0, counted: 0 };
  const trail = new AuditTrail({
    append,
    clock,
    onLost: (...what) => lost.push(what),
    onStored: (changes) => {
      seen.stored += changes.length;
    },
    onCounted: () => {
      seen.counted++;
    },
  });
  return { clock, lost, trail, seen };
}

test('what is done in one turn is stored by one write, in its order', async (t) => {
  const writes: string[][] = [];
  const { trail } = makeTrail((changes) => void writes.push(changes.map(({ what }) => what)));
  void trail.made(bySomebody('a', { what: 'one' }));
  await Promise.all([trail.made(byAdministrator('two')), trail.made(byAdministrator('three'))]);
  await trail.made(byAdministrator('four'));
  t.deepEqual(writes, [['one', 'two', 'three'], ['four']]);
});

test('an operation is not answered before its entry is stored, and fails when it cannot be', async (t) => {
  let finish: (error?: Error) => void = () => t.fail('nothing is stored');
  const { trail, lost } = makeTrail(
    () =>
      new Promise((resolve, reject) => {
        finish = (error) => (error ? reject(error) : resolve());
      }),
  );
  let isAnswered = false;
  const answer = trail.made(byAdministrator('one'))!.then(() => {
    isAnswered = true;
  });
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.false(isAnswered);
  finish();
  await answer;
  const failing = trail.made(byAdministrator('two'))!;
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const full = new Error('disk full');
  finish(full);
  await t.throwsAsync(failing, { is: full });
  t.deepEqual(lost, [[1, full]]);
});

test('a session goes on when its entries cannot be stored: the loss is reported, nothing is thrown', async (t) => {
  const { trail, lost } = makeTrail(() => Promise.reject(new Error('disk full')));
  void trail.made(bySomebody('a'));
  await until('the loss is reported', () => lost.length === 1);
  t.is(lost[0]![0], 1);
});

test('a flood of changes in one session is counted, others are not held up', async (t) => {
  const stored: Change[] = [];
  const { trail, clock, seen } = makeTrail((changes) => void stored.push(...changes));
  for (let count = 0; count < 5_000; count += 1) trail.made(bySomebody('flooded'));
  trail.made(bySomebody('other'));
  for (let count = 0; count < 500; count += 1) trail.made(byAdministrator('operation'));
  await trail.stop();
  const of = (name: string) => stored.filter(({ on }) => on.name === name);
  t.is(of('flooded').length, 300);
  t.is(of('other').length, 1);
  t.is(of('').length, 500);
  t.deepEqual(seen, { stored: 801, counted: 4_700 });
  clock.advance(60_000);
  trail.made(bySomebody('flooded', { after: { title: 'x' } }));
  await trail.stop();
  t.deepEqual(of('flooded').at(-1)!.after, { title: 'x', changesLeftOut: 4_700 });
});

test('hosting again gives no new share: an address has one for all of its sessions, others keep theirs', async (t) => {
  const stored: Change[] = [];
  const { trail } = makeTrail((changes) => void stored.push(...changes));
  const made = (address: string, session: string) => void trail.made(bySomebody(session, { address }));
  for (let session = 0; session < 20; session++) {
    for (let each = 0; each < 300; each++) made('192.0.2.1', `of-one-${session}`);
    // addresses of one customer
    for (let each = 0; each < 300; each++) made(`2001:db8::${session + 1}`, `of-network-${session}`);
  }
  for (let each = 0; each < 300; each++) made('192.0.2.2', 'of-another');
  for (let each = 0; each < 300; each++) made('', 'of-a-rule');
  await trail.stop();
  const count = (start: string) => stored.filter(({ on }) => on.name.startsWith(start)).length;
  t.deepEqual(['of-one', 'of-network', 'of-another', 'of-a-rule'].map(count), [900, 900, 300, 300]);
});

test('long values are cut', async (t) => {
  const stored: Change[] = [];
  const { trail } = makeTrail((changes) => void stored.push(...changes));
  const after = { list: Array.from({ length: 5_000 }, () => 'x'), title: 'short' };
  trail.made(bySomebody('a', { before: { title: 'y'.repeat(100) }, after }));
  await trail.stop();
  t.true(JSON.stringify(stored[0]).length < 5_000);
  t.is(stored[0]!.after?.title, 'short');
  t.deepEqual(stored[0]!.before, { title: 'y'.repeat(100) });
});

test('a stop waits for what is being stored', async (t) => {
  let isStored = false;
  const { trail } = makeTrail(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isStored = true;
  });
  trail.made(bySomebody('a'));
  await trail.stop();
  t.true(isStored);
});

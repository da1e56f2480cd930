// Invite codes: uses are counted by system id (sessions.md §18).
import test from 'ava';
import { Invites } from '../../../../src/lib/core/session/invites.js';

const random = { bytes: (count: number) => new Uint8Array(count).map(() => Math.floor(Math.random() * 256)) };
const options = { creator: 'alice', maxUses: 1, trust: false, op: false };

test('a second use of a one-use invite is refused, except for who used it first', (t) => {
  const invites = new Invites();
  const invite = invites.create(options, 1_000_000, random)!;
  t.regex(invite.secret, /^[0-9a-hjkmnp-tv-z]{8}$/);
  t.deepEqual(invites.check(invite.secret, 'one'), { invite, isNew: true });
  t.true(invites.use(invite, 'one', 'bob', 0));
  t.is(invites.check(invite.secret, 'two'), 'limitReached');
  t.deepEqual(invites.check(invite.secret, 'one'), { invite, isNew: false });
  t.false(invites.use(invite, 'one', 'bob', 0));
  t.true(invites.use(invite, 'one', 'bobby', 0), 'a changed name is worth remembering');
});

test('without a system id, or with another secret, nobody comes in', (t) => {
  const invites = new Invites();
  invites.create(options, 0, random);
  t.is(invites.check('nonsense', 'one'), 'notFound');
  t.is(invites.check('nonsense', ''), 'noSystemId');
});

test('uses are clamped to 1..50, and 50 invites are enough', (t) => {
  const invites = new Invites();
  t.is(invites.create({ ...options, maxUses: 0 }, 0, random)?.maxUses, 1);
  t.is(invites.create({ ...options, maxUses: 99 }, 0, random)?.maxUses, 50);
  for (let i = 2; i < 50; i++) t.truthy(invites.create(options, i, random));
  t.is(invites.create(options, 0, random), undefined);
  t.is(new Set(invites.all.map((invite) => invite.secret)).size, 50);
});

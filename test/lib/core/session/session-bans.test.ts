// Bans of one session: who they fit, what is left out of them (sessions.md §17).
import test from 'ava';
import {
  type BannablePerson,
  banAddress,
  SessionBans,
} from '../../../../src/lib/core/session/session-bans.js';

const eve: BannablePerson = { username: 'Eve', authId: '', ip: '10.0.0.7', sid: 'e'.repeat(32) };
const alice: BannablePerson = {
  username: 'alice',
  authId: 'internal:1',
  ip: '10.0.0.1',
  sid: 'a'.repeat(32),
};

test('any part of a ban fits', (t) => {
  const bans = new SessionBans();
  t.like(bans.add(eve, alice, 'alice'), { id: 1 });
  const nobody = { username: 'x', authId: '', ip: '10.9.9.9', sid: '' };
  t.truthy(bans.find({ ...nobody, username: 'EVE' }));
  t.truthy(bans.find({ ...nobody, ip: '::ffff:10.0.0.7' }));
  t.truthy(bans.find({ ...nobody, sid: eve.sid }));
  t.is(bans.find(nobody), undefined);
});

test('what the banned one shares with who bans is left out', (t) => {
  const bans = new SessionBans();
  const ban = bans.add({ ...eve, ip: alice.ip, sid: alice.sid }, alice, 'alice');
  t.like(ban, { username: 'Eve', ip: '', sid: '' });
  t.is(bans.add(alice, alice, 'alice'), 'useless', 'nobody bans themselves');
});

test('a ban that another covers is not added again', (t) => {
  const bans = new SessionBans();
  bans.add(eve, alice, 'alice');
  t.is(bans.add({ ...eve, sid: '' }, alice, 'alice'), 'useless');
  t.like(bans.add({ ...eve, ip: '10.0.0.8' }, alice, 'alice'), { id: 2 });
});

test('ids go on from the highest, and lifting one takes it away', (t) => {
  const bans = new SessionBans([{ ...eve, id: 7, bannedBy: 'x' }]);
  t.like(bans.add({ ...eve, username: 'other', ip: '10.2.2.2', sid: '' }, alice, 'alice'), { id: 8 });
  t.is(bans.remove(7)?.username, 'Eve');
  t.is(bans.remove(7), undefined);
});

test('there are 1000 bans at most', (t) => {
  const bans = new SessionBans();
  for (let i = 0; i < 1000; i++)
    t.like(bans.add({ ...eve, username: `u${i}`, ip: '', sid: '' }, alice, 'alice'), { id: i + 1 });
  t.is(bans.add({ ...eve, username: 'last', ip: '', sid: '' }, alice, 'alice'), 'full');
});

test('a text as long as any that could match is kept, a longer one is useless', (t) => {
  const nobody = { username: '', authId: '', ip: '', sid: '' };
  for (const part of ['username', 'authId', 'sid'] as const) {
    const bans = new SessionBans();
    t.like(bans.add({ ...nobody, [part]: 'x'.repeat(255) }, alice, 'alice'), { id: 1 }, part);
    t.is(bans.add({ ...nobody, [part]: 'y'.repeat(256) }, alice, 'alice'), 'useless', part);
  }
  t.is(new SessionBans().add(eve, undefined, 'x'.repeat(256)), 'useless');
});

test('what is removed makes room again, to the byte', (t) => {
  const name = { username: 'x'.repeat(200), authId: '', ip: '', sid: '' };
  let bytes = 10_000;
  const bans = new SessionBans([], () => bytes);
  t.like(bans.add(name, undefined, ''), { id: 1 });
  while (bans.remove(bans.all[0]?.id ?? 0)) {
    bytes--;
    if (bans.add(name, undefined, '') === 'full') break;
  }
  t.true(bytes > 200 && bytes < 400, `${bytes}`);
  bytes++;
  t.like(bans.add(name, undefined, ''), { username: name.username });
  t.is(bans.add({ ...name, username: 'y' }, undefined, ''), 'full');
});

test('bans that would take more than their share are refused as one too many', (t) => {
  const bans = new SessionBans([], () => 600);
  t.like(bans.add({ ...eve, username: 'x'.repeat(200), ip: '', sid: '' }, alice, 'alice'), { id: 1 });
  t.is(bans.add({ ...eve, username: 'y'.repeat(250), ip: '', sid: 'z'.repeat(250) }, alice, 'alice'), 'full');
});

test('addresses are kept as IPv6, loopback not at all', (t) => {
  t.is(banAddress('10.0.0.7'), '::ffff:10.0.0.7');
  t.is(banAddress('::FFFF:10.0.0.7'), '::ffff:10.0.0.7');
  t.is(banAddress('127.0.0.1'), '');
  t.is(banAddress('::1'), '');
  t.is(banAddress('2001:DB8::1'), '2001:db8::1');
});

test('other spellings of an address are the same address', (t) => {
  const facts = { id: 1, username: '', authId: '', sid: '', bannedBy: '' };
  const person = { username: 'x', authId: '', sid: '' };
  for (const [stored, ip, fits] of [
    ['::ffff:a00:7', '10.0.0.7', true],
    ['::FFFF:10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '::ffff:10.0.0.7', true],
    ['2001:DB8:0:0::1', '2001:db8::1', true],
    ['fe80::1%eth0', 'fe80::1', true],
    ['010.0.0.7', '10.0.0.7', false],
    ['nowhere', 'elsewhere', false],
    ['::ffff:7f00:1', '127.0.0.1', false],
  ] as const) {
    t.is(new SessionBans([{ ...facts, ip: stored }]).find({ ...person, ip }) !== undefined, fits, stored);
  }
  const bans = new SessionBans();
  t.like(bans.add({ ...person, username: '', ip: '::ffff:a00:7' }, undefined, ''), { ip: '::ffff:10.0.0.7' });
  t.is(bans.add({ ...person, username: '', ip: '10.0.0.0/8' }, undefined, ''), 'useless');
});

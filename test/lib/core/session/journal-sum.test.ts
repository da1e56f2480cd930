// What a journal comes to: every kind of entry, what takes it back, and that a journal written anew comes to the same.

import test from 'ava';
import { addToSaved, entriesOf } from '../../../../src/lib/core/session/journal-sum.js';
import {
  emptySaved,
  type JournalEntry,
  rememberedAtMost,
  type SavedSession,
} from '../../../../src/lib/core/session/saved.js';

const ban = { id: 1, username: 'pest', authId: '', ip: '::ffff:192.0.2.1', sid: 's1', bannedBy: 'anna' };
const invite = {
  secret: 'abc',
  creator: 'anna',
  at: '2026-01-01T00:00:00Z',
  maxUses: 2,
  trust: true,
  op: false,
};

/** Each with what takes it back, where something does. */
const rows: readonly (readonly [JournalEntry, JournalEntry?])[] = [
  [{ key: 'alias', alias: 'room' }],
  [{ key: 'setting', name: 'founder', value: 'anna' }],
  [{ key: 'setting', name: 'resetThreshold', value: 0 }],
  [
    { key: 'setting', name: 'password', value: 'plain;x' },
    { key: 'setting', name: 'password', value: '' },
  ],
  [
    { key: 'setting', name: 'opword', value: 'plain;y' },
    { key: 'setting', name: 'opword', value: '' },
  ],
  [{ key: 'setting', name: 'maxUserCount', value: 7 }],
  [
    { key: 'setting', name: 'title', value: 'Ink' },
    { key: 'setting', name: 'title', value: '' },
  ],
  [
    { key: 'flags', flags: ['persistent', 'nsfm'] },
    { key: 'flags', flags: [] },
  ],
  [
    { key: 'ban', ban },
    { key: 'unban', id: 1 },
  ],
  [
    { key: 'announce', url: 'https://list.example/' },
    { key: 'unannounce', url: 'https://list.example/' },
  ],
  [{ key: 'user', id: 3, name: 'bob' }],
  [
    { key: 'op', authId: 'a1' },
    { key: 'deop', authId: 'a1' },
  ],
  [
    { key: 'trust', authId: 'a2' },
    { key: 'untrust', authId: 'a2' },
  ],
  [{ key: 'authName', authId: 'a1', name: 'Anna' }],
  [{ key: 'catchup', next: 40 }],
  [
    { key: 'setting', name: 'archive', value: false },
    { key: 'setting', name: 'archive', value: null },
  ],
  [
    { key: 'setting', name: 'overrideSize', value: 5000 },
    { key: 'setting', name: 'overrideSize', value: 0 },
  ],
  [
    { key: 'invite', invite },
    { key: 'uninvite', secret: 'abc' },
  ],
  ...(['operator', 'trusted', 'muted'] as const).map(
    (role) =>
      [
        { key: 'guestRole', role, has: true, who: 's2', name: 'gus' },
        { key: 'guestRole', role, has: false, who: 's2', name: 'gus' },
      ] as const,
  ),
  [{ key: 'start', id: 9 }],
  [{ key: 'first', index: 12, file: 'x.dprec' }],
  [{ key: 'print', file: 'x.dprec', at: 100, sum: 5 }],
  [{ key: 'read', who: 's2', name: 'gus', index: 44 }],
  [{ key: 'read', who: 's3', name: 'eve', index: undefined }],
];

function sumOf(entries: readonly JournalEntry[]): SavedSession {
  const saved = emptySaved('id', 'dp:4.25.1');
  for (const entry of entries) addToSaved(saved, entry);
  return saved;
}

for (const [entry, back] of rows) {
  test(`${JSON.stringify(entry)} makes a difference that a journal written anew keeps`, (t) => {
    const saved = sumOf([entry]);
    t.notDeepEqual(saved, sumOf([]));
    t.deepEqual(sumOf(entriesOf(saved)), saved);
    if (back) t.deepEqual(sumOf([entry, back]), sumOf([]));
  });
}

test('all of it together is kept as well, with the uses of invites', (t) => {
  const uses: JournalEntry[] = [
    { key: 'inviteUse', secret: 'abc', sid: 's2', name: 'gus' },
    { key: 'inviteUse', secret: 'abc', sid: 's2', name: 'gustav' },
    { key: 'inviteUse', secret: 'abc', sid: 's3', name: 'eve' },
    { key: 'inviteUse', secret: 'none', sid: 's4', name: 'nobody' },
  ];
  const saved = sumOf([...rows.map(([entry]) => entry), ...uses]);
  t.deepEqual(
    saved.invites[0]?.uses.map(({ sid, name }) => [sid, name]),
    [
      ['s2', 'gustav'],
      ['s3', 'eve'],
    ],
  );
  t.deepEqual(sumOf(entriesOf(saved)), saved);
});

test('the first alias counts, a ban or invite that comes again takes the place of the one before', (t) => {
  const saved = sumOf([
    { key: 'alias', alias: 'one' },
    { key: 'alias', alias: 'two' },
    { key: 'ban', ban },
    { key: 'ban', ban: { ...ban, username: 'other' } },
    { key: 'invite', invite },
    { key: 'invite', invite: { ...invite, maxUses: 9 } },
    { key: 'announce', url: 'u' },
    { key: 'announce', url: 'u' },
  ]);
  t.is(saved.alias, 'one');
  t.deepEqual(
    saved.bans.map(({ username }) => username),
    ['other'],
  );
  t.deepEqual(
    saved.invites.map(({ maxUses }) => maxUses),
    [9],
  );
  t.deepEqual(saved.announcements, ['u']);
});

test('of too many people the oldest are forgotten; who comes again is new', (t) => {
  const role = (i: number): JournalEntry => ({
    key: 'guestRole',
    role: 'trusted',
    has: true,
    who: `s${i}`,
    name: '',
  });
  const read = (i: number): JournalEntry => ({ key: 'read', who: `s${i}`, name: '', index: i });
  for (const [entry, listed] of [
    [role, (saved: SavedSession) => [...saved.guestRoles.values()]],
    [read, (saved: SavedSession) => [...saved.reads.values()]],
  ] as const) {
    const full = Array.from({ length: rememberedAtMost }, (_, i) => entry(i));
    t.is(listed(sumOf(full)).length, rememberedAtMost);
    const more = listed(sumOf([...full, entry(0), entry(rememberedAtMost)]));
    t.is(more.length, rememberedAtMost);
    t.is(more[0]?.who, 's2');
    t.deepEqual(
      more.slice(-2).map(({ who }) => who),
      ['s0', `s${rememberedAtMost}`],
    );
  }
});

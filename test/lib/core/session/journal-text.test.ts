import { readFileSync } from 'node:fs';
import test from 'ava';
import { Reason } from '../../../../src/lib/core/errors/reason.js';
import { addToSaved, entriesOf } from '../../../../src/lib/core/session/journal-sum.js';
import {
  type JournalLine,
  parseJournalLine,
  unknownFlags,
  writeJournalLine,
} from '../../../../src/lib/core/session/journal-text.js';
import { emptySaved, type SavedSession } from '../../../../src/lib/core/session/saved.js';

const vectors = 'test/vectors/formats';

const written = [
  `${vectors}/v21/store/01m8112ne3k0d1f6kr701npyym.session`,
  `${vectors}/v23/store/01m8117n3gr05sv034sn5seq1e.session`,
  `${vectors}/v23/store/01m811amzzdvjxhsx0m6wy6xs6.session`,
  `${vectors}/v23/store-archived/01m811bm3qasbpjqw2j2jnckxx.session.archived`,
  `${vectors}/v23/template/01m812epahcb0h27wwddkk5nma.session`,
  `${vectors}/v21/template/full.session.archived`,
];

for (const path of written) {
  test(`every line of ${path} is read, and written the same`, (t) => {
    for (const text of readFileSync(path, 'utf8').split('\n')) {
      if (text === '') continue;
      const line = parseJournalLine(text);
      if (line === undefined || line instanceof Reason) return t.fail(`${text}: ${line}`);
      // The list of bans never has a loopback address, whatever the journal says.
      t.is(writeJournalLine(line), text.replace(' 127.0.0.1 ', '  '));
    }
    return undefined;
  });
}

function sum(path: string): { saved: SavedSession; problems: string[] } {
  const saved = emptySaved('id', 'dp:4.25.1');
  const problems: string[] = [];
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    const line = parseJournalLine(text);
    if (line instanceof Reason) problems.push(line.text);
    else if (line && line.key !== 'file') addToSaved(saved, line);
  }
  return { saved, problems };
}

test('the sum of a journal of 2.3', (t) => {
  const { saved, problems } = sum(written[1]!);
  t.deepEqual(problems, []);
  t.is(saved.alias, 'my23');
  t.is(saved.founder, 'alice');
  t.is(saved.title, 'Test title ä');
  t.is(saved.maxUserCount, 10);
  t.is(saved.resetThreshold, 5_242_880);
  t.is(saved.password, '');
  t.true(saved.opword.startsWith('sodium;$argon2id'));
  t.deepEqual(
    [...saved.flags].sort(),
    ['allowWeb', 'deputies', 'idleOverride', 'invites', 'nsfm', 'persistent', 'preserveChat'].sort(),
  );
  t.deepEqual(saved.bans, []);
  t.deepEqual(
    [...saved.userIds],
    [
      ['alice', 1],
      ['bob b%ö', 2],
      ['carol', 3],
    ],
  );
  t.is(saved.catchupKey, 1_000_002);
  t.deepEqual(saved.invites, [
    {
      secret: 'gd3skmyf',
      at: '2026-11-22T07:06:24Z',
      maxUses: 3,
      trust: true,
      op: true,
      creator: 'alice',
      uses: [],
    },
  ]);
});

test('roles, invite uses and moderation of an archived session', (t) => {
  const { saved, problems } = sum(written[3]!);
  t.deepEqual(problems, []);
  t.deepEqual([...saved.ops], ['internal:2']);
  t.deepEqual([...saved.trusted], []);
  t.deepEqual(
    [...saved.authNames],
    [
      ['internal:2', 'hosty'],
      ['internal:1', 'mod'],
    ],
  );
  t.is(saved.archive, null);
  t.is(saved.overrideSize, 0);
  t.deepEqual(saved.invites[0]?.uses, [
    { sid: '1111222233334444555566667777aaaa', name: 'inv ited', at: '' },
  ]);
});

test('a journal with odd lines gives what it can', (t) => {
  const { saved, problems } = sum(`${vectors}/v21/crash/before/01m8112ne3k0d1f6kr701npyym.session`);
  t.deepEqual(problems, ["unknown keyword 'BOGUS'"]);
  t.deepEqual(unknownFlags('FLAGS persistent weird nsfm'), ['weird']);
  t.deepEqual([...saved.flags], ['persistent', 'nsfm']);
  t.is(saved.title, 'spaced   title');
  t.deepEqual(saved.bans, [
    { id: 3, username: 'trollname', ip: '::ffff:10.9.8.7', authId: 'internal:5', bannedBy: 'alice', sid: '' },
  ]);
});

const lines: readonly JournalLine[] = [
  { key: 'setting', name: 'title', value: 'one\ntwo' },
  {
    key: 'ban',
    ban: { id: 7, username: '', authId: '', ip: '', sid: '', bannedBy: '' },
  },
  {
    key: 'ban',
    ban: { id: 8, username: "a b'(%", authId: 'ext:1', ip: '2001:db8::1', sid: 'ab12', bannedBy: 'ö!*' },
  },
  { key: 'flags', flags: [] },
  {
    key: 'flags',
    flags: [
      'persistent',
      'preserveChat',
      'nsfm',
      'deputies',
      'authOnly',
      'idleOverride',
      'allowWeb',
      'autotitle',
      'invites',
      'unlisted',
    ],
  },
  { key: 'setting', name: 'archive', value: false },
  { key: 'setting', name: 'archive', value: null },
  { key: 'setting', name: 'password', value: '' },
  { key: 'inviteUse', secret: 'abc', sid: 'def', name: '' },
  {
    key: 'invite',
    invite: { secret: 's', at: '2026-11-22T07:06:24Z', maxUses: 1, trust: false, op: false, creator: '' },
  },
  { key: 'user', id: 254, name: 'a\u2028b "c"' },
  { key: 'file', name: '01m811bm3qasbpjqw2j2jnckxx_r2 (1).dprec' },
];

test('entries are the same when they were written and read', (t) => {
  for (const line of lines) {
    const text = writeJournalLine(line);
    t.false(text.includes('\n'));
    const expected =
      line.key === 'setting' && line.name === 'title'
        ? { key: 'setting', name: 'title', value: 'one two' }
        : line;
    t.deepEqual(parseJournalLine(text), expected as JournalLine);
  }
  t.is(
    writeJournalLine(lines[4]!),
    'FLAGS persistent preserveChat nsfm deputies authonly idleoverride allowweb autotitle invites unlisted',
  );
  t.is(writeJournalLine(lines[1]!), 'BAN 7     ');
});

test('numbers are brought into their range', (t) => {
  t.deepEqual(parseJournalLine('MAXUSERS 9999'), { key: 'setting', name: 'maxUserCount', value: 254 });
  t.deepEqual(parseJournalLine('MAXUSERS 0'), { key: 'setting', name: 'maxUserCount', value: 1 });
  t.deepEqual(parseJournalLine('CATCHUP 0'), { key: 'catchup', next: 1 });
  t.deepEqual(parseJournalLine('LIMIT 99999999999'), {
    key: 'setting',
    name: 'overrideSize',
    value: 2_147_483_647,
  });
});

for (const bad of [
  'FILE ../other.dprec',
  'FILE',
  'MAXUSERS many',
  'BAN 1 2 3 4 5 6 7',
  'BAN x a b c d e',
  'USER 0 alice',
  'USER 7',
  'PASSWORD rot13;nope',
  'ARCHIVE 2',
  'INV abc 2026',
  'USV abc',
  'OP',
  'WHAT',
]) {
  test(`a bad line is told, not used: ${bad}`, (t) => {
    t.true(parseJournalLine(bad) instanceof Reason);
  });
}

test('a journal is written anew from its sum', (t) => {
  const { saved } = sum(written[3]!);
  saved.bans = [{ id: 2, username: 'x y', authId: '', ip: '', sid: 's', bannedBy: 'm' }];
  saved.overrideSize = 5;
  saved.archive = true;
  saved.announcements = ['http://a/'];
  const again = emptySaved('id', 'dp:4.25.1');
  for (const entry of entriesOf(saved)) {
    const line = parseJournalLine(writeJournalLine(entry));
    if (line === undefined || line instanceof Reason || line.key === 'file')
      return t.fail(`${entry.key}: ${line}`);
    addToSaved(again, line);
  }
  t.deepEqual(again, saved);
  return undefined;
});

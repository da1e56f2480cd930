// What the text of a settings file means (config.md §2), and how it is edited.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { describeProblem } from '../../../../src/lib/core/settings/layers.js';
import { defaultSetting, settingNames, settingRow } from '../../../../src/lib/core/settings/settings.js';
import { readSettingsText, SettingsText } from '../../../../src/lib/io/disk/settings-file.js';

const vector = (name: string) => readFileSync(`test/vectors/formats/db/${name}`, 'utf8');

test('the syntax torture file means what it means to drawpile-srv', (t) => {
  const content = readSettingsText(vector('cfgtest.cfg'));
  t.deepEqual(Object.fromEntries(content.settings), {
    serverTitle: 'changed',
    sessionCountLimit: '7',
    persistence: '1',
    archive: 'YES',
    welcomeMessage: '"quoted value"',
    idleTimeLimit: '1.5 H',
    sessionSizeLimit: '1.5 GB',
    // An unknown section leaves the one before.
    clientTimeout: '2m',
  });
  t.deepEqual(
    content.bans.map((ban) => ban.kind === 'ip' && [ban.address, ban.bits, ban.line]),
    [['10.1.1.1', 24, 18]],
  );
  t.deepEqual(content.listServers, [{ url: 'https://example.com/listing/', line: 21 }]);
  t.deepEqual(
    content.accounts.map(({ name, isLocked, flags }) => [name, isLocked, flags]),
    [
      ['mod', false, ['MOD', 'HOST']],
      ['Alice', false, []],
      ['banned', true, ['MOD']],
      ['sha', false, ['HOST']],
      ['pbk', false, ['HOST']],
    ],
  );
  t.is(content.accounts[1]?.password, 'plain;pass with spaces');
});

test('everything in it that is dropped is said, with its line', (t) => {
  const { problems } = readSettingsText(vector('cfgtest.cfg'));
  t.deepEqual(
    problems.map(({ line, subject, severity }) => [line, subject, severity]),
    [
      [4, 'sessioncountlimit', 'warning'],
      [8, 'archive', 'error'],
      [12, 'this line', 'warning'],
      [13, 'this line', 'warning'],
      [14, '; semicolon', 'warning'],
      [15, '[unknown]', 'warning'],
      [19, "ban of 'bad'", 'error'],
      [25, "account 'bad'", 'error'],
      [26, "account 'withcolon'", 'error'],
      [29, "account 'pb'", 'error'],
    ],
  );
});

test('the sample of the originals', (t) => {
  const content = readSettingsText(vector('upstream-test-config.cfg'));
  t.deepEqual(Object.fromEntries(content.settings), {
    clientTimeout: '10m',
    sessionSizeLimit: '99mb',
    announceWhitelist: 'true',
  });
  t.deepEqual(
    content.bans.map((ban) => ban.kind === 'ip' && [ban.id, ban.address, ban.bits]),
    [
      [1, '192.168.1.1', 0],
      [2, '10.0.0.1', 16],
    ],
  );
  t.deepEqual(
    content.listServers.map(({ url }) => url),
    ['https://drawpile.net/api/listing/'],
  );
  t.deepEqual(
    content.accounts.map(({ id, name, password, isLocked, flags }) => [id, name, password, isLocked, flags]),
    [
      [1, 'moderator', 'plain;passwd', false, ['MOD']],
      [2, 'troll', 'plain;passwd', true, []],
    ],
  );
  t.deepEqual(content.problems, []);
});

for (const name of settingNames) {
  test(`${name} is read from a file`, (t) => {
    const { kind, default: text, isInternal } = settingRow(name);
    const read = readSettingsText(`[config]\n  ${name}=  ${text} \n`);
    t.is(read.settings.get(name), text);
    t.deepEqual(read.problems, []);
    if (kind.name === 'line' || kind.name === 'choice' || isInternal) return;
    const wrong = readSettingsText(`${name} = 12 parsecs`);
    t.is(wrong.problems.length, 1);
    t.is(wrong.problems[0]?.severity, 'error');
    t.is(wrong.settings.has(name), kind.name === 'flag');
    t.not(defaultSetting(name), undefined);
  });
}

test('the slips of the manual get a hint that names the right form', (t) => {
  const { problems, accounts, settings } = readSettingsText(
    [
      'title = Welcome to my test server!',
      'announceWhiteList = true',
      'archiveMode=true',
      '[users]',
      'admin:*plain;abc123;MOD',
      'sally:s+sha1;73616c74;SHA1(salt+hash):MOD',
      'bob:secret:MOD',
      'eve:plain;x:mod,HOST',
    ].join('\n'),
  );
  t.deepEqual(problems.map(describeProblem), [
    'line 1: title: read as serverTitle, but drawpile-srv does not know this name (use the name serverTitle)',
    'line 2: announceWhiteList: read as announceWhitelist, but drawpile-srv does not know this name (use the name announceWhitelist)',
    'line 3: archiveMode: read as archive, but drawpile-srv does not know this name (use the name archive)',
    "line 5: account 'admin': it is ignored: expected a name, a password and flags (unlike in the manual of drawpile-srv, a colon comes before the flags: admin:plain;PASSWORD:MOD)",
    "line 6: account 'sally': it is ignored: not a salted SHA-1 password (write s+sha1;SALT;HASH, both in hex; HASH is SHA1(salt bytes followed by the password))",
    "line 7: account 'bob': it is ignored: not a known form of a password (write plain;PASSWORD for a plain-text password, or write it with: dp user passwd NAME)",
    "line 8: account 'eve': unknown flag 'mod' (write MOD)",
  ]);
  t.is(settings.get('serverTitle'), 'Welcome to my test server!');
  t.deepEqual(
    accounts.map(({ name }) => name),
    ['eve'],
  );
});

test('bans of clients and people have reactions', (t) => {
  const sid = 'ffff0000111122223333444455556666';
  const { bans, problems } = readSettingsText(
    `[systembans]\n${sid}\n${sid}:hang\n${sid}:what\nshort\n[userbans]\n42\n43:timer\n0\nx:hang`,
  );
  t.deepEqual(
    bans.map(
      (ban) => ban.kind !== 'ip' && [ban.id, ban.kind === 'client' ? ban.sid : ban.userId, ban.reaction],
    ),
    [
      [1, sid, 'normal'],
      [2, sid, 'hang'],
      [3, sid, 'normal'],
      [1, 42, 'normal'],
      [2, 43, 'timer'],
    ],
  );
  t.deepEqual(
    problems.map(({ line, severity }) => [line, severity]),
    [
      [4, 'warning'],
      [5, 'error'],
      [9, 'error'],
      [10, 'error'],
    ],
  );
});

test('a ban without a usable prefix length is one address or nothing, never more', (t) => {
  const { bans, problems } = readSettingsText(
    '[ipbans]\n10.0.0.1/x\n10.0.0.2/0\n10.0.0.3/33\n::1/129\n2001:db8::/32',
  );
  t.deepEqual(
    bans.map((ban) => ban.kind === 'ip' && [ban.address, ban.bits]),
    [
      ['10.0.0.1', 0],
      ['10.0.0.2', 0],
      ['2001:db8::', 32],
    ],
  );
  t.deepEqual(
    problems.map(({ line }) => line),
    [2, 4, 5],
  );
});

test('of two accounts of one name the last one counts', (t) => {
  const { accounts, problems } = readSettingsText('[users]\na:plain;1:\nb:plain;x:\na:plain;2:MOD');
  t.deepEqual(
    accounts.map(({ id, name, password }) => [id, name, password]),
    [
      [1, 'b', 'plain;x'],
      [2, 'a', 'plain;2'],
    ],
  );
  t.is(problems.length, 1);
});

const edits = test.macro({
  exec(t, before: string, edit: (text: SettingsText) => void, after: string) {
    const text = new SettingsText(before);
    edit(text);
    t.is(text.toString(), after);
  },
  title: (what) => `an edit ${what}`,
});

test(
  'changes the line that counts and leaves the rest',
  edits,
  '# top\n[config]\n  a = 1 # x\nb=2\na =   3\n',
  (text) => text.setSetting('a', '4'),
  '# top\n[config]\n  a = 1 # x\nb=2\na =   4\n',
);
test(
  'adds a setting behind the last one',
  edits,
  'a = 1\n\n# users\n[users]\nx:plain;y:\n',
  (text) => text.setSetting('b', '2'),
  'a = 1\nb = 2\n\n# users\n[users]\nx:plain;y:\n',
);
test(
  'adds the first setting before the sections',
  edits,
  '# hello\n[users]\nx:plain;y:\n',
  (text) => text.setSetting('b', '2'),
  '# hello\nb = 2\n\n[users]\nx:plain;y:\n',
);
test('adds a setting to an empty file', edits, '', (text) => text.setSetting('b', '2'), 'b = 2\n');
test(
  'adds a setting to a file without a last line end',
  edits,
  'a = 1',
  (text) => text.setSetting('b', '2'),
  'a = 1\nb = 2\n',
);
test(
  'adds a setting to a header alone',
  edits,
  '[config]\n[users]\n',
  (text) => text.setSetting('b', '2'),
  '[config]\nb = 2\n[users]\n',
);
test(
  'takes a setting out wherever it is',
  edits,
  'a = 1\nb = 2\n[users]\na:x:\n[config]\na = 3\n',
  (text) => text.setSetting('a', undefined),
  'b = 2\n[users]\na:x:\n[config]\n',
);
test(
  'takes other spellings out as well',
  edits,
  'title = 1\n',
  (text) => text.setSetting('serverTitle', undefined, ['title']),
  '',
);
test(
  'leaves other spellings where a setting is set',
  edits,
  'title = 1\n',
  (text) => text.setSetting('serverTitle', '2', ['title']),
  'title = 1\nserverTitle = 2\n',
);
test(
  'makes a section when there is none',
  edits,
  'a = 1\n',
  (text) => text.add('ipbans', '10.0.0.1'),
  'a = 1\n\n[ipbans]\n10.0.0.1\n',
);
test(
  'adds to the end of a section',
  edits,
  '[users]\na:plain;x:\n\n# more\n[ipbans]\n10.0.0.1\n',
  (text) => text.add('users', 'b:plain;y:'),
  '[users]\na:plain;x:\nb:plain;y:\n\n# more\n[ipbans]\n10.0.0.1\n',
);
test(
  'keeps the line ends of another system',
  edits,
  'a = 1\r\nb = 2\r\n',
  (text) => {
    text.setSetting('a', '3');
    text.setSetting('c', '4');
  },
  'a = 3\r\nb = 2\r\nc = 4\r\n',
);

for (const name of settingNames) {
  test(`an edit of ${name} is read back`, (t) => {
    const { kind, default: fallback } = settingRow(name);
    const other = {
      flag: fallback === 'true' ? 'false' : 'true',
      count: '99',
      duration: '17m',
      size: '17kb',
      choice: 'WEB',
      line: 'a = "b" ; c # d',
    }[kind.name];
    const text = new SettingsText('# kept\n[users]\nx:plain;y:\n');
    text.setSetting(name, fallback);
    text.setSetting(name, other);
    const read = readSettingsText(text.toString());
    t.is(read.settings.get(name), other);
    t.is(read.accounts.length, 1);
    text.setSetting(name, undefined);
    t.is(readSettingsText(text.toString()).settings.size, 0);
    t.true(text.toString().startsWith('# kept\n'));
  });
}

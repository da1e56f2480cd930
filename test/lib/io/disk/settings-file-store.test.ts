// A settings file on disk: edits that keep what is there, changes by others, and files that can't be used.
import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Fault, Refusal } from '../../../../src/lib/core/errors.js';
import type { ConfigProblem } from '../../../../src/lib/core/settings/layers.js';
import { SettingsFile } from '../../../../src/lib/io/disk/settings-file-store.js';

function folderOf(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-settings-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function fileOf(t: ExecutionContext, text?: string): string {
  const file = path.join(folderOf(t), 'dp.cfg');
  if (text !== undefined) fs.writeFileSync(file, text);
  return file;
}

/** The file followed for changes; `next` waits for the following one. */
function followed(t: ExecutionContext, file: string) {
  const settings = SettingsFile.open(file);
  const problems: { found: readonly ConfigProblem[]; isApplied: boolean }[] = [];
  let wake: () => void = () => undefined;
  settings.watch((found, isApplied) => {
    problems.push({ found, isApplied });
    wake();
  });
  settings.subscribe(() => wake());
  t.teardown(() => settings.stop());
  return {
    settings,
    problems,
    next: () =>
      new Promise<void>((resolve) => {
        // The watch must not keep a server alive, so something else has to.
        const alive = setInterval(() => undefined, 1000);
        wake = () => {
          clearInterval(alive);
          // After the problems, which come behind the change.
          setImmediate(resolve);
        };
      }),
  };
}

test('a missing file is an empty one, and is made for its owner only', async (t) => {
  const file = fileOf(t);
  const settings = SettingsFile.open(file);
  t.deepEqual([...(await settings.settings.all())], []);
  await settings.settings.change(new Map([['serverTitle', 'Hello']]));
  t.is(fs.readFileSync(file, 'utf8'), 'serverTitle = Hello\n');
  t.is(fs.statSync(file).mode & 0o777, 0o600);
});

test('an edit keeps comments, order and the rights of the file', async (t) => {
  const file = fileOf(t, '# mine\nserverTitle = a\n\n[users]\n# people\nbob:plain;x:MOD\n');
  fs.chmodSync(file, 0o640);
  const settings = SettingsFile.open(file);
  await settings.settings.change(
    new Map([
      ['serverTitle', 'b'],
      ['archive', 'true'],
    ]),
  );
  const alice = await settings.accounts.add({
    name: 'alice',
    password: 'plain;y',
    isLocked: true,
    flags: ['HOST', 'WEB'],
  });
  t.deepEqual(alice, { id: 2, name: 'alice', password: 'plain;y', isLocked: true, flags: ['HOST', 'WEB'] });
  t.is(
    fs.readFileSync(file, 'utf8'),
    '# mine\nserverTitle = b\narchive = true\n\n[users]\n# people\nbob:plain;x:MOD\nalice:*plain;y:HOST,WEB\n',
  );
  t.is(fs.statSync(file).mode & 0o777, 0o640);
});

test('an edit that changes nothing leaves the file as it is, and makes none', async (t) => {
  const file = fileOf(t, 'serverTitle = a\n');
  const { ino, mtimeMs } = fs.statSync(file);
  const settings = SettingsFile.open(file);
  await settings.settings.change(new Map([['serverTitle', 'a']]));
  t.like(fs.statSync(file), { ino, mtimeMs });
  await settings.settings.change(new Map([['serverTitle', 'b']]));
  t.not(fs.statSync(file).ino, ino, 'a change is another file in its place');
});

test('accounts are added, changed and removed', async (t) => {
  const file = fileOf(t, '[users]\nbob:plain;x:MOD\neve:*:\n');
  const { accounts } = SettingsFile.open(file);
  await t.throwsAsync(async () => accounts.add({ name: 'bob', password: '', isLocked: false, flags: [] }), {
    instanceOf: Refusal,
    message: /already/,
  });
  t.true(await accounts.change(1, { name: 'robert', flags: [], isLocked: true }));
  t.false(await accounts.change(9, { isLocked: true }));
  await t.throwsAsync(async () => accounts.change(2, { isLocked: false }), {
    instanceOf: Refusal,
    message: /no password/,
  });
  await t.throwsAsync(async () => accounts.change(2, { name: 'a:b' }), { instanceOf: Refusal });
  await t.throwsAsync(async () => accounts.change(2, { password: 'plain;a:b' }), { instanceOf: Refusal });
  t.is(fs.readFileSync(file, 'utf8'), '[users]\nrobert:*plain;x:\neve:*:\n');
  t.true(await accounts.remove(1));
  t.false(await accounts.remove(2));
  t.deepEqual(
    (await accounts.all()).map(({ id, name }) => [id, name]),
    [[1, 'eve']],
  );
});

test('bans are added once, and removed', async (t) => {
  const file = fileOf(t, '[ipbans]\n10.0.0.1 \nbad\n10.0.0.2/24\n');
  const { bans } = SettingsFile.open(file);
  const facts = { expires: undefined, comment: '' } as const;
  t.is((await bans.add({ ...facts, kind: 'ip', address: '10.0.0.2', bits: 24 })).id, 2);
  t.is((await bans.add({ ...facts, kind: 'ip', address: '2001:db8::', bits: 32 })).id, 3);
  const sid = 'a'.repeat(32);
  t.is((await bans.add({ ...facts, kind: 'client', sid, reaction: 'hang', reason: '' })).id, 1);
  t.is((await bans.add({ ...facts, kind: 'user', userId: 7, reaction: 'normal', reason: '' })).kind, 'user');
  t.true(await bans.change('user', 1, { reaction: 'timer' }));
  await t.throwsAsync(
    async () => bans.add({ ...facts, kind: 'ip', address: '1.1.1.1', bits: 0, expires: 5 }),
    {
      instanceOf: Refusal,
    },
  );
  await t.throwsAsync(async () => bans.change('user', 1, { comment: 'x' }), { instanceOf: Refusal });
  t.is(
    await bans.remove([
      { kind: 'ip', id: 1 },
      { kind: 'ip', id: 2 },
      { kind: 'client', id: 5 },
    ]),
    2,
  );
  t.is(
    fs.readFileSync(file, 'utf8'),
    `[ipbans]\nbad\n2001:db8::/32\n\n[systembans]\n${sid}:hang\n\n[userbans]\n7:timer\n`,
  );
});

test('the list of list servers is replaced, what stays keeps its line', async (t) => {
  const file = fileOf(t, '[announcewhitelist]\nhttps://a/\n# note\nhttps://b/\n');
  const { listServers } = SettingsFile.open(file);
  await listServers.replace(['https://b/', 'https://c/']);
  t.is(fs.readFileSync(file, 'utf8'), '[announcewhitelist]\n# note\nhttps://b/\nhttps://c/\n');
  await t.throwsAsync(async () => listServers.replace(['#x']), { instanceOf: Refusal });
  await t.throwsAsync(async () => listServers.replace(['a\nb']), { instanceOf: Refusal });
});

test('a value of several lines is refused and nothing is changed', async (t) => {
  const file = fileOf(t, 'archive = true\n');
  const { settings } = SettingsFile.open(file);
  await t.throwsAsync(
    async () =>
      settings.change(
        new Map([
          ['archive', 'false'],
          ['ruleText', 'a\nb'],
        ]),
      ),
    {
      instanceOf: Refusal,
    },
  );
  t.is(fs.readFileSync(file, 'utf8'), 'archive = true\n');
});

test('the spelling of the manual is a value until the proper name is set', async (t) => {
  const file = fileOf(t, 'title = a\n');
  const { settings } = SettingsFile.open(file);
  t.deepEqual([...(await settings.all())], [['serverTitle', 'a']]);
  await settings.change(new Map([['serverTitle', 'b']]));
  t.deepEqual([...(await settings.all())], [['serverTitle', 'b']]);
  await settings.change(new Map([['serverTitle', undefined]]));
  t.is(fs.readFileSync(file, 'utf8'), '');
});

test('edits at the same time do not lose each other', async (t) => {
  const file = fileOf(t, '');
  const { settings } = SettingsFile.open(file);
  const names = ['archive', 'persistence', 'invites', 'forceNsfm'];
  await Promise.all(names.map((name) => settings.change(new Map([[name, 'true']]))));
  t.deepEqual([...(await settings.all()).keys()], names);
});

test('changes by others are applied, also by a new file in its place', async (t) => {
  const file = fileOf(t, 'serverTitle = a\n');
  const { settings, next } = followed(t, file);
  fs.writeFileSync(file, 'serverTitle = b\n[ipbans]\n10.0.0.1\n');
  await next();
  t.is(settings.content.settings.get('serverTitle'), 'b');
  t.is(settings.content.bans.length, 1);
  fs.writeFileSync(`${file}.new`, 'serverTitle = c\n');
  fs.renameSync(`${file}.new`, file);
  await next();
  t.is(settings.content.settings.get('serverTitle'), 'c');
  t.is(settings.content.bans.length, 0);
});

test('a change that brings an error is not applied at all, and said', async (t) => {
  const file = fileOf(t, 'serverTitle = a\narchive = YES\n');
  const { settings, problems, next } = followed(t, file);
  fs.writeFileSync(file, 'serverTitle = b\narchive = YES\nclientTimeout = soon\n[ipbans]\n10.0.0.1\n');
  await next();
  t.is(settings.content.settings.get('serverTitle'), 'a');
  t.is(settings.content.bans.length, 0);
  t.false(problems[0]?.isApplied);
  t.deepEqual(
    problems[0]?.found.map(({ line, subject }) => [line, subject]),
    [[3, 'clientTimeout']],
  );
  // The old error in another line is none of the change.
  fs.writeFileSync(file, '\nserverTitle = b\narchive = YES\nsesionCountLimit = 3\n');
  await next();
  t.is(settings.content.settings.get('serverTitle'), 'b');
  t.true(problems[1]?.isApplied);
  t.deepEqual(
    problems[1]?.found.map(({ line, hint }) => [line, hint]),
    [[4, "did you mean 'sessionCountLimit'?"]],
  );
});

test('a file that goes away leaves its last state, and is read again when it is back', async (t) => {
  const file = fileOf(t, 'serverTitle = a\n');
  const { settings, next } = followed(t, file);
  fs.renameSync(file, `${file}.away`);
  const back = next();
  fs.writeFileSync(`${file}.away`, 'serverTitle = b\n');
  t.is(settings.content.settings.get('serverTitle'), 'a');
  fs.renameSync(`${file}.away`, file);
  await back;
  t.is(settings.content.settings.get('serverTitle'), 'b');
});

test('what happens to the file is said once, and no edit makes it anew without the rest', async (t) => {
  const file = fileOf(t, 'serverTitle = a\nallowGuests = false\n');
  const { settings, problems, next } = followed(t, file);
  const troubles: [make: () => void, said: RegExp][] = [
    [
      () => fs.renameSync(file, `${file}.away`),
      /was deleted or moved; the settings read before stay in force/,
    ],
    [
      () => fs.writeFileSync(file, Buffer.from('serverTitle = caf\xe9\n', 'latin1')),
      /line 1, byte 17: it is not UTF-8/,
    ],
    [
      () => {
        fs.rmSync(file);
        fs.mkdirSync(file);
      },
      /it is a folder/,
    ],
    [
      () => {
        fs.rmdirSync(file);
        fs.writeFileSync(file, 'serverTitle = b\rallowGuests = true');
      },
      /carriage return/,
    ],
  ];
  for (const [make, said] of troubles) {
    const told = next();
    make();
    await told;
    t.regex(problems.at(-1)!.found[0]!.message, said);
    t.is(settings.content.settings.get('serverTitle'), 'a');
    t.is(settings.content.settings.get('allowGuests'), 'false');
    await t.throwsAsync(async () => settings.settings.change(new Map([['archive', 'true']])), {
      instanceOf: Refusal,
    });
  }
  const back = next();
  fs.writeFileSync(file, 'serverTitle = b\nallowGuests = false\n');
  await back;
  t.is(settings.content.settings.get('serverTitle'), 'b');
  t.is(problems.length, troubles.length);
  // the same trouble once more is new
  const told = next();
  fs.rmSync(file);
  await told;
  t.is(problems.length, troubles.length + 1);
});

test('a file that is only there later is read, and nobody is told that it was missing', async (t) => {
  const file = fileOf(t);
  const { settings, problems, next } = followed(t, file);
  const there = next();
  fs.writeFileSync(file, 'serverTitle = late\n');
  await there;
  t.is(settings.content.settings.get('serverTitle'), 'late');
  t.deepEqual(problems, []);
});

test('a link that leads nowhere is refused, a file that does not exist is told at the start', (t) => {
  const folder = folderOf(t);
  const link = path.join(folder, 'link.cfg');
  fs.symlinkSync('nowhere', link);
  t.throws(() => SettingsFile.open(link), { instanceOf: Refusal, message: /a link that leads nowhere/ });
  const [problem, ...more] = SettingsFile.open(path.join(folder, 'dp.cfg')).problems();
  t.regex(problem!.message, /dp\.cfg: it does not exist; all settings have their defaults/);
  t.deepEqual(more, []);
});

test('a folder is refused, a missing folder is said when something is to be stored', async (t) => {
  const folder = folderOf(t);
  const error = t.throws(() => SettingsFile.open(folder), { instanceOf: Refusal, message: /is a folder/ });
  t.is(typeof error.hint, 'string');
  const file = SettingsFile.open(path.join(folder, 'none', 'dp.cfg'));
  const fault = await t.throwsAsync(async () => file.settings.change(new Map([['archive', 'true']])), {
    instanceOf: Fault,
  });
  t.regex(fault.hint ?? '', /mkdir -p/);
});

// One test per row of the settings table, and the rules that hold for all of them.
import test from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import {
  defaultSetting,
  isSettingName,
  MemorySettings,
  parseSettingFlag,
  readSetting,
  requireSettingName,
  type SettingName,
  settingNames,
  settingOfAlias,
  settingProblem,
  settingRow,
} from '../../../../src/lib/core/settings/settings.js';

/** config.md §1 in its own order and words: name, type, default as a value. */
const documented: [SettingName, string, boolean | number | string][] = [
  ['clientTimeout', 'duration', 60],
  ['sessionSizeLimit', 'size', 99 * 1024 ** 2],
  ['sessionCountLimit', 'count', 25],
  ['persistence', 'flag', false],
  ['allowGuestHosts', 'flag', true],
  ['idleTimeLimit', 'duration', 0],
  ['serverTitle', 'line', ''],
  ['welcomeMessage', 'line', ''],
  ['announceWhitelist', 'flag', false],
  ['privateUserList', 'flag', false],
  ['allowGuests', 'flag', true],
  ['archive', 'flag', false],
  ['extauth', 'flag', false],
  ['extauthkey', 'line', ''],
  ['extauthgroup', 'line', ''],
  ['extauthfallback', 'flag', true],
  ['extauthmod', 'flag', true],
  ['extauthhost', 'flag', true],
  ['abusereport', 'flag', false],
  ['reporttoken', 'line', ''],
  ['logpurgedays', 'count', 0],
  ['autoResetThreshold', 'size', 15 * 1024 ** 2],
  ['customAvatars', 'flag', true],
  ['extAuthAvatars', 'flag', true],
  ['forceNsfm', 'flag', false],
  ['extBansUrl', 'line', ''],
  ['extBansCheckInterval', 'duration', 900],
  ['extBansCacheUrl', 'line', ''],
  ['extBansCacheKey', 'line', ''],
  ['extBansCacheResponse', 'line', ''],
  ['extauthbanexempt', 'flag', false],
  ['allowIdleOverride', 'flag', true],
  ['loginInfoUrl', 'line', ''],
  ['enableGhosts', 'flag', false],
  ['extauthghosts', 'flag', false],
  ['ruleText', 'line', ''],
  ['minimumProtocolVersion', 'line', ''],
  ['mandatoryLookup', 'flag', false],
  ['allowGuestWeb', 'flag', true],
  ['extauthweb', 'flag', false],
  ['allowGuestWebSession', 'flag', true],
  ['extauthwebsession', 'flag', false],
  ['sessionUserLimit', 'count', 254],
  ['passwordDependentWebSession', 'flag', false],
  ['extauthpersist', 'flag', false],
  ['emptySessionLingerTime', 'duration', 0],
  ['requireMatchingHost', 'flag', false],
  ['allowGuestWebHosts', 'flag', true],
  ['extauthwebhost', 'flag', false],
  ['invites', 'flag', true],
  ['preferWebSockets', 'flag', false],
  ['forbiddenNameRegex', 'line', ''],
  ['filterNameRegex', 'line', ''],
  ['unlistedHostPolicy', 'choice', ''],
  ['minimumAutoResetThreshold', 'size', 0],
  ['sessionLessClientLingerTime', 'duration', 0],
];

test('the table has every documented setting, and marks the ones that are only ours', (t) => {
  const ours = settingNames.filter((name) => settingRow(name).since === 'dp');
  t.deepEqual([...settingNames].sort(), [...documented.map(([name]) => name), ...ours].sort());
});

for (const [name, kind, value] of documented) {
  test(`${name} is a ${kind} and ${JSON.stringify(value)} unless set`, (t) => {
    const row = settingRow(name);
    t.is(row.kind.name as string, kind);
    t.is(defaultSetting(name) as unknown, value);
    t.is(readSetting(name, row.kind.format(value)) as unknown, value);
  });
}

for (const name of settingNames) {
  test(`the row of ${name} is complete and its default may be set`, (t) => {
    const row = settingRow(name);
    t.regex(row.help, /^[A-Z].*\.$/);
    t.is(settingProblem(name, row.default), undefined);
    for (const alias of row.aliases) {
      t.false(isSettingName(alias));
      t.is(settingOfAlias(alias), name);
    }
    const memory = new MemorySettings();
    memory.set(name, row.default);
    t.is(memory.get(name), defaultSetting(name));
    t.deepEqual(parseSettingFlag(`${name}=${row.default}`), { name, text: row.default });
  });
}

test('only 1 and true are on, whatever the case', (t) => {
  for (const text of ['1', 'true', 'TRUE', 'True']) t.true(readSetting('archive', text));
  for (const text of ['yes', 'on', '0', 'false', '', ' true']) t.false(readSetting('archive', text));
  t.false(readSetting('allowGuests', 'yes'));
  t.is(settingProblem('archive', 'yes')?.code, 'flag-word-unclear');
});

test('what can not be read leaves the default', (t) => {
  t.is(readSetting('clientTimeout', 'abc'), undefined);
  t.is(readSetting('sessionCountLimit', 'x'), undefined);
  t.is(readSetting('sessionSizeLimit', '-1'), undefined);
});

test('values are held within their range, and people are told', (t) => {
  t.is(readSetting('sessionUserLimit', '999'), 254);
  t.is(readSetting('sessionUserLimit', '1'), 2);
  t.is(readSetting('extBansCheckInterval', '5'), 60);
  t.is(readSetting('sessionSizeLimit', '4gb'), 2_147_483_647);
  t.regex(settingProblem('sessionUserLimit', '999')!.text, /from 2 to 254/);
  t.is(settingProblem('sessionSizeLimit', '2gb')?.code, 'size-too-large');
});

test('mistyped names get a suggestion, the spellings of the manual their name', (t) => {
  t.is(requireSettingName('archiveMode'), 'archive');
  t.is(requireSettingName('title'), 'serverTitle');
  t.is(requireSettingName('announceWhiteList'), 'announceWhitelist');
  const error = t.throws(() => requireSettingName('sessioncountlimt'), { instanceOf: Refusal });
  t.is(error.kind, 'badInput');
  t.regex(error.hint!, /sessionCountLimit/);
  t.regex(t.throws(() => requireSettingName('zzzzzzzz'), { instanceOf: Refusal }).hint!, /config list/);
});

test('NAME=VALUE is split at the first equals sign and checked', (t) => {
  t.deepEqual(parseSettingFlag('welcomeMessage = a=b '), { name: 'welcomeMessage', text: 'a=b' });
  t.throws(() => parseSettingFlag('persistence'), { instanceOf: Refusal });
  t.throws(() => parseSettingFlag('clientTimeout=never'), { instanceOf: Refusal, message: /not a duration/ });
});

test('a secret is not repeated in an error', (t) => {
  const error = t.throws(() => new MemorySettings({ reporttoken: 'hush\0' }), { instanceOf: Refusal });
  t.notRegex(error.message, /hush/);
});

test('listeners hear of changes only, until they stop', (t) => {
  const settings = new MemorySettings({ idleTimeLimit: '3h' });
  t.is(settings.get('idleTimeLimit'), 10_800);
  const heard: string[] = [];
  const stop = settings.subscribe((changed) => heard.push([...changed].join()));
  settings.set('idleTimeLimit', '180m');
  settings.set('persistence', 'true');
  settings.unset('idleTimeLimit');
  stop();
  settings.unset('persistence');
  t.deepEqual(heard, ['persistence', 'idleTimeLimit']);
  t.false(settings.get('persistence'));
});

// Who wins when several places say something, and how stored texts are understood.
import test from 'ava';
import {
  describeProblem,
  LayeredSettings,
  readSettingVariables,
  readStoredSetting,
  readStoredSettings,
  settingVariable,
} from '../../../../src/lib/core/settings/layers.js';
import { type SettingName, settingNames, settingRow } from '../../../../src/lib/core/settings/settings.js';

const map = (pairs: Partial<Record<SettingName, string>>) =>
  new Map(Object.entries(pairs) as [SettingName, string][]);

test('a flag wins over the environment, that over what is stored, that over the default', (t) => {
  const settings = new LayeredSettings('database', {
    environment: map({ sessionCountLimit: '3', idleTimeLimit: '1h' }),
    flags: map({ sessionCountLimit: '4' }),
  });
  settings.replaceStored(map({ sessionCountLimit: '2', idleTimeLimit: '2h', persistence: 'true' }));
  t.is(settings.get('sessionCountLimit'), 4);
  t.deepEqual(settings.source('sessionCountLimit'), { text: '4', origin: 'flag' });
  t.is(settings.get('idleTimeLimit'), 3600);
  t.deepEqual(settings.source('idleTimeLimit'), { text: '1h', origin: 'environment' });
  t.true(settings.get('persistence'));
  t.deepEqual(settings.source('persistence'), { text: 'true', origin: 'database' });
  t.is(settings.get('sessionSizeLimit'), 99 * 1024 ** 2);
  t.deepEqual(settings.source('sessionSizeLimit'), { text: '99mb', origin: 'default' });
});

test('listeners hear once of everything that really changed', (t) => {
  const settings = new LayeredSettings('file', { flags: map({ archive: 'true' }) });
  const heard: string[][] = [];
  settings.subscribe((changed) => heard.push([...changed].sort()));
  settings.replaceStored(map({ archive: 'false', idleTimeLimit: '60m', serverTitle: 'x' }));
  settings.replaceStored(map({ idleTimeLimit: '1h', serverTitle: 'y' }));
  settings.replaceStored(map({ idleTimeLimit: '1h', serverTitle: 'y' }));
  t.deepEqual(heard, [['idleTimeLimit', 'serverTitle'], ['serverTitle']]);
});

test('of stored pairs the last one counts, and a proper name over the spelling of the manual', (t) => {
  const { texts, problems } = readStoredSettings([
    ['sessionCountLimit', '1'],
    ['sessionCountLimit', '7'],
    ['serverTitle', 'proper'],
    ['title', 'manual'],
    ['archiveMode', 'true'],
  ]);
  t.deepEqual(Object.fromEntries(texts), { archive: 'true', serverTitle: 'proper', sessionCountLimit: '7' });
  t.deepEqual(
    problems.map(({ subject, severity, hint }) => [subject, severity, hint]),
    [
      ['title', 'warning', 'use the name serverTitle'],
      ['archiveMode', 'warning', 'use the name archive'],
    ],
  );
});

test('what can not be used leaves the default and is said, with its line', (t) => {
  const { texts, problems } = readStoredSettings([
    ['clientTimeout', '2m', 1],
    ['clientTimeout', 'soon', 2],
    ['sessioncountlimit', '3', 3],
    ['_lock_admin_section_accounts', '1', 4],
    ['reporttoken', 'secret\0', 5],
  ]);
  t.is(texts.get('clientTimeout'), undefined);
  t.deepEqual(problems.map(describeProblem).slice(0, 2), [
    "line 2: clientTimeout: 'soon': not a duration (use a duration such as 90s, 30m, 3h or 1.5d)",
    "line 3: sessioncountlimit: there is no such setting (did you mean 'sessionCountLimit'?)",
  ]);
  t.is(problems.length, 3);
  t.notRegex(describeProblem(problems[2]!), /secret/);
});

test('a flag that says yes is off, as in the originals, and said to be wrong', (t) => {
  const { texts, problems } = readStoredSettings([['allowGuests', 'yes']]);
  const settings = new LayeredSettings('file');
  settings.replaceStored(texts);
  t.false(settings.get('allowGuests'));
  t.is(problems[0]?.severity, 'error');
});

for (const name of settingNames) {
  test(`${name} can be given by environment and flag`, (t) => {
    const row = settingRow(name);
    const other = {
      flag: row.default === 'true' ? 'false' : 'true',
      count: '99',
      duration: '17m',
      size: '17kb',
    };
    const text = other[row.kind.name as keyof typeof other] ?? '';
    const { texts, problems } = readSettingVariables({ [settingVariable(name)]: text });
    t.deepEqual(problems, []);
    t.deepEqual([...texts], row.isInternal ? [] : [[name, text]]);
    const settings = new LayeredSettings('memory', { flags: new Map([[name, text]]) });
    t.is(settings.get(name) as unknown, row.kind.parse(text));
    t.is(settings.source(name).origin, 'flag');
  });
}

test('variables are the names in capitals', (t) => {
  t.is(settingVariable('sessionCountLimit'), 'DP_SESSION_COUNT_LIMIT');
  t.is(settingVariable('extauthmod'), 'DP_EXTAUTHMOD');
  const { problems } = readSettingVariables({ DP_SESSION_COUNT_LIMIT: 'many' });
  t.regex(describeProblem(problems[0]!), /^DP_SESSION_COUNT_LIMIT: 'many'/);
});

for (const [key, flag] of [
  ['database', /--database FILE .*DP_DATABASE/],
  ['sessions', /--sessions FOLDER .*DP_SESSIONS/],
  ['port', /--port PORT .*DP_PORT/],
  ['sslCert', /--ssl-cert FILE/],
  ['web_admin_auth', /--web-admin-auth USER:PASSWORD .*DP_WEB_ADMIN_AUTH/],
  ['Secure', /flag --secure of/],
  ['DP_PORT', /--port PORT/],
] as const) {
  test(`${key} is no setting: the hint names the flag`, (t) => {
    t.regex(readStoredSetting(key, 'x').problem?.hint ?? '', flag);
  });
}

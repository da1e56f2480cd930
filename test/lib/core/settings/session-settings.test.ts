import test from 'ava';
import { reason } from '../../../../src/lib/core/errors/reason.js';
import { readSetting, readSettings } from '../../../../src/lib/core/settings/session-setting-reading.js';
import {
  type SettingKey,
  sessionFlags,
  sessionSettings,
  settingKeys,
  valueKeys,
  valueRow,
} from '../../../../src/lib/core/settings/session-settings.js';

type Row = readonly [key: SettingKey, given: unknown, read: unknown];

const refused = Symbol('refused');

const rows: readonly Row[] = [
  // flags
  ['nsfm', true, true],
  ['nsfm', 'true', true],
  ['nsfm', ' TRUE ', true],
  ['nsfm', 'yes', true],
  ['nsfm', 'on', true],
  ['nsfm', '1', true],
  ['nsfm', 1, true],
  ['nsfm', false, false],
  ['nsfm', 'false', false],
  ['nsfm', 'Off', false],
  ['nsfm', 'no', false],
  ['nsfm', '0', false],
  ['nsfm', 0, false],
  ['nsfm', 2, refused],
  ['nsfm', -1, refused],
  ['nsfm', 0.5, refused],
  ['nsfm', '', refused],
  ['nsfm', 'maybe', refused],
  ['nsfm', 'constructor', refused],
  ['nsfm', null, refused],
  ['nsfm', [], refused],
  ['nsfm', [true], refused],
  ['nsfm', {}, refused],
  // numbers
  ['maxUserCount', 8, 8],
  ['maxUserCount', '8', 8],
  ['maxUserCount', ' 8 ', 8],
  ['maxUserCount', '+8', 8],
  ['maxUserCount', 8.0, 8],
  ['maxUserCount', 0, 0],
  ['maxUserCount', 99_999_999_999, 99_999_999_999],
  ['maxUserCount', '99999999999', 99_999_999_999],
  ['maxUserCount', 7.9, refused],
  ['maxUserCount', '7.9', refused],
  ['maxUserCount', '8 people', refused],
  ['maxUserCount', '0x8', refused],
  ['maxUserCount', '1e2', refused],
  ['maxUserCount', -8, refused],
  ['maxUserCount', '-8', refused],
  ['maxUserCount', '', refused],
  ['maxUserCount', null, refused],
  ['maxUserCount', true, refused],
  ['maxUserCount', [8], refused],
  ['maxUserCount', Number.POSITIVE_INFINITY, refused],
  // sizes
  ['resetThreshold', 0, 0],
  ['resetThreshold', 123.7, 123],
  ['resetThreshold', '123', 123],
  ['resetThreshold', '1.5kb', 1536],
  ['resetThreshold', ' 3 GB ', 2_147_483_647],
  ['resetThreshold', 99_999_999_999, 2_147_483_647],
  ['resetThreshold', -5, refused],
  ['resetThreshold', '-5', refused],
  ['resetThreshold', 'many', refused],
  ['resetThreshold', '', refused],
  ['resetThreshold', null, refused],
  ['resetThreshold', true, refused],
  ['overrideSize', '20mb', 20_971_520],
  ['overrideSize', -5, refused],
  ['overrideSize', 'x', refused],
  // texts
  ['title', '', ''],
  ['title', 'Ink', 'Ink'],
  ['title', 5, '5'],
  ['title', -5, '-5'],
  ['title', 1.5, refused],
  ['title', 2 ** 60, refused],
  ['title', true, refused],
  ['title', null, refused],
  ['title', ['Ink'], refused],
  ['password', '', ''],
  ['password', 1234, '1234'],
  ['password', null, refused],
  ['password', false, refused],
  ['opword', 1234, '1234'],
  ['opword', null, refused],
  ['founder', 'ann', 'ann'],
  ['founder', 5, '5'],
  ['founder', '', refused],
  ['founder', '  ', refused],
  ['founder', null, refused],
  // yes, no, or as the server is set
  ['archive', true, true],
  ['archive', 'false', false],
  ['archive', 1, true],
  ['archive', null, null],
  ['archive', 'default', null],
  ['archive', '', refused],
  ['archive', 'sometimes', refused],
];

test('what has one sensible meaning is converted, everything else is refused', (t) => {
  for (const [key, given, read] of rows) {
    const found = readSetting(key, given);
    const what = `${key}: ${JSON.stringify(given)}`;
    t.is('value' in found ? found.value : refused, read, what);
  }
});

test('every setting refuses what is no value at all', (t) => {
  for (const key of settingKeys) {
    for (const given of [{}, [], undefined, Number.NaN]) {
      t.true('problem' in readSetting(key, given), `${key}: ${String(given)}`);
    }
  }
});

test('a refusal names the setting, the value and what is expected', (t) => {
  const problemOf = (...[key, value]: Parameters<typeof readSetting>) => {
    const read = readSetting(key, value);
    return 'problem' in read ? [read.problem.code, read.problem.text] : undefined;
  };
  t.deepEqual(problemOf('maxUserCount', 7.9), [
    'value-invalid',
    'invalid value 7.9 for maxUserCount: expected a whole number',
  ]);
  t.deepEqual(problemOf('nsfm', 'maybe'), [
    'value-invalid',
    "invalid value 'maybe' for nsfm: expected true or false",
  ]);
  const long = readSetting('nsfm', 'x'.repeat(10_000));
  t.true('problem' in long && long.problem.text.length < 120);
});

test('a refused password is not repeated', (t) => {
  for (const key of ['password', 'opword'] as const) {
    t.deepEqual(readSetting(key, ['hunter2']), {
      problem: reason('secret-value-invalid', {
        setting: key,
        expected: 'text',
        example: sessionSettings[key].kind.example,
      }),
    });
  }
});

test('of several settings the usable ones are read, unknown ones are passed over', (t) => {
  const read = readSettings({ title: 5, nsfm: 'maybe', nonsense: 1, constructor: 2, founder: null });
  t.deepEqual(read.values, { title: '5' });
  t.deepEqual(read.problems.map(String), [
    'invalid value null for founder: expected a name',
    "invalid value 'maybe' for nsfm: expected true or false",
  ]);
});

test('each flag has its own place in the line of the journal, each value its own keyword', (t) => {
  const places = sessionFlags.map((key) => {
    const row = sessionSettings[key];
    return row.type === 'flag' ? row.place : -1;
  });
  t.deepEqual(
    places,
    places.map((_, at) => at),
  );
  t.is(new Set(valueKeys.map((key) => valueRow(key).word)).size, valueKeys.length);
});

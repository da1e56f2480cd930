// Start-up values: defaults, flags, environment, and what excludes each other (cli.md §1).
import test from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { settingVariable } from '../../../../src/lib/core/settings/layers.js';
import { settingNames } from '../../../../src/lib/core/settings/settings.js';
import {
  readStartup,
  type StartupName,
  startupNames,
  startupRow,
  startupVariables,
} from '../../../../src/lib/core/settings/startup.js';

const samples: Record<StartupName, [good: string, bad: string | undefined]> = {
  port: ['0', '65536'],
  listen: ['::1', 'localhost'],
  'websocket-port': ['0', '65536'],
  'websocket-listen': ['127.0.0.1', '127.0.0'],
  'web-port': ['443', '-1'],
  'web-listen': ['::', 'draw.example'],
  'web-plaintext': ['true', 'sometimes'],
  'http-port': ['80', '80a'],
  'http-listen': ['0.0.0.0', 'all'],
  acme: ['draw.example.org', '*.example.org'],
  'acme-email': ['me@example.org', 'me'],
  'acme-directory': ['https://authority.example.org/directory', 'http://authority.example.org/'],
  'acme-directory-ca': ['root.pem', ''],
  'acme-accept-terms': ['true', 'maybe'],
  'acme-rotate-key': ['true', 'maybe'],
  'trusted-proxy': ['10.0.0.0/8', '10.0.0.0/33'],
  'local-host': ['example.com', ''],
  'announce-port': ['65535', '65536'],
  'ssl-cert': ['cert.pem', ''],
  'ssl-key': ['key.pem', ''],
  secure: ['true', 'maybe'],
  'allow-plaintext': ['1', 'yes'],
  config: ['dp.cfg', ''],
  database: ['dp.db', ''],
  sessions: ['sessions', ''],
  data: ['data', ''],
  ephemeral: ['true', 'x'],
  durability: ['sync', 'fast'],
  templates: ['templates', ''],
  record: ['%a.dprec', ''],
  'web-admin-port': ['8080', 'x'],
  'web-admin-listen': ['0.0.0.0', ''],
  'web-admin-auth': ['admin:a:b', 'nocolon'],
  'web-admin-access': ['all', '10.0.0.0/x'],
  'web-admin-app': ['sessions', ''],
  'web-admin-allowed-origin': ['*', ''],
  extauth: ['https://example.com/auth/', 'example.com'],
  'report-url': ['http://example.com/', 'ftp://example.com/'],
  'crypt-key': [`${'A'.repeat(43)}=`, 'AAAA'],
  user: ['dp', ''],
  'log-level': ['Debug', 'verbose'],
  'log-format': ['json', 'xml'],
};
const partners: Partial<Record<StartupName, Partial<Record<StartupName, string>>>> = {
  'ssl-cert': { 'ssl-key': 'key.pem' },
  'ssl-key': { 'ssl-cert': 'cert.pem' },
  secure: { 'ssl-cert': 'cert.pem', 'ssl-key': 'key.pem' },
  acme: { 'http-port': '80' },
  'acme-email': { acme: 'draw.example.org', 'http-port': '80' },
  'acme-directory': { acme: 'draw.example.org', 'web-port': '443' },
  'acme-directory-ca': { acme: 'draw.example.org', 'web-port': '443' },
  'acme-accept-terms': { acme: 'draw.example.org', 'web-port': '443' },
  'acme-rotate-key': { acme: 'draw.example.org', 'web-port': '443' },
};

for (const name of startupNames) {
  test(`--${name} can be said by flag and environment, and nonsense is refused`, (t) => {
    const row = startupRow(name);
    t.regex(row.help, /^[A-Z].*[^.]$/);
    const [good, bad] = samples[name];
    const value = row.kind.parse(good)!;
    t.not(value, undefined);
    const expected = row.isList ? [value] : value;
    const byFlag = readStartup({ ...partners[name], [name]: good });
    t.deepEqual(byFlag.values[name] as unknown, expected);
    t.is(byFlag.origin(name), 'flag');
    const variable = startupVariables(name)[0]!;
    const byEnvironment = readStartup(partners[name] ?? {}, { [variable]: good });
    t.deepEqual(byEnvironment.values[name] as unknown, expected);
    t.is(byEnvironment.origin(name), 'environment');
    const byDefault = readStartup({});
    t.deepEqual(byDefault.values[name] as unknown, row.isList ? [] : row.default);
    t.is(byDefault.origin(name), 'default');
    const error = t.throws(() => readStartup({ [name]: bad! }), { instanceOf: Refusal });
    t.is(error.kind, 'badInput');
    t.true(error.message.includes(`--${name}`));
    if (row.isSecret) t.false(error.message.includes(bad!));
  });
}

test('no two names share an environment variable', (t) => {
  const all = [...startupNames.flatMap(startupVariables), ...settingNames.map(settingVariable)];
  t.is(new Set(all).size, all.length);
});

test('the last value of a repeated flag counts, lists keep all', (t) => {
  const { values } = readStartup({ port: ['1', '2'], 'trusted-proxy': ['10.0.0.1', '10.1.0.0/16'] });
  t.is(values.port, 2);
  t.deepEqual(values['trusted-proxy'], ['10.0.0.1', '10.1.0.0/16']);
});

test('the old variable for the admin password works, and an empty one is none', (t) => {
  t.is(readStartup({}, { DRAWPILESRV_WEB_ADMIN_AUTH: 'a:b' }).values['web-admin-auth'], 'a:b');
  t.is(readStartup({}, { DRAWPILESRV_WEB_ADMIN_AUTH: '' }).values['web-admin-auth'], undefined);
  t.is(
    readStartup({ 'web-admin-auth': 'x:y' }, { DP_WEB_ADMIN_AUTH: 'a:b' }).values['web-admin-auth'],
    'x:y',
  );
});

test('a negative announce port is none', (t) => {
  t.is(readStartup({ 'announce-port': '-3' }).values['announce-port'], 0);
});

const excluded = test.macro({
  exec(t, flags: Parameters<typeof readStartup>[0], message: RegExp) {
    const error = t.throws(() => readStartup(flags), { instanceOf: Refusal, message });
    t.is(typeof error.hint, 'string');
  },
  title: (_: string | undefined, flags: object) => `refused together: ${Object.keys(flags).join(', ')}`,
});
test(excluded, { config: 'a', database: 'b' }, /cannot be combined/);
test(excluded, { ephemeral: true, sessions: 'a' }, /cannot be combined: nothing is stored/);
test(
  excluded,
  { secure: true, 'web-plaintext': true, 'ssl-cert': 'a', 'ssl-key': 'b' },
  /--secure.*--web-plaintext|--web-plaintext.*--secure/,
);
test(excluded, { 'web-port': '27751', 'websocket-port': '27751' }, /--websocket-port.*--web-port/);
test(excluded, { 'ssl-cert': 'a' }, /--ssl-key is missing/);
test(excluded, { 'ssl-key': 'a' }, /--ssl-cert is missing/);
test(excluded, { secure: true }, /needs a certificate/);
test(
  excluded,
  { secure: true, 'allow-plaintext': true, 'ssl-cert': 'a', 'ssl-key': 'b' },
  /cannot be combined/,
);
test(excluded, { port: '5000', 'websocket-port': '5000' }, /both 5000/);
test(excluded, { 'websocket-port': '5000', 'web-admin-port': '5000' }, /both 5000/);

test('the same port on two addresses is fine', (t) => {
  t.notThrows(() =>
    readStartup({
      port: '5000',
      listen: '127.0.0.1',
      'websocket-port': '5000',
      'websocket-listen': '127.0.0.2',
    }),
  );
});

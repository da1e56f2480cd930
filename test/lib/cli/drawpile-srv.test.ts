// The original's command lines become ours; every option of 2.1 and 2.3 is known.

import test from 'ava';
import { originalOptions, translate } from '../../../src/lib/cli/drawpile-srv.js';
import { readStartup, startupNames } from '../../../src/lib/core/settings/startup.js';

const none = {};
const key = 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=';

function serveOf(argv: readonly string[], environment = none): string[] {
  const result = translate(argv, environment, '1.2.3');
  if (!('serve' in result)) throw new Error(JSON.stringify(result));
  return result.serve;
}

function warningsOf(argv: readonly string[]): string[] {
  const result = translate(argv, none, '1.2.3');
  if (!('serve' in result)) throw new Error(JSON.stringify(result));
  return result.warnings;
}

// cli.md §1, both columns.
const everyOption = [
  'help help-all version gui no-gui port listen websocket-port websocket-listen local-host announce-port',
  'ssl-cert ssl-key ssl-key-algorithm record web-admin-port web-admin-auth web-admin-access',
  'web-admin-allowed-origin database config sessions templates extauth report-url crypt-key',
  'generate-crypt-key random-lag secure',
]
  .join(' ')
  .split(' ');

test('every option of 2.1 and 2.3 is in the table, and leads to a flag that exists', (t) => {
  for (const name of everyOption) t.true(name in originalOptions, name);
  for (const { to } of Object.values(originalOptions))
    if (to !== undefined) t.true(startupNames.includes(to), to);
});

const values: Record<string, string> = {
  port: '27751',
  listen: '127.0.0.1',
  'websocket-port': '27760',
  'websocket-listen': '::1',
  'local-host': 'draw.example',
  'announce-port': '443',
  record: '~/%a.dprec',
  'web-admin-port': '27780',
  'web-admin-auth': 'ann:pw',
  'web-admin-access': 'all',
  'web-admin-allowed-origin': '*',
  database: '/srv/config.db',
  sessions: '/srv/sessions',
  templates: '/srv/templates',
  extauth: 'https://auth.example/',
  'report-url': 'https://report.example/',
  'crypt-key': key,
};

for (const [name, value] of Object.entries(values)) {
  test(`--${name} arrives, with and without =`, (t) => {
    for (const argv of [
      [`--${name}=${value}`],
      [`--${name}`, value],
      [`--${name}`, 'x', `--${name}`, value],
    ]) {
      t.true(serveOf(argv).includes(`--${name}=${value}`), argv.join(' '));
    }
  });
}

test('what arrives is accepted by the table of start values', (t) => {
  const argv = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
  const flags = Object.fromEntries(
    serveOf([...argv, '--ssl-cert', 'c', '--ssl-key', 'k']).map((arg) => arg.slice(2).split(/=(.*)/s)),
  );
  t.is(readStartup(flags).values['web-admin-port'], 27780);
  t.deepEqual(warningsOf([...argv, '--ssl-cert', 'c', '--ssl-key', 'k']), []);
});

test('short options, alone, attached and in groups', (t) => {
  for (const argv of [['-p', '1234'], ['-p1234'], ['-p=1234'], ['-p', '1', '-p', '1234']]) {
    t.deepEqual(serveOf([...argv, '-d', 'x']).sort(), ['--database=x', '--port=1234']);
  }
  t.deepEqual(serveOf(['-l127.0.0.1', '-cfile', '-sdir', '-ttemplates']).sort(), [
    '--config=file',
    '--listen=127.0.0.1',
    '--sessions=dir',
    '--templates=templates',
  ]);
  t.like(translate(['-vh'], none, '1'), { exit: 0 });
});

test('a value may look like an option; words without an option and everything behind -- are ignored', (t) => {
  t.deepEqual(serveOf(['--local-host', '--port', 'word', '-', '-d', 'x', '--', '--bogus']).sort(), [
    '--database=x',
    '--local-host=--port',
  ]);
});

test('mistakes end with the original words and status', (t) => {
  for (const [argv, text] of [
    [['--bogus'], "drawpile-srv: Unknown option 'bogus'."],
    [['-x'], "drawpile-srv: Unknown option 'x'."],
    [['--constructor'], "drawpile-srv: Unknown option 'constructor'."],
    [['--port'], "drawpile-srv: Missing value after '--port'."],
    [['-p'], "drawpile-srv: Missing value after '-p'."],
    [['--no-gui=1'], "drawpile-srv: Unexpected value after '--no-gui'."],
  ] as const) {
    t.deepEqual(translate(argv, none, '1'), { text, exit: 1, isError: true });
  }
  t.like(translate(['--ssl-key-algorithm', 'x', '-d', 'y'], none, '1'), { exit: 1 });
  t.deepEqual(serveOf(['--ssl-key-algorithm', 'RSA', '-d', 'y']), ['--database=y']);
});

test('--version: the first two lines have the form of the original', (t) => {
  const result = translate(['-v'], none, '1.2.3');
  const text = 'text' in result ? result.text : '';
  t.regex(text, /^drawpile-srv \d+\.\d+\.\d+\nProtocol version: \d+\.\d+\ndp version: 1\.2\.3\n/);
  // Scripts ask whether the second word is at least 2.1.14.
  const [major = 0, minor = 0, patch = 0] = text.split(/\s+/)[1]!.split('.').map(Number);
  t.true(major * 1e6 + minor * 1e3 + patch >= 2_001_014);
  t.like(result, { exit: 0 });
});

test('--help names every option', (t) => {
  const result = translate(['--help'], none, '1');
  for (const name of everyOption) t.true('text' in result && result.text.includes(`--${name}`), name);
});

test('--generate-crypt-key prints 32 bytes', (t) => {
  const result = translate(['--generate-crypt-key'], none, '1');
  t.true('text' in result && /^[A-Za-z0-9+/]{43}=$/.test(result.text));
});

test('the graphical mode is dp gui, however it is asked for', (t) => {
  for (const result of [
    translate(['--gui'], none, '1'),
    translate([], { DISPLAY: ':0' }, '1'),
    translate([], { WAYLAND_DISPLAY: 'wayland-0' }, '1'),
  ]) {
    t.deepEqual(result, { gui: [], warnings: [] });
  }
  const remote = translate(['--gui', '--remote', 'http://srv/api', '-d', 'x.db'], none, '1');
  t.deepEqual(remote, {
    gui: ['--remote=http://srv/api'],
    warnings: ['--database has no effect in graphical mode'],
  });
  t.deepEqual(translate(['--remote=http://srv'], none, '1'), { gui: ['--remote=http://srv'], warnings: [] });
  t.deepEqual(translate(['--gui', '-d', 'x.db', '-p', '5'], none, '1'), {
    gui: ['--database=x.db'],
    warnings: ['--port has no effect in graphical mode'],
  });
});

test('without arguments and without a display it serves, as units and containers expect', (t) => {
  for (const environment of [
    none,
    { DISPLAY: 'no' },
    { DISPLAY: ':0', NOTIFY_SOCKET: '/x' },
    { DISPLAY: ':0', LISTEN_FDS: '1' },
  ]) {
    t.deepEqual(serveOf([], environment), ['--ephemeral']);
  }
  t.regex(warningsOf([])[0]!, /without arguments.*use 'dp serve' to keep it/);
});

test('what means something else, or nothing, is told', (t) => {
  t.deepEqual(serveOf(['--ssl-cert', 'c', '-d', 'x']), ['--database=x']);
  t.regex(warningsOf(['--ssl-cert', 'c', '-d', 'x'])[0]!, /NOT encrypted.*add --ssl-key/);
  t.deepEqual(serveOf(['--web-admin-port', 'text', '-d', 'x']), ['--database=x']);
  t.regex(warningsOf(['--web-admin-port', 'text', '-d', 'x'])[0]!, /admin API is off/);
  t.deepEqual(serveOf(['--web-admin-auth', '', '-d', 'x']), ['--database=x'], 'an empty one counts as none');
  t.regex(warningsOf(['--random-lag', '5', '-d', 'x'])[0]!, /not available/);
  t.regex(warningsOf(['--secure', '-d', 'x'])[0]!, /never in the program/);
  t.regex(warningsOf(['--port', '1'])[0]!, /no data is kept/);
  t.deepEqual(warningsOf(['--no-gui', '--sessions', 'x']), []);
});

test('--version in every form prints the same, whatever stands beside it, and starts nothing', (t) => {
  const plain = translate(['--version'], none, '1.2.3');
  t.like(plain, { exit: 0 });
  for (const argv of [
    ['-v'],
    ['-v', '--version'],
    ['--port', '27750', '--version'],
    ['-v', '--database', '/nowhere/x.db'],
    ['--port=99999', '-v'],
    ['--gui', '--version'],
    ['--ssl-cert', 'only.pem', '-v'],
    ['--generate-crypt-key', '-v'],
  ]) {
    t.deepEqual(translate(argv, none, '1.2.3'), plain, argv.join(' '));
    t.deepEqual(translate(argv, { DISPLAY: ':0' }, '1.2.3'), plain, argv.join(' '));
  }
  // as Qt reads them
  t.like(translate(['-vh'], none, '1.2.3'), { exit: 0 });
  t.regex((translate(['-vh'], none, '1.2.3') as { text: string }).text, /^Usage: /);
  for (const argv of [['--version=1'], ['--versions'], ['-V'], ['-version'], ['--version', '--bogus']])
    t.like(translate(argv, none, '1.2.3'), { exit: 1, isError: true }, argv.join(' '));
});

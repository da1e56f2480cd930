import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import Init from '../../src/commands/init.js';
import { openAdmin } from '../../src/lib/cli/open-admin.js';
import { type PresetName, presetNames, presets } from '../../src/lib/cli/set-up.js';
import type { SettingName } from '../../src/lib/core/settings/settings.js';
import { parseVariables } from '../../src/lib/core/settings/variable-text.js';
import { Client } from '../helpers/client.js';
import { freePort, takenPort } from '../helpers/free-port.js';
import { binary } from '../helpers/run-binary.js';
import { runCommand } from '../helpers/run-command.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { hasTerminal, openTerminal } from '../helpers/terminal.js';
import { jsonOf } from '../helpers/wire.js';

async function look<Answer>(
  folder: string,
  use: (admin: Awaited<ReturnType<typeof openAdmin>>) => Promise<Answer>,
) {
  const admin = await openAdmin({ database: join(folder, 'dp.db'), env: {} });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

const settingsOf = (folder: string) =>
  look(folder, async (admin) => {
    const list = await admin.run('config.list', {});
    return Object.fromEntries(list.map(({ name, text }) => [name, text])) as Record<SettingName, string>;
  });

const startOf = (folder: string) => parseVariables(readFileSync(join(folder, 'serve.env'), 'utf8')).values;

for (const preset of presetNames) {
  test(`--yes --for ${preset} makes a set-up with its values`, async (t) => {
    const folder = join(tempFolder(t), 'dp');
    const ran = await runCommand(Init, ['--yes', '--data', folder, '--for', preset, '--tls', 'none']);
    t.is(ran.status, 0, ran.stderr);
    const values = await settingsOf(folder);
    for (const [name, text] of Object.entries(presets[preset].settings))
      t.is(values[name as SettingName], text, name);
    t.is(values.announceWhitelist, String(presets[preset].listing !== 'anywhere'));
    t.is(statSync(folder).mode & 0o777, 0o700);
    t.is(statSync(join(folder, 'dp.db')).mode & 0o777, 0o600);
  });
}

test('everything that flags can say', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  const ran = await runCommand(
    Init,
    [
      ...['--yes', '--data', folder, '--name', 'Ink and friends', '--welcome', 'Hello!', '--port', '27751'],
      ...['--local-host', 'draw.example.com', '--tls', 'self-signed'],
      ...[
        '--drawpile-accounts',
        '--listing',
        'drawpile.net',
        '--moderator',
        'alice',
        '--password-stdin',
        '--json',
      ],
    ],
    { stdin: 'pw\n' },
  );
  t.is(ran.status, 0, ran.stdout);
  t.like(ran.json(), { folder, start: `dp serve --data ${folder}` });
  t.deepEqual(startOf(folder), {
    DP_PORT: '27751',
    DP_LOCAL_HOST: 'draw.example.com',
    DP_SSL_CERT: join(folder, 'cert.pem'),
    DP_SSL_KEY: join(folder, 'key.pem'),
    DP_EXTAUTH_URL: 'https://drawpile.net/api/ext-auth/',
  });
  t.like(await settingsOf(folder), {
    serverTitle: 'Ink and friends',
    welcomeMessage: 'Hello!',
    extauth: 'true',
    extauthkey: '9eJ2tMJlqgSqHOIK/GI/qzS14WqIxHeB1Im5Hs/CCCk=',
    announceWhitelist: 'true',
  });
  await look(folder, async (admin) => {
    t.is(await admin.run('user.login', { name: 'alice', password: 'pw' }), 'ok');
    t.deepEqual((await admin.run('user.get', { key: { name: 'alice' } })).flags, ['MOD', 'HOST']);
    t.deepEqual((await admin.run('listserver.list', {})).list, ['^https://drawpile\\.net/api/listing/']);
  });
  const certificate = new X509Certificate(readFileSync(join(folder, 'cert.pem')));
  t.truthy(certificate.checkHost('draw.example.com'));
  t.is(statSync(join(folder, 'key.pem')).mode & 0o777, 0o600);
  t.false(ran.stdout.includes('"pw"'));
});

test('a port of a flag that another program uses is written, with a warning that names the program', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  const [taken, web, free] = [await takenPort(t), await takenPort(t), await freePort()];
  const flags = ['--yes', '--data', folder];
  const first = await runCommand(Init, [...flags, '--port', `${taken}`, '--web-port', `${web}`]);
  t.is(first.status, 0, first.stderr);
  const words = first.stderr.replaceAll(/\s+(›\s+)?/g, ' ');
  for (const [port, flag] of [
    [taken, '--port'],
    [web, '--web-port'],
  ])
    t.true(
      words.includes(
        `Port ${port} is in use by node (process ${process.pid}); choose another one with ${flag}, or stop it: kill ${process.pid}`,
      ),
      words,
    );
  t.like(startOf(folder), { DP_PORT: `${taken}`, DP_WEB_PORT: `${web}` });

  // the server of this setup may be the program
  const second = await runCommand(Init, [...flags, '--name', 'Ink']);
  t.is(second.status, 0, second.stderr);
  t.notRegex(second.stderr, /in use/);
  const third = await runCommand(Init, [...flags, '--port', `${free}`]);
  t.is(third.status, 0, third.stderr);
  t.notRegex(third.stderr, /in use/);
});

test('a name that no account can have is refused before the password', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  const ran = await runCommand(Init, ['--yes', '--data', folder, '--administrator', 'a"b']);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /a"b/);
  t.notRegex(ran.stderr, /--password-stdin/);
  t.false(existsSync(folder));
});

const fingerprint = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
    );

test('run again, only what is asked for changes', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  await runCommand(Init, [
    '--yes',
    '--data',
    folder,
    '--for',
    'public',
    '--name',
    'Ink',
    '--tls',
    'self-signed',
    '--port',
    '27751',
  ]);
  const before = await settingsOf(folder);
  const certificate = readFileSync(join(folder, 'cert.pem'), 'utf8');
  const again = await runCommand(Init, ['--yes', '--data', folder, '--welcome', 'Hi']);
  t.is(
    again.stdout
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .join(),
    '  setting welcomeMessage = Hi',
  );
  t.deepEqual(await settingsOf(folder), { ...before, welcomeMessage: 'Hi' });
  await runCommand(Init, ['--yes', '--data', folder, '--tls', 'self-signed']);
  t.is(readFileSync(join(folder, 'cert.pem'), 'utf8'), certificate);
  t.is(startOf(folder).DP_PORT, '27751');
});

test('with nothing to change nothing is written', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  await runCommand(Init, ['--yes', '--data', folder]);
  const before = fingerprint(folder);
  const ran = await runCommand(Init, ['--yes', '--data', folder]);
  t.regex(ran.stdout, /Nothing to change\./);
  t.deepEqual(fingerprint(folder), before);
});

test('lines that somebody added to serve.env stay', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  await runCommand(Init, ['--yes', '--data', folder, '--port', '27751']);
  writeFileSync(join(folder, 'serve.env'), '# mine\nDP_RECORD=%i.dprec\nDP_PORT=27751\n');
  await runCommand(Init, ['--yes', '--data', folder, '--port', '27750', '--websocket-port', '27760']);
  t.is(
    readFileSync(join(folder, 'serve.env'), 'utf8'),
    '# mine\nDP_RECORD=%i.dprec\nDP_WEBSOCKET_PORT=27760\n',
  );
});

test('a web port is set, changed and taken away', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  const startFile = () => readFileSync(join(folder, 'serve.env'), 'utf8');
  await runCommand(Init, ['--yes', '--data', folder, '--web-port', '8443']);
  t.true(startFile().includes('DP_WEB_PORT=8443\n'), startFile());
  await runCommand(Init, ['--yes', '--data', folder, '--web-port', '443']);
  t.true(startFile().includes('DP_WEB_PORT=443\n'), startFile());
  await runCommand(Init, ['--yes', '--data', folder, '--web-port', '0']);
  t.false(startFile().includes('DP_WEB_PORT'), startFile());
});

test('a dry run writes nothing', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  const ran = await runCommand(Init, ['--dry-run', '--data', folder, '--name', 'Ink']);
  t.regex(ran.stdout, /Would write:\n(.*\n)*.*setting serverTitle = Ink/);
  t.false(existsSync(folder));
});

test('what can’t be is refused before anything is written', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  const refused = async (status: number, pattern: RegExp, ...flags: string[]) => {
    const ran = await runCommand(Init, ['--yes', '--data', folder, ...flags]);
    t.is(ran.status, status, ran.stderr);
    t.regex(ran.stderr, pattern);
    t.false(existsSync(folder));
  };
  await refused(2, /--port and --websocket-port|port/, '--port', '27751', '--websocket-port', '27751');
  await refused(2, /--tls files needs a certificate/, '--tls', 'files');
  await refused(2, /'nobody' for --acme-email/, '--acme', 'draw.example.org', '--acme-email', 'nobody');
  await refused(2, /'\*\.example\.org' is a wildcard/, '--local-host', '*.example.org');
  await refused(2, /invalid host name.*\n.*leave out http/, '--local-host', 'https://draw.example.org/');
  await refused(
    2,
    /cannot also be provided when using|--moderator/,
    '--administrator',
    'a',
    '--moderator',
    'b',
  );
  await refused(2, /--administrator|--moderator/, '--generate');
  await refused(2, /invalid account name 'a"b'/, '--moderator', 'a"b', '--generate');
});

test('nobody there to answer: --yes is named', async (t) => {
  const ran = await runCommand(Init, ['--data', join(tempFolder(t), 'dp')]);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /--yes/);
});

test('a place that can’t be written is one line with the way out', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const file = await runCommand(Init, ['--yes', '--data', join(folder, 'file')]);
  t.is(file.status, 2);
  t.regex(file.stderr, /is a file, not a folder\n.*--data/);
  const beneath = await runCommand(Init, ['--yes', '--data', join(folder, 'file', 'dp')]);
  t.is(beneath.status, 1);
  t.regex(beneath.stderr, /cannot use .*: a part of its path is not a folder\n.*ls -ld/);
  if (process.getuid?.() === 0) return;
  mkdirSync(join(folder, 'closed'));
  chmodSync(join(folder, 'closed'), 0o500);
  const closed = await runCommand(Init, ['--yes', '--data', join(folder, 'closed', 'dp')]);
  t.is(closed.status, 1);
  t.regex(closed.stderr, /not writable/);
});

const onTerminal = hasTerminal ? test : test.skip;
const moves: Record<PresetName, number> = { private: 0, community: 1, public: 2 };

for (const preset of presetNames) {
  onTerminal(`the wizard on a terminal (tmux), ${preset}; the result serves`, async (t) => {
    const parent = tempFolder(t);
    // root's server becomes somebody else, who has to get there
    chmodSync(parent, 0o755);
    const folder = join(parent, 'dp');
    const port = await freePort();
    const terminal = openTerminal(t, [process.execPath, binary, 'init', '--data', folder]);
    await terminal.shows('Who will use this server?');
    for (let down = 0; down < moves[preset]; down += 1) terminal.press('Down');
    await terminal.shows(`❯ ${presets[preset].title.split(' ')[0]}`);
    terminal.press('Enter');
    await terminal.shows('Server title');
    terminal.type('Ink and friends');
    terminal.press('Enter');
    await terminal.shows('Welcome message');
    terminal.press('Enter');
    await terminal.shows('Port for desktop clients');
    terminal.type('99999');
    terminal.press('Enter');
    await terminal.shows('Enter a port number from 1 to 65535');
    terminal.press('C-u');
    terminal.type(String(port));
    terminal.press('Enter');
    await terminal.shows('Host name under which');
    terminal.press('Enter');
    await terminal.shows('Encrypt connections');
    terminal.press('Enter');
    await terminal.shows('No port for browsers: browsers, and Drawpile 2.3 over WebSocket');
    await terminal.shows('accounts of drawpile.net?');
    terminal.press('Enter');
    await terminal.shows('Where may sessions be announced?');
    terminal.press('Enter');
    await terminal.shows('Name of the administrator');
    terminal.type('alice');
    terminal.press('Enter');
    await terminal.shows('Password for alice');
    terminal.type('secret words');
    terminal.press('Enter');
    await terminal.shows('Repeat the password');
    terminal.type('secret wodrs');
    terminal.press('Enter');
    await terminal.shows('The passwords do not match');
    terminal.press('C-u');
    terminal.type('secret words');
    terminal.press('Enter');
    const summary = await terminal.shows('Write these changes?');
    t.false(summary.includes('secret'));
    t.true(summary.includes('setting serverTitle = Ink and friends'));
    t.true(summary.includes(`DP_PORT=${port}`));
    t.false(existsSync(folder), 'nothing is written before it was shown');
    terminal.press('Enter');
    await terminal.shows('ended with 0');
    const values = await settingsOf(folder);
    for (const [name, text] of Object.entries(presets[preset].settings))
      t.is(values[name as SettingName], text, name);
    t.is(
      await look(folder, (admin) => admin.run('user.login', { name: 'alice', password: 'secret words' })),
      'ok',
    );
    t.is(startOf(folder).DP_SSL_CERT, join(folder, 'cert.pem'));
    await serves(t, folder, port);
  });
}

onTerminal('Enter through the wizard (tmux) on a set-up changes nothing', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  await runCommand(
    Init,
    [
      '--yes',
      '--data',
      folder,
      '--for',
      'public',
      '--name',
      'Ink',
      '--listing',
      'nowhere',
      '--moderator',
      'alice',
      '--password-stdin',
    ],
    { stdin: 'pw\n' },
  );
  const before = fingerprint(folder);
  const terminal = openTerminal(t, [process.execPath, binary, 'init', '--data', folder]);
  for (const question of [
    'Who will use this server?',
    'Server title',
    'Welcome message',
    'Port for desktop clients',
    'Host name under which',
    'Encrypt connections',
    'Port for browsers',
    'accounts of drawpile.net?',
    'Where may sessions be announced?',
    'Name of the administrator',
  ]) {
    await terminal.shows(question);
    terminal.press('Enter');
  }
  await terminal.shows('ended with 0');
  t.deepEqual(fingerprint(folder), before);
});

onTerminal('Ctrl-C in the wizard (tmux) leaves nothing behind', async (t) => {
  const parent = tempFolder(t);
  const terminal = openTerminal(t, [process.execPath, binary, 'init', '--data', join(parent, 'dp')]);
  await terminal.shows('Who will use this server?');
  terminal.press('Enter');
  await terminal.shows('Server title');
  terminal.press('C-c');
  await terminal.shows('nothing was changed');
  await terminal.shows('ended with 1');
  t.deepEqual(readdirSync(parent), []);
});

onTerminal('a password is asked for twice and not shown (tmux)', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  await runCommand(Init, ['--yes', '--data', folder]);
  const terminal = openTerminal(t, [
    process.execPath,
    binary,
    'user',
    'add',
    'bob',
    '-d',
    join(folder, 'dp.db'),
  ]);
  await terminal.shows('Password for bob');
  terminal.type('open sesame');
  terminal.press('Enter');
  await terminal.shows('Repeat the password');
  terminal.type('open sesame');
  terminal.press('Enter');
  const screen = await terminal.shows('ended with 0');
  t.false(screen.includes('sesame'));
  t.is(
    await look(folder, (admin) => admin.run('user.login', { name: 'bob', password: 'open sesame' })),
    'ok',
  );
});

/** Starts `dp serve` on what was set up: a moderator logs in over TLS, is told the title, and hosts. */
async function serves(t: ExecutionContext, folder: string, port: number): Promise<void> {
  const child = spawn(process.execPath, [binary, 'serve', '--listen', '127.0.0.1', '--log-level', 'error'], {
    env: { PATH: process.env.PATH ?? '', DP_DATA: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('Ctrl-C')) break;
  const client = await Client.open(port, { name: 'alice', password: 'secret words' });
  await client.startTls();
  const result = await client.logIn('host');
  t.like(result, { state: 'identOk', guest: false });
  t.true(client.log.some((frame) => jsonOf(frame)?.title === 'Ink and friends'));
  await client.host();
  client.leave();
  child.kill('SIGTERM');
  t.deepEqual(await once(child, 'exit'), [0, null]);
}

for (const [what, args] of [
  ['at once', [['--tls', 'self-signed', '--websocket-port', '27752']]],
  [
    'the port later',
    [
      ['--tls', 'self-signed'],
      ['--websocket-port', '27752'],
    ],
  ],
  [
    'the certificate later',
    [
      ['--websocket-port', '27752'],
      ['--tls', 'self-signed'],
    ],
  ],
  ['a web port', [['--tls', 'self-signed', '--web-port', '8443']]],
  [
    'a web port later',
    [
      ['--tls', 'self-signed'],
      ['--web-port', '8443'],
    ],
  ],
  [
    'the certificate later than a web port',
    [
      ['--web-port', '8443'],
      ['--tls', 'self-signed'],
    ],
  ],
] as const) {
  test(`a port for browsers with a self-signed certificate is refused: ${what}`, async (t) => {
    const folder = join(tempFolder(t), 'dp');
    const init = (more: readonly string[]) => runCommand(Init, ['--yes', '--data', folder, ...more]);
    for (const earlier of args.slice(0, -1)) t.is((await init(earlier)).status, 0);
    const refused = await init(args.at(-1)!);
    t.is(refused.status, 2);
    t.regex(refused.stderr, /browsers needs a certificate that they accept.*\n.*--tls files/s);
    t.is((await init(['--tls', 'none', '--websocket-port', '27752'])).status, 0);
  });
}

test('a certificate from an authority is set up by flags, and taken out again', async (t) => {
  const folder = join(tempFolder(t), 'data');
  const file = join(folder, 'serve.env');
  const init = (...flags: string[]) => runCommand(Init, ['--yes', '--data', folder, ...flags]);
  const ran = await init(
    '--local-host',
    'Draw.example.org',
    '--tls',
    'acme',
    '--acme-accept-terms',
    '--web-port',
    '443',
  );
  t.is(ran.status, 0, ran.stderr);
  const text = readFileSync(file, 'utf8');
  for (const line of [
    'DP_ACME=draw.example.org',
    'DP_HTTP_PORT=80',
    'DP_ACME_ACCEPT_TERMS=true',
    'DP_WEB_PORT=443',
  ]) {
    t.true(text.includes(`${line}\n`), line);
  }
  t.is(
    (await init('--acme', 'draw.example.org,www.example.org', '--acme-email', 'me@example.org')).status,
    0,
  );
  t.regex(
    readFileSync(file, 'utf8'),
    /DP_ACME=draw\.example\.org,www\.example\.org\n[\s\S]*DP_ACME_EMAIL=me@example\.org/,
  );
  for (const [flags, words] of [
    [['--acme', '*.example.org'], /'\*\.example\.org' for --acme: an authority issues wildcards only/],
    [['--acme', '192.0.2.7'], /no certificates for addresses/],
    [['--acme', 'draw.local'], /names that end with \.local are not public/],
    [
      ['--acme', 'draw.example.org', '--http-port', '0', '--web-port', '0'],
      /needs a port at which the authority checks/,
    ],
    [['--tls', 'none', '--acme-email', 'me@example.org'], /--tls none/],
  ] as const) {
    const refused = await init(...flags);
    t.is(refused.status, 2, flags.join(' '));
    t.regex(refused.stderr, words);
  }
  t.is((await init('--tls', 'none')).status, 0);
  t.notRegex(readFileSync(file, 'utf8'), /ACME|HTTP_PORT/);
});

// The questions of `dp init` about encryption, ports and accounts, on a real terminal.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Init from '../../src/commands/init.js';
import { openAdmin } from '../../src/lib/cli/open-admin.js';
import { parseVariables } from '../../src/lib/core/settings/variable-text.js';
import { startAuthority, type TestAuthority, withAuthority } from '../helpers/authority.js';
import { makePair, writePair } from '../helpers/certificates.js';
import { freePort, takenPort } from '../helpers/free-port.js';
import { issuedCertificate } from '../helpers/issued-certificate.js';
import { runCommand } from '../helpers/run-command.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { hasTerminal } from '../helpers/terminal.js';
import { answer, openWizard, retype, type Step } from '../helpers/wizard.js';

const onTerminal = hasTerminal ? test : test.skip;
const withAuthorityOnTerminal = hasTerminal ? withAuthority : test.skip;

const startOf = (folder: string) => parseVariables(readFileSync(join(folder, 'serve.env'), 'utf8')).values;

const fingerprint = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
    );

async function flagsOf(folder: string, name: string): Promise<string[]> {
  const admin = await openAdmin({ database: join(folder, 'dp.db'), env: {} });
  try {
    return [...(await admin.run('user.get', { key: { name } })).flags];
  } finally {
    await admin.close();
  }
}

/** Flags that answer what is asked before encryption and after the ports. */
const elsewhere = ['--for', 'private', '--name', 'Ink', '--welcome', '', '--no-drawpile-accounts'];

function trustedFile(t: ExecutionContext, authority: TestAuthority): string {
  const file = join(tempFolder(t), 'authority.pem');
  writeFileSync(file, authority.trusted);
  return file;
}

withAuthorityOnTerminal(
  'the wizard asks for a certificate from the authority that a flag names',
  async (t) => {
    const authority = await startAuthority(t);
    const trusted = trustedFile(t, authority);
    const folder = join(tempFolder(t), 'dp');
    const taken = await takenPort(t);
    const [port, web, http] = [await freePort(), await freePort(), await freePort()];
    const terminal = openWizard(
      t,
      folder,
      ...elsewhere,
      ...['--acme-directory', authority.directory, '--acme-directory-ca', trusted],
    );
    await answer(terminal, [['Port for desktop clients', String(taken)]]);
    await retype(terminal, `Port ${taken} is in use by node (process ${process.pid})`, String(port));
    await answer(terminal, [['Host name under which', '*.example.org']]);
    await retype(terminal, "'*.example.org' is a wildcard, not a host name", 'https://draw.example.org/');
    await retype(terminal, 'leave out http:// and the port', 'Draw.Example.ORG');
    await answer(terminal, [[/❯ Yes, with a free certificate from an authority/, '']]);
    await answer(terminal, [['Host names, separated by commas: (draw.example.org)', '*.example.org']]);
    await retype(terminal, 'an authority issues wildcards only', 'draw.example.org,192.0.2.7');
    await retype(terminal, 'no certificates for addresses', 'draw.example.org, www.example.org');
    await answer(terminal, [['E-mail address for the authority', 'me at example']]);
    await retype(terminal, 'Enter an e-mail address, as in me@example.org.', 'me@example.org');
    await answer(terminal, [
      ['terms of service of the authority: data:text/plain,Do%20what%20thou%20wilt ?', 'y'],
      ['Port for browsers: public page', String(port)],
    ]);
    await retype(terminal, `Port ${port} is the one for desktop clients`, String(taken));
    await retype(terminal, `Port ${taken} is in use by node (process ${process.pid})`, String(web));
    await answer(terminal, [['Port for http: redirects to https', String(web)]]);
    await retype(terminal, `Port ${web} is the one for browsers`, String(http));
    await answer(terminal, [
      ['Where may sessions be announced?', ''],
      ['Name of the administrator', 'alice'],
      ['Password for alice', 'secret words'],
      ['Repeat the password', 'secret words'],
    ]);
    await answer(terminal, [['Write these changes?', '']]);
    await terminal.shows('ended with 0');
    t.deepEqual(startOf(folder), {
      DP_PORT: String(port),
      DP_WEB_PORT: String(web),
      DP_LOCAL_HOST: 'draw.example.org',
      DP_ACME: 'draw.example.org,www.example.org',
      DP_HTTP_PORT: String(http),
      DP_ACME_EMAIL: 'me@example.org',
      DP_ACME_DIRECTORY: authority.directory,
      DP_ACME_DIRECTORY_CA: trusted,
      DP_ACME_ACCEPT_TERMS: 'true',
    });
    t.deepEqual(await flagsOf(folder, 'alice'), ['MOD', 'HOST', 'ADMIN']);

    // Once more: Enter changes nothing, though the terms are asked for again where encryption is looked at.
    const before = fingerprint(folder);
    const again = openWizard(t, folder);
    await answer(again, [
      ['Who will use this server?', ''],
      ['Server title', ''],
      ['Welcome message', ''],
      ['Port for desktop clients', ''],
      ['Host name under which', ''],
      ['❯ Keep as is: draw.example.org,www.example.org', ['Down']],
      ['Host names, separated by commas: (draw.example.org,www.example.org)', ''],
      ['E-mail address for the authority (- for none): (me@example.org)', ''],
      ['terms of service of the authority: data:text/plain', ''],
      ['Port for browsers', ''],
      ['Port for http', ''],
      ['accounts of drawpile.net?', ''],
      ['Where may sessions be announced?', ''],
      ['Name of another moderator (existing: alice)', ''],
    ]);
    await again.shows('Nothing to change.');
    t.deepEqual(fingerprint(folder), before);
  },
);

withAuthorityOnTerminal(
  'terms that are not accepted lead back to the question; flags answer the others',
  async (t) => {
    const authority = await startAuthority(t);
    const folder = join(tempFolder(t), 'dp');
    const terminal = openWizard(
      t,
      folder,
      ...elsewhere,
      ...['--port', '27751', '--local-host', 'draw.example.org', '--acme', 'draw.example.org'],
      ...['--acme-directory', authority.directory, '--acme-directory-ca', trustedFile(t, authority)],
      ...['--acme-email', 'me@example.org', '--listing', 'nowhere'],
    );
    await answer(terminal, [['terms of service of the authority: data:', 'n']]);
    await terminal.shows('Without that, the authority issues no certificate.');
    await answer(terminal, [
      ['Encrypt connections (TLS)?', ['Down']],
      ['Name of the administrator', ''],
      ['Write these changes?', ''],
    ]);
    await terminal.shows('ended with 0');
    t.deepEqual(startOf(folder), {
      DP_PORT: '27751',
      DP_LOCAL_HOST: 'draw.example.org',
      DP_SSL_CERT: join(folder, 'cert.pem'),
      DP_SSL_KEY: join(folder, 'key.pem'),
    });
  },
);

onTerminal(
  'an authority that does not answer is no obstacle: the reason is shown, and the directory',
  async (t) => {
    const folder = join(tempFolder(t), 'dp');
    const directory = `https://127.0.0.1:${await freePort()}/dir`;
    const terminal = openWizard(
      t,
      folder,
      ...elsewhere,
      ...['--port', '27751', '--local-host', 'draw.example.org', '--listing', 'nowhere', '--tls', 'acme'],
      ...['--acme-directory', directory, '--web-port', '27752', '--http-port', '27753'],
    );
    await answer(terminal, [
      ['Host names, separated by commas', ''],
      ['E-mail address for the authority', ''],
    ]);
    await terminal.shows('The terms of service cannot be read now');
    await answer(terminal, [
      [`terms of service of the authority at ${directory} ?`, 'y'],
      ['Name of the administrator', ''],
      ['Write these changes?', ''],
    ]);
    await terminal.shows('ended with 0');
    t.like(startOf(folder), {
      DP_ACME: 'draw.example.org',
      DP_ACME_DIRECTORY: directory,
      DP_ACME_ACCEPT_TERMS: 'true',
      DP_WEB_PORT: '27752',
      DP_HTTP_PORT: '27753',
    });
  },
);

onTerminal('certificate files are checked when they are named, and ports for browsers follow', async (t) => {
  const place = tempFolder(t);
  const { leaf, issuer, key } = await issuedCertificate();
  const good = writePair(place, { certificate: `${leaf}\n${issuer}`, key });
  const other = writePair(tempFolder(t), await makePair());
  const folder = join(tempFolder(t), 'dp');
  const [web, http] = [await freePort(), await freePort()];
  const terminal = openWizard(
    t,
    folder,
    ...[...elsewhere, '--port', '27751', '--local-host', 'draw.example.org', '--listing', 'nowhere'],
  );
  await answer(terminal, [
    ['Encrypt connections (TLS)?', ['Down', 'Down']],
    ['Certificate file (PEM)', join(place, 'missing.pem')],
  ]);
  await retype(terminal, 'there is no certificate at', good.key);
  await retype(terminal, 'there is no readable certificate in', good.certificate);
  await answer(terminal, [['Private key file (PEM)', other.key]]);
  await retype(terminal, 'does not belong to the certificate', good.key);
  await answer(terminal, [
    ['Port for browsers: public page, browser clients, administration (0 for none, usually 443): (443)', ''],
  ]);
  // Whoever runs the tests may use it or not; it may be free or not.
  terminal.press('C-u');
  const asked = await terminal.shows(/Port for http, which redirects|is in use|cannot use ports below 1024/);
  if (!asked.includes('Port for http')) {
    terminal.type(String(web));
    terminal.press('Enter');
  }
  await answer(terminal, [
    ['Port for http, which redirects to https (0 for none, usually 80): (80)', String(http)],
    ['Name of the administrator', ''],
    ['Write these changes?', ''],
  ]);
  await terminal.shows('ended with 0');
  t.like(startOf(folder), {
    DP_SSL_CERT: good.certificate,
    DP_SSL_KEY: good.key,
    DP_HTTP_PORT: String(http),
  });
  t.true(['443', String(web)].includes(startOf(folder).DP_WEB_PORT!));
});

/** Every question of a new server with files. */
async function allQuestions(t: ExecutionContext): Promise<Step[]> {
  const pair = writePair(tempFolder(t), await makePair());
  return [
    ['Who will use this server?', ''],
    ['Server title', 'Ink'],
    ['Welcome message', ''],
    ['Port for desktop clients', String(await freePort())],
    ['Host name under which', 'draw.example.org'],
    ['Encrypt connections (TLS)?', ['Down', 'Down']],
    ['Certificate file (PEM)', pair.certificate],
    ['Private key file (PEM)', pair.key],
    ['Port for browsers', String(await freePort())],
    ['Port for http', '0'],
    ['accounts of drawpile.net?', ''],
    ['Where may sessions be announced?', ''],
    ['Name of the administrator', 'alice'],
    ['Password for alice', 'secret'],
    ['Repeat the password', 'secret'],
    ['Write these changes?', ''],
  ];
}

onTerminal('Ctrl-C at each question leaves nothing behind', async (t) => {
  const steps = await allQuestions(t);
  for (const [index, [question]] of steps.entries()) {
    const parent = tempFolder(t);
    const terminal = openWizard(t, join(parent, 'dp'));
    await answer(terminal, steps.slice(0, index));
    await terminal.shows(question);
    terminal.press('C-c');
    await terminal.shows('ended with 1');
    t.deepEqual(readdirSync(parent), [], String(question));
  }
});

withAuthorityOnTerminal(
  'the same at the questions about an authority, on a set-up that is there',
  async (t) => {
    const authority = await startAuthority(t);
    const folder = join(tempFolder(t), 'dp');
    await runCommand(Init, ['--yes', '--data', folder, '--for', 'public', '--name', 'Ink']);
    const before = fingerprint(folder);
    const flags = [
      ...elsewhere,
      '--port',
      '27751',
      '--local-host',
      'draw.example.org',
      '--listing',
      'nowhere',
    ];
    const directory = [
      '--acme-directory',
      authority.directory,
      '--acme-directory-ca',
      trustedFile(t, authority),
    ];
    const steps: Step[] = [
      ['❯ Yes, with a free certificate', ''],
      ['Host names, separated by commas', ''],
      ['E-mail address', ''],
      ['terms of service of the authority', 'y'],
      ['Port for browsers', '0'],
      ['Port for http', String(await freePort())],
      ['Name of the administrator', ''],
      ['Write these changes?', ''],
    ];
    for (const [index, [question]] of steps.entries()) {
      const terminal = openWizard(t, folder, ...flags, ...directory);
      await answer(terminal, steps.slice(0, index));
      await terminal.shows(question);
      terminal.press('C-c');
      await terminal.shows('ended with 1');
      t.deepEqual(fingerprint(folder), before, String(question));
    }
  },
);

onTerminal('a second run writes what was asked for, and nothing else', async (t) => {
  const folder = join(tempFolder(t), 'dp');
  const flags = [
    '--for',
    'community',
    '--name',
    'Ink',
    '--listing',
    'nowhere',
    '--port',
    '27751',
    '--tls',
    'acme',
  ];
  const acme = [
    '--acme',
    'draw.example.org',
    '--acme-accept-terms',
    '--web-port',
    '27752',
    '--http-port',
    '0',
  ];
  t.is((await runCommand(Init, ['--yes', '--data', folder, ...flags, ...acme])).status, 0);
  const before = startOf(folder);
  const terminal = openWizard(t, folder);
  const summary = await answer(terminal, [
    ['Who will use this server?', ''],
    ['Server title', ''],
    ['Welcome message', 'Hello'],
    ['Port for desktop clients', ''],
    ['Host name under which', ''],
    ['❯ Keep as is: draw.example.org', ''],
    ['Port for browsers', ''],
    ['Port for http', ''],
    ['accounts of drawpile.net?', ''],
    ['Where may sessions be announced?', ''],
    ['Name of the administrator', ''],
    ['Write these changes?', ''],
  ]);
  const written = summary.slice(summary.indexOf('Will write:')).split('\n').slice(1);
  t.deepEqual(
    written.filter((line) => line.startsWith('  ')).map((line) => line.trim()),
    ['setting welcomeMessage = Hello'],
  );
  await terminal.shows('ended with 0');
  t.deepEqual(startOf(folder), before);
  t.true(existsSync(join(folder, 'dp.db')));
});

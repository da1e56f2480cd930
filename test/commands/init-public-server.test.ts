// From nothing to a public server: `dp init` on a terminal, the command that it shows, a certificate from an authority, and
// everybody who is to reach it: the administrator at the app, a desktop client, a browser client. No other program.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { startAuthority, withAuthority } from '../helpers/authority.js';
import { Client } from '../helpers/client.js';
import { freePort } from '../helpers/free-port.js';
import { binary } from '../helpers/run-binary.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { hasTerminal } from '../helpers/terminal.js';
import { until } from '../helpers/until.js';
import { openWebSocketClient } from '../helpers/web-socket-link.js';
import { answer, openWizard, type Step } from '../helpers/wizard.js';

const onTerminal = hasTerminal ? withAuthority : test.skip;
const run = promisify(execFile);
const host = 'draw.example.org';

/** What the end of the wizard shows behind a word. */
const shownBehind = (screen: string, word: string) =>
  new RegExp(`^${word} +(\\S.*?) *$`, 'm').exec(screen)?.[1] ?? '';

/** The command as it was shown, on this machine only. */
function start(t: ExecutionContext, command: string): ChildProcess {
  const [program, ...words] = command.split(' ');
  t.is(program, 'dp');
  const here = ['--listen', '--web-listen', '--http-listen'].flatMap((flag) => [flag, '127.0.0.1']);
  const child = spawn(process.execPath, [binary, ...words, ...here], {
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
    stdio: 'ignore',
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

onTerminal('dp init leads to a public server with TLS and browsers: one process', async (t) => {
  const authority = await startAuthority(t);
  const { 'http-01': http, 'tls-alpn-01': web } = authority.ports;
  const parent = tempFolder(t);
  // root's server becomes somebody else, who has to get there
  chmodSync(parent, 0o755);
  const folder = join(parent, 'dp');
  const files = { authority: join(parent, 'authority.pem'), root: join(parent, 'root.pem') };
  writeFileSync(files.authority, authority.trusted);
  writeFileSync(files.root, await authority.root());
  const port = await freePort();
  const terminal = openWizard(
    t,
    folder,
    '--no-service',
    ...['--acme-directory', authority.directory, '--acme-directory-ca', files.authority],
  );
  const typed: Step[] = [
    ['Who will use this server?', ['Down', 'Down']],
    ['Server title', 'Open studio'],
    ['Welcome message', ''],
    ['Port for desktop clients', String(port)],
    ['Host name under which', host],
    ['❯ Yes, with a free certificate', ''],
    [`Host names, separated by commas: (${host})`, ''],
    ['E-mail address', 'me@example.org'],
    ['terms of service of the authority', 'y'],
    ['Port for browsers', String(web)],
    ['Port for http', String(http)],
    ['accounts of drawpile.net?', ''],
    ['Where may sessions be announced?', ''],
    ['Name of the administrator', 'alice'],
    ['Password for alice', 'secret words'],
    ['Repeat the password', 'secret words'],
    ['Write these changes?', ''],
  ];
  await answer(terminal, typed);
  const end = await terminal.shows('ended with 0');
  const keys = typed.reduce((sum, [, reply]) => sum + reply.length + 1, 0);
  // Two minutes are 300 keys of somebody who types two and a half in a second, and reads meanwhile.
  t.true(keys < 150, `${keys} keys`);
  t.is(shownBehind(end, 'Drawpile'), `drawpile://${host}:${port}/`);
  t.is(shownBehind(end, 'Browser'), `https://web.drawpile.net/?host=${encodeURIComponent(`${host}:${web}`)}`);
  t.is(shownBehind(end, 'Public page'), `https://${host}:${web}/`);
  t.is(shownBehind(end, 'Administration'), `https://${host}:${web}/admin/ (log in as alice)`);
  t.is(shownBehind(end, 'Open TCP ports'), `${port}, ${web}, ${http}`);

  const server = start(t, shownBehind(end, 'Start the server'));
  /** As a browser on another machine, which trusts the authority and nothing else. */
  const curl = async (url: string, ...more: string[]) => {
    const flags = ['--silent', '--show-error', '--fail-with-body', '--cacert', files.root];
    const here = ['--resolve', `${host}:${web}:127.0.0.1`, '--resolve', `${host}:${http}:127.0.0.1`];
    return (await run('curl', [...flags, ...here, ...more, url])).stdout;
  };
  const page = shownBehind(end, 'Public page');
  await until('the page is there with a certificate of the authority', () =>
    curl(page).then(
      () => true,
      () => false,
    ),
  );
  t.regex(await curl(page), /<h1>.*Open studio/);
  t.regex(
    await curl(`http://${host}:${http}/`, '--head'),
    new RegExp(`^location: https://${host}:${web}/`, 'im'),
  );
  t.regex(await curl(`${page}admin/`), /<script/);
  const login = JSON.parse(
    await curl(
      `${page}api/dp/1/login`,
      ...['--header', 'content-type: application/json'],
      ...['--data', JSON.stringify({ name: 'alice', password: 'secret words' })],
    ),
  ) as { role?: string };
  t.is(login.role, 'administrator');

  const native = await Client.open(port, { name: 'alice', password: 'secret words', patience: 60_000 });
  t.teardown(() => native.drop());
  const shown = (await native.startTls()).getPeerX509Certificate();
  t.truthy(shown?.checkHost(host));
  t.regex(shown?.issuer ?? '', /Pebble/);
  t.like(await native.logIn('host'), { state: 'identOk', guest: false });
  await native.host();
  const browser = await openWebSocketClient(web, {
    isSecure: true,
    name: 'bob',
    path: '/drawpile-web/ws',
    patience: 60_000,
  });
  t.teardown(() => browser.client.drop());
  await browser.client.logIn();
  await browser.client.join(native.sessionId);
  native.draw('a stroke of alice', 150);
  await browser.client.next(({ payload }) => payload.toString() === 'a stroke of alice', 'a stroke');
  browser.client.draw('a stroke of bob', 150);
  await native.next(({ payload }) => payload.toString() === 'a stroke of bob', 'another stroke');
  // The public page is made once a second at most.
  await until('the session has a page', () =>
    curl(`${page}s/${native.sessionId}`).then(
      (text) => text.includes('alice'),
      () => false,
    ),
  );

  server.kill('SIGTERM');
  t.deepEqual(await once(server, 'exit'), [0, null]);
});

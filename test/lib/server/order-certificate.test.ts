// `dp cert renew` while no server runs: the same order with the stored start options, or what is missing for it.

import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readKeyPair } from '../../../src/lib/io/net/certificates.js';
import { issued, type PrintedStatus, serveWithAcme } from '../../helpers/acme-server.js';
import { startAuthority, type TestAuthority, withAuthority } from '../../helpers/authority.js';
import { runBinary } from '../../helpers/run-binary.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** A data folder whose server has a certificate and is stopped, with start options as `dp init` stores them. */
async function stopped(t: ExecutionContext, authority: TestAuthority) {
  const folder = tempFolder(t);
  const { 'http-01': http, 'tls-alpn-01': web } = authority.ports;
  const server = await serveWithAcme(t, authority, { http, folder });
  await issued(server);
  server.kill('SIGTERM');
  await server.ended;
  const root = join(folder, 'root.pem');
  writeFileSync(root, authority.trusted);
  const start = join(server.data, 'serve.env');
  const options = {
    DP_ACME: 'draw.example.org',
    DP_ACME_DIRECTORY: authority.directory,
    DP_ACME_DIRECTORY_CA: root,
    DP_ACME_ACCEPT_TERMS: 'true',
    DP_HTTP_PORT: String(http),
    DP_HTTP_LISTEN: '127.0.0.1',
    DP_WEB_PORT: String(web),
    DP_WEB_LISTEN: '127.0.0.1',
  };
  const store = (changes: Partial<typeof options> = {}) => {
    const lines = Object.entries({ ...options, ...changes }).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(start, lines.join(''), { mode: 0o600 });
    const { uid, gid } = statSync(server.data);
    chownSync(start, uid, gid);
  };
  store();
  const file = join(server.data, 'acme', 'certificate.pem');
  return {
    file,
    store,
    folder,
    pair: () => readKeyPair(readFileSync(file, 'utf8')),
    /** In a process of its own: as root it becomes the user of the server. */
    dp: (...argv: string[]) => runBinary(argv, { env: server.env }),
    owner: statSync(file),
  };
}

/** Takes a port until the test ends. */
async function occupy(t: ExecutionContext, port: number): Promise<void> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  t.teardown(() => void other.close());
}

withAuthority('without a server dp cert renew orders by itself, and keeps key, owner and mode', async (t) => {
  const authority = await startAuthority(t);
  const { dp, pair, file, owner } = await stopped(t, authority);
  const first = pair();
  const renewed = await dp('cert', 'renew');
  t.is(renewed.status, 0, renewed.stderr);
  t.regex(renewed.stderr, /^Ordering a certificate for draw\.example\.org \(http-01\)\nNew certificate /);
  t.regex(renewed.stdout, /^renewal +the server is stopped; due in \d/m);
  const second = pair();
  t.not(second.facts.sha256, first.facts.sha256);
  t.is(second.key, first.key);
  const { uid, mode } = statSync(file);
  t.is(uid, owner.uid);
  t.is(mode & 0o777, 0o600);
  const rotated = await dp('cert', 'renew', '--rotate-key', '--json');
  t.is(rotated.status, 0, rotated.stdout);
  t.is((JSON.parse(rotated.stdout) as PrintedStatus).certificate?.sha256, pair().facts.sha256);
  t.not(pair().key, first.key);
  for (const command of ['status', 'show']) {
    const shown = await dp('cert', command);
    t.is(shown.status, 0, shown.stderr);
    t.true(shown.stdout.includes(pair().facts.sha256), shown.stdout);
  }
});

withAuthority('a port that another program has is named; the other one is enough', async (t) => {
  const authority = await startAuthority(t);
  const { dp, pair, file } = await stopped(t, authority);
  const first = pair();
  const { 'http-01': http, 'tls-alpn-01': web } = authority.ports;
  await occupy(t, http);
  const renewed = await dp('cert', 'renew');
  t.is(renewed.status, 0, renewed.stderr);
  t.regex(renewed.stderr, new RegExp(`^warning: .+${http}.+in use.*; the other port is used$`, 'm'));
  t.regex(renewed.stderr, /\(tls-alpn-01\)/);
  t.not(pair().facts.sha256, first.facts.sha256);
  await occupy(t, web);
  const before = readFileSync(file, 'utf8');
  const asked = authority.requests.length;
  const refused = await dp('cert', 'renew');
  t.not(refused.status, 0);
  t.regex(refused.stderr, new RegExp(`^error: .+${http}.+in use.*\nhint: `, 'm'));
  t.is(readFileSync(file, 'utf8'), before);
  t.is(authority.requests.length, asked);
});

withAuthority(
  'what the authority refuses is shown, remembered, and not asked again before its time',
  async (t) => {
    const authority = await startAuthority(t);
    const { dp, pair, store } = await stopped(t, authority);
    const first = pair();
    authority.instead = ({ payload }) =>
      payload?.identifiers === undefined
        ? undefined
        : {
            status: 429,
            headers: { 'retry-after': '7200' },
            body: { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many' },
          };
    const refused = await dp('cert', 'renew');
    t.is(refused.status, 7, refused.stderr);
    t.regex(refused.stdout, /^problem +the authority has issued or refused too many .+: too many\n +wait: /m);
    const asked = authority.requests.length;
    const again = await dp('cert', 'renew');
    t.is(again.status, 6, again.stdout);
    t.regex(again.stderr, /^error: the authority does not accept a new order before /m);
    t.is(authority.requests.length, asked);
    t.is(pair().facts.sha256, first.facts.sha256);
    // options without an authority
    store({ DP_ACME: '' });
    const none = await dp('cert', 'renew');
    t.not(none.status, 0);
    t.regex(none.stderr, /--acme/);
  },
);

test('where nothing was ever set up, dp cert renew says what to do and makes nothing', async (t) => {
  const data = join(tempFolder(t), 'data');
  const ran = await runBinary(['cert', 'renew'], { env: { DP_DATA: data } });
  t.is(ran.status, 6);
  t.regex(
    ran.stderr,
    /^error: no server is running, and the stored start options of \S+data name no --acme\nhint: /,
  );
  t.false(existsSync(data));
});

// `dp serve --acme` as people run it: a certificate by either check, a renewal under people who draw, and what the
// commands say. The authority is pebble.

import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import type { ChallengeKind } from '../../../src/lib/core/certificates/challenges.js';
import { issued, type PrintedStatus, serveWithAcme } from '../../helpers/acme-server.js';
import { ask } from '../../helpers/admin-server.js';
import { startAuthority, type TestAuthority, withAuthority } from '../../helpers/authority.js';
import { Client } from '../../helpers/client.js';
import { freePort } from '../../helpers/free-port.js';
import { askSecurely } from '../../helpers/https.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { until } from '../../helpers/until.js';
import { openWebSocketClient } from '../../helpers/web-socket-link.js';

/** Certificate that a handshake shows. */
const shownBy = (socket: TLSSocket) => socket.getPeerX509Certificate()!;
const keyOf = (certificate: X509Certificate) =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');

async function startTls(t: ExecutionContext, port: number, name: string) {
  const client = await Client.open(port, { name, patience: 60_000 });
  t.teardown(() => client.drop());
  return { client, certificate: shownBy(await client.startTls()) };
}

/** Of a new connection to the web port. */
async function shownAtWebPort(port: number): Promise<X509Certificate> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'draw.example.org',
    rejectUnauthorized: false,
  });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  const shown = shownBy(socket);
  socket.destroy();
  return shown;
}

/** A server that has a certificate by this check alone, with ports for browsers. */
async function serveBy(t: ExecutionContext, authority: TestAuthority, challenge: ChallengeKind) {
  const http = challenge === 'http-01' ? authority.ports['http-01'] : 0;
  const web = challenge === 'http-01' ? await freePort() : authority.ports['tls-alpn-01'];
  const server = await serveWithAcme(t, authority, { http, web });
  return { server, http, web, first: await issued(server) };
}

for (const challenge of ['http-01', 'tls-alpn-01'] as const) {
  withAuthority(
    `a renewal by ${challenge} reaches TCP, wss and https at once, keeps the key, and drops nobody who draws`,
    async (t) => {
      const authority = await startAuthority(t);
      const { server, web, first } = await serveBy(t, authority, challenge);
      t.deepEqual(first.names, ['draw.example.org']);
      t.is(first.renewal?.challenge, challenge);
      const native = await startTls(t, server.port, 'anna');
      await native.client.logIn('host');
      await native.client.host();
      const browser = await openWebSocketClient(web, {
        isSecure: true,
        name: 'bob',
        path: '/drawpile-web/ws',
        patience: 60_000,
      });
      t.teardown(() => browser.client.drop());
      await browser.client.logIn();
      await browser.client.join(native.client.sessionId);
      const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
      t.teardown(() => agent.destroy());
      const sockets = new Set<unknown>();
      agent.on('free', (socket) => sockets.add(socket));
      const health = async () => (await askSecurely(web, { path: '/readyz', agent })).status;
      t.is(await health(), 200);

      // Both draw while it is renewed.
      // The authority waits with its certificate until both have drawn a hundred times since the order.
      let strokes = 0;
      let atOrder = 0;
      authority.before = async ({ payload }) => {
        if (payload?.identifiers !== undefined) atOrder = strokes;
        if (payload?.csr !== undefined)
          await until('both draw during the order', () => strokes >= atOrder + 100);
      };
      const asked = authority.requests.length;
      const renewing = server.dp('cert', 'renew', '--json');
      let isDone = false;
      void renewing.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        native.client.draw(`n${strokes}`, 150);
        browser.client.draw(`b${strokes}`, 151);
        strokes++;
        await Promise.all([native.client.ping(), browser.client.ping()]);
        t.is(await health(), 200);
      }
      const renewed = await renewing;
      t.is(renewed.status, 0, renewed.stderr + renewed.stdout);
      const second = (JSON.parse(renewed.stdout) as PrintedStatus).certificate!;
      t.not(second.sha256, first.sha256);
      native.client.draw('last of anna', 150);
      browser.client.draw('last of bob', 151);
      await browser.client.next(
        ({ payload }) => payload.toString() === 'last of anna',
        'what anna drew last',
      );
      await native.client.next(({ payload }) => payload.toString() === 'last of bob', 'what bob drew last');
      for (const [client, type, letter] of [
        [browser.client, 150, 'n'],
        [native.client, 151, 'b'],
      ] as const) {
        const seen = client.canvas
          .filter((frame) => frame.type === type)
          .map(({ payload }) => payload.toString());
        t.deepEqual(
          seen.slice(0, -1),
          Array.from({ length: strokes }, (_, at) => `${letter}${at}`),
        );
      }
      t.is(await health(), 200);
      t.is(sockets.size, 1, 'one connection for all requests');

      const afterwards = await startTls(t, server.port, 'late');
      t.is(afterwards.certificate.fingerprint256, second.sha256);
      t.is(native.certificate.fingerprint256, first.sha256);
      t.is(keyOf(afterwards.certificate), keyOf(native.certificate));
      t.is((await shownAtWebPort(web)).fingerprint256, second.sha256);
      const root = new X509Certificate(await authority.root());
      t.true(afterwards.certificate.checkHost('draw.example.org') !== undefined);
      t.not(afterwards.certificate.issuer, '');
      t.truthy(root);

      const requests = authority.requests.slice(asked);
      t.is(requests.filter(({ payload }) => payload?.identifiers !== undefined).length, 1);
      t.is(requests.filter(({ payload }) => payload?.csr !== undefined).length, 1);
    },
  );
}

withAuthority('what commands, metrics and the port for HTTP say of a certificate', async (t) => {
  const authority = await startAuthority(t);
  const { server, http, web, first } = await serveBy(t, authority, 'http-01');
  const metrics = (await askSecurely(web, { path: '/metrics' })).text;
  t.regex(metrics, new RegExp(`^dp_certificate_expiry_timestamp_seconds ${first.validUntil / 1000}$`, 'm'));
  t.regex(metrics, /^dp_certificate_self_signed 0$/m);
  t.regex(metrics, /^dp_certificate_last_failure_timestamp_seconds\{class="port"\} 0$/m);
  const status = await server.dp('status');
  t.regex(status.stdout, /certificate +.*draw\.example\.org: valid until \d{4}-/);

  // the port for unencrypted HTTP leads there, and nowhere else
  const redirect = await ask({
    path: '/s/x?y=//evil.example',
    port: http,
    headers: { host: 'Draw.example.org' },
  });
  t.is(redirect.status, 301);
  t.is(redirect.headers.location, `https://draw.example.org:${web}/s/x?y=//evil.example`);
  for (const host of ['evil.example', 'draw.example.org.evil.example', 'evil.example#draw.example.org']) {
    t.is((await ask({ path: '/', port: http, headers: { host } })).status, 404, host);
  }
  t.is((await ask({ path: '/metrics', port: http, headers: { host: '127.0.0.1' } })).status, 404);
  t.is(
    (await ask({ method: 'POST', path: '/', port: http, headers: { host: 'draw.example.org' } })).status,
    405,
  );

  // and without the server
  server.kill('SIGTERM');
  t.is((await server.ended).status, 0);
});

for (const challenge of ['http-01', 'tls-alpn-01'] as const) {
  withAuthority(
    `dp serve --acme obtains a certificate by ${challenge} alone; stopped, it is told from the folder`,
    async (t) => {
      const authority = await startAuthority(t);
      const port = authority.ports[challenge];
      const folder = tempFolder(t);
      const server = await serveWithAcme(t, authority, {
        folder,
        ...(challenge === 'http-01' ? { http: port } : { web: port }),
      });
      t.teardown(async () => {
        server.kill('SIGKILL');
        await server.ended;
      });
      const told = await issued(server);
      t.is(told.renewal?.challenge, challenge);
      await until('the server says so', () =>
        /New certificate for draw\.example\.org in use, valid until/.test(server.output()),
      );
      const { certificate } = await startTls(t, server.port, 'anna');
      t.is(certificate.fingerprint256, told.sha256);
      const file = join(server.data, 'acme', 'certificate.pem');
      t.is(statSync(file).mode & 0o777, 0o600);
      t.regex(readFileSync(file, 'utf8'), /^-----BEGIN PRIVATE KEY-----/);
      server.kill('SIGTERM');
      await server.ended;
      t.true(existsSync(file));
      const stopped = JSON.parse((await server.dp('cert', 'status', '--json')).stdout) as PrintedStatus;
      t.false(stopped.isRunning);
      t.like(stopped.certificate, { sha256: told.sha256, isSelfSigned: false });
      t.is(stopped.certificate?.renewal?.state, 'stopped');
      t.is(stopped.certificate?.renewal?.renewAt, told.renewal!.renewAt);
      const shown = await server.dp('cert', 'show');
      t.regex(shown.stdout, /names +draw\.example\.org/);
      const renew = await server.dp('cert', 'renew');
      t.is(renew.status, 6);
      t.regex(
        renew.stderr,
        /^error: no server is running, and the stored start options of \S+data name no --acme\nhint: start the server with /,
      );
    },
  );
}

withAuthority(
  'what is in the way of a certificate is told by every command, and people draw encrypted meanwhile',
  async (t) => {
    const authority = await startAuthority(t);
    authority.instead = ({ payload }) =>
      payload?.identifiers === undefined
        ? undefined
        : {
            status: 403,
            body: { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA record of example.org' },
          };
    const server = await serveWithAcme(t, authority, { http: authority.ports['http-01'] });
    let told: PrintedStatus | undefined;
    await until('the order has failed', async () => {
      told = JSON.parse((await server.dp('cert', 'status', '--json')).stdout) as PrintedStatus;
      return told.certificate?.renewal?.state === 'failed';
    });
    t.like(told!.certificate?.renewal?.failures[0], { code: 'acme-caa', class: 'caa' });
    const status = await server.dp('cert', 'status');
    t.is(status.status, 7);
    t.regex(status.stdout, /issued by +itself \(self-signed\)/);
    t.regex(
      status.stdout,
      /problem +a CAA record forbids .+ for draw\.example\.org: CAA record of example\.org\n +add the authority to the CAA records/,
    );
    t.regex((await server.dp('status')).stdout, /no new certificate.+a CAA record forbids/);
    const doctor = await server.dp(
      'doctor',
      '--only',
      'certificate',
      '--data',
      server.data,
      '--acme',
      'draw.example.org',
      '--http-port',
      '80',
    );
    t.is(doctor.status, 7);
    t.regex(doctor.stdout, /problem +certificate +no new certificate: a CAA record forbids/);
    // encrypted, with a key that stays
    const before = await startTls(t, server.port, 'anna');
    await before.client.logIn('host');
    await before.client.host();
    authority.instead = undefined;
    const renewed = await server.dp('cert', 'renew');
    t.is(renewed.status, 0, renewed.stdout + renewed.stderr);
    const after = await startTls(t, server.port, 'bob');
    t.not(after.certificate.issuer, after.certificate.subject);
    t.is(keyOf(after.certificate), keyOf(before.certificate));
    await before.client.ping();
    t.false(before.client.isClosed);
  },
);

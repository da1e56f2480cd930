// Debian's pebble, an authority for tests that issues to whoever answers at the ports that are named to it, with a name
// server that leads every name to this machine, behind a relay that can be made to fail or to answer something else.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeSelfSigned } from '../../src/lib/io/net/self-signed.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

const isThere = ['pebble', 'pebble-challtestsrv'].every(
  (program) => spawnSync(program, ['-h']).error === undefined,
);
/** Tests that need pebble (`apt-get install pebble`); in CI it has to be there. One after the other: each starts its own. */
export const withAuthority = isThere || process.env.CI === 'true' ? test.serial : test.skip;

/** A request on its way to the authority. */
export interface RelayedRequest {
  method: string;
  path: string;
  /** What was signed; undefined: nothing. */
  payload: Record<string, unknown> | undefined;
}

export interface RelayedAnswer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

export interface TestAuthority {
  /** Address of its directory. */
  directory: string;
  /** PEM that has to be trusted to talk to it. */
  trusted: string;
  /** Where it looks. */
  ports: { 'http-01': number; 'tls-alpn-01': number };
  /** Every request so far. */
  requests: RelayedRequest[];
  /** Answers in its place; undefined: it answers itself. */
  instead: ((request: RelayedRequest) => RelayedAnswer | undefined) | undefined;
  /** It gets each request when this resolves. */
  before: ((request: RelayedRequest) => Promise<void>) | undefined;
  /** Changes what it answered. */
  changed: ((request: RelayedRequest, body: Record<string, unknown>) => unknown) | undefined;
  /** Connections are closed without an answer. */
  isDown: boolean;
  /** A name leads nowhere from now on. */
  loseName(name: string): Promise<void>;
  /** PEM of the root that issues. */
  root(): Promise<string>;
}

export async function startAuthority(
  t: ExecutionContext,
  env: Record<string, string> = {},
): Promise<TestAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'dp-authority-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [own, management, dns, dnsManagement, httpPort, tlsPort] = (await freePorts(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const pair = makeSelfSigned({ names: ['localhost', '127.0.0.1'], days: 30, nowMs: Date.now() });
  const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.certificate, pair.certificate);
  writeFileSync(files.key, pair.key);
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${own}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: files.certificate,
      privateKey: files.key,
      httpPort,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
    },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  await startProgram(t, 'pebble-challtestsrv', [
    ...['-defaultIPv6', '', '-defaultIPv4', '127.0.0.1', '-dns01', `127.0.0.1:${dns}`],
    ...['-management', `127.0.0.1:${dnsManagement}`, '-http01', '', '-https01', '', '-tlsalpn01', ''],
  ]);
  await startProgram(
    t,
    'pebble',
    ['-config', join(folder, 'config.json'), '-dnsserver', `127.0.0.1:${dns}`],
    { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', ...env },
  );
  const reach = (url: string) =>
    get(url).then(
      () => true,
      () => false,
    );
  await until('pebble answers', () => reach(`https://127.0.0.1:${management}/roots/0`));
  await until('its name server answers', () => reach(`http://127.0.0.1:${dnsManagement}/`));
  const authority: TestAuthority = {
    directory: '',
    trusted: pair.certificate,
    ports: { 'http-01': httpPort, 'tls-alpn-01': tlsPort },
    requests: [],
    instead: undefined,
    before: undefined,
    changed: undefined,
    isDown: false,
    async loseName(host) {
      await get(`http://127.0.0.1:${dnsManagement}/set-servfail`, { host });
    },
    root: () => get(`https://127.0.0.1:${management}/roots/0`),
  };
  const relay = https.createServer({ cert: pair.certificate, key: pair.key }, (request, response) =>
    relayTo(authority, own, request, response),
  );
  relay.on('connection', (socket) => {
    if (authority.isDown) socket.destroy();
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    relay.closeAllConnections();
    relay.close();
  });
  const address = relay.address();
  authority.directory = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/dir`;
  return authority;
}

/** Different from each other. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

async function startProgram(
  t: ExecutionContext,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<ChildProcess> {
  const child = spawn(program, args, { env: { PATH: process.env.PATH ?? '', ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await once(child, 'spawn');
  return child;
}

function get(url: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = url.startsWith('https:') ? https : http;
    const request = client.request(
      url,
      { rejectUnauthorized: false, agent: false, method: body === undefined ? 'GET' : 'POST' },
      (response) => {
        let text = '';
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve(text));
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function relayTo(
  authority: TestAuthority,
  port: number,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces);
  const seen = { method: request.method ?? '', path: request.url ?? '', payload: payloadOf(body) };
  authority.requests.push(seen);
  await authority.before?.(seen);
  const instead = authority.instead?.(seen);
  if (instead !== undefined) {
    response.writeHead(instead.status, {
      'content-type': 'application/problem+json',
      date: new Date().toUTCString(),
      ...instead.headers,
    });
    response.end(typeof instead.body === 'string' ? instead.body : JSON.stringify(instead.body));
    return;
  }
  const onward = https.request(
    {
      host: '127.0.0.1',
      port,
      method: request.method,
      path: request.url,
      headers: request.headers,
      rejectUnauthorized: false,
      agent: false,
    },
    async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part as Buffer);
      let out = Buffer.concat(parts);
      const changed = authority.changed?.(seen, objectIn(out));
      if (changed !== undefined) out = Buffer.from(JSON.stringify(changed));
      const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, headers);
      response.end(out);
    },
  );
  onward.on('error', () => response.destroy());
  onward.end(body);
}

function objectIn(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function payloadOf(body: Buffer): Record<string, unknown> | undefined {
  const { payload } = objectIn(body);
  return typeof payload === 'string' && payload !== ''
    ? objectIn(Buffer.from(payload, 'base64url'))
    : undefined;
}

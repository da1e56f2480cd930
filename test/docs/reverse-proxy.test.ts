// The examples of docs/reverse-proxy.md, run: Debian's nginx and Caddy with exactly the blocks of the page (other
// ports, a certificate of ours) in front of a real server, and people who come through them.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeFolder, makePair, writePair } from '../helpers/certificates.js';
import { Client } from '../helpers/client.js';
import { readPage } from '../helpers/pages.js';
import { Reader } from '../helpers/reader.js';
import { openWebSocketClient } from '../helpers/web-socket-link.js';

const page = readPage('docs/reverse-proxy.md');
const name = 'draw.example.org';
const patience = 60_000;

/** nginx is in a folder that only root looks in. */
const env = { PATH: `${process.env.PATH}:/usr/sbin` };

interface Proxy {
  /** Writes what the proxy needs into the folder; how it is started. */
  prepare(block: string, folder: string, port: number, httpPort: number): Promise<string[]>;
  /** What it says until it is ready, in any order. */
  ready: readonly string[];
}

const proxies: Record<'nginx' | 'caddy', Proxy> = {
  nginx: {
    ready: ['start worker process'],
    async prepare(block, folder, port) {
      const files = writePair(folder, await makePair());
      const site = block
        .replaceAll(/\b443\b/g, String(port))
        .replace(/\S+fullchain\.pem/, files.certificate)
        .replace(/\S+privkey\.pem/, files.key);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (kind) => `${kind}_temp_path ${folder}/${kind};`,
      );
      const config = path.join(folder, 'nginx.conf');
      writeFileSync(
        config,
        `daemon off; pid ${folder}/pid; error_log stderr notice;
         events {} http { access_log off; ${temporary.join(' ')}\n${site}\n}`,
      );
      return ['nginx', '-p', folder, '-e', 'stderr', '-c', config];
    },
  },
  caddy: {
    ready: ['serving initial configuration', 'added certificate to cache'],
    async prepare(block, folder, port, httpPort) {
      const config = path.join(folder, 'Caddyfile');
      writeFileSync(
        config,
        `{\ndebug\nadmin off\nlocal_certs\nskip_install_trust\nhttps_port ${port}\nhttp_port ${httpPort}\n
         storage file_system ${folder}/storage\n}\n${block}\n`,
      );
      return ['caddy', 'run', '--adapter', 'caddyfile', '--config', config];
    },
  },
};

/** The examples of the page, in its order: where the admin API is behind the proxy, and what else is there. */
const setUps = [
  { what: 'all on one port', api: '/api/', page: '/' },
  { what: 'separate ports', api: '/admin/api/', page: undefined },
] as const;

for (const [[program, proxy], [index, setUp]] of Object.entries(proxies).flatMap((one) =>
  [...setUps.entries()].map((other) => [one, other] as const),
)) {
  // Where it is missing the test is skipped by name; where CI says that all is there it must run.
  const isThere = spawnSync(program, [program === 'nginx' ? '-v' : 'version'], { env }).error === undefined;
  const run = isThere || process.env.CI === 'true' ? test : test.skip;

  run(`people come through ${program} as the page has it: ${setUp.what}`, async (t) => {
    const reader = await Reader.sitDown();
    t.teardown(() => reader.leave());
    const served = await reader.type(blockOf('sh', index));
    t.is(served.status, 0, served.output);

    const folder = makeFolder(t);
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'home'));
    let block = blockOf(program === 'nginx' ? 'nginx' : 'caddyfile', index);
    for (const written of ['27751', '27780']) {
      block = block.replaceAll(written, String(await reader.portFor(written)));
    }
    const port = await reader.portFor('the proxy');
    const command = await proxy.prepare(block, folder, port, await reader.portFor('plain HTTP'));
    await start(t, command, folder, proxy.ready);

    const through = async (person: string, localAddress: string) => {
      const { client } = await openWebSocketClient(port, {
        name: person,
        patience,
        isSecure: true,
        path: '/drawpile-web/ws',
        more: { localAddress, servername: name },
        headers: { Host: name, Origin: 'https://web.drawpile.net', 'X-Real-IP': '203.0.113.9' },
      });
      t.teardown(() => client.drop());
      return client;
    };
    const anna = await through('anna', '127.0.0.5');
    await anna.logIn('host');
    await anna.host();
    const bob = await Client.join(await reader.portFor('27750'), anna.sessionId, { name: 'bob', patience });
    t.teardown(() => bob.drop());
    const carol = await through('carol', '127.0.0.6');
    await carol.logIn();
    await carol.join(anna.sessionId);
    const everyoneGets = async (type: number, length: number) => {
      for (const client of [anna, bob, carol]) {
        await client.next(
          (message) => message.type === type && message.payload.length === length,
          'a stroke',
        );
      }
    };
    bob.draw(Buffer.alloc(65_535, 7), 150);
    await everyoneGets(150, 65_535);
    carol.draw('from a browser', 151);
    await everyoneGets(151, 14);

    t.is(await statusOf(port, `${setUp.api}status/`), 401);
    t.is(await statusOf(port, `${setUp.api}status/`, 'admin:a-long-password'), 200);
    const browser = { 'Sec-Fetch-Site': 'same-origin', 'User-Agent': 'Mozilla/5.0' };
    t.is(
      await statusOf(port, `${setUp.api}status/`, 'admin:a-long-password', browser),
      200,
      'from a browser',
    );
    const page = { ...browser, Origin: `https://${name}` };
    t.is(
      await statusOf(port, `${setUp.api}status/`, 'admin:a-long-password', page),
      200,
      'from its own page',
    );
    const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
    t.is(await statusOf(port, `${setUp.api}status/`, 'admin:a-long-password', foreign), 403, 'from another');

    if (setUp.page !== undefined) {
      t.is(await statusOf(port, setUp.page), 200);
      t.is(await statusOf(port, '/metrics'), 401);
      t.is(await statusOf(port, '/readyz'), 200);
    }

    t.is(await reader.stopServer(), undefined);
    const log = await reader.type('dp log --csv --columns username,ip --topic Join');
    t.is(log.output.replaceAll('\r', ''), 'username,ip\nanna,127.0.0.5\nbob,127.0.0.1\ncarol,127.0.0.6\n');
  });
}

async function statusOf(
  port: number,
  where: string,
  auth?: string,
  headers?: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const options = { port, servername: name, headers: { Host: name, ...headers }, rejectUnauthorized: false };
  const request = https.get({ ...options, path: where, agent: false, ...(auth !== undefined && { auth }) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

function blockOf(language: string, index: number): string {
  const found = page.blocks.filter(({ words }) => words[0] === language);
  if (found.length !== setUps.length) {
    throw new Error(`${page.file} has ${found.length} blocks of ${language}`);
  }
  return found[index]!.text;
}

async function start(
  t: ExecutionContext,
  command: readonly string[],
  folder: string,
  ready: readonly string[],
): Promise<void> {
  const [program, ...args] = command as [string, ...string[]];
  const child: ChildProcess = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...env, HOME: path.join(folder, 'home') },
  });
  const ended = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (ready.every((words) => text.includes(words))) resolve();
    });
    void ended.then(() => reject(new Error(`${program} ended: ${text}`)));
  });
}

// Sockets from a service manager: by real descriptors (a stand-in, and systemd-socket-activate where it is installed).

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { takePassedSockets } from '../../../../src/lib/io/system/passed-sockets.js';

const onLinux = process.platform === 'linux' ? test : test.skip;
const hasActivator =
  spawnSync('systemd-socket-activate', ['--version']).status === 0 || process.env.CI === 'true';
const withActivator = hasActivator ? test : test.skip;

const pid = String(process.pid);
const all = () => true;

test('first Drawpile, second admin, third WebSocket; the variables are gone afterwards', (t) => {
  const environment = { LISTEN_FDS: '3', LISTEN_PID: pid, LISTEN_FDNAMES: 'a:b:c', OTHER: 'x' };
  t.deepEqual(takePassedSockets(environment, all), { drawpile: 3, admin: 4, webSocket: 5, skipped: [] });
  t.deepEqual(environment, { OTHER: 'x' } as object as typeof environment);
  t.is(takePassedSockets(environment, all), undefined);
});

test('names go before the order', (t) => {
  const environment = { LISTEN_FDS: '2', LISTEN_PID: pid, LISTEN_FDNAMES: 'websocket:drawpile' };
  t.deepEqual(takePassedSockets(environment, all), {
    drawpile: 4,
    admin: undefined,
    webSocket: 3,
    skipped: [],
  });
});

test('the socket of the web port comes by its name, wherever it stands, and takes no place of the others', (t) => {
  const environment = { LISTEN_FDS: '4', LISTEN_PID: pid, LISTEN_FDNAMES: 'dp.socket:web:dp.socket:x' };
  t.deepEqual(takePassedSockets(environment, all), {
    drawpile: 3,
    admin: 5,
    webSocket: 6,
    web: 4,
    skipped: [],
  });
});

test('sockets for another process, or none, are not ours', (t) => {
  t.is(takePassedSockets({ LISTEN_FDS: '1', LISTEN_PID: '1' }, all), undefined);
  t.is(takePassedSockets({ LISTEN_FDS: '0', LISTEN_PID: pid }, all), undefined);
  t.is(takePassedSockets({ LISTEN_FDS: 'x', LISTEN_PID: pid }, all), undefined);
  t.is(takePassedSockets({}, all), undefined);
});

test('what does not listen is told and skipped; a fourth socket is a mistake', (t) => {
  const taken = takePassedSockets({ LISTEN_FDS: '3', LISTEN_PID: pid }, (fd) => fd !== 3);
  t.like(taken, { drawpile: 4, admin: 5, webSocket: undefined });
  t.deepEqual(taken!.skipped, ['Passed file descriptor 3 is not a listening socket: ignored']);
  t.throws(() => takePassedSockets({ LISTEN_FDS: '4', LISTEN_PID: pid }, all), {
    message: /too many file desc/,
  });
});

const program = `
  import net from 'node:net';
  const { takePassedSockets } = await import(process.env.MODULE);
  const taken = takePassedSockets();
  const server = net.createServer((socket) => { socket.end(JSON.stringify(taken)); server.close(); });
  server.listen({ fd: taken.drawpile }, () => process.stdout.write('listening'));`;

const module = new URL('../../../../src/lib/io/system/passed-sockets.js', import.meta.url).href;

async function talk(port: number | string): Promise<unknown> {
  const socket = typeof port === 'string' ? net.connect(port) : net.connect(port, '127.0.0.1');
  let text = '';
  for await (const piece of socket) text += String(piece);
  return JSON.parse(text);
}

async function listen(t: ExecutionContext, where: number | string): Promise<net.Server> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(where, () => resolve()));
  t.teardown(() => server.close());
  return server;
}

const descriptorOf = (server: net.Server) => (server as unknown as { _handle: { fd: number } })._handle.fd;

onLinux(
  'real descriptors: a file is skipped, a TCP and a Unix socket are used, clients get through',
  async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-passed-'));
    t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
    const tcp = await listen(t, 0);
    const unix = await listen(t, path.join(folder, 'admin.sock'));
    const file = fs.openSync(path.join(folder, 'file'), 'w');
    // The shell becomes the program, so the pid is known before it starts.
    const child = spawn(
      '/bin/sh',
      ['-c', 'LISTEN_PID=$$ exec "$0" --input-type=module -e "$1"', process.execPath, program],
      {
        env: { ...process.env, MODULE: module, LISTEN_FDS: '3' },
        stdio: ['ignore', 'pipe', 'inherit', descriptorOf(tcp), file, descriptorOf(unix)],
      },
    );
    await once(child.stdout!, 'data');
    const { port } = tcp.address() as net.AddressInfo;
    // Our own copy must not take the connection.
    await new Promise((resolve) => tcp.close(resolve));
    t.like(await talk(port), {
      drawpile: 3,
      admin: 5,
      skipped: ['Passed file descriptor 4 is not a listening socket: ignored'],
    });
    await once(child, 'exit');
    fs.closeSync(file);
  },
);

withActivator(
  'systemd-socket-activate starts the program at the first connection and passes its socket',
  async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-passed-'));
    t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
    const address = path.join(folder, 'drawpile.sock');
    const child = spawn(
      'systemd-socket-activate',
      [
        '-l',
        address,
        '-E',
        `MODULE=${module}`,
        '-E',
        `PATH=${process.env.PATH}`,
        process.execPath,
        '--input-type=module',
        '-e',
        program,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    t.teardown(() => child.kill());
    await once(child.stderr, 'data');
    t.like(await talk(address), { drawpile: 3 });
  },
);

// The real program under a service manager: passed sockets, notifications, stopping by itself.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { upgrade } from '../../../src/lib/io/net/probes.js';
import { Client } from '../../helpers/client.js';
import { freePort } from '../../helpers/free-port.js';
import { bindNotifySocket } from '../../helpers/notify-socket.js';
import { until } from '../../helpers/until.js';

const onLinux = process.platform === 'linux' ? test : test.skip;
const hasActivator =
  spawnSync('systemd-socket-activate', ['--version']).status === 0 || process.env.CI === 'true';
const withActivator = hasActivator ? test : test.skip;

const program = path.resolve('bin/run.js');

/** A folder that the server may write to, also when the tests run as root and it becomes nobody. */
function dataFolder(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-service-'));
  if (process.geteuid?.() === 0) fs.chownSync(folder, 65534, 65534);
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function waitFor(
  receive: () => string | undefined,
  wanted: RegExp,
  child: ChildProcess,
): Promise<string[]> {
  const all: string[] = [];
  await until(`systemd is told ${wanted}`, () => {
    for (let text = receive(); text !== undefined; text = receive()) {
      all.push(text);
      if (wanted.test(text)) return true;
    }
    if (child.exitCode !== null) throw new Error(`it ended: ${all.join('; ')}`);
    return false;
  });
  return all;
}

onLinux('a passed socket is served; systemd hears of it all; with the last one gone it stops', async (t) => {
  const folder = dataFolder(t);
  const receive = await bindNotifySocket(t, `@${folder}/notify`);
  const listener = net.createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as net.AddressInfo;
  const fd = (listener as unknown as { _handle: { fd: number } })._handle.fd;
  const child = spawn(
    '/bin/sh',
    ['-c', 'LISTEN_PID=$$ exec "$0" "$1" serve --port 1', process.execPath, program],
    {
      env: {
        ...process.env,
        DP_DATA: folder,
        LISTEN_FDS: '1',
        NOTIFY_SOCKET: `@${folder}/notify`,
        WATCHDOG_USEC: '200000',
      },
      stdio: ['ignore', 'pipe', 'pipe', fd],
    },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const output: string[] = [];
  child.stdout!.on('data', (text) => output.push(String(text)));
  child.stderr!.on('data', (text) => output.push(String(text)));
  const exited = once(child, 'exit');
  const early = await waitFor(receive, /READY=1/, child);
  t.true(early.at(-1)!.includes('STATUS=0 users and 0 sessions'));
  await new Promise((resolve) => listener.close(resolve));

  await waitFor(receive, /^WATCHDOG=1$/, child);
  await waitFor(receive, /^WATCHDOG=1$/, child);
  const host = await Client.host(port, { name: 'ann' });
  await waitFor(receive, /^STATUS=1 user and 1 session$/, child);
  const guest = await Client.join(port, host.sessionId, { name: 'bob' });
  host.draw('by systemd');
  await guest.next(({ type, payload }) => type === 148 && payload.toString() === 'by systemd');
  await guest.leave();
  t.is(child.exitCode, null);
  await host.leave();
  await waitFor(receive, /^STOPPING=1$/, child);
  t.deepEqual(await exited, [0, null], output.join(''));
  t.true(output.join('').includes('Autostopping due to lack of sessions.'));
  t.true(output.join('').includes('Started listening on passed socket'));
});

/** The first answer; the output of a server that starts comes in pieces, and its first one may come early. */
async function answerOf(url: string): Promise<Response> {
  let answer: Response | undefined;
  await until('the server answers', async () => {
    answer = await fetch(url).catch(() => undefined);
    return answer !== undefined;
  });
  return answer!;
}

/** `dp serve` with so many sockets passed to it, and their ports. */
async function serveWithSockets(t: ExecutionContext, count: number, names?: string) {
  const folder = dataFolder(t);
  const listeners = Array.from({ length: count }, () => net.createServer());
  for (const listener of listeners) {
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  }
  const ports = listeners.map((listener) => (listener.address() as net.AddressInfo).port);
  const descriptors = listeners.map(
    (listener) => (listener as unknown as { _handle: { fd: number } })._handle.fd,
  );
  const child = spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$0" "$1" serve', process.execPath, program], {
    env: {
      ...process.env,
      DP_DATA: folder,
      LISTEN_FDS: String(count),
      ...(names !== undefined && { LISTEN_FDNAMES: names }),
      DP_RUNTIME: path.join(folder, 'run'),
    },
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  await once(child.stdout!, 'data');
  for (const listener of listeners) await new Promise((resolve) => listener.close(resolve));
  return { ports, exited };
}

onLinux('three passed sockets: Drawpile, admin API, WebSocket, each answers at its own', async (t) => {
  const { ports, exited } = await serveWithSockets(t, 3);
  const status = await answerOf(`http://127.0.0.1:${ports[1]}/api/status/`);
  t.is(status.status, 200);
  t.like(await status.json(), { sessions: 0 });
  // Somebody stays: with the last one gone the server stops.
  const host = await Client.host(ports[0]!, { name: 'ann' });
  t.is(await upgrade(`http://127.0.0.1:${ports[2]}/drawpile-web/ws`), 'ok');
  await host.leave();
  t.deepEqual(await exited, [0, null]);
});

onLinux('a passed socket called web is the web port, without any flag', async (t) => {
  const { ports, exited } = await serveWithSockets(t, 2, 'web:dp.socket');
  const status = await answerOf(`http://127.0.0.1:${ports[0]}/api/status/`);
  t.is(status.status, 200);
  const host = await Client.host(ports[1]!, { name: 'ann' });
  t.is(await upgrade(`http://127.0.0.1:${ports[0]}/drawpile-web/ws`), 'ok');
  await host.leave();
  t.deepEqual(await exited, [0, null]);
});

withActivator('started by systemd-socket-activate at the first connection', async (t) => {
  const folder = dataFolder(t);
  const port = await freePort();
  const child = spawn(
    'systemd-socket-activate',
    [
      '-l',
      `127.0.0.1:${port}`,
      '-E',
      `DP_DATA=${folder}`,
      '-E',
      `PATH=${process.env.PATH}`,
      process.execPath,
      program,
      'serve',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  await once(child.stderr, 'data');
  const host = await Client.host(port, { name: 'ann' });
  await host.leave();
  t.deepEqual(await exited, [0, null]);
});

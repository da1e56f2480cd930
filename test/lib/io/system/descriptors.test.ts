// When file descriptors run out: connections are refused in time, it is said once, and ends by itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { Descriptors } from '../../../../src/lib/io/system/descriptors.js';
import { ask } from '../../../helpers/admin-server.js';
import { makeFolder } from '../../../helpers/certificates.js';
import { Client } from '../../../helpers/client.js';
import { freePort } from '../../../helpers/free-port.js';
import { runTyped } from '../../../helpers/run-command.js';
import { serveBinary } from '../../../helpers/serve-binary.js';
import { until } from '../../../helpers/until.js';

function make(limit: number | undefined) {
  const state = { open: 20 as number | undefined, now: 0 };
  const told: string[] = [];
  const descriptors = new Descriptors({
    limit,
    count: () => state.open,
    now: () => state.now,
    report: (level, message) => told.push(`${level}: ${message}`),
  });
  return { descriptors, state, told };
}

test('some are kept free for files', (t) => {
  const { descriptors, state, told } = make(64);
  let admitted = 0;
  for (let i = 0; i < 100; i++) if (descriptors.admit()) admitted++;
  t.is(admitted, 64 - 8 - 20 + 1);
  t.is(descriptors.refused, 100 - admitted);
  t.deepEqual(told, [
    'error: File descriptors are running out: 57 of 64 in use, new connections are refused; raise the limit with ulimit -n, or LimitNOFILE= in the service',
  ]);
  t.regex(descriptors.problem ?? '', /57 of 64/);
  state.now += 1_000;
  state.open = 55;
  t.false(descriptors.admit(), 'not for one that became free');
  state.now += 1_000;
  state.open = 40;
  t.true(descriptors.admit());
  t.is(descriptors.problem, undefined);
  t.is(told.length, 2);
  t.regex(told[1]!, /^info: Connections are accepted again/);
});

test('a shortage that comes and goes is told once in ten minutes', (t) => {
  const { descriptors, state, told } = make(64);
  for (let i = 0; i < 20; i++) {
    state.now += 2_000;
    state.open = 62;
    t.truthy(descriptors.problem);
    state.now += 2_000;
    state.open = 20;
    t.is(descriptors.problem, undefined);
  }
  t.is(told.length, 2);
  state.now += 10 * 60_000;
  state.open = 62;
  t.truthy(descriptors.problem);
  t.is(told.length, 3);
});

test('the admin API may take half of those that are kept free, commands on this machine a quarter more', (t) => {
  const { descriptors, state, told } = make(64);
  state.open = 56;
  t.true(descriptors.admit());
  t.false(descriptors.admit());
  t.true(descriptors.admitAdministrator('port'));
  let admitted = 1;
  for (let i = 0; i < 10; i++) if (descriptors.admitAdministrator('port')) admitted++;
  t.is(56 + 1 + admitted, 64 - 4 + 1);
  for (let i = 0; i < 10; i++) if (descriptors.admitAdministrator('socket')) admitted++;
  t.is(56 + 1 + admitted, 64 - 2 + 1);
  t.is(told.length, 1);
  state.now += 1_000;
  state.open = 20;
  t.true(descriptors.admitAdministrator('port'));
});

test('files alone may use them up, and so may who counts', (t) => {
  const { descriptors, state } = make(1024);
  t.true(descriptors.admit());
  state.now += 1_000;
  state.open = undefined;
  t.false(descriptors.admit());
  t.regex(descriptors.problem ?? '', /1024 of 1024/);
  descriptors.failed();
  t.is(descriptors.refused, 2);
});

test('without a known limit nothing is refused', (t) => {
  const { descriptors } = make(undefined);
  for (let i = 0; i < 100_000; i++) t.true(descriptors.admit());
  t.is(descriptors.problem, undefined);
});

const hasProc = (() => {
  try {
    return readFileSync('/proc/self/limits', 'utf8') !== '';
  } catch {
    return false;
  }
})();

(hasProc ? test : test.skip)(
  'a server at ulimit -n 64 refuses, says so everywhere, and recovers',
  async (t) => {
    t.timeout(120_000);
    const folder = makeFolder(t);
    // started as root, the server is somebody else by the time it makes its folders in here
    chmodSync(folder, 0o777);
    const adminPort = await freePort();
    const dp = path.resolve('bin/run.js');
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      DP_RUNTIME: path.join(folder, 'run'),
      NO_COLOR: '1',
    };
    const flags = ['--port', '0', '--listen', '127.0.0.1', '--data', path.join(folder, 'data')];
    const child = spawn(
      'bash',
      [
        '-c',
        'ulimit -n 64; exec "$@"',
        'bash',
        process.execPath,
        dp,
        'serve',
        ...flags,
        '--web-admin-port',
        String(adminPort),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env },
    );
    const ended = once(child, 'exit');
    t.teardown(() => child.kill('SIGKILL'));
    const lines: string[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', () => reject(new Error(lines.join('\n'))));
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          lines.push(line);
          const found = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
          if (found !== undefined && Number(found) !== adminPort) resolve(Number(found));
        });
      }
    });
    // While descriptors are short the admin port may refuse as well: then ask again.
    const answer = async (request: Parameters<typeof ask>[0]) => {
      let answered: Awaited<ReturnType<typeof ask>> | undefined;
      await until(`${request.path} is answered`, async () => {
        answered = await ask({ ...request, port: adminPort }).catch(() => undefined);
        return answered !== undefined;
      });
      return answered!;
    };
    const get = (at: string) => answer({ path: at });
    const sockets: net.Socket[] = [];
    let closed = 0;
    const connect = async () => {
      const socket = net.connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.once('close', () => closed++);
      socket.resume();
      await once(socket, 'connect');
      sockets.push(socket);
    };
    for (let i = 0; i < 60; i++) await connect();
    t.teardown(() => {
      for (const socket of sockets) socket.destroy();
    });
    let metrics = '';
    const figure = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
    const refused = () => figure('dp_connections_without_descriptor_total');
    // connected is what the system says: the server may see them later
    await until('the server has seen every connection', async () => {
      metrics = (await get('/metrics')).text;
      return refused() + figure('dp_connections{transport="tcp"}') === 60;
    });
    t.true(refused() > 10);
    t.is(figure('dp_open_descriptors_limit'), 64);
    await until('those that were refused hear it', () => closed >= refused());
    t.is(closed, refused());
    // what the server opens for a moment only may leave room for one more
    await until('it is said everywhere while connections keep coming', async () => {
      await connect();
      metrics = (await get('/metrics')).text;
      const ready = await get('/readyz');
      const status = await answer({ method: 'POST', path: '/api/dp/1/server/status', body: {} });
      return (
        figure('dp_ready') === 0 &&
        ready.status === 503 &&
        /File descriptors are running out: \d+ of 64/.test(ready.text) &&
        /File descriptors are running out/.test(JSON.stringify(status.json))
      );
    });
    await until('it is in the log', () =>
      lines.some((line) => line.includes('File descriptors are running out')),
    );
    t.is(lines.filter((line) => line.includes('File descriptors are running out')).length, 1);
    // files can be written all the while
    const added = await answer({
      method: 'POST',
      path: '/api/accounts',
      body: { username: 'anna', password: 'x' },
    });
    t.is(added.status, 200);
    for (const socket of sockets) socket.destroy();
    const again = /Connections are accepted again/;
    await until('connections are let in again', () => lines.some((line) => again.test(line)));
    t.is((await get('/readyz')).status, 200);
    const client = await Client.open(port, { name: 'anna2' });
    t.teardown(() => client.drop());
    t.is((await client.logIn()).state, 'identOk');
    child.kill('SIGTERM');
    await ended;
  },
);

for (const listener of ['tcp', 'websocket'] as const) {
  (hasProc ? test : test.skip)(
    `dp status says that descriptors ran out, by ${listener} connections`,
    async (t) => {
      const webSocketPort = await freePort();
      const served = { teardown: t.teardown.bind(t), shell: 'ulimit -n 64' };
      const server = await serveBinary(served, 'address', '--websocket-port', String(webSocketPort));
      const sockets: net.Socket[] = [];
      t.teardown(() => {
        for (const socket of sockets) socket.destroy();
      });
      let closed = 0;
      for (let i = 0; i < 60; i++) {
        const socket = net.connect(listener === 'tcp' ? server.port : webSocketPort, '127.0.0.1');
        socket.on('error', () => {});
        socket.once('close', () => closed++);
        socket.resume();
        await once(socket, 'connect');
        sockets.push(socket);
      }
      await until('some are refused', () => closed > 0);
      const told = /File descriptors are running out: \d+ of 64/;
      t.true(closed < 60, 'some are let in');
      await until('dp status says so', async () => told.test((await server.dp('status')).stdout));
      for (const socket of sockets) socket.destroy();
      await until('dp status says so no more', async () => !told.test((await server.dp('status')).stdout));
    },
  );
}

for (const listener of ['tcp', 'websocket', 'admin'] as const) {
  (hasProc ? test : test.skip)(
    `200 connections at ulimit -n 64 (${listener}) keep no processor busy, and every stroke is stored meanwhile`,
    async (t) => {
      t.timeout(120_000);
      const webSocketPort = await freePort();
      const folder = makeFolder(t);
      chmodSync(folder, 0o777);
      const served = { teardown: t.teardown.bind(t), folder, shell: 'echo "pid $$"; ulimit -n 64' };
      const args = ['--websocket-port', String(webSocketPort), '--record', path.join(folder, 'rec/')];
      const server = await serveBinary(served, 'address', ...args);
      const pid = /^pid (\d+)$/m.exec(server.output())![1]!;
      const cpuMs = () => {
        const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
        return (Number(fields[11]) + Number(fields[12])) * 10;
      };
      const artist = await Client.host(server.port, { name: 'anna', patience: 60_000 });
      t.teardown(() => artist.drop());
      const port = { tcp: server.port, websocket: webSocketPort, admin: server.adminPort }[listener];
      const sockets = new Set<net.Socket>();
      let closed = 0;
      const connect = () => {
        const socket = net.connect(port, '127.0.0.1');
        sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => {
          closed++;
          sockets.delete(socket);
        });
        socket.resume();
      };
      t.teardown(() => {
        for (const socket of sockets) socket.destroy();
      });
      for (let i = 0; i < 200; i++) connect();
      await until('most are refused', () => closed > 140);
      // They come again and again, and somebody draws.
      let count = 0;
      await until('many more are refused', () => {
        if (sockets.size < 200) connect();
        artist.draw(`stroke ${count++};`);
        return closed > 300;
      });
      await artist.ping();
      // Then they wait: nothing is to be done for them.
      const [before, began] = [cpuMs(), performance.now()];
      await until('a second has gone by', () => performance.now() - began > 1_000);
      t.true(cpuMs() - before < 500, `${cpuMs() - before} ms`);
      for (const socket of sockets) socket.destroy();
      server.kill('SIGTERM');
      t.deepEqual(await server.ended, { status: 0 });
      const sessions = path.join(server.data, 'sessions');
      const files = [
        path.join(sessions, `${artist.sessionId}.dprec`),
        ...readdirSync(path.join(folder, 'rec')).map((name) => path.join(folder, 'rec', name)),
      ];
      t.is(files.length, 2);
      const expected = Array.from({ length: count }, (_, i) => `stroke ${i};`);
      for (const file of files)
        t.deepEqual(readFileSync(file, 'latin1').match(/stroke \d+;/g), expected, file);
    },
  );
}

/** A request for an event stream that stays; resolves with its status, or 'closed'. */
function followEvents(to: http.RequestOptions, opened: http.ClientRequest[]): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    const request = http.get({ ...to, path: '/api/dp/1/events', agent: false }, (response) => {
      response.on('error', () => {});
      response.resume();
      resolve(response.statusCode!);
    });
    request.on('error', () => resolve('closed'));
    opened.push(request);
  });
}

const ways = ['the web port', 'the admin port', 'the socket'] as const;
(hasProc ? test : test.skip)(
  'event streams take no descriptor that is kept for files and commands, whichever way they come',
  async (t) => {
    t.timeout(120_000);
    const folder = makeFolder(t);
    chmodSync(folder, 0o777);
    const webPort = await freePort();
    const served = { teardown: t.teardown.bind(t), folder, shell: 'echo "pid $$"; ulimit -n 64' };
    const args = ['--web-port', String(webPort), '--web-listen', '127.0.0.1'];
    const record = ['--record', path.join(folder, 'rec/'), '--database', path.join(folder, 'dp.db')];
    const server = await serveBinary(served, 'address', ...args, ...record);
    const run = path.join(folder, 'run');
    const socketPath = path.join(run, readdirSync(run).find((name) => name.endsWith('.sock'))!);
    const pid = /^pid (\d+)$/m.exec(server.output())![1]!;
    const openCount = () => readdirSync(`/proc/${pid}/fd`).length;
    const to: Record<(typeof ways)[number], http.RequestOptions> = {
      'the web port': { host: '127.0.0.1', port: webPort, auth: 'admin:secret' },
      'the admin port': { host: '127.0.0.1', port: server.adminPort, auth: 'admin:secret' },
      'the socket': { socketPath },
    };
    // somebody is in the lobby already, and hosts when nobody else gets in
    const artist = await Client.open(server.port, { name: 'anna', patience: 60_000 });
    t.teardown(() => artist.drop());
    await artist.logIn('host');
    const streams: http.ClientRequest[] = [];
    t.teardown(() => {
      for (const stream of streams) stream.destroy();
    });
    for (const way of ways) {
      const answers = new Set<number | 'closed'>();
      for (let i = 0; i < 60; i++) answers.add(await followEvents(to[way], streams));
      t.true(answers.has('closed') || answers.has(503), `${way}: ${[...answers]}`);
      t.true(openCount() <= 64 - 2, `${way}: ${openCount()} are open`);
    }
    // Commands on this machine get through, and say so.
    const env = { HOME: folder, DP_RUNTIME: run };
    const told = /File descriptors are running out: \d+ of 64/;
    await until('dp status says so', async () => {
      const ran = await runTyped(['status', '--database', path.join(folder, 'dp.db')], { env });
      return told.test(ran.stdout);
    });
    t.is(await followEvents(to['the socket'], streams), 503);
    await artist.host();
    artist.draw('stroke 1;');
    await artist.ping();
    const recordings = readdirSync(path.join(folder, 'rec'));
    t.is(recordings.length, 1);
    await until('it is recorded', () =>
      readFileSync(path.join(folder, 'rec', recordings[0]!), 'latin1').includes('stroke 1;'),
    );
    for (const stream of streams.splice(0)) stream.destroy();
    for (const way of ways)
      await until(`${way} serves streams again`, async () => (await followEvents(to[way], streams)) === 200);
    t.is(server.output().match(/File descriptors are running out/g)?.length, 1);
    const other = await Client.host(server.port, { name: 'other', patience: 60_000 });
    t.teardown(() => other.drop());
  },
);

// A load test beside the bench: 2,000 connections over TCP, TLS and WebSocket in 100 sessions, half of them hostile
// (garbage, stalls, floods, half-open handshakes, from many addresses). The honest half draws and checks that everyone
// sees every message once and in order; its latency is measured without and with the hostile half.
//
//     taskset -c 1 node .build/test/bench/hostile.js [--connections 2000] [--seconds 15]

import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeSelfSigned } from '../../src/lib/io/net/self-signed.js';
import { Client } from '../helpers/client.js';
import { openWebSocketClient } from '../helpers/web-socket-link.js';
import { frame, messageType, ping } from '../helpers/wire.js';
import { freePort, ServerProcess } from './server/server-process.js';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '15' },
    hostileOn: { type: 'string' },
  },
});
const connections = Number(values.connections);
const sessionsOfHonest = 50;
const messagesPerSecond = 250;
const drawType = 150;
/** Then the server has one to itself: start this with `taskset -c 1`. */
const hasTwoProcessors = availableParallelism() === 1;

// ---- the honest half ------------------------------------------------------------------------------------

class Watcher {
  readonly latenciesMs: number[] = [];
  readonly problems: string[] = [];
  received = 0;
  isMeasuring = false;
  readonly #next = new Map<number, number>();

  constructor(client: Client) {
    client.onFrame = ({ type, context, payload }) => {
      if (type !== drawType || payload.length !== 64) return;
      const number = payload.readUInt32BE(0);
      const expected = this.#next.get(context) ?? 0;
      if (number !== expected) {
        this.problems.push(`${client.name}: message ${number} of user ${context}, not ${expected}`);
      }
      this.#next.set(context, number + 1);
      this.received++;
      if (this.isMeasuring) this.latenciesMs.push(performance.now() - payload.readDoubleBE(4));
      // what is kept for tests would only fill memory here
      client.canvas.length = 0;
      if (client.log.length > 200) client.log.length = 0;
    };
  }
}

interface Room {
  clients: Client[];
  watchers: Watcher[];
  sent: number;
}

const transports = ['tcp', 'tcp', 'tls', 'ws'] as const;

async function openClient(kind: (typeof transports)[number], port: number, name: string): Promise<Client> {
  if (kind === 'ws') return (await openWebSocketClient(port + 1, { name, patience: 60_000 })).client;
  const client = await Client.open(port, { name, patience: 60_000 });
  if (kind === 'tls') await client.startTls();
  return client;
}

async function openRoom(port: number, number: number, people: number): Promise<Room> {
  const host = await openClient(transports[number % transports.length]!, port, `host${number}`);
  const watchers = [new Watcher(host)];
  await host.logIn('host');
  await host.host({ title: `Room ${number}` });
  const clients = [host];
  for (let i = 1; i < people; i++) {
    const client = await openClient(transports[(number + i) % transports.length]!, port, `p${number}-${i}`);
    watchers.push(new Watcher(client));
    await client.logIn();
    await client.join(host.sessionId);
    clients.push(client);
  }
  return { clients, watchers, sent: 0 };
}

/** Each room's host draws; resolves when everyone has everything. */
async function drawFor(
  seconds: number,
  rooms: readonly Room[],
): Promise<{ p50: number; p99: number; count: number }> {
  for (const { watchers } of rooms) for (const watcher of watchers) watcher.isMeasuring = true;
  const total = messagesPerSecond * seconds;
  const start = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, ((performance.now() - start) * messagesPerSecond) / 1000);
    for (; sent < due; sent++) {
      const room = rooms[sent % rooms.length]!;
      const payload = Buffer.alloc(64);
      payload.writeUInt32BE(room.sent++, 0);
      payload.writeDoubleBE(start + (sent * 1000) / messagesPerSecond, 4);
      room.clients[0]!.draw(payload, drawType);
    }
    await sleep(2);
  }
  const deadline = performance.now() + 60_000;
  const isDone = () =>
    rooms.every(({ watchers, sent }) => watchers.every(({ received }) => received >= sent));
  while (!isDone() && performance.now() < deadline) await sleep(20);
  const latencies = rooms.flatMap(({ watchers }) =>
    watchers.flatMap(({ latenciesMs }) => latenciesMs.splice(0)),
  );
  latencies.sort((a, b) => a - b);
  const at = (part: number) => latencies[Math.floor(latencies.length * part)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), count: latencies.length };
}

// ---- the hostile half -----------------------------------------------------------------------------------

/** An address for each few connections. */
function addressOf(number: number): string {
  return `127.0.${1 + (number >> 7)}.${1 + ((number >> 1) & 63)}`;
}

function open(port: number, number: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(number) });
  socket.on('error', () => undefined);
  return socket;
}

/** What one hostile connection does until it is cut off; then it comes again. */
const misdeeds: readonly ((port: number, number: number) => Socket)[] = [
  function garbage(port, number) {
    const socket = open(port, number);
    socket.resume();
    socket.write(Buffer.alloc(10_000, number & 0xff));
    return socket;
  },
  function stall(port, number) {
    const socket = open(port, number);
    socket.resume();
    socket.write(Buffer.from([0xff, 0xff, drawType, 0]));
    return socket;
  },
  function halfHandshake(port, number) {
    const socket = open(port + (number & 4 ? 1 : 0), number);
    socket.resume();
    socket.write(Buffer.from('1603010200010001fc0303', 'hex'));
    return socket;
  },
  function halfRequest(port, number) {
    const socket = open(port + 1, number);
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n');
    return socket;
  },
  function pingFlood(port, number) {
    const socket = open(port, number);
    socket.pause();
    const flood = Buffer.concat(Array<Buffer>(2000).fill(ping));
    const pump = (error?: Error | null) => {
      if (!error && !socket.destroyed) setTimeout(() => socket.write(flood, pump), 50);
    };
    pump();
    return socket;
  },
  function unknownMessages(port, number) {
    const socket = open(port, number);
    socket.resume();
    socket.write(frame(31, 0, 'x'));
    return socket;
  },
];

/** A session of its own that is flooded, with members who do not read. */
async function floodSession(port: number, number: number): Promise<void> {
  const host = await Client.open(port, { name: `flood${number}`, patience: 60_000 });
  host.onFrame = () => {
    host.log.length = 0;
    host.canvas.length = 0;
  };
  await host.logIn('host');
  await host.host({ title: `Flood ${number}` });
  for (let i = 0; i < 4; i++) {
    const member = await Client.join(port, host.sessionId, { name: `deaf${number}-${i}`, patience: 60_000 });
    member.pauseReading();
  }
  const burst = frame(drawType, 1, Buffer.alloc(2000, 1));
  const timer = setInterval(() => {
    if (host.isClosed) clearInterval(timer);
    else host.send(...Array<Buffer>(10).fill(burst), frame(messageType.chat, 1, Buffer.from('\0\0spam')));
  }, 100);
}

async function beHostile(port: number): Promise<void> {
  // What is measured is the server, not how three processes share two processors.
  setPriority(19);
  const floods = 50;
  const count = connections / 2 - floods * 5;
  for (let number = 0; number < floods; number++) void floodSession(port, number).catch(() => undefined);
  const again = (number: number) => {
    const socket = misdeeds[number % misdeeds.length]!(port, number);
    socket.once('close', () => setTimeout(() => again(number), 500 + (number % 500)));
  };
  for (let number = 0; number < count; number++) {
    again(number);
    if (number % 20 === 0) await sleep(5);
  }
  process.send?.('ready');
}

/** Open connections at the server's two ports, as the kernel sees them: that the hostile half is really there. */
function connectionsTo(port: number): number {
  const ports = [port, port + 1].map((each) => each.toString(16).toUpperCase().padStart(4, '0'));
  const line = new RegExp(`^ *\\d+: [0-9A-F]+:(?:${ports.join('|')}) \\S+ 01 `, 'gm');
  return [...readFileSync('/proc/net/tcp', 'latin1').matchAll(line)].length;
}

// ---- both -------------------------------------------------------------------------------------------------

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dp-hostile-'));
  chmodSync(folder, 0o755); // the server may run as another user
  const made = await makeSelfSigned({ names: ['localhost'], days: 30, nowMs: Date.now() });
  writeFileSync(path.join(folder, 'cert.pem'), made.certificate);
  writeFileSync(path.join(folder, 'key.pem'), made.key);
  const port = freePort(24_400);
  const server = await ServerProcess.start(
    `${hasTwoProcessors ? 'taskset -c 0 ' : ''}${process.execPath} bin/run.js serve --ephemeral --listen 127.0.0.1 --port ${port} --websocket-listen 127.0.0.1 ` +
      `--websocket-port ${port + 1} --ssl-cert ${folder}/cert.pem --ssl-key ${folder}/key.pem --allow-plaintext ` +
      '--set sessionCountLimit=200 --log-level error',
    port,
  );
  let hostile: ChildProcess | undefined;
  try {
    const people = Math.floor(connections / 2 / sessionsOfHonest);
    const rooms: Room[] = [];
    for (let number = 0; number < sessionsOfHonest; number++)
      rooms.push(await openRoom(port, number, people));
    const heartbeat = setInterval(() => {
      for (const { clients } of rooms) for (const client of clients) void client.ping();
    }, 15_000);
    const seconds = Number(values.seconds);
    const quiet = await drawFor(seconds, rooms);
    console.log('quiet  ', quiet);
    hostile = fork(process.argv[1]!, ['--hostileOn', String(port), '--connections', String(connections)]);
    await new Promise((resolve) => hostile!.once('message', resolve));
    await sleep(2000);
    const before = connectionsTo(port);
    const loud = await drawFor(seconds, rooms);
    const after = connectionsTo(port);
    console.log('hostile', loud);
    clearInterval(heartbeat);
    const gone = rooms.flatMap(({ clients }) => clients).filter(({ isClosed }) => isClosed).length;
    const problems = rooms.flatMap(({ watchers }) => watchers.flatMap((watcher) => watcher.problems));
    const missing = rooms.flatMap(({ watchers, sent }) =>
      watchers.filter(({ received }) => received !== sent),
    );
    const memory = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    console.log({
      connections: { before, after },
      honest: rooms.length * people,
      gone,
      outOfOrder: problems.length,
      incomplete: missing.length,
      p99MoreMs: loud.p99 - quiet.p99,
      serverMemory: /VmRSS:\s+(.*)/.exec(memory)?.[1],
      serverPeak: /VmHWM:\s+(.*)/.exec(memory)?.[1],
    });
    if (gone > 0 || problems.length > 0 || missing.length > 0 || loud.p99 - quiet.p99 > 100)
      process.exitCode = 1;
  } finally {
    hostile?.kill();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit();
}

await (values.hostileOn === undefined ? main() : beHostile(Number(values.hostileOn)));

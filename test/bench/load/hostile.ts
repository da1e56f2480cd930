// A crowd that means no good, in a process of its own: garbage, stalls, floods, half a login, over every transport.
// Run with a HostileOrder as JSON in the first argument; each report is a line of JSON, a HostileReport.

import net from 'node:net';
import { seededRandom } from './script.js';
import { command, frame, messageTypes } from './wire.js';

export interface HostileOrder {
  host: string;
  port: number;
  webSocketPort: number;
  connections: number;
}

export interface HostileReport {
  /** Connections that are open now. */
  open: number;
  /** Connections that were made so far. */
  made: number;
}

const pauseMs = { least: 500, most: 2000 };
const actMs = 200;
const random = seededRandom(1);
const between = (least: number, most: number): number => least + Math.floor(random() * (most - least));

function garbage(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let i = 0; i < size; i++) bytes[i] = random() * 256;
  return bytes;
}

const ping = frame(messageTypes.ping, 0, Buffer.from([0]));
const info = {
  app_version: '2.3.0',
  protocol_version: 'dp:4.24.0',
  os: 'linux',
  s: '0123456789abcdef0123456789abcdef',
};
const upgrade =
  'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/** What a connection does at first, and then again and again. */
interface Habit {
  isWebSocket?: boolean;
  /** Leaves what the server sends where it is. */
  isDeaf?: boolean;
  first?(socket: net.Socket, number: number): void;
  again?(socket: net.Socket, round: number): void;
}

const slowWords = command('ident', ['someone who takes the time']);

const habits: readonly Habit[] = [
  { again: (socket) => void socket.write(garbage(2048)) },
  {},
  {
    again: (socket, round) => void socket.write(slowWords.subarray(round % slowWords.length).subarray(0, 1)),
  },
  { first: (socket) => void socket.write(Buffer.concat([Buffer.from([0xff, 0xff, 148, 1]), garbage(100)])) },
  {
    isDeaf: true,
    again: (socket) => void socket.write(Buffer.concat(Array.from({ length: 100 }, () => ping))),
  },
  {
    again: (socket) =>
      void socket.write(
        frame(messageTypes.command, 0, Buffer.from(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)),
      ),
  },
  {
    // Hosts, floods its own session and never listens.
    isDeaf: true,
    first(socket, number) {
      const login = [
        command('cinfo', ['127.0.0.1', info]),
        command('lookup'),
        command('ident', [`flood${number}`]),
        command('host', [], { ...info, protocol: 'dp:4.24.0', user_id: 1 }),
        command('init-complete'),
      ];
      // One after the other: what comes before it is asked for is a breach, and would end it too early.
      login.forEach((step, i) => {
        setTimeout(() => socket.writable && socket.write(step), 300 * (i + 1));
      });
    },
    again: (socket, round) => {
      if (round > 12) socket.write(frame(messageTypes.dabs, 1, garbage(3000)));
    },
  },
  { isWebSocket: true, first: (socket) => void socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ') },
  {
    isWebSocket: true,
    first: (socket) => void socket.write(upgrade),
    again: (socket) => void socket.write(garbage(512)),
  },
  {
    first: (socket) => void socket.write(command('startTls')),
    again: (socket) => void socket.write(garbage(1024)),
  },
];

const report: HostileReport = { open: 0, made: 0 };

function connect(order: HostileOrder, number: number): void {
  const habit = habits[number % habits.length]!;
  const socket = net.connect({
    host: order.host,
    port: habit.isWebSocket ? order.webSocketPort : order.port,
    localAddress: `127.0.${1 + (number >> 8)}.${1 + (number & 127)}`,
  });
  let acting: NodeJS.Timeout | undefined;
  let round = 0;
  socket.on('connect', () => {
    report.open++;
    report.made++;
    if (habit.isDeaf) socket.pause();
    else socket.resume();
    habit.first?.(socket, report.made);
    acting = setInterval(() => {
      if (socket.writable && socket.writableLength < 65_536) habit.again?.(socket, round++);
    }, actMs);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if (acting) report.open--;
    clearInterval(acting);
    setTimeout(() => connect(order, number), between(pauseMs.least, pauseMs.most));
  });
}

const order = JSON.parse(process.argv[2] ?? '{}') as HostileOrder;
for (let number = 0; number < order.connections; number++) {
  setTimeout(() => connect(order, number), between(0, pauseMs.most));
}
setInterval(() => process.stdout.write(`${JSON.stringify(report)}\n`), 200);
process.on('SIGTERM', () => process.exit(0));

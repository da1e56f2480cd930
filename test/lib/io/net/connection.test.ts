// The contract of a Connection on each transport: TCP, TLS begun within it, WebSocket.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import { TrustedProxies } from '../../../../src/lib/core/peer/client-address.js';
import type { Connection, ConnectionUser } from '../../../../src/lib/core/peer/needs.js';
import { TcpListener } from '../../../../src/lib/io/net/tcp.js';
import { WebListener } from '../../../../src/lib/io/net/web-listener.js';
import { WebSocketUpgrades } from '../../../../src/lib/io/net/websocket.js';
import { systemClock } from '../../../../src/lib/io/system/clock.js';
import { Heard, type Peer, testConnection } from '../../../contracts/connection.js';
import { makePair } from '../../../helpers/certificates.js';
import { until } from '../../../helpers/until.js';

/** What listeners are told here: each connection is taken by a user that writes down what it hears. */
function receiver() {
  const user = new Heard();
  let connection: Connection | undefined;
  return {
    user,
    get connection() {
      return connection;
    },
    options: {
      host: '127.0.0.1',
      port: 0,
      endOfTurn: (run: () => void) => systemClock.endOfTurn(run),
      accept: (_ip: string, make: (user: ConnectionUser) => Connection) => {
        connection = make(user);
        return true;
      },
      failed: (error: Error) => {
        throw error;
      },
    },
  };
}

function peerOf(socket: net.Socket): Peer {
  const pieces: Buffer[] = [];
  let isClosed = false;
  socket.on('data', (piece) => pieces.push(piece));
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  return {
    write: (frames) => void socket.write(frames),
    received: () => Buffer.concat(pieces),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    drop: () => void socket.destroy(),
    isClosed: () => isClosed,
  };
}

async function openTcp(t: ExecutionContext, secureContext?: () => tls.SecureContext) {
  const under = receiver();
  const listener = await TcpListener.open({ ...under.options, ...(secureContext && { secureContext }) });
  t.teardown(() => listener.close());
  const socket = net.connect({ port: listener.port, host: '127.0.0.1' });
  t.teardown(() => socket.destroy());
  await until('it is accepted', () => under.connection !== undefined);
  return { socket, user: under.user, connection: under.connection! };
}

testConnection(test, {
  name: 'tcp',
  async open(t) {
    const { socket, ...under } = await openTcp(t);
    return { ...under, peer: peerOf(socket) };
  },
});

testConnection(test, {
  name: 'tls',
  async open(t) {
    const { certificate, key } = await makePair();
    const context = tls.createSecureContext({ cert: certificate, key });
    const { socket, ...under } = await openTcp(t, () => context);
    t.true(under.connection.canStartTls);
    under.connection.startTls();
    const secure = tls.connect({ socket, ca: certificate, servername: 'localhost' });
    const peer = peerOf(secure);
    await once(secure, 'secureConnect');
    t.false(under.connection.canStartTls);
    return { ...under, peer };
  },
});

testConnection(test, {
  name: 'websocket',
  async open(t) {
    const under = receiver();
    const upgrades = new WebSocketUpgrades({
      ...under.options,
      allowedOrigins: () => '',
      writeLog: () => {},
      program: 'test',
    });
    const listener = await WebListener.open({
      ...under.options,
      flags: { port: '--web-port', host: '--web-listen' },
      limits: { connections: 10, perNetwork: 10, waiting: 10, firstRequestMs: 15_000 },
      isProxy: () => false,
      takesPlain: () => true,
      answer: (_request, response) => response.destroy(),
      upgrade: (options) => upgrades.take(options, new TrustedProxies()),
    });
    t.teardown(() => listener.close());
    const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/`, { perMessageDeflate: false });
    t.teardown(() => socket.terminate());
    const pieces: Buffer[] = [];
    let isClosed = false;
    socket.on('message', (data: Buffer) => {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(data.length - 2);
      pieces.push(head, data);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      isClosed = true;
    });
    await once(socket, 'open');
    await until('it is accepted', () => under.connection !== undefined);
    const peer: Peer = {
      write(frames) {
        for (let at = 0; at < frames.length; ) {
          const next = at + 4 + frames.readUInt16BE(at);
          socket.send(frames.subarray(at + 2, next));
          at = next;
        }
      },
      received: () => Buffer.concat(pieces),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      end: () => socket.close(1000),
      drop: () => socket.terminate(),
      isClosed: () => isClosed,
    };
    return { connection: under.connection!, user: under.user, peer };
  },
});

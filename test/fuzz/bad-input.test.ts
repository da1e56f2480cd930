// What the specification names for single kinds of bad input: a silent close, a Disconnect, or an error reply.

import test from 'ava';
import { Client } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';
import { command, frame, jsonOf, messageType } from '../helpers/wire.js';

type Outcome = 'abort' | 'disconnect' | 'stays' | { error: string };

interface Case {
  title: string;
  bytes: Buffer;
  /** In the login and inside a session; undefined: not tried there. */
  login?: Outcome;
  session?: Outcome;
}

const text = (value: string) => frame(messageType.command, 0, value);
const deep = (depth: number) => `{"cmd":"ident","args":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const unknown: Outcome = { error: ': Unknown command' };

// protocol.md §2.3, §5.1; login.md §1; sessions.md §6
const cases: readonly Case[] = [
  { title: 'a ping of two bytes', bytes: frame(2, 0, '\0\0'), login: 'abort', session: 'abort' },
  { title: 'a ping without a byte', bytes: frame(2, 0), login: 'abort', session: 'abort' },
  { title: 'a Disconnect without a reason', bytes: frame(1, 0), login: 'abort', session: 'abort' },
  { title: 'a Disconnect', bytes: frame(1, 0, '\u0003bye'), session: 'stays' },
  { title: 'a pong that nobody waits for', bytes: frame(2, 0, '\u0001'), login: 'stays', session: 'stays' },
  { title: 'a keep-alive', bytes: frame(3, 0), login: 'stays', session: 'stays' },
  ...[5, 10, 31, 40, 63].map(
    (type): Case => ({
      title: `the unknown type ${type}`,
      bytes: frame(type, 0),
      login: 'abort',
      session: 'abort',
    }),
  ),
  ...[64, 67, 72, 130, 255].map(
    (type): Case => ({
      title: `the opaque type ${type}`,
      bytes: frame(type, 0, '??'),
      login: 'stays',
      session: 'stays',
    }),
  ),
  { title: 'a Join whose name is cut', bytes: frame(32, 0, '\0\u0009ab'), login: 'abort', session: 'abort' },
  { title: 'a Join of one byte', bytes: frame(32, 0, '\0'), login: 'abort', session: 'abort' },
  { title: 'a well-formed Join', bytes: frame(32, 0, '\0\u0002ab'), login: 'stays', session: 'stays' },
  { title: 'a Leave with content', bytes: frame(33, 0, 'x'), login: 'abort', session: 'abort' },
  { title: 'a SoftReset with content', bytes: frame(37, 0, 'x'), login: 'abort', session: 'abort' },
  {
    title: 'a list of 256 operators',
    bytes: frame(34, 0, Buffer.alloc(256)),
    login: 'abort',
    session: 'abort',
  },
  {
    title: 'a list of 256 trusted users',
    bytes: frame(36, 0, Buffer.alloc(256)),
    login: 'abort',
    session: 'abort',
  },
  { title: 'a chat of one byte', bytes: frame(35, 0, '\0'), login: 'abort', session: 'abort' },
  { title: 'a chat without text', bytes: frame(35, 0, '\0\0'), login: 'stays', session: 'stays' },
  { title: 'a private chat of one byte', bytes: frame(38, 0, '\0'), login: 'abort', session: 'abort' },
  { title: 'no JSON', bytes: text('not json'), login: 'disconnect', session: unknown },
  { title: 'an empty command', bytes: text(''), login: 'disconnect', session: unknown },
  { title: 'a JSON array', bytes: text('[1]'), login: 'disconnect', session: unknown },
  { title: 'null', bytes: text('null'), login: 'disconnect', session: unknown },
  { title: 'an object without a command', bytes: text('{"foo":1}'), login: 'disconnect', session: unknown },
  { title: 'a number as the command', bytes: text('{"cmd":5}'), login: 'disconnect', session: unknown },
  {
    title: 'an unknown command',
    bytes: command('make-coffee'),
    login: 'disconnect',
    session: { error: 'make-coffee: Unknown command' },
  },
  {
    title: 'a name that every object has',
    bytes: command('toString'),
    login: 'disconnect',
    session: { error: 'toString: Unknown command' },
  },
  {
    title: 'a command in the wrong state',
    bytes: command('host'),
    login: 'disconnect',
    session: { error: 'host: Unknown command' },
  },
  {
    title: 'invalid UTF-8',
    bytes: frame(0, 0, Buffer.from('7bff fe22'.replace(' ', ''), 'hex')),
    login: 'disconnect',
    session: unknown,
  },
  { title: 'arrays 20 000 deep', bytes: text(deep(20_000)), login: 'disconnect' },
  {
    title: 'an unfinished array 60 000 deep',
    bytes: text('['.repeat(60_000)),
    login: 'disconnect',
    session: unknown,
  },
  {
    title: 'args and kwargs of wrong types',
    bytes: text('{"cmd":"gain-op","args":5,"kwargs":[]}'),
    session: { error: 'gain-op: ' },
  },
];

for (const place of ['login', 'session'] as const) {
  for (const { title, bytes, [place]: outcome } of cases) {
    if (outcome === undefined) {
      continue;
    }
    test(`${title} in the ${place}`, async (t) => {
      const server = await startTestServer();
      t.teardown(() => server.stop());
      const host = await Client.host(server.port, { name: 'host' });
      const client = await Client.open(server.port, { name: 'odd' });
      if (place === 'session') {
        await client.logIn();
        await client.join(host.sessionId);
        await client.caughtUp();
      } else {
        await client.reply('login');
      }
      const before = client.log.length;
      client.send(bytes);
      await client.ping();
      if (outcome === 'abort' || outcome === 'disconnect') {
        await client.closed;
      }
      const after = client.log.slice(before);
      const disconnects = after.filter(({ type }) => type === messageType.disconnect);
      const errors = after.map(jsonOf).filter((json) => json?.type === 'error');
      t.is(client.isClosed, outcome === 'abort' || outcome === 'disconnect');
      t.is(disconnects.length, outcome === 'disconnect' ? 1 : 0);
      if (typeof outcome === 'object') {
        t.is(errors.length, 1);
        t.true(String(errors[0]!.message).startsWith(outcome.error), String(errors[0]!.message));
      } else {
        t.is(errors.length, 0);
      }
      await host.ping();
      t.false(host.isClosed);
      t.deepEqual(server.problems, []);
    });
  }
}

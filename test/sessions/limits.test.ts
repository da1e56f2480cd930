// What bounds the memory that one connection can take, and the patience that a session has: by a clock moved by hand.

import test from 'ava';
import type { Passwords } from '../../src/lib/core/session/needs.js';
import { Client, isReply, isType, smallImage } from '../helpers/client.js';
import { quickPasswords } from '../helpers/quick-passwords.js';
import { startTestServer, type TestServer, type TestServerOptions } from '../helpers/server.js';
import { until } from '../helpers/until.js';
import { chat, frame, type JsonObject, jsonOf, messageType } from '../helpers/wire.js';

async function serve(t: { teardown(run: () => unknown): void }, options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  t.teardown(() => server.stop());
  return server;
}

const drawing = (bytes: number) => frame(148, 0, Buffer.alloc(bytes, 1));

test('who waits for the host may send 1 MiB and no more', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', complete: false });
  const patient = await Client.join(server.port, host.sessionId, { name: 'patient' });
  const flooder = await Client.join(server.port, host.sessionId, { name: 'flooder' });
  for (let count = 0; count < 15; count++) {
    patient.send(drawing(60_000));
  }
  await patient.ping();
  for (let count = 0; count < 20; count++) {
    flooder.send(drawing(60_000));
  }
  await flooder.closed;
  t.false(patient.isClosed);
  host.command('init-complete');
  await patient.reply('caughtup');
  patient.draw('last', 200);
  await host.next(isType(200), 'the drawing that was sent after what had to wait');
  t.is(host.canvas.filter(({ type, payload }) => type === 148 && payload.length === 60_000).length, 15);
});

for (const isOnePacket of [false, true]) {
  test(`what does not fit of a host's canvas does not come back to it, ${isOnePacket ? 'sent at once' : 'one by one'}`, async (t) => {
    const server = await serve(t, { settings: { sessionSizeLimit: '10kb' } });
    const host = await Client.host(server.port, { name: 'host', image: [], complete: false });
    const meta = (mark: number, bytes: number) => frame(65, 1, Buffer.alloc(bytes, mark));
    const frames = [meta(1, 4000), drawing(4000), meta(2, 4000), drawing(4000), meta(3, 40), drawing(40)];
    if (isOnePacket) host.send(...frames);
    else {
      for (const each of frames) {
        host.send(each);
        await host.ping();
      }
    }
    await host.ping();
    const back = host.log.filter(({ type }) => type === 65 || type === 148);
    t.deepEqual(
      back.map(({ type, payload }) => [type, payload[0], payload.length]),
      [
        [65, 1, 4000],
        [65, 3, 40],
      ],
    );
    host.command('init-complete');
    await host.reply('status');
    const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
    await guest.caughtUp();
    t.deepEqual(
      guest.log.filter(({ type }) => type === 65).map(({ payload }) => payload[0]),
      [1, 3],
      'it is what newcomers see',
    );
  });
}

test('who never reads is cut off when 8 MiB of direct messages wait, and only they', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const deaf = await Client.join(server.port, host.sessionId, { name: 'deaf' });
  await deaf.caughtUp();
  deaf.pauseReading();
  const text = 'x'.repeat(60_000);
  // The kernel takes some megabytes by itself.
  for (let count = 0; count < 600; count++) {
    host.send(chat(text, { bypass: true, context: host.userId }));
    // The host gets all of it back and reads in the same process: it must not fall as far behind as the deaf one.
    if (count % 20 === 0) await host.ping();
  }
  await host.next(isReply('log', { topic: 'Leave', user: `${deaf.userId};deaf` }), 'the end of the deaf one');
  t.false(host.isClosed);
  const told = server.log.filter(({ user, level }) => user?.name === 'deaf' && level === 'warn');
  t.is(told.length, 1);
});

test('what follows a password check waits for it, pings do not', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', settings: { opword: 'open sesame' } });
  await server.idle();
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  guest.command('gain-op', ['open sesame']);
  guest.command('sessionconf', [], { title: 'mine now' });
  guest.draw('after', 200);
  await guest.ping();
  t.false(guest.log.some(isReply('msg', { T: 'opgive' })), 'the check was over before the ping was answered');
  await guest.next(isReply('msg', { T: 'opgive' }));
  await guest.next((message) => (jsonOf(message)?.config as JsonObject | undefined)?.title === 'mine now');
  await guest.next(isType(200));
  t.false(guest.log.some(isReply('error')));
});

test('a password check keeps nobody else waiting', async (t) => {
  const real = quickPasswords();
  const checks: (() => void)[] = [];
  const passwords: Passwords = {
    hash: (...given) => real.hash(...given),
    verify: (...given) => void checks.push(() => real.verify(...given)),
  };
  const server = await serve(t, { more: { passwords } });
  const host = await Client.host(server.port, { name: 'host', settings: { opword: 'open sesame' } });
  await server.idle();
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  guest.command('gain-op', ['wrong']);
  await until('the password is being checked', () => checks.length === 1);
  await guest.ping();
  host.draw('meanwhile', 200);
  await host.next(isType(200));
  t.false(guest.log.some(isReply('error')));
  checks[0]?.();
  await guest.reply('error');
});

test('a reset in which nothing comes is cancelled after five minutes', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  host.command('reset-session');
  await host.reply('reset', { state: 'init' });
  guest.draw('meanwhile', 200);
  await guest.ping();
  await pass(server, [host, guest], 4 * 60_000);
  host.send(...smallImage(1));
  await pass(server, [host, guest], 4 * 60_000);
  t.false(guest.log.some(isReply('alert', { T: 'resetcancel' })), 'every message counts');
  await pass(server, [host, guest], 2 * 60_000);
  await guest.reply('alert', { T: 'resetcancel' });
  await host.next(isType(200), 'what was drawn meanwhile');
});

test('a client that was chosen for an autoreset and does nothing is given up after three minutes', async (t) => {
  const server = await serve(t, { settings: { autoResetThreshold: '1kb' } });
  const host = await Client.host(server.port, { name: 'host' });
  host.draw(Buffer.alloc(3000));
  const query = await host.reply('autoreset', { query: true });
  host.answerAutoreset(query.payload, true);
  await host.reply('autoreset', { query: false });
  host.draw(Buffer.alloc(3000));
  await pass(server, [host], 170_000);
  t.is(host.log.filter(isReply('autoreset', { query: true })).length, 1);
  await pass(server, [host], 45_000);
  host.draw(Buffer.alloc(3000));
  await host.reply('autoreset', { query: true });
});

test('when the client that was chosen leaves, the next is asked half a minute later', async (t) => {
  const server = await serve(t, { settings: { autoResetThreshold: '1kb' } });
  const host = await Client.host(server.port, { name: 'host' });
  const other = await Client.join(server.port, host.sessionId, { name: 'other' });
  await other.caughtUp();
  host.setOwners(other.userId);
  await other.next(isType(messageType.owners), 'the operators');
  host.draw(Buffer.alloc(3000));
  const query = await other.reply('autoreset', { query: true });
  other.answerAutoreset(query.payload, true);
  await other.ping();
  await pass(server, [host, other], 3500);
  await other.reply('autoreset', { query: false });
  await other.drop();
  await pass(server, [host], 20_000);
  host.draw(Buffer.alloc(100));
  await host.ping();
  t.is(host.log.filter(isReply('autoreset', { query: true })).length, 1);
  await pass(server, [host], 15_000);
  host.draw(Buffer.alloc(100));
  await host.next(
    (message) => isReply('autoreset', { query: true })(message) && jsonOf(message)!.payload !== query.payload,
    'another query',
  );
});

test('an empty chat is dropped in a session of 2.1, and passed on in newer ones', async (t) => {
  const server = await serve(t);
  for (const generation of ['2.1', '2.3'] as const) {
    const host = await Client.host(server.port, { name: 'host', generation });
    const guest = await Client.join(server.port, host.sessionId, { name: 'guest', generation });
    await guest.caughtUp();
    guest.chat('');
    guest.draw('after', 200);
    await host.next(isType(200));
    const chats = host.log.filter(isType(messageType.chat));
    t.is(chats.length, generation === '2.1' ? 0 : 1, generation);
    t.false(guest.isClosed);
  }
});

test('who comes back goes on where they were, with nothing twice and nothing missing', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  host.draw('one', 200);
  host.command('sessionconf', [], { title: 'an anchor' });
  await guest.next((message) => (jsonOf(message)?.config as JsonObject | undefined)?.title === 'an anchor');
  const hidx = guest.lastIndex!;
  await guest.drop();
  host.draw('two', 201);
  await host.next(isType(201));
  const again = await Client.join(server.port, host.sessionId, { name: 'guest', hidx });
  await again.caughtUp();
  t.deepEqual(
    again.canvas.map(({ type }) => type),
    [201],
  );
});

/** Moves the time on while these clients show that they are alive. */
async function pass(server: TestServer, clients: readonly Client[], ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5000) {
    await Promise.all(clients.map((client) => client.ping()));
    server.clock.advance(Math.min(left, 5000));
  }
  await Promise.all(clients.map((client) => client.ping()));
}

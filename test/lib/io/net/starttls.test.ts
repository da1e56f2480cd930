import { once } from 'node:events';
import { connect } from 'node:net';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { type ServerOptions, startServer } from '../../../../src/lib/server/start.js';
import { makePair, type Pair } from '../../../helpers/certificates.js';
import { Client } from '../../../helpers/client.js';
import { command, frame, jsonOf, messageType } from '../../../helpers/wire.js';

async function serve(t: ExecutionContext, pair: Pair, options: Partial<ServerOptions> = {}) {
  const contexts = [createSecureContext({ cert: pair.certificate, key: pair.key })];
  const server = await startServer({
    port: 0,
    host: '127.0.0.1',
    secureContext: () => contexts.at(-1),
    ...options,
  });
  t.teardown(() => server.stop());
  const open = async (name: string) => {
    const client = await Client.open(server.port, { name });
    t.teardown(() => client.drop());
    return client;
  };
  return { server, contexts, open };
}

test('clients go over to TLS, host, join and draw', async (t) => {
  const { open } = await serve(t, await makePair());
  const host = await open('anna');
  const socket = await host.startTls();
  t.is(socket.getProtocol(), 'TLSv1.3');
  await host.logIn('host');
  await host.host();
  const guest = await open('bob');
  await guest.startTls();
  await guest.logIn();
  await guest.join(host.sessionId);
  await guest.caughtUp();
  const image = Buffer.alloc(300_000, 7);
  for (let at = 0; at < image.length; at += 60_000) host.draw(image.subarray(at, at + 60_000));
  host.draw('last');
  const last = await guest.next(({ payload }) => payload.toString() === 'last', 'the last message');
  t.is(last.context, host.userId);
  t.is(guest.canvas.filter(({ payload }) => payload.length === 60_000).length, 5);
});

test('without TLS nothing goes on where it is demanded, and all where it is offered', async (t) => {
  const pair = await makePair();
  const strict = await serve(t, pair);
  const anna = await strict.open('anna');
  const greeting = await anna.reply('login');
  t.true((greeting.flags as string[]).includes('TLS'));
  t.true((greeting.flags as string[]).includes('SECURE'));
  anna.send(command('ident', ['anna']));
  t.is((await anna.reply('error')).code, 'tlsRequired');
  await anna.closed;
  const lenient = await serve(t, pair, { allowsPlaintext: true });
  const bob = await lenient.open('bob');
  const offer = (await bob.reply('login')).flags as string[];
  t.true(offer.includes('TLS'));
  t.false(offer.includes('SECURE'));
  bob.send(command('ident', ['bob']));
  t.is((await bob.reply('result')).state, 'identOk');
});

test('a renewed certificate is used by the next one who comes, and nobody is dropped', async (t) => {
  const { open, contexts } = await serve(t, await makePair());
  const early = await open('early');
  const before = (await early.startTls()).getPeerX509Certificate()!.fingerprint256;
  await early.logIn('host');
  await early.host();
  const next = await makePair();
  contexts.push(createSecureContext({ cert: next.certificate, key: next.key }));
  const late = await open('late');
  t.not((await late.startTls()).getPeerX509Certificate()!.fingerprint256, before);
  await early.ping();
  t.false(early.isClosed);
});

test('what was sent in the clear behind startTls is not taken for encrypted', async (t) => {
  const { open, server } = await serve(t, await makePair());
  const client = await open('mallory');
  await client.reply('login');
  client.send(
    command('startTls'),
    command('ident', ['injected']),
    frame(messageType.ping, 0, Buffer.from([0])),
  );
  await client.reply('result', { startTls: true });
  // Nothing of it is answered: the next thing the server wants is a handshake.
  client.send(Buffer.from('this is no TLS record'));
  await client.closed;
  t.false(client.log.some((message) => jsonOf(message)?.state === 'identOk'));
  t.is(server.directory.count, 0);
});

test('a handshake of garbage ends that connection only', async (t) => {
  const { open, server } = await serve(t, await makePair());
  const good = await open('good');
  await good.startTls();
  await good.logIn();
  const socket = connect(server.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  await once(socket, 'data');
  socket.write(command('startTls'));
  await once(socket, 'data');
  const closed = once(socket, 'close');
  socket.on('error', () => undefined);
  socket.write(Buffer.alloc(5000, 0xff));
  await closed;
  await good.ping();
  t.false(good.isClosed);
  t.is(server.peers.count, 1);
});

// Nobody passes for somebody else by a name that only looks different to a program.
import test, { type ExecutionContext } from 'ava';
import { Client } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';

const lookalikes = ['alice', 'Alice ', 'Al\u200bice', 'Ali\u00adce', 'Ａｌｉｃｅ', '\u202eAlice'];

async function serve(t: ExecutionContext) {
  const server = await startTestServer({ accounts: [{ name: 'Alice', password: 'secret', flags: [] }] });
  t.teardown(() => server.stop());
  return server;
}

test('a guest cannot come in under the name of an account, however it is written', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  for (const name of lookalikes) {
    const client = await Client.open(server.port, { name });
    client.command('ident', [name], {});
    t.is((await client.reply('result')).state, 'needPassword', JSON.stringify(name));
    await client.drop();
  }
  t.is(server.running.directory.find(host.sessionId)?.people.count, 1);
});

test('the owner of an account is known by the name of the account, however it was typed', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const alice = await Client.open(server.port, { name: 'alice\u200b', password: 'secret' });
  await alice.logIn('join');
  await alice.join(host.sessionId);
  t.deepEqual(
    server.running.directory.find(host.sessionId)?.people.members.map(({ name }) => name),
    ['host', 'Alice'],
  );
});

test('a second guest with the same name is refused or takes the place, as with equal names', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  await Client.join(server.port, host.sessionId, { name: 'Zoë' });
  await t.throwsAsync(Client.join(server.port, host.sessionId, { name: 'zoe\u0308\u200b' }), {
    message: /nameInuse/,
  });
});

test('a ban of a name holds for every way of writing it', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const session = server.running.directory.find(host.sessionId)!;
  session.bans.add({ username: 'Griefer', authId: '', ip: '', sid: '' }, undefined, 'host');
  for (const name of ['griefer', 'Grie\u200dfer', 'Ｇriefer', 'Griefer\u00a0']) {
    await t.throwsAsync(Client.join(server.port, host.sessionId, { name }), { message: /banned/i });
  }
});

test('a name of which nothing can be seen is refused', async (t) => {
  const server = await serve(t);
  const client = await Client.open(server.port, { name: '\u200b' });
  client.command('ident', ['\u200b \u00ad'], {});
  t.is((await client.reply('error')).code, 'badUsername');
});

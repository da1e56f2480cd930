// What somebody does who is in no session yet: look-ups that are none, and reports of abuse.
import test from 'ava';
import type { AbuseReport } from '../../src/lib/core/session/needs.js';
import { Client } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';
import { command } from '../helpers/wire.js';

test('a look-up of two things, and a second look-up, are refused', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  for (const [lookups, code] of [
    [[['one', 'two']], 'syntax'],
    [[[], []], 'lookupAlreadyDone'],
  ] as const) {
    const client = await Client.open(server.port, { name: 'anna' });
    await client.reply('login');
    client.send(command('cinfo', ['127.0.0.1', client.clientInfo()]));
    await client.reply('result');
    for (const args of lookups) client.send(command('lookup', args));
    t.like(await client.reply('error'), { code });
    await client.closed;
  }
});

test('a report from the lobby tells whether who reports has an account', async (t) => {
  const sent: AbuseReport[] = [];
  const reports = { isEnabled: true, send: (report: AbuseReport) => void sent.push(report) };
  const server = await startTestServer({
    accounts: [{ name: 'anna', password: 'pw', flags: [] }],
    more: { reports },
  });
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  for (const [person, auth] of [
    [{ name: 'guest' }, false],
    [{ name: 'anna', password: 'pw' }, true],
  ] as const) {
    const client = await Client.inLobby(server.port, person);
    client.command('report', [], { session: host.sessionId, reason: 'look at that' });
    await client.leave();
    t.like(sent.at(-1), { session: host.sessionId, user: person.name, auth, message: 'look at that' });
  }
  t.is(sent.length, 2);
});

test('messages of the history that were handed to people are counted', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const { peers } = server.running;
  const host = await Client.host(server.port, { name: 'host' });
  for (let i = 0; i < 20; i++) host.draw('line');
  await host.ping();
  const before = peers.traffic.messagesOut;
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  const here = peers.traffic.messagesOut - before;
  t.true(here >= 20, String(here));
  await guest.leave();
  t.true(peers.traffic.messagesOut - before >= here, 'they stay counted');
});

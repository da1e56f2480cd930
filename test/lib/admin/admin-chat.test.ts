// A conversation of an administrator with a session: what it keeps, and when it ends.
import test, { type ExecutionContext } from 'ava';
import { chatOf, openChat } from '../../../src/lib/admin/admin-chat.js';
import { byServer } from '../../../src/lib/core/session/actor.js';
import { Client } from '../../helpers/client.js';
import { startTestServer } from '../../helpers/server.js';

async function begun(t: ExecutionContext) {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const [session] = server.running.directory.all;
  openChat(session!, byServer, 300_000);
  return { server, host, session: session! };
}

test('long lines of people who draw take a bounded place, in memory and in the log', async (t) => {
  const { server, host, session } = await begun(t);
  for (let i = 0; i < 800; i++) host.chat(`${i} ${'x'.repeat(60_000)}`, { bypass: true });
  await host.ping();
  const { messages, offset } = chatOf(session)!.from(0);
  const units = messages.reduce((sum, { m }) => sum + m.length, 0);
  t.true(units <= 512 * 1024, String(units));
  t.true(messages.at(-1)!.m.startsWith('799 '), 'the newest is kept');
  t.is(offset + messages.length, 800, 'numbers go on');
  const logged = server.log.filter(({ topic, level }) => topic === 'AdminChat' && level !== 'debug');
  t.true(logged.length <= 620, String(logged.length));
  t.true(logged.every(({ message }) => message.length <= 4100));
});

for (const [text, ms] of [
  ['an hour forward', 3_600_000],
  ['a year back', -365 * 86_400_000],
] as const) {
  test(`the time of day is set ${text}: a conversation lasts as long as it was to last`, async (t) => {
    const { server, host, session } = await begun(t);
    server.clock.setTimeOfDay(server.clock.now() + ms);
    for (let waited = 0; waited < 299; waited += 23) {
      server.clock.advance(23_000);
      await host.ping();
    }
    t.is(chatOf(session)?.state.remaining, 1000);
    server.clock.advance(1_000);
    t.is(chatOf(session), undefined);
  });
}

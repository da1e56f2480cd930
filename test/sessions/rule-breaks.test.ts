// What someone does who keeps breaking rules must not cost the others anything (sessions.md §20).
import test from 'ava';
import { Client } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';
import { frame, jsonOf, messageType } from '../helpers/wire.js';

test('a thousand breaches of the rules are twenty lines of everybody’s log', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const other = await Client.join(server.port, host.sessionId, { name: 'other' });
  await host.ping();
  let shown = 0;
  const before = host.log.length;
  for (let i = 0; i < 1000; i++) other.send(frame(messageType.leave, other.userId));
  await other.ping();
  await host.ping();
  for (const message of host.log.slice(before)) {
    const json = message.type === messageType.command ? jsonOf(message) : undefined;
    if (json?.type === 'log' && json.topic === 'RuleBreak') shown++;
  }
  t.is(shown, 20);
  t.is(
    server.log.filter((entry) => entry.topic === 'RuleBreak').length,
    1000,
    'the server’s own log has them all',
  );
});

import test from 'ava';
import { startAdminServer } from '../../../helpers/admin-server.js';
import { Client } from '../../../helpers/client.js';

function readFigures(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-z_0-9]+(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (match) counts.set(match[1]!, Number(match[2]));
  }
  return counts;
}

test('the figures tell what happened', async (t) => {
  const { request, server } = await startAdminServer(t);
  const scrape = async () => {
    const { text, headers, status } = await request({ path: '/metrics' });
    t.is(status, 200);
    t.regex(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
    return readFigures(text);
  };
  const before = await scrape();
  t.is(before.get('dp_sessions'), 0);
  t.is(before.get('dp_connections{transport="tcp"}'), 0);
  const host = await Client.host(server.port, { name: 'hana' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'gus' });
  t.teardown(async () => {
    await host.drop();
    await guest.drop();
  });
  for (let i = 0; i < 10; i++) host.draw(Buffer.alloc(1000, i), 150);
  host.draw('end', 151);
  await guest.next(({ type }) => type === 151);
  const refused = await Client.open(server.port, { name: 'a "quoted" name' });
  await t.throwsAsync(refused.logIn());
  await refused.closed;
  const after = await scrape();
  t.is(after.get('dp_sessions'), 1);
  t.is(after.get('dp_users'), 2);
  t.is(after.get('dp_connections{transport="tcp"}'), 2);
  t.is(after.get('dp_connections_total'), 3);
  t.is(after.get('dp_logins_refused_total{reason="badUsername"}'), 1);
  t.true(after.get('dp_received_bytes_total')! > 10_000);
  t.true(after.get('dp_sent_bytes_total')! > 10_000);
  t.true(after.get('dp_received_messages_total')! >= 11);
  t.true(after.get('dp_delivered_messages_total')! >= 22);
  t.true(after.get('dp_history_bytes')! > 10_000);
  t.is(after.get('dp_unsent_bytes'), 0);
  t.true(after.get('process_resident_memory_bytes')! > 1e6);
  await guest.leave();
  await host.ping();
  const last = await scrape();
  t.true(
    last.get('dp_delivered_messages_total')! >= after.get('dp_delivered_messages_total')!,
    'counters only grow',
  );
  t.true(last.get('dp_sent_bytes_total')! >= after.get('dp_sent_bytes_total')!);
});

test('a server says that it lives and is ready without a password, its figures with one', async (t) => {
  const { request, admin, server } = await startAdminServer(t, {
    hasPort: true,
    values: { 'web-admin-auth': 'admin:secret' },
  });
  const status = async (path: string) => (await request({ path, port: admin.port })).status;
  t.is(await status('/livez'), 200);
  t.is(await status('/readyz'), 200);
  t.is(await status('/metrics'), 401);
  void server.stop();
  t.is(await status('/readyz'), 503);
  t.is(await status('/livez'), 200);
});

test('the text format of Prometheus: each metric is described once, and each line is one', async (t) => {
  const { request, server } = await startAdminServer(t);
  const client = await Client.open(server.port, { name: 'x'.repeat(500) });
  await t.throwsAsync(client.logIn());
  const { text } = await request({ path: '/metrics' });
  t.true(text.endsWith('\n'));
  const described: string[] = [];
  let metric = '';
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP ([a-z_0-9]+) \S.*$/.exec(line);
    if (help) {
      metric = help[1]!;
      described.push(metric);
    } else if (line.startsWith('# TYPE')) t.regex(line, new RegExp(`^# TYPE ${metric} (gauge|counter)$`));
    else t.regex(line, new RegExp(`^${metric}(\\{[a-z]+="(?:[^"\\\\]|\\\\["\\\\n])*"\\})? [0-9.e+-]+$`));
  }
  t.deepEqual([...new Set(described)], described);
  t.true(described.length > 20);
});

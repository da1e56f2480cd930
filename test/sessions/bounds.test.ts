// What a stranger can send again and again costs the others, the log and the disk only so much.

import test, { type ExecutionContext } from 'ava';
import { sessionCommands } from '../../src/lib/core/session/commands/index.js';
import { Client } from '../helpers/client.js';
import { startTestServer, type TestServer } from '../helpers/server.js';

async function serve(t: ExecutionContext): Promise<TestServer> {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  return server;
}

function loggedBytes(server: TestServer): number {
  const kept = server.log.filter(({ level }) => level !== 'debug');
  return kept.reduce((sum, { message }) => sum + message.length, 0);
}

test('every command has a bound, and says what a call makes others keep', (t) => {
  for (const [name, { bound }] of Object.entries(sessionCommands)) {
    const { burst, perMinute, keeps } = bound;
    t.true(burst >= 1 && perMinute >= 1 && keeps !== '', name);
  }
});

for (const [cmd, { bound }] of Object.entries(sessionCommands)) {
  const { burst } = bound;
  // It ends the session at the first call.
  if (cmd === 'kill-session') continue;
  test(`${cmd}: beyond ${burst} at once the sender is told to wait, and nothing more is kept`, async (t) => {
    const server = await serve(t);
    const host = await Client.host(server.port, { name: 'host' });
    const waiting = 'x'.repeat(1000);
    for (let sent = 0; sent < burst + 50; sent++) {
      // Every call that is not refused for its form changes something, as far as a command can.
      host.command(cmd, [sent % 2 === 0 ? waiting : 'y', false].slice(0, sessionArgs(cmd)), {
        title: `title ${sent}`,
        reason: waiting,
        type: 'nonsense',
      });
    }
    const refusal = await host.reply('error', {
      message: `${cmd}: Sent too often, try again in a minute`,
    });
    t.truthy(refusal);
    t.true(server.log.filter(({ level }) => level !== 'debug').length <= 20 + 2 * burst);
    server.clock.advance(60_000);
    t.false(host.isClosed);
  });
}

function sessionArgs(cmd: string): number {
  const command = sessionCommands[cmd as keyof typeof sessionCommands] as { argCount?: number };
  return command.argCount ?? 0;
}

test('1,500 abuse reports of 60 kB by a guest leave a few kilobytes', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  for (let sent = 0; sent < 1500; sent++) {
    guest.command('report', [], { reason: `${sent} ${'x'.repeat(60_000)}` });
    if (sent % 50 === 0) await guest.ping();
  }
  await guest.ping();
  t.true(loggedBytes(server) < 40_000, `${loggedBytes(server)} bytes`);
  const [session] = server.running.directory.all;
  let replayBytes = 0;
  session!.logWriter.replayTo({
    isModerator: true,
    isOperator: true,
    send: ({ length }) => {
      replayBytes = length;
    },
  });
  t.true(replayBytes > 0 && replayBytes < 60_000, `${replayBytes} bytes`);
  t.is(
    server.log.filter(({ topic, message }) => topic === 'Report' && message.startsWith('Abuse report:'))
      .length,
    5,
  );
});

test('reports from the lobby are bounded by address, over all connections', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', settings: { password: 'secret' } });
  for (let connection = 0; connection < 5; connection++) {
    const stranger = await Client.open(server.port, { name: `s${connection}` });
    await stranger.logIn('join');
    for (let sent = 0; sent < 100; sent++) {
      stranger.command('report', [], { session: host.sessionId, reason: 'x'.repeat(50_000) });
    }
    await stranger.ping();
    await stranger.leave();
  }
  t.is(server.log.filter(({ topic, level }) => topic === 'Report' && level === 'info').length, 5);
});

test('a minute later a report goes through again', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const reports = () => server.log.filter(({ message }) => message.startsWith('Abuse report:')).length;
  for (let sent = 0; sent < 10; sent++) host.command('report', [], { reason: 'r' });
  await host.ping();
  t.is(reports(), 5);
  server.clock.advance(30_000);
  await host.ping();
  host.command('report', [], { reason: 'r' });
  await host.ping();
  t.is(reports(), 6);
});

test('accounts that a session remembers are bounded in number and in length', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  host.command('auth-list', [[{ a: 'x'.repeat(256), o: true, u: 'long' }]]);
  host.command('auth-list', [[{ a: 'short', o: true, u: 'x'.repeat(256) }]]);
  for (let sent = 0; sent < 12; sent++) {
    const entries = Array.from({ length: 100 }, (_, i) => ({ a: `a${sent}-${i}`, t: true, u: `n${i}` }));
    host.command('auth-list', [entries]);
  }
  await host.ping();
  const [session] = server.running.directory.all;
  const { accounts } = session!.roles;
  t.deepEqual([accounts.count('operator'), accounts.has('short', 'operator')], [1, true]);
  t.is(accounts.count('trusted'), 1000);
  t.is(accounts.all.size, 1001);
});

test('bans with texts that nobody can have are not kept', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const long = 'x'.repeat(5000);
  const list = [{ u: 'bob' }, { u: long }, { a: long }, { s: long }, { i: long }];
  const text = `plain;${JSON.stringify({ v: 1, l: list })}`;
  host.command('import-bans', [text]);
  await host.ping();
  const [session] = server.running.directory.all;
  t.true(session!.bans.all.every(({ username }) => username.length < 256));
});

test('joining and leaving all day does not fill the log without limit', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const [session] = server.running.directory.all;
  for (let count = 0; count < 2000; count++) {
    session!.writeLog('info', 'Join', 'Joined session', {
      id: (count % 250) + 2,
      ip: '192.0.2.1',
      name: 'x',
    });
  }
  t.is(
    server.log.filter(
      ({ topic, level, user }) => topic === 'Join' && level === 'info' && user?.ip === '192.0.2.1',
    ).length,
    500,
  );
  server.clock.advance(60_000);
  await host.ping();
  session!.writeLog('info', 'Join', 'Joined session', { id: 9, ip: '192.0.2.1', name: 'later' });
  t.is(server.log.at(-1)?.level, 'info');
});

// Time that jumps, and people whose connection is lost: nobody is cut off and nothing deleted because of either.

import test, { type ExecutionContext } from 'ava';
import { Client } from '../helpers/client.js';
import { startTestServer, type TestServer, type TestServerOptions } from '../helpers/server.js';
import { until } from '../helpers/until.js';
import { frame } from '../helpers/wire.js';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

async function serve(t: ExecutionContext, options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  t.teardown(() => server.stop());
  return server;
}

function nobodyLeft(server: TestServer): Promise<void> {
  return until('the server has noticed that everybody left', () => server.running.peers.count === 0);
}

async function hostPersistent(port: number): Promise<Client> {
  const host = await Client.host(port, { name: 'host', settings: { persistent: true } });
  await host.ping();
  return host;
}

for (const [text, ms] of [
  ['61 seconds forward', 61 * second],
  ['ten days forward', 10 * day],
  ['a year back', -365 * day],
] as const) {
  test(`the time of day is set ${text}: nobody is cut off, nothing is deleted`, async (t) => {
    const server = await serve(t, { settings: { persistence: 'true', idleTimeLimit: '1h' } });
    const host = await hostPersistent(server.port);
    const browsing = await Client.open(server.port, { name: 'browsing' });
    server.clock.setTimeOfDay(server.clock.now() + ms);
    server.clock.advance(30 * second);
    await host.ping();
    await browsing.ping();
    t.is(server.sessionCount, 1);
    host.draw('still here');
    await host.leave();
    server.clock.advance(30 * minute);
    t.is(server.sessionCount, 1, 'half an hour is not an hour');
    server.clock.advance(31 * minute);
    t.is(server.sessionCount, 0, 'an hour without anybody is');
  });
}

test('the process stands still for two minutes: everybody gets the chance to be heard', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const silent = await Client.join(server.port, host.sessionId, { name: 'silent' });
  server.clock.stall(2 * minute);
  await host.ping();
  t.false(silent.isClosed);
  for (let waited = 0; waited < 58; waited++) {
    server.clock.advance(second);
    await host.ping();
  }
  t.false(silent.isClosed);
  server.clock.advance(5 * second);
  await silent.closed;
  t.false(host.isClosed);
});

test('after a long sleep nothing is deleted for idleness within the first minutes', async (t) => {
  const server = await serve(t, { settings: { persistence: 'true', idleTimeLimit: '1h' } });
  const host = await hostPersistent(server.port);
  await host.leave();
  server.clock.stall(5 * day);
  server.clock.advance(2 * minute);
  t.is(server.sessionCount, 1);
  server.clock.advance(5 * minute);
  t.is(server.sessionCount, 0);
});

test('a session waits two minutes for people who lost their connection', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await Promise.all([host.drop(), guest.drop()]);
  await nobodyLeft(server);
  server.clock.advance(100 * second);
  const back = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await back.drop();
  await nobodyLeft(server);
  server.clock.advance(100 * second);
  t.is(server.sessionCount, 1);
  server.clock.advance(40 * second);
  t.is(server.sessionCount, 0);
});

test('a session ends at once when the last one leaves on purpose', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  await host.leave();
  await until('the session has ended', () => server.sessionCount === 0);
  t.pass();
});

test('who lost the connection, came back and left on purpose is not waited for', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  await host.drop();
  const back = await Client.join(server.port, host.sessionId, {
    name: 'host',
  });
  await back.leave();
  await until('the session has ended', () => server.sessionCount === 0);
  t.pass();
});

test('one left on purpose, another lost the connection: the session waits for that one', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.drop();
  await host.leave();
  await nobodyLeft(server);
  server.clock.advance(60 * second);
  t.is(server.sessionCount, 1);
  server.clock.advance(80 * second);
  t.is(server.sessionCount, 0);
});

test('who is silent for too long counts as lost, who is kicked does not', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  server.clock.advance(61 * second);
  await host.closed;
  t.is(server.sessionCount, 1);
  const other = await serve(t);
  const kicked = await Client.host(other.port, { name: 'kicked' });
  const [session] = other.running.directory.all;
  session!.people.members[0]!.disconnect('kick', 'the test');
  await kicked.closed;
  await until('the session has ended', () => other.sessionCount === 0);
});

test('a host that is lost before the session is ready is not waited for', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', complete: false });
  await host.drop();
  await until('the session has ended', () => server.sessionCount === 0);
  t.pass();
});

test('a session with a password that lost its people stays shut while it waits', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  host.command('sessionconf', [], { password: 'secret' });
  await host.ping();
  await server.idle();
  await host.drop();
  await nobodyLeft(server);
  server.clock.advance(60 * second);
  const join = Client.join(server.port, host.sessionId, { name: 'guest' });
  await t.throwsAsync(join, { message: /badPassword/ });
  const back = await Client.inLobby(server.port, { name: 'host' });
  await back.join(host.sessionId, { password: 'secret' });
  await back.drop();
  await until('only who was refused is left', () => server.running.peers.count === 1);
  server.clock.advance(130 * second);
  t.is(server.sessionCount, 0);
});

for (const way of ['drop', 'leave'] as const) {
  test(`everybody else lost the connection, then a moderator alone does ${way}: the session waits`, async (t) => {
    const server = await serve(t, { accounts: [{ name: 'mod', password: 'pw', flags: ['MOD'] }] });
    const host = await Client.host(server.port, { name: 'host' });
    const moderator = await Client.open(server.port, { name: 'mod', password: 'pw' });
    await moderator.logIn();
    await moderator.join(host.sessionId);
    await moderator.caughtUp();
    await host.drop();
    await until('the host is gone', () => server.running.peers.count === 1);
    await moderator[way]();
    await nobodyLeft(server);
    server.clock.advance(60 * second);
    t.is(server.sessionCount, 1);
    server.clock.advance(130 * second);
    t.is(server.sessionCount, 0);
  });
}

test('everybody loses the connection while a reset arrives: what was before it is there', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  host.draw('before');
  await host.ping();
  host.command('reset-session');
  await host.reply('reset');
  host.command('init-begin');
  host.send(frame(148, 1, Buffer.alloc(3000)));
  await Promise.all([host.drop(), guest.drop()]);
  await nobodyLeft(server);
  server.clock.advance(60 * second);
  t.is(server.sessionCount, 1);
  const back = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await back.caughtUp();
  t.true(back.log.some(({ payload }) => Buffer.from(payload).includes('before')));
});

test('droppedSessionLingerTime=0 ends a session at once, whoever left it how', async (t) => {
  const server = await serve(t, { settings: { droppedSessionLingerTime: '0' } });
  const host = await Client.host(server.port, { name: 'host' });
  await host.drop();
  await until('the session has ended', () => server.sessionCount === 0);
  t.pass();
});

for (const generation of ['2.1', '2.2', '2.3'] as const) {
  test(`people with ${generation} lose the connection, come back and leave: the session waits, then ends`, async (t) => {
    const server = await serve(t);
    const people = { generation };
    const protocol = { '2.1': 'dp:4.21.2', '2.2': 'dp:4.24.0', '2.3': 'dp:4.25.1' }[generation];
    const host = await Client.host(server.port, { name: 'host', protocol, ...people });
    const guest = await Client.join(server.port, host.sessionId, { name: 'guest', ...people });
    const third = await Client.join(server.port, host.sessionId, { name: 'third', ...people });
    // one leaves on purpose while the others are lost
    await Promise.all([host.drop(), guest.drop()]);
    await third.leave();
    await nobodyLeft(server);
    server.clock.advance(60 * second);
    t.is(server.sessionCount, 1);
    // both come back: the first leaves on purpose while the other is still missing, then that one
    const hostAgain = await Client.join(server.port, host.sessionId, { name: 'host', ...people });
    await hostAgain.leave();
    await nobodyLeft(server);
    t.is(server.sessionCount, 1, 'guest is still waited for');
    const guestAgain = await Client.join(server.port, host.sessionId, { name: 'guest', ...people });
    await guestAgain.leave();
    await until('the session has ended', () => server.sessionCount === 0);
  });
}

for (const how of ['drop', 'leave'] as const) {
  test(`only a ghost is left after people ${how}: it keeps nothing alive`, async (t) => {
    const server = await serve(t, {
      settings: { enableGhosts: 'true' },
      accounts: [{ name: 'casper', password: 'pw', flags: ['MOD', 'GHOST'] }],
    });
    const host = await Client.host(server.port, { name: 'host' });
    const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
    const ghost = await Client.open(server.port, { name: 'casper', password: 'pw' });
    await ghost.logIn();
    await ghost.join(host.sessionId);
    await ghost.caughtUp();
    const [session] = server.running.directory.all;
    t.deepEqual(
      session!.people.members.map((member) => member.isGhost),
      [false, false, true],
    );
    await Promise.all([host[how](), guest[how]()]);
    if (how === 'leave') {
      await until('the session has ended', () => server.sessionCount === 0);
      await ghost.closed;
      return;
    }
    await until('only the ghost is left', () => session!.people.members.length === 1);
    server.clock.advance(50 * second);
    await ghost.ping();
    // a ghost that is lost is not waited for, nor does it end what is
    await ghost.drop();
    await nobodyLeft(server);
    server.clock.advance(50 * second);
    t.is(server.sessionCount, 1);
    const back = await Client.join(server.port, host.sessionId, { name: 'host' });
    await back.drop();
    await nobodyLeft(server);
    server.clock.advance(131 * second);
    t.is(server.sessionCount, 0);
  });
}

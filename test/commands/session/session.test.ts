// Every `dp session …` through the real program, on a real server with people in its sessions: over its socket on
// this machine, and over the address of its admin API.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Client, type ClientOptions, type HostOptions, type JoinOptions } from '../../helpers/client.js';
import { MockServer } from '../../helpers/mock-server.js';
import { binary, runBinary } from '../../helpers/run-binary.js';
import { type ServedBinary, serveBinary, type Transport, transports } from '../../helpers/serve-binary.js';
import { hasTerminal, openTerminal } from '../../helpers/terminal.js';
import { jsonOf, messageType } from '../../helpers/wire.js';

const servers = new Map<Transport, ServedBinary>();

test.before(async () => {
  for (const transport of transports) {
    const settings = ['--set', 'announceAllowPrivate=true', '--set', 'announceWhiteList=false'];
    servers.set(transport, await serveBinary({}, transport, ...settings));
  }
});
test.after.always(async () => {
  for (const server of servers.values()) {
    server.kill('SIGKILL');
    await server.ended;
  }
});

const patience = { patience: 60_000 };

async function hosting(t: ExecutionContext, port: number, options: ClientOptions & HostOptions) {
  const client = await Client.host(port, { ...patience, ...options });
  t.teardown(() => client.drop());
  return client;
}

async function joining(
  t: ExecutionContext,
  port: number,
  session: string,
  options: ClientOptions & JoinOptions,
) {
  const client = await Client.join(port, session, { ...patience, ...options });
  t.teardown(() => client.drop());
  return client;
}

/** One test for each transport; each has sessions of its own. */
function testBothTransports(
  title: string,
  run: (t: ExecutionContext, server: ServedBinary) => Promise<void>,
): void {
  for (const transport of transports) test(`${title} (${transport})`, (t) => run(t, servers.get(transport)!));
}

testBothTransports('list, show and users tell who is where', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'looking', title: 'Life drawing' });
  await joining(t, server.port, 'looking', { name: 'bob' });
  const list = await server.dp('session', 'list');
  t.is(list.status, 0, list.stderr);
  t.regex(list.stdout, /^session +alias +title +users +drawing +size +age +founder/);
  t.regex(list.stdout, new RegExp(`^${host.sessionId} +looking +Life drawing +2/254 .* alice`, 'm'));
  const listed = await server.json<Record<string, unknown>[]>('session', 'list', '--listed');
  t.like(
    listed.find(({ alias }) => alias === 'looking'),
    { id: host.sessionId, title: 'Life drawing', userCount: 2 },
  );

  // by alias, by id, by the beginning of an id
  for (const name of ['looking', host.sessionId, host.sessionId.slice(0, -2)]) {
    const shown = await server.dp('session', 'show', name);
    t.is(shown.status, 0, shown.stderr);
    t.regex(shown.stdout, /^title +Life drawing$/m);
    t.regex(shown.stdout, /^users +2 of 254$/m);
    t.regex(shown.stdout, /^ *1 +alice +operator guest +127\.0\.0\.1/m);
    t.regex(shown.stdout, /^ *2 +bob +guest +127\.0\.0\.1/m);
  }
  t.like(await server.json('session', 'show', 'looking'), { id: host.sessionId, founder: 'alice' });

  const gone = await Client.join(server.port, 'looking', { ...patience, name: 'carol' });
  await gone.leave();
  // the server has seen the end when the others have
  await host.next(({ type, context }) => type === messageType.leave && context === gone.userId, 'a leave');
  const users = await server.dp('session', 'users', 'looking');
  t.regex(users.stdout, /^ *3 +carol +left/m);
  const online = await server.json<Record<string, unknown>[]>('session', 'users', 'looking', '--online');
  t.deepEqual(
    online.map(({ name }) => name),
    ['alice', 'bob'],
  );
});

testBothTransports('what there is not: status 4 and what to type', async (t, server) => {
  const none = await server.dp('session', 'show', 'nowhere');
  t.is(none.status, 4);
  t.is(none.stderr, "error: there is no session 'nowhere'\nhint: try: dp session list\n");
  await hosting(t, server.port, { name: 'alice', alias: 'lonely' });
  const nobody = await server.dp('session', 'kick', 'lonely', 'bob');
  t.is(nobody.status, 4);
  t.regex(nobody.stderr, /there is no user 'bob' in this session\nhint: choose one of: 1 alice/);
});

testBothTransports('set changes what everyone in it sees', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'changing', title: 'Before' });
  const set = await server.dp('session', 'set', 'changing', 'title=After all', 'maxusercount=7', 'nsfm=yes');
  t.is(set.status, 0, set.stderr);
  t.is(set.stdout, 'changing: title = After all\nchanging: maxUserCount = 7\nchanging: nsfm = true\n');
  const seen = await host.next((message) => {
    const config = jsonOf(message)?.config as Record<string, unknown> | undefined;
    return config?.title === 'After all' && config.maxUserCount === 7 && config.nsfm === true;
  }, 'the new configuration');
  t.truthy(seen);
  t.like(await server.json('session', 'set', 'changing', 'overrideSize=20mb', 'password=pw'), {
    overrideSize: 20 * 1024 * 1024,
    hasPassword: true,
  });
  const secret = await server.dp('session', 'set', 'changing', 'opword=hush');
  t.is(secret.stdout, 'changing: opword = (secret)\n');

  for (const [words, told] of [
    [['titel=x'], /there is no session setting 'titel'\nhint: did you mean 'title'/],
    [
      ['nsfm=perhaps'],
      /invalid value 'perhaps' for nsfm: expected true or false\nhint: write for example: nsfm=true/,
    ],
    [['title'], /'title' has no value/],
  ] as const) {
    const refused = await server.dp('session', 'set', 'changing', ...words);
    t.is(refused.status, 2);
    t.regex(refused.stderr, told);
  }
});

testBothTransports('message, to all in it or to one', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'talking' });
  const bob = await joining(t, server.port, 'talking', { name: 'bob' });
  const told = await server.dp('session', 'message', 'talking', 'Keep', 'to', 'the theme');
  t.deepEqual([told.status, told.stderr], [0, 'Sent to 2 users.\n']);
  for (const client of [host, bob]) {
    t.is((await client.reply('msg', { message: 'Keep to the theme' })).type, 'msg');
  }
  t.is((await server.dp('session', 'message', 'talking', '--alert', '--user', 'bob', 'You')).status, 0);
  const text = 'Private message from the server administrator: You';
  t.is((await bob.reply('alert', { message: text })).type, 'alert');
  await host.ping();
  t.false(host.log.some((message) => String(jsonOf(message)?.message).endsWith('You')));
});

testBothTransports('op, trust and mute, and back', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'roles' });
  const bob = await joining(t, server.port, 'roles', { name: 'bob' });
  const role = async () => {
    const users = await server.json<Record<string, unknown>[]>('session', 'users', 'roles');
    return users.find(({ name }) => name === 'bob')!;
  };
  const ids = (type: number, ...expected: number[]) =>
    host.next(
      (message) => message.type === type && message.payload.equals(Buffer.from(expected)),
      `the list ${expected}`,
    );
  t.is((await server.dp('session', 'op', 'roles', 'bob')).stderr, 'bob is now an operator.\n');
  await ids(messageType.owners, 1, bob.userId);
  t.true((await role()).op);
  t.is((await server.dp('session', 'op', 'roles', String(bob.userId), '--take')).status, 0);
  await ids(messageType.owners, 1);
  t.is((await server.dp('session', 'trust', 'roles', 'bob')).status, 0);
  await ids(messageType.trusted, bob.userId);
  t.is((await server.dp('session', 'trust', 'roles', 'bob', '--take')).status, 0);
  await ids(messageType.trusted);
  t.is((await server.dp('session', 'mute', 'roles', 'bob')).stderr, 'bob is now muted.\n');
  t.true((await role()).muted);
  t.is((await server.dp('session', 'mute', 'roles', 'bob', '--off')).stderr, 'bob is no longer muted.\n');
  t.like(await role(), { op: false, trusted: false, muted: false });
});

testBothTransports('kick, ban and unban', async (t, server) => {
  await hosting(t, server.port, { name: 'alice', alias: 'strict' });
  const bob = await joining(t, server.port, 'strict', { name: 'bob' });
  const kicked = await server.dp('session', 'kick', 'strict', 'bob', '--message', 'a pause');
  t.deepEqual([kicked.status, kicked.stderr], [0, 'bob was kicked.\n']);
  await bob.closed;

  const again = await joining(t, server.port, 'strict', { name: 'bob' });
  const banned = await server.dp('session', 'kick', 'strict', 'bob', '--ban');
  t.deepEqual([banned.status, banned.stderr], [0, 'bob was kicked and banned from this session.\n']);
  await again.closed;
  await t.throwsAsync(Client.join(server.port, 'strict', { ...patience, name: 'bob' }), {
    message: /BANNED/i,
  });
  t.regex((await server.dp('session', 'show', 'strict')).stdout, /^ *1 +bob +the server administrator$/m);
  const twice = await server.dp('session', 'unban', 'strict', 'nobody');
  t.is(twice.status, 4);
  t.is((await server.dp('session', 'unban', 'strict', 'bob')).stderr, 'Ban 1 lifted.\n');

  // also one who has left, by id
  const carol = await joining(t, server.port, 'strict', { name: 'carol' });
  const { userId } = carol;
  await carol.drop();
  const past = await server.dp('session', 'ban', 'strict', String(userId));
  t.deepEqual([past.status, past.stderr], [0, 'carol is banned from this session.\n']);
});

testBothTransports('invites let people in, are shown, and are taken back', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'closed', password: 'pw' });
  const made = await server.dp('session', 'invite', 'closed', '--uses', '2', '--trust');
  t.is(made.status, 0, made.stderr);
  const [session, secret = ''] = made.stdout.trim().split(':');
  t.is(session, host.sessionId);
  await joining(t, server.port, host.sessionId, { name: 'bob', invite: secret });
  const shown = await server.dp('session', 'invites', 'closed');
  t.regex(shown.stdout, new RegExp(`^${secret} +1/2 +trusted .* bob$`, 'm'));
  t.is((await server.dp('session', 'uninvite', 'closed', made.stdout.trim())).status, 0);
  t.is((await server.dp('session', 'uninvite', 'closed', secret)).status, 4);
  t.deepEqual(await server.json('session', 'invites', 'closed'), []);
});

testBothTransports('reset asks those who can', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'long' });
  const asked = await server.dp('session', 'reset', 'long');
  t.is(asked.status, 0, asked.stderr);
  t.is((await host.reply('autoreset')).type, 'autoreset');
  t.is((await server.dp('session', 'op', 'long', 'alice', '--take')).status, 0);
  const nobody = await server.dp('session', 'reset', 'long');
  t.is(nobody.status, 5);
  t.regex(nobody.stderr, /cannot reset the session now: no operator is present/);
});

testBothTransports('announce and unlist', async (t, server) => {
  const list = await MockServer.start(t);
  list.answers = [{ status: 200, body: { id: 5, key: 'k', expires: 60 } }];
  await hosting(t, server.port, { name: 'alice', alias: 'public' });
  const url = `${list.origin}/api/`;
  const asked = await server.dp('session', 'announce', 'public', url);
  t.is(asked.status, 0, asked.stderr);
  await list.until(1);
  t.is(list.asked[0]?.method, 'POST');
  const where = await server.dp('session', 'unlist', 'public', 'http://127.0.0.1:1/');
  t.is(where.status, 4);
  const gone = await server.dp('session', 'unlist', 'public');
  t.is(gone.stderr, `Removed from ${url}.\n`);
});

testBothTransports('export makes a recording that plays', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'kept' });
  for (let count = 0; count < 2000; count++) host.draw(Buffer.from([0, 0, 1]), messageType.penUp);
  await host.ping();
  const folder = mkdtempSync(join(tmpdir(), 'dp-export-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'kept.dprec');
  const saved = await server.dp('session', 'export', 'kept', file);
  t.is(saved.status, 0, saved.stderr);
  t.regex(saved.stderr, new RegExp(`kept\\.dprec: session ${host.sessionId}, 1\\d(\\.\\d)? KB`));
  const info = await runBinary(['rec', 'info', file, '--json']);
  t.is(info.status, 0, info.stderr);
  const verified = await runBinary(['rec', 'verify', file]);
  t.is(verified.status, 0, verified.stdout + verified.stderr);
  t.is((await server.dp('session', 'export', 'kept', file)).status, 6);
  t.is((await server.dp('session', 'export', 'kept', join(folder, 'kept.dptxt'))).status, 2);
  const packed = `${file}.gz`;
  t.is((await server.dp('session', 'export', host.sessionId, packed)).status, 0);
  t.true(existsSync(packed));
});

testBothTransports('kill puts everyone out and says why', async (t, server) => {
  const host = await hosting(t, server.port, { name: 'alice', alias: 'over' });
  const killed = await server.dp('session', 'kill', 'over', '--reason', 'against the rules');
  t.deepEqual([killed.status, killed.stderr], [0, `Session ${host.sessionId} ended; 1 user disconnected.\n`]);
  const { message } = await host.reply('alert');
  t.regex(String(message), /against the rules/);
  await host.closed;
  t.is((await server.dp('session', 'kill', 'over')).status, 4);
});

const onTerminal = hasTerminal ? test : test.skip;
onTerminal('kill asks whoever sits at the terminal (tmux)', async (t) => {
  const server = servers.get('socket')!;
  const host = await hosting(t, server.port, { name: 'alice', alias: 'asked', title: 'Worth keeping' });
  const terminal = openTerminal(t, [process.execPath, binary, 'session', 'kill', 'asked'], server.env);
  await terminal.shows('End session asked "Worth keeping" with 1 user in it?');
  terminal.type('n');
  terminal.press('Enter');
  await terminal.shows('ended with 1');
  await host.ping();
  t.false(host.isClosed);
});

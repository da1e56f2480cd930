// Commands for a running server as a whole, through the real program over both transports: status, user list --online, say,
// top, log --follow, stop. And what they say where no server runs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'ava';
import { Client } from '../helpers/client.js';
import { binary } from '../helpers/run-binary.js';
import { runTyped } from '../helpers/run-command.js';
import { serveBinary, transports } from '../helpers/serve-binary.js';
import { databaseFlags } from '../helpers/set-up.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { hasTerminal, openTerminal } from '../helpers/terminal.js';

const patience = 60_000;

for (const transport of transports) {
  test(`who is connected, how the server is doing, and a word to everyone (${transport})`, async (t) => {
    const server = await serveBinary(t, transport);
    const host = await Client.host(server.port, { name: 'alice', alias: 'one', title: 'First', patience });
    const other = await Client.host(server.port, { name: 'bob', alias: 'two', title: 'Second', patience });
    const lobby = await Client.inLobby(server.port, { name: 'carol', patience });
    t.teardown(() => Promise.all([host, other, lobby].map((client) => client.drop())));

    const status = await server.dp('status');
    t.is(status.status, 0, status.stderr);
    t.regex(status.stdout, /^sessions +2 of 25$/m);
    t.regex(status.stdout, /^connected +3 \(2 in sessions\)$/m);
    t.like(await server.json('status'), { sessions: 2, users: 3, stopsAt: null });

    const online = await server.dp('user', 'list', '--online');
    t.regex(online.stdout, /^alice +one +operator guest +127\.0\.0\.1/m);
    t.regex(online.stdout, /^carol +none +guest/m);

    const said = await server.dp('say', 'Tea', 'is', 'ready');
    t.deepEqual([said.status, said.stderr], [0, 'Sent to 2 users in 2 sessions.\n']);
    t.is((await host.reply('msg', { message: 'Tea is ready' })).type, 'msg');
    t.is((await server.dp('say', '--alert', 'Now')).status, 0);
    t.is((await other.reply('alert', { message: 'Now' })).type, 'alert');

    const top = await server.dp('top');
    t.is(top.status, 0, top.stderr);
    t.regex(top.stdout, /^dp \S+ · 2 sessions · 3 connected · /);
    t.regex(top.stdout, /^one +First +1\/254 /m);
    t.regex(top.stdout, /^alice +one +operator guest/m);
  });

  test(`the log is followed over the transport (${transport})`, async (t) => {
    const server = await serveBinary(t, transport);
    const child = spawn(process.execPath, [binary, 'logs', '--follow', '--json', '--topic', 'Join,Status'], {
      env: { PATH: process.env.PATH ?? '', ...server.env },
    });
    t.teardown(() => child.kill());
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (topic: string) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('the log ended');
        const entry = JSON.parse(value) as Record<string, string>;
        if (entry.topic === topic) return entry;
      }
    };
    // what has been before comes first; then it follows
    const before = await Client.host(server.port, { name: 'bob', patience });
    t.teardown(() => before.drop());
    t.like(await next('Join'), { session: before.sessionId });
    const host = await Client.host(server.port, { name: 'alice', patience });
    t.teardown(() => host.drop());
    t.like(await next('Join'), { level: 'info', session: host.sessionId });
    server.kill('SIGTERM');
    const [status] = (await once(child, 'close')) as [number];
    t.is(status, 3);
  });

  test(`stop is told, cancelled, and done (${transport})`, async (t) => {
    const server = await serveBinary(t, transport);
    const host = await Client.host(server.port, { name: 'alice', patience });
    t.teardown(() => host.drop());
    const ahead = await server.dp('stop', '--in', '5m', '--message', 'Back soon.');
    t.is(ahead.status, 0, ahead.stderr);
    t.regex(ahead.stderr, /The server will stop at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    t.is((await host.reply('alert')).message, 'The server will stop in 5 min. Back soon.');
    t.regex((await server.dp('status')).stdout, /^stops at +\d{4}-/m);
    t.is((await server.dp('stop', '--cancel')).stderr, 'Shutdown cancelled.\n');
    t.is((await host.reply('alert')).message, 'The server will not stop after all.');
    t.is((await server.dp('stop', '--cancel')).stderr, 'No shutdown was scheduled.\n');
    t.is((await server.dp('stop', '--in', 'soon')).status, 2);
    const stopped = await server.dp('stop');
    t.deepEqual([stopped.status, stopped.stderr], [0, 'The server is stopping.\n']);
    t.is((await server.ended).status, 0);
    t.is((await server.dp('status')).status, 3);
  });
}

const live: readonly (readonly string[])[] = [
  ['status'],
  ['top'],
  ['say', 'hello'],
  ['stop'],
  ['session', 'list'],
  ['session', 'kill', 'x'],
  ['user', 'list', '--online'],
];
for (const command of live) {
  test(`no server runs: 'dp ${command.join(' ')}' ends with 3 and says what to type`, async (t) => {
    const env = { HOME: tempFolder(t), DP_RUNTIME: tempFolder(t) };
    const ran = await runTyped([...command, ...(await databaseFlags(t))], { env });
    t.is(ran.status, 3);
    t.regex(ran.stderr, /dp serve/);
    const away = await runTyped([...command, '--server', 'http://127.0.0.1:1'], { env });
    t.is(away.status, 3);
    t.regex(away.stderr, /no server answers at http:\/\/127\.0\.0\.1:1/);
  });
}

const onTerminal = hasTerminal ? test : test.skip;
onTerminal('top renews its screen, and is left with q (tmux)', async (t) => {
  const server = await serveBinary(t, 'socket');
  const host = await Client.host(server.port, { name: 'alice', alias: 'one', title: 'First', patience });
  t.teardown(() => host.drop());
  const terminal = openTerminal(t, [process.execPath, binary, 'top', '--interval', '1'], server.env);
  const first = await terminal.shows(/1 session · 1 connected/);
  t.regex(first, /^session +title +users/m);
  t.regex(first, /^alice +one +operator guest +127\.0\.0\.1/m);
  const bob = await Client.join(server.port, 'one', { name: 'bob', patience });
  t.teardown(() => bob.drop());
  const second = await terminal.shows(/1 session · 2 connected/);
  t.regex(second, /^bob +one +guest/m);
  // over the first picture, not below it
  t.is(second.split('connected').length, 2);
  terminal.press('q');
  await terminal.shows('ended with 0');
});

onTerminal('top ends with 3 when its server does, and leaves the terminal as it was (tmux)', async (t) => {
  const server = await serveBinary(t, 'socket');
  const command = `'${process.execPath}' '${binary}' top --interval 1; echo "ended with $?"; stty -a`;
  const terminal = openTerminal(t, ['sh', '-c', command], server.env);
  await terminal.shows('0 sessions · 0 connected');
  server.kill('SIGTERM');
  const screen = await terminal.shows(/ended with 3[\s\S]* echo /);
  t.regex(screen, /error: no server answers at its socket [\s\S]*start it with 'dp serve'/);
  t.regex(screen, / icanon /);
});

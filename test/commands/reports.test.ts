// What moderators know about people: abuse reports, notes and who was seen, from the client to the terminal.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { startAdminServer } from '../helpers/admin-server.js';
import { Client } from '../helpers/client.js';
import { binary } from '../helpers/run-binary.js';
import { runTyped } from '../helpers/run-command.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { until } from '../helpers/until.js';

interface Listed {
  id: number;
  reporter: { name: string };
  about: { name: string; address: string } | null;
  text: string;
  closed: { by: string; comment: string } | null;
}

async function openServer(t: ExecutionContext) {
  const server = await startAdminServer(t, { settings: { clientTimeout: '1d' } });
  const env = { ...server.env, DP_DATABASE: server.database ?? '' };
  const dp = (...words: string[]) => runTyped(words, { env });
  const trail = async () => (await dp('audit', '--json')).json<{ what: string; actor: unknown }[]>();
  return { ...server, dp, trail };
}

test('a report is stored with who it is about and what was said before, until somebody closes it', async (t) => {
  const { server, dp, configuration } = await openServer(t);
  t.regex((await dp('report', 'list')).stderr, /There are no open reports\./);
  t.is((await dp('report', 'show', '1')).status, 4);
  const host = await Client.host(server.port, { name: 'Anna', title: 'A house' });
  const troll = await Client.join(server.port, host.sessionId, { name: 'Scribbler' });
  const lobby = await Client.inLobby(server.port, { name: 'Visitor' });
  troll.chat('your house is \u001b[31mugly');
  await troll.ping();
  const { id } = server.directory.find(host.sessionId)!.people.byName('Scribbler')!;
  host.command('report', [], { user: id, reason: 'insults' });
  await host.ping();
  await troll.leave();
  await until('gone', () => server.directory.find(host.sessionId)!.people.count === 1);
  host.command('report', [], { user: id, reason: 'left after that' });
  await host.ping();
  host.command('report', [], { user: 200, reason: 'nobody of this number' });
  await host.ping();
  lobby.command('report', [], { session: host.sessionId, reason: 'an ugly title' });
  await until('all are stored', async () => (await configuration.stores.reports!.query({})).length === 4);

  const all = (await dp('report', 'list', '--json')).json<Listed[]>();
  t.deepEqual(
    all.map(({ reporter, about, text }) => [reporter.name, about?.name, text]),
    [
      ['Visitor', undefined, 'an ugly title'],
      ['Anna', undefined, 'nobody of this number'],
      ['Anna', 'Scribbler', 'left after that'],
      ['Anna', 'Scribbler', 'insults'],
    ],
  );
  t.is(all[3]!.about!.address, '127.0.0.1');
  const shown = await dp('report', 'show', '1');
  t.regex(shown.stdout, /Scribbler: your house is .*ugly/);
  t.false(shown.stdout.includes('\u001b'), 'nothing that users write reaches the terminal as it is');
  t.is((await dp('report', 'list')).stdout.split('\n').filter((line) => /open/.test(line)).length, 4);

  t.is((await dp('report', 'close', '1', '--comment', 'banned for a week')).status, 0);
  const again = await dp('report', 'close', '1');
  t.is(again.status, 6);
  t.regex(again.stderr, /report 1 has already been closed by local/);
  t.is((await dp('report', 'list', '--json')).json<Listed[]>().length, 3);
  const [last] = (await dp('report', 'list', '--all', '--json')).json<Listed[]>().slice(-1);
  t.like(last?.closed, { by: 'local', comment: 'banned for a week' });
  t.is((await dp('report', 'reopen', '1')).status, 0);
  t.is((await dp('report', 'reopen', '1')).status, 6);
  t.is((await dp('report', 'close', '99')).status, 4);
  await host.leave();
});

test('who closes reports and writes notes is in the audit trail and in the events', async (t) => {
  const server = await serveBinary(t, 'socket');
  const lines: string[] = [];
  const child = spawn(process.execPath, [binary, 'events', '--kind', 'report,note,audit'], {
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...server.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const anna = await Client.host(server.port, { name: 'Anna' });
  // not by reports, of which nobody may send many
  await until('it follows', async () => {
    await server.dp('note', 'add', 'name', 'anna', 'is here');
    return lines.some((line) => / note note\.add name anna/.test(line));
  });
  anna.command('report', [], { reason: 'rude' });
  await until('the report is there', () => lines.some((line) => / report Abuse report: rude/.test(line)));
  t.is((await server.dp('report', 'close', '1')).status, 0);
  t.is((await server.dp('note', 'add', 'address', '192.0.2.7', 'a', 'school')).status, 0);
  for (const line of [
    / report report\.close/,
    / note note\.add address 192\.0\.2\.7/,
    / audit report\.close report 1 .*by administrator/,
    / audit note\.add note address 192\.0\.2\.7 by administrator/,
  ])
    await until(String(line), () => lines.some((each) => line.test(each)));
  await anna.leave();
});

test('notes are about accounts, names, addresses, networks and clients, each written in one way', async (t) => {
  const { dp } = await openServer(t);
  const sid = '0123456789ABCDEF0123456789abcdef';
  for (const [kind, target] of [
    ['account', 'mia'],
    ['name', 'O’Hara'],
    ['address', '::ffff:192.0.2.7'],
    ['address', '10.1.2.3/8'],
    ['client', sid],
  ] as const)
    t.is((await dp('note', 'add', kind, target, 'careful')).status, 0, target);
  const notes = (await dp('note', 'list', '--json')).json<{ kind: string; target: string }[]>();
  t.deepEqual(
    notes.map(({ kind, target }) => `${kind} ${target}`),
    ['account mia', 'name O’Hara', 'address 192.0.2.7', 'address 10.0.0.0/8', `client ${sid.toLowerCase()}`],
  );
  t.regex((await dp('note', 'list', 'ohara')).stderr, /There are no notes/);
  t.regex((await dp('note', 'list', 'CAREFUL', '--kind', 'client')).stdout, /careful/);
  for (const [kind, target, problem] of [
    ['address', 'example.com', /is not an IP address/],
    ['address', '10.0.0.0/99', /cannot be about/],
    ['client', 'abc', /32 hexadecimal digits/],
    ['planet', 'Mars', /planet/],
  ] as const) {
    const refused = await dp('note', 'add', kind, target, 'x');
    t.is(refused.status, 2, target);
    t.regex(refused.stderr, problem);
  }
  t.is((await dp('note', 'delete', '1')).status, 0);
  t.is((await dp('note', 'delete', '1')).status, 4);
});

test('people are found by name, address, network and client, connected or not', async (t) => {
  const { server, dp } = await openServer(t);
  const host = await Client.host(server.port, { name: 'Anna' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'Scribbler' });
  await guest.leave();
  await until('gone', () => server.directory.find(host.sessionId)!.people.count === 1);
  interface Seen {
    name: string;
    address: string;
    isOnline: boolean;
    sessions: string[];
    clients: string[];
  }
  const find = async (...words: string[]) =>
    (await dp('user', 'find', ...words, '--json'))
      .json<Seen[]>()
      .map(({ name, isOnline }) => `${name}${isOnline ? ' online' : ''}`)
      .sort();
  t.deepEqual(await find('scrib'), ['Scribbler']);
  t.deepEqual(await find('scrib', '--exact'), []);
  t.deepEqual(await find('SCRIBBLER', '--exact'), ['Scribbler']);
  t.deepEqual(await find('127.0.0.1'), ['Anna online', 'Scribbler']);
  t.deepEqual(await find('127.0.0.0/8'), ['Anna online', 'Scribbler']);
  t.deepEqual(await find('10.0.0.0/8'), []);
  t.deepEqual(await find('.*'), [], 'a text, not a pattern');
  const [anna] = (await dp('user', 'find', 'anna', '--json')).json<Seen[]>();
  t.deepEqual(anna!.sessions, [host.sessionId]);
  t.regex((await dp('user', 'find', 'nobody-at-all')).stderr, /Nobody was seen/);
  await host.leave();
});

test('a session is created without a host, and clients draw in it', async (t) => {
  const { server, dp } = await openServer(t);
  const made = await dp('session', 'create', '--title', 'Friday', '--size', '640x480', '--alias', 'friday');
  t.is(made.status, 0, made.stderr);
  const id = made.stdout.trim();
  const session = server.directory.find('friday')!;
  t.is(session.id, id);
  t.like(session.options, { title: 'Friday', persistent: true });
  const guest = await Client.join(server.port, id, { name: 'Guest' });
  const drawing = await Client.join(server.port, 'friday', { name: 'Drawer' });
  guest.draw('a line');
  await drawing.next((frame) => frame.payload.toString().includes('a line'), 'the line');
  t.is((await dp('session', 'op', 'friday', 'Guest')).status, 0, 'who leads it is appointed');
  for (const [flags, status, words] of [
    [['--alias', 'friday'], 6, /already a session or template 'friday'/],
    [['--alias', 'not good'], 2, /invalid session alias/],
    [['--size', '0x10'], 2, /1/],
    [['--size', 'large'], 2, /WIDTHxHEIGHT/],
    [['--template', 'none'], 4, /no template 'none'/],
  ] as const) {
    const refused = await dp('session', 'create', ...flags);
    t.is(refused.status, status, refused.stderr);
    t.regex(refused.stderr, words);
  }
  t.is((await dp('config', 'set', 'sessionCountLimit=1')).status, 0);
  t.is((await dp('session', 'create')).status, 6);
  await guest.leave();
  await drawing.leave();
});

test('a conversation with a session goes both ways, and ends with it', async (t) => {
  const server = await serveBinary(t, 'socket');
  const anna = await Client.host(server.port, { name: 'Anna' });
  anna.chat('before anybody looked');
  await anna.ping();
  const child = spawn(process.execPath, [binary, 'session', 'chat', anna.sessionId], {
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...server.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status)));
  await until('what was said before', () =>
    lines.some((line) => line.endsWith('Anna: before anybody looked')),
  );
  child.stdin.write('Good evening\n');
  await anna.next((frame) => frame.payload.toString().includes('Good evening'), 'the greeting');
  let count = 0;
  await until('an answer arrives', async () => {
    anna.chat(`hello ${++count}`);
    await anna.ping();
    return lines.some((line) => /^\d\d:\d\d:\d\d Anna: hello \d+$/.test(line));
  });
  t.is((await server.dp('session', 'kill', anna.sessionId, '--yes')).status, 0);
  t.is(await ended, 0, lines.join('\n'));
  t.true(lines.some((line) => line.includes('The session has ended')));
  t.is(lines.filter((line) => line.endsWith('before anybody looked')).length, 1);
});

// Where 2.3 was compared with, beyond the recordings: what is equal to it, and rows of docs/compatibility.md.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AbuseReport, AbuseReports, ReportOutcome } from '../../src/lib/core/session/needs.js';
import { SealingBanArchive } from '../../src/lib/io/system/ban-archive.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { Client, isReply, isType, smallImage } from '../helpers/client.js';
import { startTestServer, type TestServerOptions } from '../helpers/server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { chat, frame, type JsonObject, jsonOf, messageType, privateChat } from '../helpers/wire.js';

async function serve(t: ExecutionContext, options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  t.teardown(() => server.stop());
  return server;
}

async function member(port: number, session: string, name: string, password?: string): Promise<Client> {
  const client = await Client.open(port, { name, ...(password !== undefined && { password }) });
  await client.logIn();
  await client.join(session);
  await client.caughtUp();
  await client.ping();
  return client;
}

/** Keys of the `config` fragments that came from a place in the log on. */
function fragments(client: Client, from: number): string[] {
  return client.log.slice(from).flatMap((message) => {
    const config = jsonOf(message)?.config as JsonObject | undefined;
    return config === undefined ? [] : Object.keys(config);
  });
}

const logLines = (client: Client, from: number) =>
  client.log
    .slice(from)
    .map((message) => jsonOf(message))
    .filter((json) => json?.type === 'log')
    .map((json) => json!.message as string);

// ---- roles ----------------------------------------------------------------------------------------------

const accounts = [
  { name: 'Mod', password: 'mod', flags: ['MOD'] },
  { name: 'reg', password: 'reg', flags: [] },
];

test('auth-list: operators hear the list, and only whose role changed hears of bans and invites', async (t) => {
  const server = await serve(t, { accounts });
  const host = await Client.host(server.port, { name: 'host' });
  const reg = await member(server.port, host.sessionId, 'reg', 'reg');
  const guest = await member(server.port, host.sessionId, 'guest');
  const everyone = [host, reg, guest];
  const heard = async (entry: JsonObject) => {
    await Promise.all(everyone.map((client) => client.ping()));
    const from = everyone.map((client) => client.log.length);
    host.command('auth-list', [[{ a: 'internal:reg', ...entry }]]);
    await host.ping();
    await Promise.all(everyone.map((client) => client.ping()));
    return everyone.map((client, at) => fragments(client, from[at]!));
  };
  t.deepEqual(await heard({ o: true }), [['auth'], ['auth', 'banlist', 'invitelist'], []]);
  t.deepEqual(await heard({ o: true }), [[], [], []], 'nothing changed');
  t.deepEqual(await heard({ t: true }), [['auth'], ['auth'], []]);
  t.deepEqual(await heard({ o: false }), [['auth'], ['banlist'], []], 'who is none any more loses the bans');
});

// ---- abuse reports --------------------------------------------------------------------------------------

class FakeReports implements AbuseReports {
  isEnabled = true;
  readonly sent: { report: AbuseReport; told: (outcome: ReportOutcome) => void }[] = [];

  send(report: AbuseReport, told: (outcome: ReportOutcome) => void): void {
    this.sent.push({ report, told });
  }
}

test('moderators hear of reports from the session and from the lobby, and what became of them', async (t) => {
  const reports = new FakeReports();
  const server = await serve(t, { accounts, more: { reports } });
  const host = await Client.host(server.port, { name: 'host' });
  const mod = await member(server.port, host.sessionId, 'Mod', 'mod');
  const lobby = await Client.inLobby(server.port, { name: 'lobby' });
  for (const [reporter, send, line] of [
    [host, () => host.command('report', [], { user: 1, reason: 'rude' }), 'Abuse report about user 1: rude'],
    [
      lobby,
      () => lobby.command('report', [], { session: host.sessionId, reason: 'rude' }),
      'Abuse report from the lobby: rude',
    ],
  ] as const) {
    const from = host.log.length;
    send();
    await mod.reply('log', { topic: 'Report', message: line });
    await reporter.ping();
    const { report, told } = reports.sent.at(-1)!;
    t.like(report, { session: host.sessionId, user: reporter.name, message: 'rude' });
    told('kept');
    await mod.reply('log', {
      topic: 'Report',
      level: 'Warn',
      message: 'The abuse report could not be delivered; the server tries again',
    });
    await host.ping();
    t.deepEqual(logLines(host, from), [], 'those who may be reported hear nothing of it');
    told('accepted');
    await host.reply('log', { topic: 'Status', level: 'Info' });
    told('refused');
    await mod.reply('log', { topic: 'Report', level: 'Warn' });
  }
});

test('a report from the lobby that goes nowhere is told to moderators, like one from the session', async (t) => {
  const server = await serve(t, { accounts });
  const host = await Client.host(server.port, { name: 'host' });
  const mod = await member(server.port, host.sessionId, 'Mod', 'mod');
  const lobby = await Client.inLobby(server.port, { name: 'lobby' });
  for (const send of [
    () => lobby.command('report', [], { session: host.sessionId, reason: 'rude' }),
    () => host.command('report', [], { reason: 'rude' }),
  ]) {
    send();
    await mod.reply('log', { topic: 'Report', level: 'Info' });
    const line = await mod.reply('log', { topic: 'Report', level: 'Warn' });
    t.is(line.message, 'Abuse reports are not enabled on this server: the report was not delivered');
  }
});

// ---- thumbnails -----------------------------------------------------------------------------------------

test('a thumbnail request is in the log of the session, its reason is for the server only', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'host' });
  const guest = await Client.join(server.server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  const path = `/api/sessions/${host.sessionId}/1/thumbnail`;
  const body = { reason: 'somebody complained', maxWidth: 100, maxHeight: 100, quality: 50, format: 'jpeg' };
  const asked = await server.request({ method: 'POST', path, body });
  t.is(asked.status, 202);
  const request = await host.reply('thumbnail');
  t.false('reason' in request);
  await guest.reply('log', {
    topic: 'Status',
    level: 'Info',
    message: 'Thumbnail requested by the server administrator',
  });
  host.send(frame(messageType.thumbnail, 1, Buffer.from(`${request.correlator as string}IMAGE`)));
  await guest.reply('log', { topic: 'Status', level: 'Info', message: 'Thumbnail received' });
  await server.request({ method: 'POST', path, body });
  await server.request({ method: 'DELETE', path });
  await guest.reply('log', {
    topic: 'Status',
    level: 'Info',
    message: 'Thumbnail request cancelled by the server administrator',
  });
  for (const client of [host, guest]) {
    t.false(
      client.log.some(({ payload }) => payload.includes('complained')),
      `${client.name} does not read why`,
    );
    await client.drop();
  }
});

// ---- the first upload -----------------------------------------------------------------------------------

test('init-cancel during the first upload: everyone is told, and the session runs with what is there', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', complete: false });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  host.command('init-cancel');
  for (const client of [host, guest]) {
    await client.reply('log', { topic: 'Status', level: 'Info' });
    await client.reply('alert', { T: 'resetcancel', reset: 'cancel' });
  }
  await guest.reply('caughtup');
  t.is(guest.canvas.length, smallImage(1).length);
  const from = host.log.length;
  host.command('init-begin');
  host.command('init-complete');
  await host.reply('log', { topic: 'RuleBreak' });
  await host.ping();
  t.is(host.log.slice(from).filter(isReply('log', { topic: 'RuleBreak' })).length, 2, 'the upload is over');
});

test('init-begin during the first upload changes nothing', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', complete: false });
  await host.ping();
  const from = host.log.length;
  host.command('init-begin');
  await host.ping();
  t.is(host.log.length, from);
  host.command('init-complete');
  await host.reply('status');
  const guest = await member(server.port, host.sessionId, 'guest');
  t.is(guest.canvas.length, smallImage(1).length);
});

test('what goes out at once during an upload carries the id of who sent it', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await member(server.port, host.sessionId, 'guest');
  const victim = await member(server.port, host.sessionId, 'victim');
  host.command('reset-session');
  await host.reply('reset', { state: 'init' });
  host.send(chat('not me', { bypass: true, context: victim.userId }));
  t.is((await guest.next(isType(messageType.chat))).context, host.userId);
  host.send(privateChat(guest.userId, 'not me either', victim.userId));
  t.is((await guest.next(isType(messageType.privateChat))).context, host.userId);
  // Content of the image is anybody's: a pinned message keeps its author.
  host.send(chat('pinned', { context: victim.userId }));
  host.send(frame(messageType.trusted, victim.userId, Buffer.from([guest.userId])));
  host.send(...smallImage(victim.userId));
  host.command('init-complete');
  t.is((await guest.next(isType(messageType.chat))).context, victim.userId);
  // The list that the server makes, and then the one that the host uploaded.
  const lists = [await guest.next(isType(messageType.trusted)), await guest.next(isType(messageType.penUp))];
  t.is(lists[0]!.context, host.userId, 'trust is given by who gave it');
  t.is(lists[1]!.context, victim.userId);
});

// ---- bans -----------------------------------------------------------------------------------------------

async function banNames(t: ExecutionContext, client: Client, data: string): Promise<unknown[]> {
  client.command('import-bans', [data]);
  const list = await client.next((message) => {
    const config = jsonOf(message)?.config as JsonObject | undefined;
    return Array.isArray(config?.banlist) && config.banlist.length > 0;
  });
  t.truthy(list);
  return ((jsonOf(list)!.config as JsonObject).banlist as JsonObject[]).map((ban) => [
    ban.username,
    ban.bannedBy,
  ]);
}

const banArchive = new SealingBanArchive(Buffer.alloc(32, 7));
const bans = JSON.stringify({ v: 1, l: [{ u: 'eve', b: 'alice' }, { u: 'mallory' }] });

test('a sealed ban list keeps who banned', async (t) => {
  const server = await serve(t, { more: { banArchive } });
  const host = await Client.host(server.port, { name: 'host' });
  t.deepEqual(await banNames(t, host, banArchive.seal(bans)!), [
    ['eve', 'alice'],
    ['mallory', 'host'],
  ]);
});

test('a plain ban list, which anybody can write, keeps who banned only for moderators', async (t) => {
  const server = await serve(t, { accounts, more: { banArchive } });
  const host = await Client.host(server.port, { name: 'host' });
  t.deepEqual(await banNames(t, host, banArchive.pack(bans)), [
    ['eve', 'host'],
    ['mallory', 'host'],
  ]);
  const mod = await Client.open(server.port, { name: 'Mod', password: 'mod' });
  await mod.logIn('host');
  await mod.host();
  t.deepEqual(await banNames(t, mod, banArchive.pack(bans)), [
    ['eve', 'alice'],
    ['mallory', 'Mod'],
  ]);
});

test('who imports bans is not banned by them', async (t) => {
  const server = await serve(t, { more: { banArchive } });
  const host = await Client.host(server.port, { name: 'host' });
  const list = JSON.stringify({ v: 1, l: [{ u: 'HOST' }, { u: 'eve', s: host.sid }] });
  t.deepEqual(await banNames(t, host, banArchive.pack(list)), [['eve', 'host']]);
});

// ---- titles ---------------------------------------------------------------------------------------------

test('row: a forbidden title is one breach in the log, and the automatic title takes its place', async (t) => {
  const nameRules = { isForbidden: (text: string) => text.includes('rude') };
  const server = await serve(t, { accounts, more: { nameRules } });
  const host = await Client.host(server.port, { name: 'host', title: 'Ink' });
  const breaches = () => server.log.filter(({ topic }) => topic === 'RuleBreak').length;
  host.command('sessionconf', [], { title: 'rude words' });
  await host.next(
    (message) => (jsonOf(message)?.config as JsonObject | undefined)?.title === 'host Drawpile',
  );
  t.is(breaches(), 1);
  const from = host.log.length;
  host.command('sessionconf', [], { title: 'rude again' });
  await host.ping();
  t.is(breaches(), 2);
  t.false(host.log.slice(from).some(isReply('sessionconf')), 'the title is the automatic one already');
  const mod = await Client.open(server.port, { name: 'Mod', password: 'mod' });
  await mod.logIn('host');
  await mod.host({ title: 'rude, but a moderator says so' });
  t.is(breaches(), 2);
});

// ---- stopping -------------------------------------------------------------------------------------------

test('row: while the server stops nobody is made operator any more', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await member(server.port, host.sessionId, 'guest');
  const from = guest.log.length;
  await server.stop();
  await guest.closed;
  t.false(guest.log.slice(from).some(isReply('msg', { T: 'opgive' })));
  t.false(guest.log.slice(from).some(isType(messageType.owners)));
});

// ---- recordings -----------------------------------------------------------------------------------------

/** Types of what is in a recording, for lists of operators with the ids. */
function recorded(bytes: Buffer): string[] {
  const items: string[] = [];
  for (let at = 8 + bytes.readUInt16BE(6); at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt16BE(at);
    const type = bytes[at + 2]!;
    if (type === messageType.owners) items.push(`operators ${[...bytes.subarray(at + 4, end)].join(' ')}`);
    else if (type === messageType.leave) items.push(`leave ${bytes[at + 3]}`);
    at = end;
  }
  return items;
}

test('a recording has every change of operators up to the last leave', async (t) => {
  const folder = tempFolder(t);
  const server = await serve(t, {
    surround: async (base) => {
      const storage = await makeStorage({ ...base, record: join(folder, '%a.dprec') });
      return { parts: storage.parts, stop: () => storage.stop() };
    },
  });
  const host = await Client.host(server.port, { name: 'host', alias: 'room' });
  const guest = await member(server.port, host.sessionId, 'guest');
  const third = await member(server.port, host.sessionId, 'third');
  host.setOwners(guest.userId);
  await host.leave();
  guest.setOwners();
  await guest.leave();
  await third.ping();
  await third.leave();
  await server.stop();
  t.deepEqual(recorded(readFileSync(join(folder, 'room.dprec'))), [
    'operators 1',
    'operators 1 2',
    'leave 1',
    'operators 2',
    'leave 2',
    'operators 3',
    'leave 3',
  ]);
});

// Everything that is done to a session is one change for an audit trail: who, from where, what, on what, before and
// after, without secrets. Also what nobody asks for by name: rules of the server, lists that replace others.
import test, { type ExecutionContext } from 'ava';
import type { Change } from '../../src/lib/core/session/change.js';
import { emptySaved } from '../../src/lib/core/session/saved.js';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { SealingBanArchive } from '../../src/lib/io/system/ban-archive.js';
import { Client } from '../helpers/client.js';
import { startTestServer, type TestServerOptions } from '../helpers/server.js';
import { until } from '../helpers/until.js';

async function serve(t: ExecutionContext, options: TestServerOptions = {}) {
  const changes: Change[] = [];
  const server = await startTestServer({
    ...options,
    more: { changes: { made: (change) => void changes.push(change) }, ...options.more },
  });
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  await host.ping();
  const session = server.running.directory.find(host.sessionId)!;
  changes.splice(0);
  const of = (what: string) => changes.filter((change) => change.what === `session.${what}`);
  return { server, host, session, changes, of };
}

const byHost = { actor: { kind: 'operator', name: 'host' }, address: '127.0.0.1' } as const;

test('settings are a change of what they were to what they are; passwords are hidden in both', async (t) => {
  const { server, host, session, changes, of } = await serve(t);
  host.command('sessionconf', [], { title: 'Ink', maxUserCount: 9 });
  host.command('sessionconf', [], { password: 'first-secret' });
  await until('the password is set', () => of('set').length === 2);
  host.command('sessionconf', [], { password: 'second-secret', opword: 'third-secret' });
  await until('both are set', () => of('set').length === 3);
  t.like(of('set')[0], { ...byHost, when: server.clock.now(), on: { kind: 'session', name: session.id } });
  t.deepEqual(
    of('set').map(({ before, after }) => ({ before, after })),
    [
      { before: { title: 'A session', maxUserCount: 254 }, after: { title: 'Ink', maxUserCount: 9 } },
      { before: { password: '' }, after: { password: '***' } },
      { before: { password: '***', opword: '' }, after: { password: '***', opword: '***' } },
    ],
  );
  t.notRegex(JSON.stringify(changes), /secret/);
});

test('roles that the list of accounts gives are changes, of people who are here and of those who are not', async (t) => {
  const { server, host, of } = await serve(t, { accounts: [{ name: 'reg', password: 'pw', flags: [] }] });
  const reg = await Client.open(server.port, { name: 'reg', password: 'pw' });
  await reg.logIn('join');
  await reg.join(host.sessionId);
  host.command('auth-list', [
    [
      { a: 'internal:reg', t: true },
      { a: 'gone', o: true, t: true, u: 'Gone' },
    ],
  ]);
  host.command('auth-list', [[{ a: 'gone', o: false, t: true }]]);
  await host.ping();
  t.like(of('trust')[0], { ...byHost, on: { kind: 'user', name: 'reg', session: host.sessionId } });
  t.like(of('trust')[1], { ...byHost, after: { trusted: true, account: 'gone' } });
  t.like(of('op').at(-1), {
    ...byHost,
    before: { operator: false },
    after: { operator: true, account: 'gone' },
  });
  t.like(of('deop')[0], { ...byHost, on: { kind: 'user', name: 'Gone' }, after: { operator: false } });
  t.is(of('trust').length, 2, 'what is so already is no change');
  const lines = server.log.filter(({ topic }) => topic === 'Deop').map(({ message }) => message);
  t.deepEqual(lines, ['Operator status revoked by host']);
});

test('invites that do not fit into a list any more are taken back by a rule, not by nobody', async (t) => {
  const { host, session, of } = await serve(t);
  session.options.invites = true;
  host.command('invite-create', [], { maxUses: 50 });
  await host.ping();
  const [oldest] = session.invites.all;
  for (let i = 0; i < 50; i++) oldest?.uses.push({ sid: `s${i}`, name: 'x'.repeat(1500), at: '' });
  host.command('invite-create', [], { maxUses: 3 });
  await host.ping();
  t.is(session.invites.all.length, 1);
  t.like(of('uninvite')[0], {
    actor: { kind: 'rule', name: 'inviteList' },
    address: '',
    before: { creator: 'host', maxUses: 50 },
  });
  t.notRegex(JSON.stringify([of('invite'), of('uninvite')]), new RegExp(oldest!.secret));
});

test('bans of an imported list, and the end of everything when the server stops, say who it was', async (t) => {
  const { server, host, of } = await serve(t);
  const json = JSON.stringify({ v: 1, l: [{ u: 'troll' }, { u: 'spam' }, { u: 'troll' }] });
  host.command('import-bans', [new SealingBanArchive().pack(json)]);
  await host.ping();
  t.like(of('importBans')[0], { ...byHost, after: { bans: [1, 2], given: 3 } });
  await server.stop();
  t.like(of('stop')[0], {
    actor: { kind: 'server', name: '' },
    on: { kind: 'session', name: host.sessionId },
  });
});

test('who is disconnected because browsers are shut out is a change by who removed the password', async (t) => {
  const { server, host, session, of } = await serve(t, {
    settings: { passwordDependentWebSession: 'true', allowGuestWebSession: 'false' },
    more: { webSocket: { port: 0, host: '127.0.0.1' } },
  });
  host.command('sessionconf', [], { password: 'pw' });
  await until('browsers may come', () => session.options.allowWeb);
  const web = await Client.join(server.port, host.sessionId, { name: 'web', password: 'pw' });
  const member = session.people.byName('web')!;
  Object.defineProperty(member.userInfo, 'isBrowser', { value: true });
  host.command('sessionconf', [], { password: '' });
  await until('the password is removed', () => of('set').length === 2);
  t.like(of('kickBrowsers')[0], { ...byHost, before: { users: ['web'] } });
  t.like(of('set').at(-1), {
    before: { allowWeb: true, password: '***' },
    after: { allowWeb: false, password: '' },
  });
  await web.drop();
});

test('what a setting of the server changes in a session is a change by that rule', async (t) => {
  const { server, host, of } = await serve(t);
  const { settings } = server.running;
  t.true(settings instanceof MemorySettings);
  if (settings instanceof MemorySettings) settings.set('forceNsfm', 'true');
  await host.ping();
  t.like(of('set')[0], {
    actor: { kind: 'rule', name: 'serverSetting' },
    before: { nsfm: false },
    after: { nsfm: true },
  });
});

test('hosting is a change by who hosts, from where they are; a session of a template is one by who joins it', async (t) => {
  const changes: Change[] = [];
  const template = {
    alias: 'lesson',
    protocol: 'dp:4.25.1',
    announce: '',
    saved: { ...emptySaved('', 'dp:4.25.1'), alias: 'lesson', title: 'Lesson', founder: 'teacher' },
    load: () => ({ frames: [], count: 0 }),
  };
  const templates = {
    all: [template],
    find: (alias: string) => (alias === template.alias ? template : undefined),
    onChange: undefined,
  };
  const server = await startTestServer({
    more: { templates, changes: { made: (change: Change) => void changes.push(change) } },
  });
  t.teardown(() => server.stop());
  await Client.host(server.port, { name: 'ann', alias: 'ink' });
  await Client.join(server.port, 'lesson', { name: 'bob' });
  await until('both are changes', () => changes.length >= 2);
  const of = (what: string) => changes.filter((change) => change.what === `session.${what}`);
  t.is(of('host').length, 1);
  t.like(of('host')[0], {
    actor: { kind: 'newcomer', name: 'ann' },
    address: '127.0.0.1',
    on: { kind: 'session', name: server.running.directory.find('ink')!.id },
    after: { alias: 'ink' },
  });
  t.is(of('host')[0]!.before, undefined);
  t.is(of('instantiate').length, 1);
  t.like(of('instantiate')[0], {
    actor: { kind: 'newcomer', name: 'bob' },
    after: { template: 'lesson', title: 'Lesson' },
  });
  const lines = server.log.map(({ message }) => message);
  t.is(lines.filter((line) => line === 'Session (AKA ink) created by ann').length, 1);
  t.is(lines.filter((line) => line === 'Session instantiated from template lesson').length, 1);
});

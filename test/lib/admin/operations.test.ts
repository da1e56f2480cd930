// Every operation does the same here and over HTTP, for good input and for every edge of its schema: generated from the
// rows. Two servers with the same in them: what is done to one here is done to the other from afar.
import test, { type ExecutionContext } from 'ava';
import { type Admin, localAdmin } from '../../../src/lib/admin/admin.js';
import { answerProblem, checkInput } from '../../../src/lib/admin/check-shape.js';
import { loadOperations, type OperationName } from '../../../src/lib/admin/operations.js';
import { Fault, Refusal } from '../../../src/lib/core/errors.js';
import type { Change } from '../../../src/lib/core/session/change.js';
import { remoteAdmin } from '../../../src/lib/io/outside/remote-admin.js';
import { systemSecrets } from '../../../src/lib/io/system/access-secrets.js';
import { startAdminServer } from '../../helpers/admin-server.js';
import { Client } from '../../helpers/client.js';
import { boundsOf, edgeInputs, least, type Part, samples, variantsOf } from '../../helpers/schema-edges.js';
import { until } from '../../helpers/until.js';
import { jsonOf } from '../../helpers/wire.js';

const operations = await loadOperations();
const names = Object.keys(operations) as OperationName[];
const inputOf = (name: OperationName) => operations[name].input as Part;

test('an argument that is not one of the operation is refused, by every operation', (t) => {
  for (const name of names) {
    const check = (input: unknown) => checkInput(name, operations[name].input, input);
    for (const variant of variantsOf(inputOf(name))) {
      t.throws(() => check({ ...least(variant), surplus: 1 }), { message: /surplus/ }, name);
      t.notThrows(() => check(least(variant)), name);
      t.notThrows(() => check({ ...least(variant), surplus: undefined }), name);
    }
    for (const input of [null, [], 'x', 5, undefined]) {
      t.throws(() => check(input), { message: /the input/ }, name);
    }
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const variant of variantsOf(inputOf(name))) {
        for (const key of Object.keys(variant.properties ?? {})) {
          t.throws(() => check({ ...least(variant), [key]: wrong }), undefined, `${name} ${key}`);
        }
      }
    }
  }
});

/** A server with an account, a ban, and a session with three people in it. */
async function furnished(t: ExecutionContext) {
  const changes: Change[] = [];
  const server = await startAdminServer(t, {
    // people in it say nothing for as long as this test takes
    settings: { clientTimeout: '1d' },
    more: { changes: { made: (change) => void changes.push(change) } },
  });
  const { stores, passwords } = server.configuration;
  const { live } = server.admin;
  const needs = {
    stores,
    passwords,
    secrets: systemSecrets,
    now: Date.now,
    live,
    changes: live.directory.needs.changes,
  };
  const here = localAdmin(needs);
  const anna = await here.run('user.add', { name: 'anna', password: 'pw', form: 'pbkdf2' });
  await here.run('ban.add', { kind: 'ip', address: '192.0.2.1' });
  await here.run('listserver.add', { entry: 'https://list.example/' });
  const host = await Client.host(server.server.port, { name: 'hana', alias: 'room' });
  const guest = await Client.join(server.server.port, host.sessionId, { name: 'gus' });
  const third = await Client.join(server.server.port, host.sessionId, { name: 'eve' });
  t.teardown(() => Promise.all([host, guest, third].map((client) => client.drop())));
  guest.command('report', [], { reason: 'an ugly title' });
  await until('the report is stored', async () => (await here.run('report.list', {})).length === 1);
  const invite = await here.run('session.invite', { session: 'room', maxUses: 5 });
  const { uid = '' } = (await here.run('online.list', {})).find(({ name }) => name === 'eve') ?? {};
  const own: Record<string, unknown> = { uid, secret: invite.secret, accountId: anna.id, reportId: 1 };
  /** What differs between two servers and two moments, named. */
  const blind = (text: string) =>
    text
      .replaceAll(host.sessionId, 'SESSION')
      .replaceAll(invite.secret, 'INVITE')
      .replaceAll(uid, 'UID')
      .replaceAll(server.folder, 'FOLDER')
      .replaceAll(`"port":${server.server.port}`, '"port":0')
      .replaceAll(`:${server.server.port}/`, ':0/')
      .replaceAll(/"(uid|secret|path|frames|correlator)":"[^"]*"/g, '"$1":""')
      // a session that was created by the operation
      .replaceAll(/\b01[0-9a-z]{24}\b/g, 'NEW')
      .replaceAll(/"milliseconds":[\d.]+/g, '"milliseconds":0')
      // how busy each was, minute by minute
      .replaceAll(
        /\{"activeDrawers":\d+,"memoryBytes":\d+,"sessions":\d+,"usersInSessions":\d+,"when":\d+\},?/g,
        '',
      )
      // a stop that is ahead may have come meanwhile
      .replaceAll(/"wasAhead":(true|false)/g, '"wasAhead":null')
      .replaceAll(/"(memoryBytes|delay|remaining|size|historyBytes|sizeBytes)":[\d.]+/g, '"$1":0')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(
        /"(time|when|created|lastUsed|added|stopsAt|startedAt|lastSeen|firstSeen|expires)":1[\d.]{12,}/g,
        '"$1":0',
      );
  return { server, here, own, blind, changes };
}

/** What comes of an operation, as text: its answer, or what was wrong and what to do about it. */
async function outcomeOf(
  admin: Admin,
  name: OperationName,
  input: unknown,
): Promise<{ done?: unknown; text: string }> {
  try {
    const done = (await admin.run(name, input as never)) as unknown;
    return { done, text: JSON.stringify(sorted(done)) };
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Fault)) throw error;
    if (error instanceof Fault && error.kind === 'fault')
      throw new Error(`${name} ${JSON.stringify(input)?.slice(0, 200)}: ${error.stack}`);
    return { text: `${error.code}: ${error.message} | ${error.hint ?? ''} | ${error.reason ?? ''}` };
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/** What these need is not there: damaged files, a list on the web. */
const neverDone: readonly OperationName[] = [
  // the account is removed by then: see test/lib/io/http/password-reset.test.ts
  'user.reset',
  'session.repair',
  'session.adopt',
  // no files are kept: see test/lib/server/server-files.test.ts
  'file.list',
  'file.read',
  'file.delete',
  'file.backup',
  'file.verify',
  'file.add',
  'extban.refresh',
  'extban.enable',
  // no authority is set up
  'certificate.renew',
  // another process would serve: test/commands/restart.test.ts
  'server.restart',
];
/** These leave less than they find. */
const last: readonly OperationName[] = [
  'session.kick',
  'session.ban',
  'session.unban',
  'online.kick',
  'session.kill',
  'log.purge',
  'server.stop',
  'server.keep',
  'server.lock',
];

test('every operation answers the same here and from afar, in the shape of its row, at every edge of its input', async (t) => {
  t.timeout(300_000);
  const near = await furnished(t);
  const far = await furnished(t);
  const there = remoteAdmin({ label: 'far', socketPath: far.server.admin.socketPath! });
  const undone: OperationName[] = [];
  const unrecorded: OperationName[] = [];
  for (const name of [...names.filter((each) => !last.includes(each)), ...last]) {
    let isDone = false;
    const recordedBefore = near.changes.length;
    const inputs = (own: Record<string, unknown>) => [
      ...samples(inputOf(name), own),
      ...edgeInputs(inputOf(name), own),
    ];
    const others = inputs(far.own);
    for (const [index, input] of inputs(near.own).entries()) {
      const local = await outcomeOf(near.here, name, input);
      const remote = await outcomeOf(there, name, others[index]);
      const label = `${name} ${String(JSON.stringify(input)).slice(0, 120)}`;
      if (near.blind(local.text) !== far.blind(remote.text)) {
        t.is(far.blind(remote.text).slice(0, 2000), near.blind(local.text).slice(0, 2000), label);
      }
      if (local.done === undefined) continue;
      isDone = true;
      const problem = answerProblem(operations[name].output, local.done, false);
      if (problem !== undefined) t.fail(`${label}: ${problem}`);
    }
    if (!isDone) undone.push(name);
    const recorded = near.changes.length - recordedBefore;
    if (!operations[name].isChange) t.is(recorded, 0, name);
    else if (recorded === 0 && isDone) unrecorded.push(name);
  }
  t.deepEqual(undone, [...neverDone]);
  // nobody to ban, nobody logged in, no bans in the text, nothing recorded, the stop has come already: nothing is changed
  const mayChangeNothing: OperationName[] = [
    'ban.auto',
    'ban.import',
    'login.end',
    'session.record',
    'server.keep',
  ];
  t.deepEqual(
    unrecorded.filter((name) => !mayChangeNothing.includes(name)),
    ['log.write'],
    'what is written into the log is there already',
  );
  // what rules do by themselves depends on time as well
  const byAdministrators = ({ changes }: typeof near) =>
    changes.filter(({ actor }) => actor.kind === 'administrator').map(({ what }) => what);
  t.deepEqual(byAdministrators(far), byAdministrators(near), 'and as much from afar');
  // beside them: who hosts is a newcomer and sets the title, and a rule makes somebody operator when the last one is gone
  for (const { actor, what } of near.changes) {
    t.regex(`${actor.kind} ${actor.name}`, /^(administrator|rule|server|(newcomer|operator) hana\b)/, what);
  }
});

interface Place {
  readonly part: Part;
  /** An input that fits, with this value there. */
  input(value: unknown): unknown;
}

/** Every part of an input that has bounds. */
function boundedIn(part: Part, input: Place['input']): Place[] {
  const { within, beyond } = boundsOf(part);
  return [
    ...(within.length + beyond.length > 0 ? [{ part, input }] : []),
    ...(part.items ? boundedIn(part.items, (value) => input([value])) : []),
    ...variantsOf(part).flatMap((variant) =>
      Object.entries(variant.properties ?? {}).flatMap(([key, inner]) =>
        boundedIn(inner, (value) => input({ ...least(variant), [key]: value })),
      ),
    ),
  ];
}

test('the bounds of an input stand in its schema: the last value within is taken, the first beyond is not', (t) => {
  const bounded: string[] = [];
  for (const name of names) {
    const check = (input: unknown) => checkInput(name, operations[name].input, input);
    for (const { part, input } of boundedIn(inputOf(name), (value) => value)) {
      bounded.push(name);
      const { within, beyond } = boundsOf(part);
      for (const value of within) t.notThrows(() => check(input(value)), `${name} ${JSON.stringify(value)}`);
      for (const value of beyond) {
        t.throws(() => check(input(value)), { message: /expected|must not be empty/ }, `${name} ${value}`);
      }
    }
  }
  for (const name of ['ban.add', 'ban.auto', 'log.query', 'server.stop', 'session.invite', 'session.kick']) {
    t.true(bounded.includes(name), name);
  }
});

test('a bound is said in words, with the place', (t) => {
  const refused = (name: OperationName, input: unknown, message: string) =>
    t.throws(() => checkInput(name, operations[name].input, input), { message });
  refused('ban.add', { kind: 'user', userId: 0 }, 'ban.add: userId: expected a whole number of at least 1');
  refused(
    'ban.add',
    { kind: 'client', sid: 'a b' },
    'ban.add: sid: expected a system id, without colons and spaces',
  );
  refused('ban.auto', { days: 0 }, 'ban.auto: days: expected a number above 0, up to 36500');
  refused('server.stop', { seconds: 86_401 }, 'server.stop: seconds: expected a number from 0 to 86400');
  refused('user.add', { name: 'anna', password: '' }, 'user.add: password: must not be empty');
  refused(
    'session.kick',
    { session: 'x', user: 1, message: 'ü'.repeat(51) },
    'session.kick: message: expected at most 100 bytes',
  );
  refused('session.message', { text: ' \n' }, 'session.message: text: expected a text that is not empty');
});

test('an observer looks at what shows no secret, and changes nothing', async (t) => {
  const server = await startAdminServer(t);
  const { stores, passwords } = server.configuration;
  const caller = { name: 'olga', role: 'observer' } as const;
  const admin = localAdmin({
    stores,
    passwords,
    secrets: systemSecrets,
    now: Date.now,
    live: server.admin.live,
    caller,
  });
  for (const name of names) {
    const { isChange, role } = operations[name];
    if (isChange) t.not(role, 'observer', name);
    if (role === 'observer') {
      t.is(await outcomeOf(admin, name, {}).then(({ text }) => /^role-/.test(text)), false, name);
      continue;
    }
    // before the input is looked at
    const { text } = await outcomeOf(admin, name, { surplus: 1 });
    t.regex(text, new RegExp(`^role-insufficient: 'olga' does not have the role ${role}`), name);
  }
  await t.throwsAsync(
    admin.follow(() => {}),
    { message: /does not have the role/ },
  );
  for (const name of ['online.list', 'session.users', 'user.list', 'ban.explain', 'log.query'] as const) {
    t.not(operations[name].role, 'observer', name);
  }
});

test('the log of the server names the administrator who acted, people in the session do not hear it', async (t) => {
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'bob:secret' } });
  const host = await Client.host(server.server.port, { name: 'hana', alias: 'room' });
  const guest = await Client.join(server.server.port, host.sessionId, { name: 'gus' });
  t.teardown(() => Promise.all([host, guest].map((client) => client.drop())));
  const asBob = async (method: string, path: string, body: unknown) => {
    const headers = { authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` };
    const { status } = await server.request({ method, path, body, headers, port: server.admin.port });
    t.is(status, 200, path);
  };
  await asBob('PUT', `/api/sessions/room/${guest.userId}`, { trusted: true });
  await asBob('POST', '/api/dp/1/session/role', { session: 'room', user: 'gus', muted: true });
  await asBob('PUT', '/api/sessions/room', { title: 'Ink' });
  const changed = { method: 'PUT', path: '/api/sessions/room', body: { title: 'Pencils' } };
  t.is((await server.request(changed)).status, 200);
  const rows = (await server.get('/api/log')) as { topic: string; message: string }[];
  const signed = rows.filter(({ message }) => message.endsWith(' [bob]')).map(({ topic }) => topic);
  t.deepEqual(signed, ['Status', 'Mute', 'Trust']);
  t.truthy(rows.find(({ message }) => message.includes("'Pencils'") && !message.includes('[')));
  await host.ping();
  const heard = host.log.map((message) => JSON.stringify(jsonOf(message) ?? null)).join('\n');
  t.regex(heard, /Trusted/);
  t.notRegex(heard, /bob/);
});

test('an answer that is not of the shape is not believed', async (t) => {
  const { default: http } = await import('node:http');
  let body: unknown;
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as import('node:net').AddressInfo;
  const admin = remoteAdmin({ label: 'other', base: new URL(`http://127.0.0.1:${port}`) });
  const account = { id: 1, name: 'anna', flags: [], isLocked: false, password: 'argon2id' };
  for (const [wrong, where] of [
    [{}, 'the answer: expected a list'],
    [[null], '\\[0\\]: expected an object'],
    [[{ ...account, id: '1' }], '\\[0\\].id: expected a whole number'],
    [[{ ...account, password: 'md5' }], '\\[0\\].password: expected one of'],
    [[account, { ...account, name: undefined }], '\\[1\\].name: is missing'],
  ] as const) {
    body = wrong;
    await t.throwsAsync(admin.run('user.list', {}), {
      instanceOf: Fault,
      message: new RegExp(`unexpected answer from the server at other to user.list: ${where}`),
    });
  }
  body = [{ ...account, added: 'by a newer server' }];
  t.is((await admin.run('user.list', {}))[0]?.name, 'anna');
});

test('what has an effect only together with something else is refused without it', async (t) => {
  const check = (name: OperationName, input: unknown) => checkInput(name, operations[name].input, input);
  const refused = (name: OperationName, input: unknown, message: RegExp) =>
    t.throws(() => check(name, input), { message }, JSON.stringify(input));
  refused('session.message', { user: 'bob', text: 'hello' }, /user: has no effect without session/);
  refused('user.change', { key: { name: 'a' }, form: 'pbkdf2' }, /form: has no effect without password/);
  refused('ban.add', { kind: 'ip', address: '10.0.0.1', reason: 'x' }, /reason: there is no such argument/);
  refused('ban.add', { kind: 'ip', address: '10.0.0.1', sid: 'x' }, /sid: there is no such argument/);
  refused('ban.add', { kind: 'client', sid: 'x', bits: 8 }, /bits: there is no such argument/);
  refused('ban.remove', { refs: [], which: 'active' }, /there is no such argument/);
  refused('user.get', { key: { name: 'a', id: 1 } }, /there is no such argument/);
  t.notThrows(() => check('ban.add', { kind: 'ip', address: '10.0.0.1', expires: null }));
  const server = await startAdminServer(t);
  const ask = async (path: string, body: unknown) =>
    (await server.request({ method: 'POST', path, body, headers: {} })).status;
  t.is(await ask('/api/dp/1/session/message', { user: 'bob', text: 'private' }), 400);
  t.is(await ask('/api/dp/1/session/kill', { session: 'x', reason: 'a', isQuiet: true }), 400);
  t.is(await ask('/api/dp/1/ban/list', { kind: 'user', address: '10.0.0.1' }), 400);
  t.is(await ask('/api/dp/1/ban/add', { kind: 'ip', address: '10.0.0.1', expires: null }), 200);
  t.is(await ask('/api/dp/1/user/list', '[1]'), 400);
  t.is(await ask('/api/dp/1/user/list', '5'), 400);
  t.is(await ask('/api/dp/1/user/list?name=anna', {}), 400);
  t.is((await server.request({ path: '/api/dp/1/user/list?name=anna' })).status, 400);
});

/** Names something that is there; what names nothing is refused and not kept. */
const lookedUp =
  /^(?:session|user|name|names|uid|template|secret|url|kinds?|ref|contains|flags|format|address)$/;

function unboundedTexts(schema: Part, at: string): string[] {
  const parts = schema as Part & { oneOf?: readonly Part[]; type?: string | readonly string[] };
  const inner = (parts.oneOf ?? []).flatMap((one) => unboundedTexts(one, at));
  const own = Object.entries(parts.properties ?? {}).flatMap(([name, part]) =>
    lookedUp.test(name) ? [] : unboundedTexts(part as Part, `${at}.${name}`),
  );
  const { enum: words, maxLength, 'x-max-bytes': bytes } = schema as Record<string, unknown>;
  const isText = parts.type === 'string' && [words, maxLength, bytes].every((each) => each === undefined);
  return [...inner, ...own, ...(isText ? [at] : [])];
}

test('what a moderator writes and the server keeps has a length, in every operation', (t) => {
  const changes = names.filter((name) => operations[name].isChange && operations[name].role === 'moderator');
  t.true(changes.length > 10);
  t.deepEqual(
    changes.flatMap((name) => unboundedTexts(inputOf(name), name)),
    // one message of the protocol: message-too-long
    ['session.message.text'],
  );
});

for (const [name, input] of Object.entries({
  'ban.add': { kind: 'ip', address: '192.0.2.7', comment: 'x'.repeat(2_001) },
  'ban.change': { kind: 'user', id: 1, change: { reason: 'x'.repeat(2_001) } },
  'report.close': { id: 1, comment: 'x'.repeat(2_001) },
  'note.add': { kind: 'name', target: 'bob', text: 'x'.repeat(2_001) },
}))
  test(`${name}: a text that is too long is refused, one of 2000 characters is taken`, (t) => {
    const check = (given: unknown) => checkInput(name, operations[name as OperationName].input, given);
    t.throws(() => check(input), { message: /2000 characters/ });
    t.notThrows(() => check(JSON.parse(JSON.stringify(input).replace('xx', 'x'))));
  });

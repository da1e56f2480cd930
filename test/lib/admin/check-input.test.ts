// Every operation takes the same here and over HTTP, and refuses what it would ignore: generated over the tables.
import test from 'ava';
import { localAdmin } from '../../../src/lib/admin/admin.js';
import { checkInput } from '../../../src/lib/admin/check-input.js';
import { operationInputs } from '../../../src/lib/admin/operation-inputs.js';
import { type OperationName, operations } from '../../../src/lib/admin/operations.js';
import { Fault, Refusal } from '../../../src/lib/core/errors.js';
import { remoteAdmin } from '../../../src/lib/io/outside/remote-admin.js';
import { startAdminServer } from '../../helpers/admin-server.js';

interface SchemaPart {
  properties?: Record<string, SchemaPart>;
  required?: string[];
  type?: string | string[];
  enum?: unknown[];
  items?: SchemaPart;
  oneOf?: SchemaPart[];
}

const names = Object.keys(operations) as OperationName[];
const variantsOf = (name: OperationName): SchemaPart[] => {
  const schema = operationInputs[name] as SchemaPart;
  return schema.oneOf ?? [schema];
};

/** Something that fits a schema. */
function sample(schema: SchemaPart): unknown {
  if (schema.oneOf) return sample(schema.oneOf[0]!);
  if (schema.enum) return schema.enum[0];
  switch ([schema.type ?? 'object'].flat()[0]) {
    case 'string':
      return 'x';
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return least(schema);
    default:
      return 1;
  }
}

/** The required arguments alone. */
function least({ properties = {}, required = [] }: SchemaPart): Record<string, unknown> {
  return Object.fromEntries(required.map((key) => [key, sample(properties[key] ?? {})]));
}

const edges: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  'x',
  '0',
  'null',
  '\u0000\u202e',
  'a'.repeat(70_000),
  [],
  [null],
  [{}],
  {},
  { surplus: 1 },
];

const outcome = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
    return 'fits';
  } catch (error) {
    if (error instanceof Refusal) return error.kind === 'badInput' ? `badInput: ${error.message}` : 'fits';
    if (error instanceof Fault) return 'fits';
    throw error;
  }
};

test('an argument that is not one of the operation is refused, by every operation', (t) => {
  for (const name of names) {
    for (const variant of variantsOf(name)) {
      t.throws(() => checkInput(name, { ...least(variant), surplus: 1 }), { message: /surplus/ }, name);
      t.notThrows(() => checkInput(name, least(variant)), name);
      t.notThrows(() => checkInput(name, { ...least(variant), surplus: undefined }), name);
    }
    for (const input of [null, [], 'x', 5])
      t.throws(() => checkInput(name, input), { message: /the input/ }, name);
  }
});

test('every argument takes and refuses the same here and over HTTP, with the same words', async (t) => {
  t.timeout(120_000);
  const server = await startAdminServer(t);
  const { stores, passwords } = server.configuration;
  const needs = { stores, passwords, now: Date.now, live: server.admin.live };
  const local = localAdmin(needs);
  const remote = remoteAdmin({ label: 'here', socketPath: server.admin.socketPath! });
  for (const name of names) {
    for (const variant of variantsOf(name)) {
      for (const key of [...Object.keys(variant.properties ?? {}), 'surplus']) {
        for (const edge of edges) {
          const input = { ...least(variant), [key]: edge };
          // what JSON cannot say has no remote form
          if (typeof edge === 'number' && !Number.isFinite(edge)) {
            t.not(await outcome(async () => checkInput(name, input)), 'fits', `${name} ${key} ${edge}`);
            continue;
          }
          const here = await outcome(async () => local.run(name, input as never));
          const there = await outcome(async () => remote.run(name, input as never));
          t.is(there, here, `${name} ${key} ${String(JSON.stringify(edge)).slice(0, 40)}`);
        }
      }
    }
  }
});

test('what has an effect only together with something else is refused without it', async (t) => {
  const refused = (name: OperationName, input: unknown, message: RegExp) =>
    t.throws(() => checkInput(name, input), { message }, JSON.stringify(input));
  refused('session.message', { user: 'bob', text: 'hello' }, /user: has no effect without session/);
  refused('user.change', { key: { name: 'a' }, form: 'pbkdf2' }, /form: has no effect without password/);
  refused('ban.add', { kind: 'ip', address: '10.0.0.1', reason: 'x' }, /reason: there is no such argument/);
  refused('ban.add', { kind: 'ip', address: '10.0.0.1', sid: 'x' }, /sid: there is no such argument/);
  refused('ban.add', { kind: 'client', sid: 'x', bits: 8 }, /bits: there is no such argument/);
  refused('ban.remove', { refs: [], which: 'active' }, /there is no such argument/);
  refused('user.get', { key: { name: 'a', id: 1 } }, /there is no such argument/);
  t.notThrows(() => checkInput('ban.add', { kind: 'ip', address: '10.0.0.1', expires: null }));
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

// Drives each command in each state by each role: hundreds of cases from one table.

import test from 'ava';
import { Client } from '../helpers/client.js';
import { startTestServer, type TestServer } from '../helpers/server.js';
import { type Frame, type Json, type JsonObject, jsonOf, messageType } from '../helpers/wire.js';
import {
  type CommandRow,
  commandTable,
  type Outcome,
  people,
  type Role,
  roles,
  type State,
  states,
} from './command-table.js';

interface Company {
  sender: Client;
  others: Client[];
  target: Client;
}

let server: TestServer;

test.before(async () => {
  server = await startTestServer({
    settings: { sessionCountLimit: '1000', autoResetThreshold: '0', droppedSessionLingerTime: '0' },
    accounts: [
      { name: 'Mod', password: 'mod', flags: ['MOD'] },
      { name: 'Judge', password: 'judge', flags: ['MOD'] },
    ],
  });
});

test.after.always(() => server?.stop());

/** A session with one person of each kind, in the wanted state. */
async function gather(role: Role, state: State, ids: Map<string, number>): Promise<Company> {
  const { port } = server;
  const host = await Client.host(port, { name: 'host', settings: { deputies: true } });
  const join = (name: string, password?: string) =>
    Client.join(port, host.sessionId, { name, ...(password === undefined ? {} : { password }) });
  const sender =
    role === 'moderator' ? await Client.open(port, { name: 'Mod', password: 'mod' }) : await join(role);
  if (role === 'moderator') {
    await sender.logIn();
    await sender.join(host.sessionId);
  }
  const judge = await Client.open(port, { name: 'Judge', password: 'judge' });
  await judge.logIn();
  await judge.join(host.sessionId);
  const target = await join('target');
  const owner = await join('owner');
  const trusted = await join('trusty');
  host.setOwners(host.userId, owner.userId, ...(role === 'operator' ? [sender.userId] : []));
  host.setTrusted(trusted.userId, ...(role === 'deputy' ? [sender.userId] : []));
  await host.ping();
  ids.set(people.self, sender.userId);
  ids.set(people.target, target.userId);
  ids.set(people.operator, owner.userId);
  ids.set(people.trusted, trusted.userId);
  ids.set(people.moderator, judge.userId);
  if (state === 'resetting') {
    owner.command('reset-session');
    await owner.reply('reset', { state: 'init' });
  } else if (state === 'uploading') {
    sender.command('reset-session');
    await sender.reply('reset', { state: 'init' });
  }
  return { sender, target, others: [host, judge, target, owner, trusted] };
}

/** What a client received beyond log lines, status and pings. */
function noticed(client: Client, from: number): Frame[] {
  return client.log.slice(from).filter((message) => {
    const type = jsonOf(message)?.type;
    return type !== 'log' && type !== 'status';
  });
}

function has(client: Client, from: number, type: string, keys: JsonObject = {}): boolean {
  return client.log.slice(from).some((message) => {
    const json = jsonOf(message);
    return json?.type === type && Object.entries(keys).every(([key, value]) => json[key] === value);
  });
}

async function settle(clients: readonly Client[]): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await Promise.all(clients.map((client) => client.ping()));
  }
}

function expectedOf(row: CommandRow, call: CommandRow['calls'][number], role: Role, state: State): Outcome {
  if (roles.indexOf(role) < roles.indexOf(row.right)) {
    return 'error';
  }
  return call.in?.[state] ?? call.by?.[role] ?? call.gives;
}

let count = 0;
for (const row of commandTable) {
  for (const [index, call] of row.calls.entries()) {
    for (const role of roles) {
      for (const state of states) {
        // Only operators can upload an image.
        if (state === 'uploading' && (role === 'guest' || role === 'deputy')) {
          continue;
        }
        count++;
        const outcome = expectedOf(row, call, role, state);
        test.serial(`${row.cmd || '(no name)'} ${index + 1} by a ${role} while ${state}`, async (t) => {
          const ids = new Map<string, number>();
          const { sender, others, target } = await gather(role, state, ids);
          const everyone = [sender, ...others];
          t.teardown(async () => {
            await Promise.all(everyone.map((client) => client.drop()));
          });
          await settle(everyone);
          const marks = new Map(everyone.map((client) => [client, client.log.length]));
          const fill = (value: Json): Json => (typeof value === 'string' ? (ids.get(value) ?? value) : value);
          const hit = others.find(({ userId }) => userId === (call.args ?? []).map(fill)[0]) ?? target;
          sender.command(row.cmd, (call.args ?? []).map(fill), call.kwargs ?? {});
          await settle(everyone);
          const from = (client: Client) => marks.get(client)!;
          const senderNoticed = noticed(sender, from(sender));
          const othersNoticed = others.flatMap((client) => noticed(client, from(client)));
          if (outcome === 'error') {
            t.is(senderNoticed.length, 1, JSON.stringify(senderNoticed.map(jsonOf)));
            const reply = jsonOf(senderNoticed[0]!);
            t.is(reply?.type, 'error');
            t.true(String(reply?.message).startsWith(`${row.cmd}: `));
            t.deepEqual(othersNoticed.map(jsonOf), []);
          } else if (outcome === 'nothing') {
            t.deepEqual(senderNoticed.map(jsonOf), []);
            t.deepEqual(othersNoticed.map(jsonOf), []);
          } else if ('reply' in outcome) {
            t.true(has(sender, from(sender), outcome.reply, outcome.keys), `no ${outcome.reply}`);
            t.false(has(sender, from(sender), 'error'));
          } else if ('all' in outcome) {
            for (const client of everyone) {
              t.true(
                has(client, from(client), outcome.all, outcome.keys),
                `${client.name} got no ${outcome.all}`,
              );
            }
            t.false(has(sender, from(sender), 'error'));
          } else {
            const ended = outcome.ends === 'everyone' ? everyone : [hit];
            for (const client of ended) {
              await client.closed;
              const last = client.log.at(-1)!;
              t.is(last.type, messageType.disconnect);
              t.is(last.payload[0], outcome.reason);
            }
            for (const client of everyone.filter((each) => !ended.includes(each))) {
              t.false(client.isClosed, `${client.name} was disconnected too`);
            }
          }
        });
      }
    }
  }
}

test('the table has hundreds of cases', (t) => {
  t.true(count > 500, String(count));
});

test('nothing unforeseen happened', async (t) => {
  await new Promise(setImmediate);
  t.deepEqual(server.problems, []);
});

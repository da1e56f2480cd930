import { readFileSync } from 'node:fs';
import test from 'ava';
import { gateFrom, type LoginState, type LoginStateName } from '../../../../src/lib/core/login/progress.js';
import { loginRefusals } from '../../../../src/lib/core/login/refusals.js';
import { loginStates } from '../../../../src/lib/core/login/states.js';

const names = Object.keys(loginStates) as LoginStateName[];

const specifiedNames: Record<LoginStateName, string> = {
  secure: 'WaitForSecure',
  clientInfo: 'WaitForClientInfo',
  lookup: 'WaitForLookup',
  ident: 'WaitForIdent',
  lobby: 'WaitForLogin',
  done: 'Ignore',
};

test('each state accepts what the specification says, and refuses the rest as it says', (t) => {
  const lines = readFileSync('docs/spec/login.md', 'utf8').split('\n');
  for (const name of names) {
    const line = lines.find((each) => each.startsWith(`| ${specifiedNames[name]}`))!;
    const [, , accepts = '', otherwise = ''] = line.split('|').map((cell) => cell.trim());
    const specified = accepts.startsWith('nothing') ? [] : accepts.split(', ');
    const { commands, refusal } = loginStates[name];
    // A listener that offers TLS without demanding it takes startTls until somebody has said who they are.
    const ours = Object.keys(commands).filter((command) => command !== 'startTls' || name === 'secure');
    t.deepEqual(ours.sort(), specified.sort(), name);
    const code: string | undefined = refusal && loginRefusals[refusal].code;
    t.is(code, /error `(\w+)`/.exec(otherwise)?.[1], name);
  }
});

test('every state is reached from the first one, and all lead to the last', (t) => {
  const after = (name: LoginStateName): LoginStateName[] => {
    const next = Object.values(loginStates[name].commands).flatMap((row) => row.next ?? []);
    // The handshake leads on, which is no command.
    return name === 'secure' ? [...next, 'clientInfo'] : next;
  };
  const reached = new Set<LoginStateName>(['secure']);
  for (const name of reached) for (const next of after(name)) reached.add(next);
  t.deepEqual([...reached].sort(), names.sort());
  for (const name of names) if (name !== 'done') t.true(after(name).length > 0, name);
  t.deepEqual(after('done'), []);
});

test('a gate that is not needed is passed, but none before it is opened again', (t) => {
  const needed =
    (...gates: string[]) =>
    (gate: string) =>
      gates.includes(gate);
  t.is(gateFrom('secure', needed('secure', 'clientInfo', 'lookup')), 'secure');
  t.is(gateFrom('clientInfo', needed('secure', 'clientInfo', 'lookup')), 'clientInfo');
  t.is(gateFrom('lookup', needed('secure', 'clientInfo', 'lookup')), 'lookup');
  t.is(gateFrom('secure', needed('lookup')), 'lookup');
  t.is(gateFrom('secure', needed()), 'ident');
  t.is(gateFrom('ident', needed('secure', 'clientInfo', 'lookup')), 'ident');
});

test('impossible states do not compile', (t) => {
  // @ts-expect-error nobody is in the lobby without an identity
  const lobby: LoginState = { name: 'lobby' };
  // @ts-expect-error a token is asked for with a nonce
  const ident: LoginState = { name: 'ident', asked: { kind: 'token' } };
  const read = (state: LoginState): unknown => {
    // @ts-expect-error who it is is known in the lobby only
    if (state.name === 'ident') return state.identity;
    return state.name === 'lobby' ? state.identity.name : undefined;
  };
  t.is(read(ident), undefined);
  t.truthy(lobby);
});

// Operations on API tokens and on logins of the web interface: create, list, revoke. io/http/authentication.ts
// checks them in requests.

import { refusal } from '../core/errors.js';
import type { SubjectKind } from '../core/session/change.js';
import { type Grant, type GrantStore, roles, type Stores } from './needs.js';
import { type AdminNeeds, change, look, requireRole } from './operation.js';
import { record } from './recording.js';
import {
  described,
  integer,
  list,
  moment,
  object,
  oneWord,
  orNull,
  type Schema,
  type Static,
  text,
} from './schema.js';

/** In front of the secret of a token, so that people and scanners for leaked secrets know what it is. */
export const tokenPrefix = 'dp_';
const linkMs = 5 * 60_000;
const tokenName = /^[\w.-]{1,64}$/;

const role = oneWord(...roles);
const expires = described(orNull(moment), 'milliseconds since 1970; null: never');
const lastUse = {
  lastUsed: described(orNull(moment), 'milliseconds since 1970, to a minute; null: never'),
  lastAddress: described(text, 'address of the last use; empty: none'),
} as const;
/** What administrators see of a grant. */
const shownGrant = (name: Schema<string>) =>
  object({ id: integer, name, role, created: moment, expires, ...lastUse });
const token = shownGrant(text);
const newToken = object({ name: text, role }, { expires });
const login = shownGrant(described(text, 'the name that was logged in with'));
const link = object({
  path: described(text, 'path of the web interface with the secret, below the address of the server'),
  expires: moment,
});

export const tokenOperations = {
  'token.list': look({
    summary: 'List API tokens',
    role: 'administrator',
    input: object({}),
    output: list(token),
    run: async ({ stores }) => (await stored(stores, 'token')).map(viewOf),
  }),
  'token.create': change(undefined, {
    summary: 'Create an API token',
    input: newToken,
    output: object({ secret: described(text, 'stored nowhere, so it cannot be shown again'), token }),
    run: createToken,
  }),
  'token.revoke': change(undefined, {
    summary: 'Revoke an API token',
    input: object({ name: text }),
    output: token,
    async run(needs, { name }) {
      const found = (await stored(needs.stores, 'token')).find((each) => each.name === name);
      if (!found || !(await requireGrants(needs.stores).remove(found.id))) {
        throw refusal('token-not-found', { name });
      }
      await record(needs, { on: subject('token', name), before: facts(found) });
      return viewOf(found);
    },
  }),
};

export const loginOperations = {
  'login.list': look({
    summary: 'List logins of the web interface',
    role: 'administrator',
    input: object({}),
    output: list(login),
    run: async ({ stores, now }) => (await stored(stores, 'login')).filter(isCurrent(now())).map(viewOf),
  }),
  'login.end': change(undefined, {
    summary: 'End logins of the web interface',
    input: object({}, { id: described(integer, 'left out: all of them') }),
    output: list(login),
    run: endLogins,
  }),
  'login.link': change(undefined, {
    summary: 'Create a link that logs in once without a password',
    input: object({}, { role }),
    output: link,
    run: createLink,
  }),
};

async function createToken(needs: AdminNeeds, input: Static<typeof newToken>) {
  const { stores, secrets, now } = needs;
  const { name, role, expires = null } = input;
  if (!tokenName.test(name)) throw refusal('token-name-invalid', { name });
  requireRole(needs, role);
  const secret = `${tokenPrefix}${secrets.make()}`;
  const added = await requireGrants(stores).add({
    kind: 'token',
    name,
    role,
    digest: secrets.digest(secret),
    proof: '',
    created: now(),
    expires,
  });
  await record(needs, { on: subject('token', name), after: facts(added) });
  return { secret, token: viewOf(added) };
}

async function createLink(needs: AdminNeeds, { role = 'administrator' }: { role?: Grant['role'] }) {
  const { stores, secrets, now } = needs;
  requireRole(needs, role);
  const secret = secrets.make();
  const expires = now() + linkMs;
  const name = needs.caller?.name ?? 'local';
  const grant = {
    kind: 'link',
    name,
    role,
    digest: secrets.digest(secret),
    proof: '',
    created: now(),
    expires,
  } as const;
  await requireGrants(stores).add(grant);
  await record(needs, { on: subject('login', name), after: { role, expires } });
  return { path: `/admin/#link=${secret}`, expires };
}

async function endLogins(needs: AdminNeeds, { id }: { id?: number }) {
  const { stores, now } = needs;
  const all = (await stored(stores, 'login')).filter(isCurrent(now()));
  const chosen = id === undefined ? all : all.filter((each) => each.id === id);
  if (id !== undefined && chosen.length === 0) throw refusal('login-not-found', { id: String(id) });
  const ended: Grant[] = [];
  for (const grant of chosen) {
    if (!(await requireGrants(stores).remove(grant.id))) continue;
    ended.push(grant);
    await record(needs, { on: subject('login', grant.name), before: facts(grant) });
  }
  return ended.map(viewOf);
}

/** Whether it still lets in, by its expiry. */
export function isCurrent(now: number): (grant: Grant) => boolean {
  return ({ expires }) => expires === null || expires > now;
}

/** Refusal where none are kept. */
export function requireGrants(stores: Stores): GrantStore {
  if (stores.grants !== undefined) return stores.grants;
  throw refusal('grants-not-kept');
}

async function stored(stores: Stores, kind: Grant['kind']): Promise<readonly Grant[]> {
  return (await requireGrants(stores).all()).filter((grant) => grant.kind === kind);
}

const subject = (kind: SubjectKind & Grant['kind'], name: string) => ({ kind, name });

function facts({ role, expires }: Grant) {
  return { role, expires };
}

function viewOf({ id, name, role, created, expires, lastUsed, lastAddress }: Grant) {
  return { id, name, role, created, expires, lastUsed, lastAddress };
}

// Authentication of API requests: name and password (Basic), tokens of programs, logins of browsers.
// Only digests of their secrets are stored; accounts are looked at again with each request, so a login ends with the
// flag, the password or the account that it depends on.

import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isCurrent, requireGrants, tokenPrefix } from '../../admin/grants.js';
import type { Grant } from '../../admin/needs.js';
import type { Caller, Role } from '../../admin/operation.js';
import { record } from '../../admin/recording.js';
import { networkText } from '../../core/addresses.js';
import { refusal } from '../../core/errors.js';
import type { Account, Accounts } from '../../core/login/needs.js';
import type { Passwords } from '../../core/session/needs.js';
import { type Credentials, GuessDelays } from './access.js';
import type { HttpNeeds } from './original/route.js';

const loginMs = 7 * 24 * 3_600_000;
/** Resolution of the time of last use, so that not every request causes a write. */
const useMs = 60_000;
/** How often and how fast a password check is retried while many are under way. */
const retry = { triesAtMost: 20, everyMs: 250 };

export interface AuthenticationOptions {
  needs: HttpNeeds;
  /** Accounts with the flag MOD are moderators here, those with ADMIN administrators. */
  accounts: Pick<Accounts, 'find'>;
  /** Each address has a share of the checks: anybody may guess here. */
  passwords: Pick<Passwords, 'verify'>;
  /** The name and password of `--web-admin-auth`: an administrator. */
  credentials: Credentials | undefined;
  /** The first wrong guess of a name from an address, and every hundredth. */
  onFailure?: (ip: string, count: number) => void;
  delays?: GuessDelays;
}

/** The data of a request that authentication uses. */
export interface Asking {
  method: string;
  headers: IncomingHttpHeaders;
  address: string;
  /** The request was encrypted, to this server or to a proxy in front of it. */
  isSecure: boolean;
}

export interface Login {
  readonly caller: Caller;
  /** For the header X-CSRF-Token of each change. */
  readonly csrf: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #delays: GuessDelays;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#delays = options.delays ?? new GuessDelays();
  }

  /** Undefined: the request has neither a token nor a login. Refusal if they are not valid. */
  async identify(asking: Asking): Promise<Caller | undefined> {
    const token = tokenIn(asking.headers);
    if (token !== undefined) return this.#callerOf(await this.#find('token', token), asking.address);
    const login = await this.loginOf(asking);
    if (!login) return undefined;
    const isChange = asking.method !== 'GET' && asking.method !== 'HEAD';
    if (isChange && !isSame(login.csrf, String(asking.headers['x-csrf-token'] ?? ''))) {
      throw refusal('csrf-token-wrong');
    }
    return login.caller;
  }

  /** The login of the requesting browser; undefined: it has none. Refusal if it has expired. */
  async loginOf(asking: Asking): Promise<Login | undefined> {
    const secret = cookieIn(asking);
    if (secret === undefined) return undefined;
    const grant = await this.#find('login', secret);
    const caller = await this.#callerOf(grant, asking.address);
    return { caller, csrf: this.#csrfOf(secret), expires: grant.expires ?? Number.MAX_SAFE_INTEGER };
  }

  /** Logs in by name and password. Refusal after a delay if they are wrong. */
  async logIn(name: string, password: string, asking: Asking): Promise<{ cookie: string; login: Login }> {
    const proven = await this.#prove(name, password, asking.address);
    if (!proven) throw refusal('login-wrong');
    return this.#begin(proven, asking);
  }

  /** Logs in by a link that an administrator made. */
  async logInByLink(secret: string, asking: Asking): Promise<{ cookie: string; login: Login }> {
    const { needs } = this.#options;
    const grants = requireGrants(needs.stores);
    const link = await grants.find(needs.secrets.digest(secret));
    // only one of two at once removes it
    const isGood = link?.kind === 'link' && isCurrent(needs.now())(link) && (await grants.remove(link.id));
    if (!isGood) throw refusal('login-link-wrong');
    return this.#begin({ name: link.name, role: link.role, proof: '' }, asking);
  }

  /** The cookie that deletes the login in the requesting browser; undefined: it has none. */
  forget(asking: Asking): string | undefined {
    return cookieIn(asking) === undefined ? undefined : cookieText('', 0, asking.isSecure);
  }

  /** Ends the login of the requesting browser. Returns the cookie that replaces it. */
  async logOut(asking: Asking): Promise<string> {
    const { needs } = this.#options;
    const secret = cookieIn(asking);
    const grants = requireGrants(needs.stores);
    const grant = secret === undefined ? undefined : await grants.find(needs.secrets.digest(secret));
    if (grant?.kind === 'login' && (await grants.remove(grant.id))) {
      await this.#record('login.logout', { name: grant.name, role: grant.role, address: asking.address });
    }
    return cookieText('', 0, asking.isSecure);
  }

  async #begin({ name, role, proof }: Proven, asking: Asking) {
    const { needs } = this.#options;
    const secret = needs.secrets.make();
    const now = needs.now();
    const expires = now + loginMs;
    const digest = needs.secrets.digest(secret);
    await requireGrants(needs.stores).add({
      kind: 'login',
      name,
      role,
      digest,
      proof,
      created: now,
      expires,
    });
    const caller: Caller = { name, role, address: asking.address };
    await this.#record('login.begin', caller);
    return {
      cookie: cookieText(secret, loginMs / 1000, asking.isSecure),
      login: { caller, csrf: this.#csrfOf(secret), expires },
    };
  }

  async #prove(name: string, password: string, address: string): Promise<Proven | undefined> {
    const { credentials, accounts, onFailure } = this.#options;
    if (name === credentials?.name) {
      const given = Buffer.from(`${name}:${password}`);
      const verdict = await credentials.checkText(address, given);
      return verdict === 'ok' ? { name, role: 'administrator', proof: credentials.proof } : undefined;
    }
    const account = accounts.find(name);
    const role = account && roleOf(account);
    // names that cannot log in are one name
    const key = `${networkText(address)} ${role === undefined ? '' : account?.name}`;
    const isRight = await this.#delays.around(
      key,
      async () => role !== undefined && (await this.#verify(password, account?.password ?? '', address)),
      (count) => {
        if (count === 1 || count % 100 === 0) onFailure?.(address, count);
      },
    );
    if (!isRight || !account || role === undefined) return undefined;
    return { name: account.name, role, proof: this.#proofOf(account) };
  }

  /** Refusal where there is no room for it for seconds: no password is called wrong that was not checked. */
  async #verify(password: string, stored: string, address: string): Promise<boolean> {
    const { passwords } = this.#options;
    for (let tries = 0; tries < retry.triesAtMost; tries++) {
      const matches = await new Promise<boolean | undefined>((resolve) =>
        passwords.verify(password, stored, resolve, address),
      );
      if (matches !== undefined) return matches;
      await this.#delays.pause(retry.everyMs);
    }
    throw refusal('password-check-busy');
  }

  async #find(kind: Grant['kind'], secret: string): Promise<Grant> {
    const { stores, secrets, now } = this.#options.needs;
    const grant = await stores.grants?.find(secrets.digest(secret));
    if (grant?.kind !== kind || !isCurrent(now())(grant)) throw refusal('login-needed');
    return grant;
  }

  async #callerOf(grant: Grant, address: string): Promise<Caller> {
    const { stores, now } = this.#options.needs;
    const role = this.#roleNow(grant);
    if (role === undefined) {
      await stores.grants?.remove(grant.id);
      throw refusal('login-needed');
    }
    const since = grant.lastUsed === null ? Number.POSITIVE_INFINITY : now() - grant.lastUsed;
    // the clock may have been set back
    if (since >= useMs || since < 0 || grant.lastAddress !== address) {
      await stores.grants?.use(grant.id, now(), address);
    }
    return { name: grant.name, role, address };
  }

  /** Undefined: what the login depends on no longer exists. */
  #roleNow({ name, role, proof }: Grant): Role | undefined {
    if (proof === '') return role;
    const { credentials, accounts } = this.#options;
    if (credentials?.name === name && isSame(credentials.proof, proof)) return role;
    const account = accounts.find(name);
    return account && isSame(this.#proofOf(account), proof) ? roleOf(account) : undefined;
  }

  #proofOf({ authId, password }: Account): string {
    return this.#options.needs.secrets.digest(`${authId} ${password}`);
  }

  #csrfOf(secret: string): string {
    return this.#options.needs.secrets.digest(`csrf ${secret}`);
  }

  #record(what: string, caller: Caller): Promise<void> {
    const on = { kind: 'login', name: caller.name } as const;
    return record({ ...this.#options.needs, caller, operation: what }, { on, after: { role: caller.role } });
  }
}

interface Proven {
  readonly name: string;
  readonly role: Role;
  readonly proof: string;
}

/** Undefined: the account may not log in here. */
function roleOf({ isLocked, flags }: Account): Role | undefined {
  if (isLocked) return undefined;
  if (flags.includes('ADMIN')) return 'administrator';
  return flags.includes('MOD') ? 'moderator' : undefined;
}

function tokenIn({ authorization }: IncomingHttpHeaders): string | undefined {
  const bearer = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return bearer?.startsWith(tokenPrefix) ? bearer : undefined;
}

/** Browsers take and send the name with `__Host-` over TLS only, and let no other host set it (RFC 6265bis §4.1.3). */
const cookieName = (isSecure: boolean) => (isSecure ? '__Host-dp-login' : 'dp-login');

function cookieIn({ headers, isSecure }: Pick<Asking, 'headers' | 'isSecure'>): string | undefined {
  return cookieOf(headers, cookieName(isSecure));
}

/** The value of a cookie; undefined: there is none of this name, or it is empty. */
export function cookieOf({ cookie = '' }: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of cookie.split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value) return value;
  }
  return undefined;
}

function cookieText(secret: string, seconds: number, isSecure: boolean): string {
  const attributes = [
    'HttpOnly',
    'SameSite=Strict',
    'Path=/',
    `Max-Age=${seconds}`,
    ...(isSecure ? ['Secure'] : []),
  ];
  return [`${cookieName(isSecure)}=${secret}`, ...attributes].join('; ');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

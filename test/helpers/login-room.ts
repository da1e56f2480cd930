// One login without a network: what it answers and what becomes of the connection is written down, and whatever takes
// long is answered by the test.

import { Login, type LoginNeeds } from '../../src/lib/core/login/login.js';
import type { Account, ExternalUser, GuestAnswer, ServerBan } from '../../src/lib/core/login/needs.js';
import { PasswordThrottle } from '../../src/lib/core/login/password-throttle.js';
import { loginScript } from '../../src/lib/core/login/states.js';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { sentAs } from './fake-member.js';
import { ManualClock } from './manual-clock.js';

export type Reply = Record<string, unknown>;

export interface LoginRoomOptions {
  settings?: Readonly<Record<string, string>>;
  accounts?: readonly Account[];
  isBrowser?: boolean;
  /** Of the external login server. */
  url?: string;
  /** What a token says. */
  token?: ExternalUser | { error: 'tokenSignature' | 'tokenInvalid' | 'tokenUnsupported' };
  bans?: { address?: ServerBan; system?: Record<string, ServerBan>; user?: Record<number, ServerBan> };
  needs?: Partial<LoginNeeds>;
  transport?: string;
  canStartTls?: boolean;
}

export function account(name: string, flags: readonly string[] = []): Account {
  return { authId: `internal:${name}`, name, isLocked: false, password: `of ${name}`, flags };
}

export function makeLogin(options: LoginRoomOptions = {}) {
  const clock = new ManualClock();
  const replies: Reply[] = [];
  const done: string[] = [];
  const log: string[] = [];
  const refused: string[] = [];
  /** Passwords that wait for their check. */
  const checks: { password: string; stored: string; done: (matches: boolean | undefined) => void }[] = [];
  const guests: { name: string; done: (answer: GuestAnswer) => void }[] = [];
  const connection = {
    ip: '10.0.0.7',
    isBrowser: options.isBrowser ?? false,
    transport: options.transport ?? 'tcp',
    canStartTls: options.canStartTls ?? false,
    send: (frame: Buffer) => replies.push(sentAs(frame) as Reply),
    startTls: () => done.push('TLS starts'),
  };
  const link = {
    connection,
    isClosed: false,
    pause: () => done.push('pause'),
    resume: () => done.push('resume'),
    entered: () => done.push('entered'),
    ignoreInput: () => done.push('ignored'),
    disconnect: (reason: string, text: string) => done.push(`disconnect ${reason}: ${text}`),
    abort: (problem: string) => done.push(`abort: ${problem}`),
  };
  const needs = {
    clock,
    random: { bytes: (count: number) => new Uint8Array(count).fill(51) },
    log: {
      write: ({ level, topic, message }: { level: string; topic: string; message: string }) =>
        log.push(`${level} ${topic} ${message}`),
    },
    settings: new MemorySettings(options.settings),
    directory: {
      needs: { hasWebSockets: false },
      find: () => undefined,
      findTemplate: () => undefined,
      describeAll: () => [],
      watch: () => {},
      unwatch: () => {},
    },
    accounts: {
      hasAny: (options.accounts ?? []).length > 0,
      find: (name: string) => options.accounts?.find((each) => each.name === name),
    },
    bans: {
      forAddress: () => options.bans?.address,
      forSystem: (sid: string) => options.bans?.system?.[sid],
      forUser: (uid: number) => options.bans?.user?.[uid],
    },
    externalLogin: {
      url: options.url,
      group: 'artists',
      queryGuest: (name: string, answer: (answer: GuestAnswer) => void) =>
        guests.push({ name, done: answer }),
      check: (token: string, nonce: string) => {
        done.push(`token ${token} for ${nonce}`);
        return options.token ?? { error: 'tokenInvalid' };
      },
    },
    passwords: {
      hash: () => {},
      verify: (password: string, stored: string, answer: (matches: boolean | undefined) => void) =>
        checks.push({ password, stored, done: answer }),
    },
    nameRules: { isForbidden: (name: string) => name === 'forbidden' },
    reports: { isEnabled: true },
    passwordThrottle: new PasswordThrottle(),
    localHost: '',
    canSealBans: false,
    tls: 'none',
    program: 'dp test',
    loginRefused: (code: string) => refused.push(code),
    ...options.needs,
  };
  const login = new Login(needs as never, link as never, loginScript);
  /** What came back since the last look. */
  const news = () => replies.splice(0);
  /** A command as a client sends it; answers with what comes back at once. */
  const say = (cmd: string, args: readonly unknown[] = [], kwargs: object = {}): Reply[] => {
    login.receive({ cmd, args, kwargs } as never);
    return news();
  };
  const answer = (matches: boolean | undefined): Reply[] => {
    checks.shift()!.done(matches);
    return news();
  };
  return { login, clock, link, connection, done, log, refused, checks, guests, needs, say, news, answer };
}

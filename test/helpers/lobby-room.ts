// Somebody in the lobby of a server with one session that is made up: what it is asked and what it gets is written down.

import type { ExecutionContext } from 'ava';
import { fillTemplate } from '../../src/lib/core/errors/rows.js';
import { type LoginRefusal, loginRefusals } from '../../src/lib/core/login/refusals.js';
import { account, type LoginRoomOptions, makeLogin, type Reply } from './login-room.js';

type Room = ReturnType<typeof makeLogin>;
export type Values = Readonly<Record<string, string | number>>;

export const sid = 'a'.repeat(32);
export const protocol = 'dp:4.24.0';

/** The one reply is this refusal, and the login is over. */
export function refused(
  t: ExecutionContext,
  room: Room,
  replies: Reply[],
  reason: LoginRefusal,
  values: Values = {},
): void {
  const { code, text } = loginRefusals[reason];
  t.deepEqual(replies, [{ type: 'error', code, message: fillTemplate(text, values) }]);
  t.is(room.login.stateName, 'done');
  t.false(room.done.includes('entered'));
}

/** A session of which everything can be said. */
export function madeUp(facts: object = {}) {
  const notes: string[] = [];
  const written: unknown[] = [];
  const joined: { id: number; userInfo: Record<string, unknown>; options: unknown }[] = [];
  const verify: ((matches: boolean | undefined) => void)[] = [];
  const session = {
    id: 'uniqueid',
    alias: '',
    protocol,
    state: { name: 'running' },
    options: { allowWeb: false, authOnly: false, maxUserCount: 10 },
    isShut: false,
    isEnded: false,
    open: (done: (problem?: string) => void) => done(undefined),
    invites: {
      all: [],
      check: (_secret: string, _sid: string): unknown => 'notFound',
      find: (secret: string): unknown => (secret === 'secret' ? { secret, creator: 'bob' } : undefined),
      use: () => true,
    },
    bans: { all: [], find: (_person: unknown): unknown => undefined },
    password: {
      isSet: false,
      verify: (_password: string, done: (matches: boolean | undefined) => void) => verify.push(done),
    },
    people: {
      count: 3,
      members: [],
      byName: (_name: string): unknown => undefined,
      chooseId: (): number | undefined => 5,
      skipPosition: (hidx: string): number | undefined => (hidx === 'known' ? 77 : undefined),
      join: (id: number, userInfo: Record<string, unknown>, _link: unknown, options: unknown) =>
        joined.push({ id, userInfo, options }),
    },
    config: {
      initialized: undefined as unknown,
      initialize: (first: unknown) => {
        session.config.initialized = first;
      },
    },
    write: (entry: unknown) => written.push(entry),
    writeLog: (level: string, topic: string, text: string) => notes.push(`${level} ${topic} ${text}`),
    ...facts,
  };
  return { session, notes, written, joined, verify };
}

/** Somebody in the lobby of a server with this session. */
export function inLobby(
  made: ReturnType<typeof madeUp>,
  options: LoginRoomOptions & {
    name?: string;
    flags?: readonly string[];
    refusal?: string;
    sees?: object;
  } = {},
) {
  const directory = {
    needs: { hasWebSockets: true },
    find: (id: string) => (id === 'room' ? made.session : undefined),
    findTemplate: (): unknown => undefined,
    describeAll: () => [],
    watch: () => {},
    unwatch: () => {},
    refusal: () => options.refusal,
    create: (facts: unknown) => {
      made.written.push(facts);
      return made.session;
    },
    ...options.sees,
  };
  const accounts = options.flags ? [account('ann', options.flags)] : [];
  const room = makeLogin({
    ...options,
    accounts,
    needs: { directory: directory as never, ...options.needs },
  });
  room.say('ident', [options.name ?? 'ann', 'x']);
  if (options.flags) room.answer(true);
  room.done.length = 0;
  room.log.length = 0;
  return room;
}

export const cinfo = { s: sid, app_version: '2.3.0' };
export const hosting = { ...cinfo, protocol, user_id: 1 };

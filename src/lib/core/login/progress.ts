// The states of a login (login.md §1): what is known in each, and what is required to enter it. states.ts lists the
// transitions.
import type { UserInfo } from '../session/member.js';
import type { Session } from '../session/session.js';
import type { Lobby } from './lobby.js';

/** The client's program and system. */
export interface ClientInfo {
  /** The known keys that were given and not empty. */
  values: Readonly<Record<string, string>>;
  /** First half of the system id, 32 hex digits; '' without one. */
  sid: string;
  /** All halves, for bans. */
  sids: readonly string[];
}

/** An identified user. */
export interface Identity {
  name: string;
  authId: string;
  flags: ReadonlySet<string>;
  isModerator: boolean;
  isGhost: boolean;
  isGuest: boolean;
  avatar: Uint8Array;
  /** Number at the external login server, where that vouched. */
  externalUid: number | undefined;
}

/** What the client looked up. */
export type LookupIntent =
  | { kind: 'none' }
  | { kind: 'host' }
  | { kind: 'join'; id: string; inviteSecret: string };

/** The data of each state. */
interface StateParts {
  secure: object;
  clientInfo: object;
  lookup: object;
  /** `asked`: for what; a token is signed by the external login server together with the nonce (hex). */
  ident: { asked: { kind: 'name' } | { kind: 'token'; nonce: string } };
  lobby: { identity: Identity; lobby: Lobby };
  done: object;
}

export type LoginStateName = keyof StateParts;

export type LoginStateOf<Name extends LoginStateName> = {
  [Key in Name]: { name: Key } & StateParts[Key];
}[Name];

export type LoginState = LoginStateOf<LoginStateName>;

/** What the last step leads to: a user of a session. */
export interface Admission {
  session: Session;
  userId: number;
  userInfo: UserInfo;
  options: { isHost: boolean; skipTo?: number };
}

/** What each state is entered with. */
export interface StateArguments {
  secure: [];
  clientInfo: [];
  lookup: [];
  ident: [];
  lobby: [identity: Identity];
  done: [admission: Admission];
}

/** The states before the user is identified; each is skipped if it is not needed. */
const gates = ['secure', 'clientInfo', 'lookup', 'ident'] as const satisfies readonly LoginStateName[];
export type Gate = (typeof gates)[number];

/** The gate itself where it is needed, or the first one after it that is. */
export function gateFrom(gate: Gate, isNeeded: (gate: Exclude<Gate, 'ident'>) => boolean): Gate {
  let isReached = false;
  for (const each of gates) {
    isReached ||= each === gate;
    if (isReached && (each === 'ident' || isNeeded(each))) return each;
  }
  return 'ident';
}

// TABLE of the login: which command is understood in which state, and where it leads (login.md §1). What is not in it is
// refused as the state says, or is a violation of the protocol. `stays`: the state is the same after the command;
// `leads`: to this state, or from a gate that is not needed on to the next. A command that was refused leads nowhere.
import type { ClientCommand } from '../protocol/command.js';
import type { Visitor } from '../session/member.js';
import type { Session } from '../session/session.js';
import { clientInfo } from './client-info.js';
import { host } from './host.js';
import { ident } from './ident.js';
import { join } from './join.js';
import type { Lobby } from './lobby.js';
import type { Identity, Login } from './login.js';
import { lookup } from './lookup.js';
import type { PlainRefusal } from './refusals.js';
import { report } from './report.js';
import { startTls } from './start-tls.js';

/** What is held in each state, and in no other. */
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

/** What the last step has found: a seat. */
export interface Seat {
  session: Session;
  userId: number;
  visitor: Visitor;
  options: { isHost: boolean; skipTo?: number };
}

/** What has to be known to get into a state. */
export interface Ways {
  secure: [];
  clientInfo: [];
  lookup: [];
  ident: [];
  lobby: [identity: Identity];
  done: [seat: Seat];
}

/** One command on its way through a state. `advance`: it succeeded, on to the next. */
export interface Turn<From extends LoginStateName, To extends LoginStateName = 'ident'> {
  login: Login;
  state: LoginStateOf<From>;
  advance(...way: Ways[To]): void;
}

export type LoginStep<From extends LoginStateName, To extends LoginStateName = 'ident'> = (
  turn: Turn<From, To>,
  command: ClientCommand,
) => void;

interface CommandRow<From extends LoginStateName> {
  /** Undefined: the state is the same afterwards. */
  next: LoginStateName | undefined;
  run(login: Login, state: LoginStateOf<From>, command: ClientCommand): void;
}

export interface LoginStateRow<Name extends LoginStateName> {
  commands: Readonly<Record<string, CommandRow<Name>>>;
  /** What every other command is refused with; without: "invalid message". */
  refusal?: PlainRefusal;
}

export type LoginStates = { readonly [Name in LoginStateName]: LoginStateRow<Name> };

function stays<From extends LoginStateName>(step: LoginStep<From>): CommandRow<From> {
  return {
    next: undefined,
    run: (login, state, command) => step({ login, state, advance: () => {} }, command),
  };
}

function leads<From extends LoginStateName, To extends LoginStateName>(
  next: To,
  step: LoginStep<From, To>,
): CommandRow<From> {
  return {
    next,
    run: (login, state, command) =>
      step({ login, state, advance: (...way) => login.advance(next, way) }, command),
  };
}

export const loginStates: LoginStates = {
  /** TCP with a certificate: TLS first. The handshake leads on. */
  secure: { commands: { startTls: stays(startTls) }, refusal: 'tlsRequired' },
  /** The server insists on being called by its own name. */
  clientInfo: {
    commands: { startTls: stays(startTls), cinfo: leads('lookup', clientInfo) },
    refusal: 'clientInfoUnsupported',
  },
  /** Only people with a direct link, or recent clients. */
  lookup: {
    commands: { startTls: stays(startTls), cinfo: stays(clientInfo), lookup: leads('ident', lookup) },
    refusal: 'clientLookupUnsupported',
  },
  ident: {
    commands: {
      startTls: stays(startTls),
      cinfo: stays(clientInfo),
      lookup: stays(lookup),
      ident: leads('lobby', ident),
    },
  },
  /** The session list is shown and kept up to date. */
  lobby: { commands: { host: leads('done', host), join: leads('done', join), report: stays(report) } },
  /** In a session, being disconnected, or not answered any more. */
  done: { commands: {} },
};

/** The states that a login goes through before somebody says who they are; each is left out where it is not needed. */
const gates = ['secure', 'clientInfo', 'lookup', 'ident'] as const satisfies readonly LoginStateName[];
export type Gate = (typeof gates)[number];

/** The gate itself where it is needed, or the first one after it that is. */
export function gateFrom(
  gate: Gate,
  isNeeded: Readonly<Record<Exclude<Gate, 'ident'>, () => boolean>>,
): Gate {
  for (const each of gates.slice(gates.indexOf(gate))) {
    if (each === 'ident' || isNeeded[each]()) return each;
  }
  return 'ident';
}

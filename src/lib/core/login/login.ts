// The login of one connection, from the greeting into a session (login.md): its state and its answers. Each command
// has a file; states.ts lists which commands each state allows.

import type { Buffer } from 'node:buffer';
import type { Connection, DisconnectReason } from '../peer/needs.js';
import { type ClientCommand, frameReply, type JsonObject } from '../protocol/command.js';
import { parseVersion } from '../protocol/version.js';
import type { SessionDirectory } from '../session/directory.js';
import { clipLogText } from '../session/log-topics.js';
import type { Member, MemberLink, UserInfo } from '../session/member.js';
import type {
  AbuseReports,
  Clock,
  Log,
  LogLevel,
  LogTopic,
  NameRules,
  Passwords,
  Random,
} from '../session/needs.js';
import type { SettingsReader } from '../settings/settings.js';
import { Lobby } from './lobby.js';
import type { Accounts, ExternalLogin, ServerBans } from './needs.js';
import type { PasswordTarget, PasswordThrottle } from './password-throttle.js';
import {
  type Admission,
  type ClientInfo,
  type Gate,
  gateFrom,
  type Identity,
  type LoginState,
  type LoginStateName,
  type LoginStateOf,
  type LookupIntent,
  type StateArguments,
} from './progress.js';
import {
  type LoginCode,
  type LoginRefusal,
  loginRefusal,
  type PlainRefusal,
  type RefusalValues,
} from './refusals.js';

/** Everything that a server provides to its logins. */
export interface LoginNeeds {
  clock: Clock;
  random: Random;
  log: Log;
  settings: SettingsReader;
  directory: SessionDirectory;
  accounts: Accounts;
  bans: ServerBans;
  externalLogin: ExternalLogin;
  passwords: Passwords;
  nameRules: NameRules;
  reports: AbuseReports;
  passwordThrottle: PasswordThrottle;
  /** Name under which people know this server; '' = unknown. */
  localHost: string;
  /** Whether ban lists can be sealed. */
  canSealBans: boolean;
  /** Whether a listener with a certificate demands TLS (`required`), offers it, or has none. */
  tls: 'none' | 'offered' | 'required';
  /** Shown in the greeting. */
  program: string;
  /** Counts refused logins by the code of the error. */
  loginRefused(code: LoginCode): void;
}

/** The login's interface to its peer. */
export interface LoginLink extends MemberLink {
  /** Holds back input (in order, bounded) until `resume`, while a slow request is under way. */
  pause(): void;
  resume(): void;
  /** From now on the connection is a member of a session. */
  entered(member: Member): void;
  /** Discards all further input silently. */
  ignoreInput(): void;
  readonly isClosed: boolean;
}

export interface CommandRow<From extends LoginStateName> {
  /** Undefined: the state does not change. */
  next: LoginStateName | undefined;
  run(login: Login, state: LoginStateOf<From>, command: ClientCommand): void;
}

export interface LoginStateRow<Name extends LoginStateName> {
  commands: Readonly<Record<string, CommandRow<Name>>>;
  /** What every other command is refused with; without: "invalid message". */
  refusal?: PlainRefusal;
}

export type LoginStates = { readonly [Name in LoginStateName]: LoginStateRow<Name> };

/** What a login says first, and what it understands: the script is in states.ts. */
export interface LoginScript {
  readonly greeting: (login: Login) => JsonObject;
  readonly states: LoginStates;
}

/** What another process needs of a login. */
export interface HandedLogin {
  readonly state:
    | Exclude<LoginState, { name: 'lobby' }>
    | { readonly name: 'lobby'; readonly identity: Identity; readonly shown: ReadonlySet<string> };
  readonly clientInfo: ClientInfo | undefined;
  readonly lookup: LookupIntent;
  readonly ago: number;
  readonly failedPasswords: number;
}

export const passwordTriesAtMost = 10;

export class Login {
  /** TABLE of what happens on entering a state. Made once, because each login goes through most of them. */
  static readonly #onEnter: {
    readonly [Name in LoginStateName]: (login: Login, ...way: StateArguments[Name]) => void;
  } = {
    secure: () => {},
    clientInfo: (login) => {
      login.#state = login.#gate('clientInfo');
    },
    lookup: (login) => {
      login.#state = login.#gate('lookup');
    },
    ident: (login) => {
      login.#state = login.#gate('ident');
    },
    lobby: (login, identity) => login.#enterLobby(identity),
    done: (login, admission) => login.#joinSession(admission),
  };

  readonly needs: LoginNeeds;
  readonly link: LoginLink;
  readonly #script: LoginScript;
  #state: LoginState;
  /** Undefined: not known yet. */
  clientInfo: ClientInfo | undefined;
  lookup: LookupIntent = { kind: 'none' };
  /** When the connection was accepted, in monotonic milliseconds. */
  since: number;
  #failedPasswords = 0;

  constructor(needs: LoginNeeds, link: LoginLink, script: LoginScript) {
    this.needs = needs;
    this.#script = script;
    this.link = link;
    this.since = needs.clock.monotonic();
    this.#state = this.#gate('secure');
  }

  get connection(): Connection {
    return this.link.connection;
  }

  get stateName(): LoginStateName {
    return this.#state.name;
  }

  /** The identified user; undefined: not identified yet, or no longer. */
  get identity(): Identity | undefined {
    return this.#state.name === 'lobby' ? this.#state.identity : undefined;
  }

  /** The first of the states from `first` on that this server wants (login.md §1). */
  #gate(first: Gate): LoginState {
    const name = gateFrom(first, (gate) => this.#isNeeded(gate));
    return name === 'ident' ? { name, asked: { kind: 'name' } } : { name };
  }

  #isNeeded(gate: Exclude<Gate, 'ident'>): boolean {
    const { settings, localHost, tls } = this.needs;
    switch (gate) {
      case 'secure':
        return tls === 'required' && this.connection.canStartTls;
      case 'clientInfo':
        return localHost !== '' && settings.get('requireMatchingHost');
      case 'lookup': {
        if (settings.get('mandatoryLookup')) return true;
        const least = parseVersion(settings.get('minimumProtocolVersion'));
        return least !== undefined && least.server === 4 && least.major >= 24;
      }
    }
  }

  /** Sends the greeting, the first message of the connection. */
  greet(): void {
    this.send(this.#script.greeting(this));
  }

  /** The TLS handshake is done. */
  secured(): void {
    if (this.#state.name === 'secure') this.#state = this.#gate('clientInfo');
  }

  receive(command: ClientCommand): void {
    this.#receiveIn(this.#state, command);
  }

  #receiveIn<Name extends LoginStateName>(state: LoginStateOf<Name>, command: ClientCommand): void {
    const states: Pick<LoginStates, Name> = this.#script.states;
    const { commands, refusal } = states[state.name];
    const row = Object.hasOwn(commands, command.cmd) ? commands[command.cmd] : undefined;
    if (row) row.run(this, state, command);
    else if (refusal) this.fail(refusal);
    else if (state.name !== 'done') this.violate(`Unexpected login command '${command.cmd.slice(0, 40)}'`);
  }

  /** Enters the next state after a command. Only the table calls this. */
  advance<To extends LoginStateName>(to: To, way: StateArguments[To]): void {
    Login.#onEnter[to](this, ...way);
  }

  /** The connection is closed or has left the login. */
  close(): void {
    if (this.#state.name === 'lobby') this.#state.lobby.close();
    this.#state = { name: 'done' };
  }

  #enterLobby(identity: Identity): void {
    const lobby = this.#makeLobby(identity);
    this.#state = { name: 'lobby', identity, lobby };
    lobby.open();
  }

  #makeLobby(identity: Identity): Lobby {
    const { settings, directory } = this.needs;
    return new Lobby({
      settings,
      directory,
      send: (reply) => this.send(reply),
      sendFrame: (frame) => this.connection.send(frame),
      isModerator: identity.isModerator,
      hasChosen: this.lookup.kind === 'join' && this.lookup.id !== '',
    });
  }

  /** For a successor of this process. A command that waits for an answer is not part of it: it is begun again there. */
  handOver(): HandedLogin {
    const state = this.#state;
    return {
      state:
        state.name === 'lobby'
          ? { name: 'lobby', identity: state.identity, shown: state.lobby.shown }
          : state,
      clientInfo: this.clientInfo,
      lookup: this.lookup,
      ago: this.needs.clock.monotonic() - this.since,
      failedPasswords: this.#failedPasswords,
    };
  }

  /** Continues where a predecessor of this process was; nothing is sent. */
  takeOver({ state, clientInfo, lookup, ago, failedPasswords }: HandedLogin): void {
    this.clientInfo = clientInfo;
    this.lookup = lookup;
    this.since = this.needs.clock.monotonic() - ago;
    this.#failedPasswords = failedPasswords;
    if (state.name !== 'lobby') {
      this.#state = state;
      return;
    }
    const lobby = this.#makeLobby(state.identity);
    this.#state = { name: 'lobby', identity: state.identity, lobby };
    lobby.reopen(state.shown);
  }

  /** The last step: the answer has been sent. */
  #joinSession({ session, userId, userInfo, options }: Admission): void {
    this.close();
    this.link.entered(session.people.join(userId, userInfo, this.link, options));
  }

  // ---- answers --------------------------------------------------------------------------------------

  send(reply: JsonObject): boolean {
    const frame = frameReply(reply);
    if (frame) this.connection.send(frame);
    return frame !== undefined;
  }

  result(keys: JsonObject): void {
    this.send({ type: 'result', ...keys });
  }

  /** An error reply that does not end the connection. */
  refuse(reason: PlainRefusal): void {
    const { code, text } = loginRefusal(reason);
    this.send({ type: 'error', code, message: text });
  }

  /** Sends an error reply and closes the connection (login.md §1). `values`: for the text of the refusal. */
  fail<Reason extends LoginRefusal>(reason: Reason, ...values: RefusalValues<Reason>): void {
    const { code, text } = loginRefusal(reason, ...values);
    this.writeLog('info', 'RuleBreak', `Login refused (${code})`, 'debug');
    this.needs.loginRefused(code);
    this.send({ type: 'error', code, message: text });
    this.disconnect('error', 'Login error');
  }

  /** The client violated the protocol: closes the connection without an error reply. */
  violate(what: string): void {
    this.writeLog('warn', 'RuleBreak', what);
    this.disconnect('error', 'invalid message');
  }

  disconnect(reason: DisconnectReason, text: string): void {
    this.close();
    this.link.disconnect(reason, text);
  }

  /**
   * Checks a password after the wait that earlier wrong ones for the same target from this address earned; `then` is
   * called with whether it matched. Wrong ones are counted, the answer to them is `failPassword`. Where too many checks wait it
   * fails here.
   */
  checkPassword(
    target: PasswordTarget,
    verify: (done: (matches: boolean | undefined) => void, address: string) => void,
    then: (matches: boolean) => void,
  ): void {
    const { clock, passwordThrottle } = this.needs;
    const { ip } = this.connection;
    const waitMs = passwordThrottle.waitMs(ip, target, clock.monotonic());
    this.wait<[boolean | undefined]>(
      (done) => {
        if (waitMs === 0) verify(done, ip);
        else clock.after(waitMs, () => (this.link.isClosed ? done(false) : verify(done, ip)));
      },
      (matches) => {
        if (matches === undefined) {
          this.failBusy();
          return;
        }
        if (matches) passwordThrottle.succeeded(ip, target);
        else passwordThrottle.failed(ip, target, clock.monotonic());
        then(matches);
      },
    );
  }

  /** The server is too busy to check a password; it does not count as wrong. */
  failBusy(): void {
    this.fail('busy');
  }

  /** A password was wrong: the connection stays open for the first nine times (login.md §6). */
  failPassword(): void {
    this.#failedPasswords++;
    if (this.#failedPasswords >= passwordTriesAtMost) this.fail('badPassword');
    else this.refuse('badPassword');
  }

  writeLog(level: LogLevel, topic: LogTopic, message: string, as?: LogLevel): void {
    this.needs.log.write({
      time: this.needs.clock.now(),
      level: as ?? level,
      topic,
      user: { id: 0, ip: this.connection.ip, name: this.identity?.name ?? '' },
      message: clipLogText(message),
    });
  }

  /** Waits for a slow request; its answer is ignored if the connection has closed by then. */
  wait<Result extends unknown[]>(
    start: (done: (...result: Result) => void) => void,
    then: (...result: Result) => void,
  ): void {
    let isSync = true;
    let hasAnswered = false;
    start((...result) => {
      hasAnswered = true;
      if (this.link.isClosed || this.#state.name === 'done') return;
      then(...result);
      if (!isSync) this.link.resume();
    });
    if (!hasAnswered) this.link.pause();
    isSync = false;
  }

  // ---- into a session -------------------------------------------------------------------------------

  userInfo(
    identity: Identity,
    options: {
      capabilities: string;
      clientInfo: JsonObject;
      isMinorIncompatible: boolean;
      inviteSecret: string;
    },
  ): UserInfo {
    return {
      name: identity.name,
      authId: identity.authId,
      flags: identity.flags,
      isModerator: identity.isModerator,
      isGhost: identity.isGhost,
      isBrowser: this.connection.isBrowser,
      ip: this.connection.ip,
      sid: this.clientInfo?.sid ?? '',
      avatar: identity.avatar,
      capabilities: new Set(
        options.capabilities
          .split(/[\s,]+/)
          .map((word) => word.trim())
          .filter(Boolean),
      ),
      clientInfo: options.clientInfo,
      isMinorIncompatible: options.isMinorIncompatible,
      inviteSecret: options.inviteSecret,
    };
  }

  /** Frames other than commands are dropped while logging in (protocol.md §2.3). */
  dropFrame(type: number, _bytes: Buffer): void {
    this.writeLog('debug', 'RuleBreak', `Dropped a message of type ${type} during login`);
  }
}

// One connection on its way from hello to a seat in a session (login.md). Holds what is known of it so far and
// answers; what each command does is in a file of its own, which one is allowed when is in states.ts.

import type { Buffer } from 'node:buffer';
import type { Connection, DisconnectReason } from '../peer/needs.js';
import { type ClientCommand, frameReply, type JsonObject } from '../protocol/command.js';
import { parseVersion } from '../protocol/version.js';
import type { SessionDescription } from '../session/description.js';
import type { LobbyWatcher, SessionDirectory } from '../session/directory.js';
import { clipLogText } from '../session/log-words.js';
import type { Member, MemberLink, Visitor } from '../session/member.js';
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
import type { Session } from '../session/session.js';
import type { SettingsReader } from '../settings/settings.js';
import type { ClientInfo } from './client-info.js';
import { greeting } from './greeting.js';
import type { Accounts, ExternalLogin, ServerBans } from './needs.js';
import type { PasswordTarget, PasswordThrottle } from './password-throttle.js';
import { type LoginStateName, loginStates } from './states.js';

/** What all logins of a server share. */
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
  /** Counts who was not let in, by the code of the error. */
  loginRefused(code: string): void;
}

/** The login's way to its peer. */
export interface LoginLink extends MemberLink {
  /** Input waits (in order, bounded) until `resume`: something slow is being asked for. */
  pause(): void;
  resume(): void;
  /** From now on the connection is a member of a session. */
  entered(member: Member): void;
  /** Input is thrown away from now on; nothing is said. */
  ignoreInput(): void;
  readonly isClosed: boolean;
}

/** What a person may be once they have said who they are. */
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

/** What was asked for by a look-up. */
export type LookupIntent =
  | { kind: 'none' }
  | { kind: 'host' }
  | { kind: 'join'; id: string; inviteSecret: string };

export const passwordTriesAtMost = 10;

export class Login implements LobbyWatcher {
  readonly needs: LoginNeeds;
  readonly link: LoginLink;
  state: LoginStateName;
  clientInfo: ClientInfo | undefined;
  lookup: LookupIntent | undefined;
  identity: Identity | undefined;
  /** Hex; handed out to be signed by the external login server. */
  nonce: string | undefined;
  /** When the connection came, by the monotonic clock. */
  readonly since: number;
  #failedPasswords = 0;
  /** Sessions that the lobby has shown to this person. */
  #shown = new Set<string>();

  constructor(needs: LoginNeeds, link: LoginLink) {
    this.needs = needs;
    this.link = link;
    this.since = needs.clock.monotonic();
    this.state = this.#mustSecure ? 'secure' : this.#firstState;
  }

  get connection(): Connection {
    return this.link.connection;
  }

  get #mustSecure(): boolean {
    return this.connection.canStartTls && this.needs.tls === 'required';
  }

  get #firstState(): LoginStateName {
    return this.needs.settings.get('requireMatchingHost') && this.needs.localHost !== ''
      ? 'clientInfo'
      : this.afterClientInfo;
  }

  /** login.md §1: what has to come before ident. */
  get afterClientInfo(): LoginStateName {
    const { settings } = this.needs;
    const least = parseVersion(settings.get('minimumProtocolVersion'));
    const needsLookup = least !== undefined && least.server === 4 && least.major >= 24;
    return settings.get('mandatoryLookup') || needsLookup ? 'lookup' : 'ident';
  }

  /** The first word, unasked. */
  greet(): void {
    this.send(greeting(this));
  }

  /** The TLS handshake is done. */
  secured(): void {
    if (this.state === 'secure') this.state = this.#firstState;
  }

  receive(command: ClientCommand): void {
    const row = loginStates[this.state];
    const step = Object.hasOwn(row.commands, command.cmd) ? row.commands[command.cmd] : undefined;
    if (step) step(this, command);
    else if (row.refusal) this.fail(row.refusal.code, row.refusal.text);
    else if (this.state !== 'done') this.violate(`unexpected login command '${command.cmd.slice(0, 40)}'`);
  }

  /** The connection is gone, or somewhere else. */
  close(): void {
    this.state = 'done';
    this.needs.directory.unwatch(this);
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
  refuse(code: string, message: string): void {
    this.send({ type: 'error', code, message });
  }

  /** An error reply, then the end (login.md §1). */
  fail(code: string, message: string): void {
    this.note('info', 'RuleBreak', `Login refused (${code})`, 'debug');
    this.needs.loginRefused(code);
    this.refuse(code, message);
    this.disconnect('error', 'Login error');
  }

  /** The client broke the rules of the login: the end, without an error reply. */
  violate(what: string): void {
    this.note('warn', 'RuleBreak', what);
    this.disconnect('error', 'invalid message');
  }

  disconnect(reason: DisconnectReason, text: string): void {
    this.close();
    this.link.disconnect(reason, text);
  }

  /**
   * Checks a password after the wait that earlier wrong ones for the same target from this address earned; `then` is
   * told whether it matched. Wrong ones are counted, the answer to them is `failPassword`. Where too many checks wait it
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

  /** Too much of what others asked for is waiting already; nobody's password was wrong. */
  failBusy(): void {
    this.fail('busy', 'The server is too busy at the moment, try again later');
  }

  /** A password was wrong: the connection stays open for the first nine times (login.md §6). */
  failPassword(): void {
    this.#failedPasswords++;
    const text = 'Incorrect password';
    if (this.#failedPasswords >= passwordTriesAtMost) this.fail('badPassword', text);
    else this.refuse('badPassword', text);
  }

  note(level: LogLevel, topic: LogTopic, message: string, as?: LogLevel): void {
    this.needs.log.write({
      time: this.needs.clock.now(),
      level: as ?? level,
      topic,
      user: { id: 0, ip: this.connection.ip, name: this.identity?.name ?? '' },
      message: clipLogText(message),
    });
  }

  /** Waits for something that answers later; nothing happens any more when the connection is gone by then. */
  wait<Result extends unknown[]>(
    start: (done: (...result: Result) => void) => void,
    then: (...result: Result) => void,
  ): void {
    let isSync = true;
    let hasAnswered = false;
    start((...result) => {
      hasAnswered = true;
      if (this.link.isClosed || this.state === 'done') return;
      then(...result);
      if (!isSync) this.link.resume();
    });
    if (!hasAnswered) this.link.pause();
    isSync = false;
  }

  // ---- the lobby ------------------------------------------------------------------------------------

  /** After identOk: the list of sessions, then every change of it. login.md §8 */
  enterLobby(): void {
    const { settings, directory } = this.needs;
    const title = settings.get('serverTitle');
    const hasChosen = this.lookup?.kind === 'join' && this.lookup.id !== '';
    const sessions =
      hasChosen || settings.get('mandatoryLookup')
        ? []
        : directory.describeAll(this.identity?.isModerator ?? false);
    const welcome = { type: 'login', message: 'Welcome', ...(title && { title }) };
    for (const { id } of sessions) if (id) this.#shown.add(id);
    if (!this.send({ ...welcome, sessions })) {
      this.send({ ...welcome, sessions: [] });
      for (const session of sessions) this.send({ type: 'login', message: 'Welcome', sessions: [session] });
    }
    this.state = 'session';
    if (!settings.get('mandatoryLookup')) directory.watch(this);
  }

  sessionChanged(description: SessionDescription, isUnlisted: boolean): void {
    const { id } = description;
    if (isUnlisted && !this.identity?.isModerator) {
      if (id) this.sessionEnded(id);
      return;
    }
    if (id) this.#shown.add(id);
    this.send({ type: 'login', message: 'New session', sessions: [description] });
  }

  sessionEnded(id: string): void {
    if (this.#shown.delete(id)) this.send({ type: 'login', message: 'Session ended', remove: [id] });
  }

  // ---- into a session -------------------------------------------------------------------------------

  visitor(options: {
    capabilities: string;
    clientInfo: JsonObject;
    isMinorIncompatible: boolean;
    inviteSecret: string;
  }): Visitor {
    const identity = this.identity!;
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

  /** The last step: the answer has been sent. */
  enter(
    session: Session,
    userId: number,
    visitor: Visitor,
    options: { isHost: boolean; skipTo?: number },
  ): void {
    this.close();
    const member = session.join(userId, visitor, this.link, options);
    this.link.entered(member);
  }

  /** Frames other than commands are dropped while logging in (protocol.md §2.3). */
  dropFrame(type: number, _bytes: Buffer): void {
    this.note('debug', 'RuleBreak', `Dropped a message of type ${type} during the login`);
  }
}

// A user in a session: identity, rights and reading position. Actions on others are functions of the session.
import { Buffer } from 'node:buffer';
import { isLoopbackText } from '../addresses.js';
import { canonicalName } from '../names.js';
import type { Connection, DisconnectReason } from '../peer/needs.js';
import type { JsonObject } from '../protocol/command.js';
import { type FrameRun, frameType, messageType } from '../protocol/frame.js';
import type { Cursor, History, LogUser } from './needs.js';
import { type GuestRole, guestRoles } from './saved.js';
import type { SessionLogger } from './session-log-writer.js';

/** What the login passes to a session about a user. */
export interface UserInfo {
  name: string;
  /** '' for guests. */
  authId: string;
  /** Account flags in upper case, with those that everyone has. */
  flags: ReadonlySet<string>;
  isModerator: boolean;
  isGhost: boolean;
  isBrowser: boolean;
  ip: string;
  /** First half of the system id; '' for clients before 2.2. */
  sid: string;
  avatar: Uint8Array;
  capabilities: ReadonlySet<string>;
  /** The client's information about itself, for the log. */
  clientInfo: JsonObject;
  /** `oldv` in the join: may not do resets. */
  isMinorIncompatible: boolean;
  /** Secret of the invite that let them in; '' = none. */
  inviteSecret: string;
}

/** The member's interface to its peer. */
export interface MemberLink {
  readonly connection: Connection;
  /** `done`: milliseconds until the client answered; undefined: it is gone. */
  measurePing?(done: (ms: number | undefined) => void): void;
  /** Sets the context id of the peer's frames; -1 leaves them unchanged. */
  overwriteContextIds(id: number): void;
  /** Sends the reason and everything queued, then closes. */
  disconnect(reason: DisconnectReason, text: string): void;
  /** Closes at once; `problem` goes to the log. */
  abort(problem: string): void;
}

/** What a member's part in an autoreset is (sessions.md §14). */
export type AutoResetPart = 'none' | 'queried' | 'responded' | 'awaiting' | 'awaitingStream' | 'streaming';

/** How a member left: intentionally, or by a lost connection, after which users often return. */
export type Departure = 'gone' | 'lost';

/** Why frames of a member are held back. */
export type HoldReason = 'initialization' | 'answer' | 'change';

/** Frames that may wait for the host or for an answer, per connection. */
export const heldBytesAtMost = 1024 * 1024;

/** What another process needs of a member. Times are milliseconds ago. */
export interface HandedMember {
  readonly id: number;
  readonly userInfo: UserInfo;
  readonly roles: readonly GuestRole[];
  /** Index of the next message that it reads. */
  readonly nextIndex: number;
  readonly autoReset: AutoResetPart;
  readonly activeAgo: number;
  readonly drewAgo: number | undefined;
  readonly hasSaidGoodbye: boolean;
  readonly deliveredMessages: number;
  readonly holds: readonly HoldReason[];
  readonly held: readonly Buffer[];
}

/** Receives what a member's client sent. */
export interface Receiver {
  /** Opaque messages, such as all drawing (architecture §3). */
  receiveRun(member: Member, run: FrameRun): void;
  receiveSingle(member: Member, type: number, bytes: Buffer, start: number, end: number): void;
  /** Frames that waited for the end of a hold. */
  receiveHeld(member: Member, bytes: Buffer): void;
}

/** What a member and its peer need of the session. */
export interface MemberSession extends SessionLogger {
  readonly id: string;
  readonly isEnded: boolean;
  readonly options: { readonly deputies: boolean };
  readonly history: Pick<History, 'read'>;
  readonly incoming: Receiver;
  /** The member is gone, for whatever reason; a second call does nothing. sessions.md §5.4 */
  leave(member: Member, departure?: Departure): void;
  /** The member's connection can take more. */
  pump(member: Member): void;
}

/** The members of a session, for looking them up. */
export interface Present {
  /** In the order of joining. */
  readonly members: readonly Member[];
  get(id: number): Member | undefined;
  byName(name: string): Member | undefined;
}

export class Member {
  readonly id: number;
  readonly userInfo: UserInfo;
  readonly canonicalName: string;
  readonly session: MemberSession;
  readonly link: MemberLink;
  autoReset: AutoResetPart = 'none';
  readonly #history: Pick<History, 'read'>;
  readonly #incoming: Receiver;
  #cursor: Cursor;
  #isOperator = false;
  #isTrusted = false;
  #isMuted = false;
  #lastActive: number;
  #lastDrawing: number | undefined;
  /** Clients say goodbye with a Disconnect message before they close (protocol.md §2.4). */
  hasSaidGoodbye = false;
  /** Number of history messages passed to the connection. */
  deliveredMessages = 0;
  /** Number of this member's unfinished changes of the session: passwords that are being hashed. */
  #changes = 0;
  /** Undefined: nothing was ever held, as for most users. */
  #holds: Set<HoldReason> | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;

  /** `cursor`: where it begins to read. `now`: by the monotonic clock. */
  constructor(
    session: MemberSession,
    id: number,
    userInfo: UserInfo,
    link: MemberLink,
    cursor: Cursor,
    now: number,
  ) {
    this.session = session;
    this.#history = session.history;
    this.#incoming = session.incoming;
    this.id = id;
    this.userInfo = userInfo;
    this.canonicalName = canonicalName(userInfo.name);
    this.link = link;
    this.#cursor = cursor;
    this.#lastActive = now;
  }

  get name(): string {
    return this.userInfo.name;
  }

  get authId(): string {
    return this.userInfo.authId;
  }

  get isRegistered(): boolean {
    return this.userInfo.authId !== '';
  }

  get isModerator(): boolean {
    return this.userInfo.isModerator;
  }

  get isGhost(): boolean {
    return this.userInfo.isGhost;
  }

  get isOperator(): boolean {
    return this.#isOperator;
  }

  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  /** Grants or revokes a role; the caller stores it and notifies others. */
  become(role: GuestRole, has: boolean): void {
    if (role === 'operator') this.#isOperator = has;
    else if (role === 'trusted') this.#isTrusted = has;
    else this.#isMuted = has;
  }

  get isDeputy(): boolean {
    return !this.#isOperator && this.#isTrusted && this.session.options.deputies;
  }

  get isLoopback(): boolean {
    return isLoopbackText(this.userInfo.ip);
  }

  /** Flags of the Join message: registered 1, moderator 2, of another minor version 8. */
  get joinFlags(): number {
    return (
      (this.isRegistered ? 1 : 0) | (this.isModerator ? 2 : 0) | (this.userInfo.isMinorIncompatible ? 8 : 0)
    );
  }

  /** When the last message came, by the monotonic clock. */
  get lastActive(): number {
    return this.#lastActive;
  }

  /** When the last stroke came, by the monotonic clock; undefined: none yet. */
  get lastDrawing(): number | undefined {
    return this.#lastDrawing;
  }

  /** Its client sent a message. */
  spoke(now: number): void {
    this.#lastActive = now;
  }

  drew(now: number): void {
    this.#lastDrawing = now;
  }

  /** Index of the last history message that was handed to the connection. */
  get historyPosition(): number {
    return this.#cursor.index - 1;
  }

  /** The reading position; a history that moves its messages also moves the cursor. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Continues reading at another position; the messages in between are not for this member. */
  readOnFrom(cursor: Cursor): void {
    this.#cursor = cursor;
  }

  get logUser(): LogUser {
    return { id: this.id, ip: this.userInfo.ip, name: this.userInfo.name };
  }

  has(flag: string): boolean {
    return this.userInfo.flags.has(flag);
  }

  /** A direct message. One that awaits a classic autoreset gets control messages only (sessions.md §4). */
  send(frame: Buffer | undefined): void {
    if (frame && !(this.autoReset === 'awaiting' && frameType(frame, 0) >= messageType.join))
      this.link.connection.send(frame);
  }

  /** Passes history to the connection as long as there is any and the connection takes it. */
  pump(): void {
    const { connection } = this.link;
    while (connection.hasRoom) {
      const cursor = this.#cursor;
      const from = cursor.index;
      const slice = this.#history.read(cursor);
      if (!slice) return;
      this.deliveredMessages += cursor.index - from;
      connection.sendHistory(slice);
    }
  }

  /** Leaves the session with a Disconnect message; the log says why. `details`: for the log only. */
  disconnect(reason: DisconnectReason, text: string, details = ''): void {
    const more = details && ` (${details})`;
    if (reason === 'kick') this.session.writeLog('info', 'Kick', `Kicked by ${text}${more}`, this.logUser);
    else this.session.writeLog('info', 'Leave', `${text}${more}`, this.logUser);
    this.disconnectLogged(reason, text);
  }

  /** The same, if it has been logged already. */
  disconnectLogged(reason: DisconnectReason, text: string): void {
    this.link.disconnect(reason, text);
    this.session.leave(this);
  }

  /** Leaves the session at once. `departure`: whether it was cut off for what it did, or lost on the way. */
  abort(problem: string, departure: Departure = 'gone'): void {
    this.link.abort(problem);
    this.session.leave(this, departure);
  }

  get isHeld(): boolean {
    return this.#holds !== undefined && this.#holds.size > 0;
  }

  isHeldFor(reason: HoldReason): boolean {
    return this.#holds?.has(reason) ?? false;
  }

  hold(reason: HoldReason): void {
    this.#holds ??= new Set();
    this.#holds.add(reason);
  }

  /** Removes one reason to wait; after the last one, held frames are handled in order. */
  release(reason: HoldReason): void {
    this.#holds?.delete(reason);
    while (!this.isHeld) {
      const bytes = this.#held.shift();
      if (bytes === undefined) return;
      this.#heldBytes -= bytes.length;
      this.#incoming.receiveHeld(this, bytes);
    }
  }

  /** Begins a slow change; returns a function to call when it is done. */
  beginChange(): () => void {
    this.#changes++;
    return () => {
      this.#changes--;
      if (this.#changes === 0) this.release('change');
    };
  }

  /** Nothing is being worked on for it whose answer only this process would get. */
  get isSettled(): boolean {
    return this.#changes === 0 && !this.isHeldFor('answer');
  }

  /** For a successor of this process. `now`: by the monotonic clock. */
  handOver(now: number): HandedMember {
    return {
      id: this.id,
      userInfo: this.userInfo,
      roles: guestRoles.filter((role) => this.#has(role)),
      nextIndex: this.#cursor.index,
      autoReset: this.autoReset,
      activeAgo: now - this.#lastActive,
      drewAgo: this.#lastDrawing === undefined ? undefined : now - this.#lastDrawing,
      hasSaidGoodbye: this.hasSaidGoodbye,
      deliveredMessages: this.deliveredMessages,
      holds: [...(this.#holds ?? [])],
      held: this.#held,
    };
  }

  /** Continues what a predecessor handed over. */
  takeOver(handed: HandedMember, now: number): void {
    for (const role of handed.roles) this.become(role, true);
    this.autoReset = handed.autoReset;
    this.#lastActive = now - handed.activeAgo;
    this.#lastDrawing = handed.drewAgo === undefined ? undefined : now - handed.drewAgo;
    this.hasSaidGoodbye = handed.hasSaidGoodbye;
    this.deliveredMessages = handed.deliveredMessages;
    if (handed.holds.length > 0) this.#holds = new Set(handed.holds);
    this.#held = [...handed.held];
    this.#heldBytes = handed.held.reduce((sum, { length }) => sum + length, 0);
  }

  #has(role: GuestRole): boolean {
    if (role === 'operator') return this.#isOperator;
    return role === 'trusted' ? this.#isTrusted : this.#isMuted;
  }

  get hasChangeUnderWay(): boolean {
    return this.#changes > 0;
  }

  /** Discards held frames, because the member has left. */
  drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#holds?.clear();
  }

  /** Keeps a copy of frames that have to wait. */
  keep(bytes: Buffer, start: number, end: number): void {
    this.#heldBytes += end - start;
    if (this.#heldBytes > heldBytesAtMost) {
      this.drop();
      this.abort(`sent more than ${heldBytesAtMost} bytes while it was on hold`);
      return;
    }
    this.#held.push(Buffer.from(bytes.subarray(start, end)));
  }

  receiveRun(run: FrameRun): void {
    if (this.isHeld) this.keep(run.bytes, run.start, run.end);
    else this.#incoming.receiveRun(this, run);
  }

  receiveSingle(type: number, bytes: Buffer, start: number, end: number): void {
    if (type === messageType.disconnect) this.hasSaidGoodbye = true;
    if (this.isHeld) this.keep(bytes, start, end);
    else this.#incoming.receiveSingle(this, type, bytes, start, end);
  }
}

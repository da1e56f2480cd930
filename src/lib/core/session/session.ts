// A room where people draw: its state, who is in it, and the way of a message from a member into the history
// and out to everyone. What it does besides (roles, resets, bans, commands …) has a file of its own each.
import { Buffer } from 'node:buffer';
import { canonicalName } from '../names.js';
import type { Connection } from '../peer/needs.js';
import { parseCommand } from '../protocol/command.js';
import { eachFrame, type FrameRun, headerBytes, messageType } from '../protocol/frame.js';
import { type ProtocolVersion, parseVersion, refusesEmptyChat } from '../protocol/version.js';
import { type Rate, RateLimit } from '../rate-limit.js';
import type { SettingsReader } from '../settings/settings.js';
import { AutoReset } from './auto-reset.js';
import { receiveChat, receivePrivateChat } from './chat.js';
import { runCommand } from './commands/index.js';
import { describeSession, type SessionDescription } from './description.js';
import { sendFragments } from './fragments.js';
import type { FullReset } from './full-reset.js';
import { Invites } from './invites.js';
import { clipLogText } from './log-words.js';
import { type Departure, Member, type MemberLink, type Visitor } from './member.js';
import type {
  AbuseReports,
  BanArchive,
  Clock,
  FoundSession,
  History,
  Inflater,
  Journal,
  Listings,
  Log,
  LogLevel,
  LogTopic,
  LogUser,
  NameRules,
  Passwords,
  Random,
  Recorder,
  StoredSession,
} from './needs.js';
import { Positions } from './positions.js';
import { replies, serverMessages } from './replies.js';
import { Roles } from './roles.js';
import { type Doubt, emptySaved, type JournalEntry, type SavedSession } from './saved.js';
import { banAddress, SessionBans } from './session-bans.js';
import { SessionListings } from './session-listings.js';
import { type LogAudience, SessionLog } from './session-log.js';
import {
  type ConfigFacts,
  clampUserCount,
  configObject,
  flagsOf,
  optionsFrom,
  type SessionOptions,
} from './session-options.js';
import { SessionPassword } from './session-password.js';
import { Space } from './space.js';
import { StoredFirst } from './stored-first.js';
import { StreamedReset } from './streamed-reset.js';
import { texts } from './texts.js';
import { Thumbnails } from './thumbnails.js';
import { UserIds } from './user-ids.js';

/** What every session of a server shares. */
export interface SessionNeeds {
  clock: Clock;
  random: Random;
  log: Log;
  settings: SettingsReader;
  passwords: Passwords;
  makeInflater(): Inflater;
  banArchive: BanArchive;
  listings: Listings;
  reports: AbuseReports;
  nameRules: NameRules;
  /** Undefined: nothing is recorded. */
  makeRecorder(session: { id: string; alias: string; protocol: string }): Recorder | undefined;
  /** Whether there is a WebSocket listener. */
  hasWebSockets: boolean;
  /** Counts autoreset queries of this process (sessions.md §14.3). */
  nextResetNumber(): number;
}

export type SessionState =
  /** Found in the store; nobody has asked for it yet. */
  | { name: 'stored'; found: FoundSession; waiting: ((problem: string | undefined) => void)[] }
  /** The host uploads the first canvas; undefined when it was never there. */
  | { name: 'initializing'; host: Member | undefined }
  | { name: 'running' }
  | { name: 'resetting'; reset: FullReset }
  | { name: 'ended' };

/** Someone who was here: for bans of those who have left. */
export interface PastMember {
  name: string;
  authId: string;
  /** As bans have it; '' where an address is not banned. */
  ip: string;
  /** As it was. */
  address: string;
  sid: string;
  isBannable: boolean;
}

/** Who is told what happens to the session from outside. */
export interface SessionOwner {
  /** Something that the lobby shows changed. */
  changed(session: Session): void;
  /** The session is over: for good, or because the server stops. */
  ended(session: Session, what: 'terminate' | 'stop', hadPeople: boolean): void;
}

const statusEveryMs = 10_000;
/** Every session has a journal: so much of it leaves the limit what it is with the originals. */
const freeJournalBytes = 32 * 1024;
/** People who left and are remembered, per session. */
const identitiesAtMost = 1000;
/**
 * How long nobody becomes operator for want of one while somebody who was may come back: after a start of the server,
 * and after the first visit to a session that was stored. After a lost connection: `droppedSessionLingerTime`.
 */
const returnWithinMs = { restart: 10 * 60_000, firstVisit: 2 * 60_000 };
const activeDrawerMs = 5 * 60_000;
/** Log lines about one address, and about what one user did against the rules: more are of level debug. */
const logRate: Rate = { burst: 500, perMinute: 120 };
const breachRate: Rate = { burst: 20, perMinute: 20 };

export class Session {
  readonly id: string;
  readonly alias: string;
  readonly protocol: string;
  readonly needs: SessionNeeds;
  readonly history: History;
  readonly stored: StoredSession;
  /** Holds back what would tell of facts that are not stored yet. */
  readonly storedFirst: StoredFirst;
  #isEndStored = false;
  readonly options: SessionOptions;
  readonly password: SessionPassword;
  readonly opword: SessionPassword;
  readonly bans: SessionBans;
  readonly invites: Invites;
  readonly userIds: UserIds;
  readonly roles: Roles;
  readonly space: Space;
  readonly autoReset: AutoReset;
  readonly stream: StreamedReset;
  readonly thumbnails: Thumbnails;
  readonly listings: SessionListings;
  readonly log = new SessionLog();
  /** Why not everything that was stored of it is believed. While there is any, it is kept whatever happens. */
  doubts: readonly Doubt[];
  /** Told of everything that is said, for administrators who follow the chat. */
  listen: ((member: Member, text: string, flags: number) => void) | undefined;
  /** In the order of joining. */
  readonly members: Member[] = [];
  readonly past = new Map<number, PastMember>();
  founder: string;
  state: SessionState;
  /** Whether anybody has been here since the start. */
  hasHadPeople = false;
  /** Names the era of the history's indexes: seconds at first, milliseconds after a full reset. sessions.md §1 */
  startId: number;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** When the last message was stored, by the monotonic clock. */
  lastEvent: number;
  /** sessions.md §14.1 */
  autoResetBase = 0;
  readonly #owner: SessionOwner;
  readonly #version: ProtocolVersion | undefined;
  readonly #recorder: Recorder | undefined;
  #byId = new Map<number, Member>();
  #catchupKey: number;
  #lastStatus = 0;
  #isFlushDue = false;
  #isChangeDue = false;
  readonly #positions: Positions;
  /** When people lost their connection who have not come back, by identity. */
  #lost = new Map<string, number>();
  /** What each person may do how often. */
  readonly rates: RateLimit;

  constructor(
    needs: SessionNeeds,
    owner: SessionOwner,
    saved: SavedSession,
    stored: StoredSession,
    found?: FoundSession,
  ) {
    this.needs = needs;
    this.#owner = owner;
    this.id = saved.id;
    this.alias = saved.alias;
    this.protocol = saved.protocol;
    this.#version = parseVersion(saved.protocol);
    this.founder = saved.founder;
    this.stored = stored;
    this.storedFirst = new StoredFirst(stored.journal);
    this.history = stored.history;
    this.options = optionsFrom(saved, saved.autoReset ?? needs.settings.get('autoResetThreshold'));
    this.doubts = found?.doubts ?? [];
    if (this.doubts.length > 0) this.options.persistent = true;
    this.password = new SessionPassword(saved.password, needs, (text) =>
      this.write({ key: 'password', stored: text }),
    );
    this.opword = new SessionPassword(saved.opword, needs, (text) =>
      this.write({ key: 'opword', stored: text }),
    );
    this.rates = new RateLimit(() => needs.clock.monotonic(), identitiesAtMost);
    this.bans = new SessionBans(saved.bans);
    this.invites = new Invites(saved.invites);
    this.userIds = new UserIds(saved.userIds);
    this.roles = new Roles(this, saved);
    this.space = new Space(this);
    this.autoReset = new AutoReset(this);
    this.stream = new StreamedReset(this);
    this.thumbnails = new Thumbnails(this);
    this.listings = new SessionListings(this);
    this.#catchupKey = saved.catchupKey;
    this.#recorder = needs.makeRecorder({ id: this.id, alias: this.alias, protocol: this.protocol });
    this.startTime = needs.clock.now();
    this.startId = saved.startId ?? Math.floor(this.startTime / 1000);
    this.#positions = new Positions((entry) => this.remember(entry));
    if (!found) this.beginEra(this.startId);
    else this.roles.awaitReturn(returnWithinMs.restart);
    this.lastEvent = needs.clock.monotonic();
    this.#lastStatus = this.lastEvent;
    this.history.onReadable = () => this.#wakeLater();
    stored.onTrouble = (problem) => this.#tellTrouble(problem);
    this.state = found ? { name: 'stored', found, waiting: [] } : { name: 'initializing', host: undefined };
  }

  /** A session that somebody hosts. Its first message is the configuration (sessions.md §5.1). */
  static host(
    needs: SessionNeeds,
    owner: SessionOwner,
    wish: { id: string; alias: string; founder: string; protocol: string; maxUsers: number },
    stored: StoredSession,
  ): Session {
    const saved = emptySaved(wish.id, wish.protocol);
    saved.alias = wish.alias;
    saved.founder = wish.founder;
    saved.maxUsers = wish.maxUsers;
    const session = new Session(needs, owner, saved, stored);
    session.storeConfig();
    return session;
  }

  /** A session that was found in the store, or is made from a template. Nobody is in it, nothing is read yet. */
  static restore(needs: SessionNeeds, owner: SessionOwner, found: FoundSession): Session {
    const session = new Session(needs, owner, found.saved, found, found);
    session.raiseThreshold();
    return session;
  }

  /** An autoreset threshold below the server's minimum is raised to it; 0 stays. formats.md §6.1 AUTORESET */
  raiseThreshold(): void {
    const { resetThreshold } = this.options;
    const least = this.needs.settings.get('minimumAutoResetThreshold');
    if (resetThreshold === 0 || resetThreshold >= least) return;
    this.options.resetThreshold = least;
    this.write({ key: 'autoReset', bytes: least });
  }

  /**
   * Makes a session ready that was found in the store: its history is read through when it is first needed.
   * `done` is called at once where it is ready; a text says why it can't be made ready.
   */
  open(done: (problem: string | undefined) => void): void {
    const { state } = this;
    if (state.name !== 'stored') {
      done(undefined);
      return;
    }
    state.waiting.push(done);
    if (state.waiting.length > 1) return;
    state.found.open((opened) => {
      if (this.state !== state) return;
      if ('error' in opened) {
        this.note('error', 'Status', `This session could not be opened: ${opened.error}`);
      } else {
        for (const id of opened.usedIds) this.userIds.used(id);
        // Before anything is stored: a size of which nothing is new would count as grown beyond the threshold.
        this.autoResetBase = this.history.sizeBytes;
        const { saved } = state.found;
        if (saved.startId === undefined) this.beginEra(this.startId);
        this.#positions.restore(saved.reads.values(), opened.lastIndex);
        this.roles.awaitReturn(returnWithinMs.firstVisit);
        this.roles.listsAreOld();
        this.state = { name: 'running' };
        this.raiseThreshold();
        this.storeConfig();
        this.#recorder?.restart(this.history);
      }
      const problem = 'error' in opened ? opened.error : undefined;
      for (const each of state.waiting.splice(0)) each(problem);
    });
  }

  // ---- people ---------------------------------------------------------------------------------------

  get userCount(): number {
    return this.members.length;
  }

  /** Ghosts do not count (sessions.md §23.1). */
  get isEmpty(): boolean {
    return this.members.every((member) => member.isGhost);
  }

  /** Whether somebody lost the connection within the last `lingerMs` milliseconds and has not come back. */
  isAwaitingLost(lingerMs: number): boolean {
    const since = this.needs.clock.monotonic() - lingerMs;
    for (const [identity, at] of this.#lost) if (at <= since) this.#lost.delete(identity);
    return this.#lost.size > 0;
  }

  /** Nobody but moderators may join, because nobody can say what protected it. */
  get isShut(): boolean {
    return this.doubts.some(({ isShut }) => isShut);
  }

  /** An administrator has decided how the session is to be: that counts. False: nothing was in doubt. */
  settleDoubts(): boolean {
    if (this.doubts.length === 0) return false;
    this.doubts = [];
    this.writeFlags();
    (this.stored as FoundSession).settleDoubts?.();
    return true;
  }

  get isEnded(): boolean {
    return this.state.name === 'ended';
  }

  member(id: number): Member | undefined {
    return this.#byId.get(id);
  }

  memberByName(name: string): Member | undefined {
    const exact = this.members.find((member) => member.name === name);
    if (exact) return exact;
    const wanted = canonicalName(name);
    return this.members.find((member) => member.canonicalName === wanted);
  }

  /** Drew something in the last five minutes. */
  get activeDrawerCount(): number {
    const since = this.needs.clock.monotonic() - activeDrawerMs;
    return this.members.filter(({ lastDrawing }) => lastDrawing !== undefined && lastDrawing > since).length;
  }

  /** The member that uploads a canvas now: the host at first, the resetter in a reset. */
  get uploader(): Member | undefined {
    if (this.state.name === 'initializing') return this.state.host;
    return this.state.name === 'resetting' ? this.state.reset.resetter : undefined;
  }

  /** The place after which a returning person may go on reading, if `hidx` names one. sessions.md §16 */
  skipPosition(hidx: string, visitor: Visitor): number | undefined {
    const parts = /^(\d{1,15}):(\d{1,15}):(.+)$/s.exec(hidx);
    if (!parts || parts[3] !== this.id || Number(parts[1]) !== this.startId) return undefined;
    const position = Number(parts[2]);
    if (position <= 0 || position < this.history.firstIndex || position > this.history.lastIndex)
      return undefined;
    const last = this.#positions.of(visitor);
    const current = this.memberByName(visitor.name)?.historyPosition;
    const read = Math.max(last ?? -1, current ?? -1);
    return position <= read ? position : undefined;
  }

  /** From now on the history's indexes are of this era; places in an earlier one name nothing any more. */
  beginEra(id: number): void {
    this.startId = id;
    this.remember({ key: 'start', id });
  }

  /** Takes a person in whom the login has let through and answered; sessions.md §5.1. */
  join(
    id: number,
    visitor: Visitor,
    link: MemberLink,
    options: { isHost: boolean; skipTo?: number },
  ): Member {
    const { history } = this;
    const old = this.#byId.get(id);
    const skipTo =
      options.skipTo !== undefined && options.skipTo >= history.firstIndex ? options.skipTo : undefined;
    const cursor = history.cursorAt(skipTo !== undefined ? skipTo + 1 : history.firstIndex);
    const member = new Member(this, id, visitor, link, cursor);
    member.lastActive = this.needs.clock.monotonic();
    this.#lost.delete(lostKey(visitor));
    this.members.push(member);
    this.storedFirst.include(link.connection);
    this.hasHadPeople = true;
    this.#byId.set(id, member);
    if (old) old.disconnect('kick', old.name, 'Replaced by rejoining');
    this.past.delete(id);
    link.overwriteContextIds(id);
    if (options.isHost) {
      this.state = { name: 'initializing', host: member };
      member.cursor = history.cursorAt(history.lastIndex + 1);
      link.overwriteContextIds(-1);
    } else {
      if (this.state.name === 'initializing') member.hold('initialization');
      this.#sendCatchup(member, skipTo);
    }
    if (member.isGhost) {
      member.send(replies.alert(texts.ghost));
    } else {
      this.store(serverMessages.join(id, member.joinFlags, member.name, visitor.avatar));
    }
    this.roles.welcome(member);
    const replay = this.log.replay(audienceOf(member));
    if (replay.length > 0) member.send(replay);
    const welcome = this.needs.settings.get('welcomeMessage');
    if (welcome) member.send(replies.message(welcome));
    sendFragments(this, ['announcements', 'banlist', 'muted', 'auth', 'invitelist']);
    this.userIds.remember(member.name, id);
    this.remember({ key: 'user', id, name: member.name });
    this.#positions.came(visitor);
    this.note(
      'info',
      'Join',
      member.isGhost ? 'Joined session as a ghost' : 'Joined session',
      member.logUser,
    );
    this.#noteClientInfo(member);
    this.changed();
    return member;
  }

  #noteLost(visitor: Visitor): void {
    this.#lost.set(lostKey(visitor), this.needs.clock.monotonic());
    if (this.#lost.size > identitiesAtMost) this.#lost.delete(this.#lost.keys().next().value as string);
  }

  #noteClientInfo(member: Member): void {
    const info = { address: member.visitor.ip, ...member.visitor.clientInfo, auth_id: member.authId };
    this.note('info', 'ClientInfo', JSON.stringify(info), member.logUser);
  }

  #sendCatchup(member: Member, skipTo: number | undefined): void {
    const { history } = this;
    const key = this.nextCatchupKey();
    const isStored = this.store(replies.caughtUp(key, this.anchor()), true);
    const from = skipTo ?? history.firstIndex;
    member.send(replies.catchup(Math.max(history.lastIndex - from, 0), isStored ? key : undefined));
    member.send(replies.status(history.sizeBytes));
  }

  /** sessions.md §5.3; the next one is remembered. */
  nextCatchupKey(): number {
    const key = this.#catchupKey;
    this.#catchupKey = key >= 999_999_999 ? 1 : key + 1;
    this.remember({ key: 'catchup', next: this.#catchupKey });
    return key;
  }

  /** The member is gone, for whatever reason; a second call does nothing. sessions.md §5.4 */
  leave(member: Member, departure: Departure = 'gone'): void {
    const at = this.members.indexOf(member);
    if (at < 0) return;
    this.members.splice(at, 1);
    if (this.#byId.get(member.id) === member) this.#byId.delete(member.id);
    const { visitor } = member;
    this.#positions.left(visitor, member.historyPosition);
    if (departure === 'lost' && !member.isGhost) {
      this.#noteLost(visitor);
      if (member.isOperator)
        this.roles.awaitReturn(this.needs.settings.get('droppedSessionLingerTime') * 1000);
    }
    member.drop();
    this.past.set(member.id, {
      name: member.name,
      authId: member.authId,
      ip: banAddress(visitor.ip),
      address: visitor.ip,
      sid: visitor.sid,
      isBannable: !member.isModerator,
    });
    this.note('info', 'Leave', member.isGhost ? 'Left session as a ghost' : 'Left session', member.logUser);
    const wasHost = this.state.name === 'initializing' && this.state.host === member;
    if (this.state.name === 'resetting' && this.state.reset.resetter === member) this.state.reset.cancel();
    this.thumbnails.forget(member);
    this.autoReset.memberLost(member);
    this.stream.memberLost(member, { hasLeft: true });
    if (!member.isGhost) this.store(serverMessages.leave(member.id));
    this.userIds.used(member.id);
    if (this.isEnded) return;
    if (wasHost) {
      // It can never become usable (sessions.md §2, OURS).
      this.end(texts.hostLeft, 'terminate');
      return;
    }
    this.roles.promoteLastResort();
    this.stream.tryApply();
    this.changed();
    if (!this.isEnded && this.members.length === 0) this.note('info', 'Status', 'Last user left.');
  }

  // ---- from a member ----------------------------------------------------------------------------------

  /** Opaque messages: the way of everything that is drawn (architecture §3). */
  receiveRun(member: Member, run: FrameRun): void {
    const now = this.needs.clock.monotonic();
    member.lastActive = now;
    if (run.hasDrawing) member.lastDrawing = now;
    if (this.state.name === 'running') {
      this.#storeRun(run.bytes, run.start, run.end, run.count);
      return;
    }
    if (this.state.name === 'ended') {
      // A session that ended quietly: everyone hears only themselves (sessions.md §23.4).
      member.send(copyOf(run.bytes, run.start, run.end));
      return;
    }
    if (this.uploader === member) {
      if (this.state.name === 'resetting') this.state.reset.receive(run.bytes, run.start, run.end, run.count);
      else this.#storeUpload(member, run);
      return;
    }
    this.#storeRun(run.bytes, run.start, run.end, run.count);
  }

  /** The host's first canvas: only what is not drawing comes back to it (sessions.md §3.4). */
  #storeUpload(host: Member, run: FrameRun): void {
    const { bytes, start, end } = run;
    const isStored = this.#storeRun(bytes, start, end, run.count);
    if (!run.hasMeta || !isStored) return;
    let from = -1;
    const sendBack = (to: number) => {
      if (from >= 0) host.send(copyOf(bytes, from, to));
      from = -1;
    };
    eachFrame(bytes, start, end, (at, _next, type) => {
      if (type >= messageType.firstDrawing) sendBack(at);
      else if (from < 0) from = at;
    });
    sendBack(end);
  }

  /** A message of type < 64; its layout has been checked. sessions.md §6 */
  receiveSingle(member: Member, type: number, bytes: Buffer, start: number, end: number): void {
    const now = this.needs.clock.monotonic();
    member.lastActive = now;
    if (this.isEnded) {
      if (type === messageType.chat || type === messageType.privateChat)
        member.send(copyOf(bytes, start, end));
      return;
    }
    const isUploader = this.uploader === member;
    if (!isUploader && this.state.name !== 'initializing') bytes[start + 3] = member.id;
    switch (type) {
      case messageType.command: {
        const command = parseCommand(bytes, start + headerBytes, end);
        if (member.hasChangeUnderWay && command.cmd !== 'sessionconf') {
          // As if the change before it had been made on the spot; of settings the newest wins all the same.
          member.hold('change');
          member.keep(bytes, start, end);
          return;
        }
        runCommand(this, member, command);
        return;
      }
      case messageType.disconnect:
      case messageType.keepAlive:
        return;
      case messageType.thumbnail:
        this.thumbnails.receive(member, bytes, start + headerBytes, end);
        return;
      case messageType.sessionOwner:
        this.roles.receiveOwners(member, bytes, start + headerBytes, end);
        return;
      case messageType.trustedUsers:
        this.roles.receiveTrusted(member, bytes, start + headerBytes, end);
        return;
      case messageType.chat:
        receiveChat(member, copyOf(bytes, start, end));
        return;
      case messageType.privateChat:
        receivePrivateChat(member, copyOf(bytes, start, end));
        return;
      case messageType.resetStream:
        this.stream.receive(member, copyOf(bytes, start + headerBytes, end));
        return;
      default:
        this.note(
          'warn',
          'RuleBreak',
          `Sent a message of type ${type}, which only a server may send`,
          member.logUser,
        );
    }
  }

  /** Frames that waited for the end of a hold. */
  receiveHeld(member: Member, bytes: Buffer): void {
    const type = bytes[2]!;
    if (type < messageType.firstOpaque) {
      this.receiveSingle(member, type, bytes, 0, bytes.length);
      return;
    }
    let count = 0;
    let hasMeta = false;
    let hasDrawing = false;
    eachFrame(bytes, 0, bytes.length, (_start, _end, each) => {
      count++;
      if (each >= messageType.firstDrawing) hasDrawing = true;
      else hasMeta = true;
    });
    this.receiveRun(member, { bytes, start: 0, end: bytes.length, count, hasMeta, hasDrawing });
  }

  /** A message of a member that is no run: chat, role lists. In a reset the resetter's goes into its image. */
  storeFrom(member: Member, frame: Buffer): void {
    if (this.state.name === 'resetting' && this.state.reset.resetter === member) {
      this.state.reset.receive(frame, 0, frame.length, 1);
    } else {
      this.store(frame);
    }
  }

  /** 2.1 drops its connection on an empty text (sessions.md §28). */
  get mayHaveEmptyChat(): boolean {
    return !(this.#version && refusesEmptyChat(this.#version));
  }

  // ---- into the history -------------------------------------------------------------------------------

  /** Bytes; 0 = no limit. sessions.md §1 `currentLimit` */
  get sizeLimit(): number {
    return this.options.overrideSize || this.needs.settings.get('sessionSizeLimit');
  }

  /** What the history may have of that: what else is kept counts as well, beyond a little. 0 = no limit. */
  get historyLimit(): number {
    const limit = this.sizeLimit;
    if (limit === 0) return 0;
    return Math.max(limit - Math.max(this.stored.journal.sizeBytes - freeJournalBytes, 0), 1);
  }

  #storeRun(bytes: Buffer, start: number, end: number, count: number): boolean {
    if (this.state.name === 'ended') return false;
    const limit = this.historyLimit;
    if (limit > 0 && this.history.sizeBytes + (end - start) > limit) {
      if (count > 1) {
        eachFrame(bytes, start, end, (from, to) => this.#storeRun(bytes, from, to, 1));
        return true;
      }
      return this.space.storeEmergency(copyOf(bytes, start, end));
    }
    this.history.append(bytes, start, end, count);
    this.#stored();
    return true;
  }

  /** Appends one message of the server's or a member's; false when there was no room for it. sessions.md §3 */
  store(frame: Buffer, isCatchUp = false): boolean {
    if (this.state.name === 'ended') return false;
    const limit = this.historyLimit;
    if (limit > 0 && this.history.sizeBytes + frame.length > limit) return this.space.storeEmergency(frame);
    this.history.append(frame, 0, frame.length, 1);
    const host = this.state.name === 'initializing' ? this.state.host : undefined;
    if (isCatchUp) {
      // Nothing to the host, and no occasion for a status or an autoreset: the Join that follows is one (recorded).
      if (host) host.cursor = this.history.cursorAt(this.history.lastIndex + 1);
      this.#wakeLater();
      return true;
    }
    if (host && frame[2]! < messageType.firstDrawing) host.send(frame);
    this.#stored();
    return true;
  }

  /** Appends without the limit, the autoreset and the status: for the room that is kept for emergencies. */
  storeBeyondLimit(frame: Buffer): void {
    this.history.append(frame, 0, frame.length, 1);
    this.#wakeLater();
  }

  #stored(): void {
    const { state, history } = this;
    if (state.name === 'initializing' && state.host)
      state.host.cursor = history.cursorAt(history.lastIndex + 1);
    const now = this.needs.clock.monotonic();
    this.lastEvent = now;
    this.autoReset.check();
    if (now - this.#lastStatus >= statusEveryMs) this.sendStatus();
    this.#wakeLater();
  }

  /** `hidx`: names the message that is about to be stored; left out while the host uploads. sessions.md §16 OURS */
  anchor(): string | undefined {
    return this.state.name === 'initializing' ? undefined : this.positionText(this.history.lastIndex + 1);
  }

  positionText(index: number): string | undefined {
    return index > 0 ? `${this.startId}:${index}:${this.id}` : undefined;
  }

  /** To all, each with its own place in the history. */
  sendStatus(): void {
    this.#lastStatus = this.needs.clock.monotonic();
    const size = this.history.sizeBytes;
    const mayAnchor = this.state.name === 'running' || this.state.name === 'initializing';
    for (const member of this.members) {
      const position = mayAnchor ? this.positionText(member.historyPosition) : undefined;
      member.send(replies.status(size, position));
    }
  }

  // ---- out to the members -----------------------------------------------------------------------------

  sendToAll(frame: Buffer | undefined): void {
    if (frame) for (const member of this.members) member.send(frame);
  }

  #wakeLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.needs.clock.endOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    // A history that writes on the spot says so from within: what follows serves that, no second round is needed.
    this.history.flush();
    this.#isFlushDue = false;
    this.#recorder?.wake();
    if (this.state.name !== 'running') return;
    this.stream.tryApply();
    const { members } = this;
    for (let i = 0; i < members.length; i++) members[i]!.pump();
  };

  /** A member's connection has room again; history goes out only while the session runs. */
  pump(member: Member): void {
    if (this.state.name !== 'running') return;
    if (this.stream.isPrepared) this.stream.tryApply();
    member.pump();
  }

  // ---- settings ---------------------------------------------------------------------------------------

  get configFacts(): ConfigFacts {
    const { settings } = this.needs;
    return {
      hasPassword: this.password.isTold,
      hasOpword: this.opword.isTold,
      resetThresholdBase: this.autoResetBase,
      resetThresholdMin: settings.get('minimumAutoResetThreshold'),
      maxSize: this.sizeLimit,
      forceNsfm: settings.get('forceNsfm'),
      idleTimeLimit: settings.get('idleTimeLimit'),
      allowIdleOverride: settings.get('allowIdleOverride'),
      web: this.needs.hasWebSockets ? { preferWebSockets: settings.get('preferWebSockets') } : undefined,
    };
  }

  /** The full configuration into the history: everyone gets it, late joiners end with the newest. */
  storeConfig(): void {
    const frame = this.#configFrame(this.anchor());
    if (frame) this.store(frame);
  }

  /** The server's settings changed: everyone is told at once, also where there is no room in the history any more. */
  tellServerSettings(): void {
    if (this.isEnded) return;
    const frame = this.#configFrame(this.anchor());
    const limit = this.historyLimit;
    if (frame && limit > 0 && this.history.sizeBytes + frame.length > limit) {
      this.sendToAll(this.#configFrame(undefined));
      this.space.warn();
    } else if (frame) {
      this.store(frame);
    }
    this.autoReset.check();
  }

  #configFrame(anchor: string | undefined): Buffer | undefined {
    return replies.sessionConf(configObject(this.options, this.configFacts), anchor);
  }

  /** Remembers the flags after some changed. */
  writeFlags(): void {
    this.write({ key: 'flags', flags: flagsOf(this.options) });
  }

  /**
   * Values that a new session starts with; sessions.md §26, last paragraph. Nothing is announced. `password`: the
   * stored form.
   */
  initialize(values: { flags: Partial<SessionOptions>; password: string }): void {
    Object.assign(this.options, values.flags);
    if (values.password !== '') this.password.keep(values.password);
    if (flagsOf(this.options).length > 0) this.writeFlags();
    this.write({ key: 'autoReset', bytes: this.options.resetThreshold });
    const { maxUserCount } = this.options;
    if (maxUserCount !== clampUserCount(254)) this.write({ key: 'maxUsers', count: maxUserCount });
  }

  /** Everything about a session that comes from a template; formats.md §7. */
  writeAll(announce: string): void {
    const { options, stored } = this;
    this.write({ key: 'maxUsers', count: options.maxUserCount });
    const { saved } = stored as FoundSession;
    if (saved.password) this.write({ key: 'password', stored: saved.password });
    if (saved.opword) this.write({ key: 'opword', stored: saved.opword });
    if (options.title) this.write({ key: 'title', title: options.title });
    if (announce) this.write({ key: 'announce', url: announce });
    this.writeFlags();
    this.write({ key: 'autoReset', bytes: options.resetThreshold });
  }

  /** Remembers a fact that somebody will be told of: nothing goes out to anybody before it is stored. */
  write(entry: JournalEntry): void {
    this.remember(entry);
    this.storedFirst.wrote(this.#connections());
  }

  *#connections(): Iterable<Connection> {
    for (const member of this.members) yield member.link.connection;
  }

  /** Remembers a fact that nobody is promised: ids, keys, names. */
  remember(entry: JournalEntry): void {
    const journal: Journal = this.stored.journal;
    journal.write(entry);
  }

  // ---- log --------------------------------------------------------------------------------------------

  /** Writes to the server's log and shows it to those in the session who may see it. sessions.md §20 */
  note(wanted: LogLevel, topic: LogTopic, message: string, user?: LogUser): void {
    const level = user === undefined || this.#mayLog(topic, user) ? wanted : 'debug';
    const entry = {
      time: this.needs.clock.now(),
      level,
      topic,
      session: this.id,
      message: clipLogText(message),
      ...(user && { user }),
    };
    this.needs.log.write(entry);
    const shown = this.log.add(entry);
    if (!shown) return;
    for (const member of this.members) {
      if (!shown.isForModerators || member.isModerator) member.send(shown.frame);
    }
  }

  /** The disk fails, or works again: operators are told, because the promise does not hold meanwhile. */
  #tellTrouble(problem: string | undefined): void {
    const text =
      problem === undefined
        ? 'The server can save this session again; nothing is missing.'
        : `The server cannot save this session at the moment: ${problem}. Drawing goes on, but would be lost if the server stopped now.`;
    for (const member of this.members) if (member.isOperator) member.send(replies.alert(text));
  }

  /** Nobody fills everybody's log, neither by breaking rules over and over nor by keeping them. */
  #mayLog(topic: LogTopic, { id, ip }: LogUser): boolean {
    if (topic === 'RuleBreak' && !this.rates.take(`breach #${id}`, breachRate)) return false;
    return this.rates.take(`log ${ip}`, logRate);
  }

  // ---- state ------------------------------------------------------------------------------------------

  /** The host's upload is complete. sessions.md §2 */
  completeInitialization(): void {
    if (this.state.name !== 'initializing') return;
    const { host } = this.state;
    const { history } = this;
    this.autoResetBase = history.sizeBytes;
    this.note('info', 'Status', `Session initialized with size ${history.sizeBytes} bytes`);
    this.autoReset.clear(0);
    this.sendStatus();
    host?.link.overwriteContextIds(host.id);
    this.#begin();
  }

  beginReset(reset: FullReset): void {
    this.autoReset.clear(0);
    // What came before the reset still goes out, as far as there is room: a client locks the canvas in the same
    // breath in which it asks for the reset (sessions.md §13.3).
    this.history.flush();
    for (const member of this.members) member.link.connection.flush();
    this.state = { name: 'resetting', reset };
    reset.resetter.link.overwriteContextIds(-1);
  }

  /** Back to running, after a reset that was done or not. */
  endReset(resetter: Member): void {
    this.autoReset.clear(0);
    resetter.link.overwriteContextIds(resetter.id);
    this.state = { name: 'running' };
    this.#wakeLater();
  }

  restartRecording(): void {
    this.#recorder?.restart(this.history);
  }

  #begin(): void {
    this.restartRecording();
    // Running first: what was held is stored now, with anchors, and goes to everyone (sessions.md §29.9).
    this.state = { name: 'running' };
    for (const member of [...this.members]) member.release('initialization');
    this.#wakeLater();
  }

  /** The lobby, and listing servers, may want to know, as soon as it is stored. */
  changed(): void {
    if (this.isEnded || this.#isChangeDue) return;
    this.#isChangeDue = true;
    this.storedFirst.whenStored(() => {
      this.#isChangeDue = false;
      if (this.isEnded) return;
      this.listings.changed();
      this.#owner.changed(this);
    });
  }

  /** Stores that the session ends for good; nothing goes out to anybody before. To be called before the first word of it. */
  storeEnd(): void {
    if (this.#isEndStored || this.isEnded) return;
    this.#isEndStored = true;
    this.stored.journal.end(this.#keepsArchive ? 'archive' : 'delete');
    this.storedFirst.wrote(this.#connections());
  }

  get #keepsArchive(): boolean {
    return this.options.archive ?? this.needs.settings.get('archive');
  }

  /**
   * The end of the session. `terminate`: its files go (or to the archive); `stop`: the server stops, they stay.
   * `isQuiet`: members are not told and stay connected to nothing. sessions.md §23.4
   */
  end(text: string, what: 'terminate' | 'stop', isQuiet = false): void {
    if (this.isEnded) return;
    if (what === 'terminate') this.storeEnd();
    this.autoReset.clear(0);
    this.roles.stopWaiting();
    this.stream.abort();
    if (this.state.name === 'resetting') this.state.reset.drop();
    const isStop = what === 'stop';
    const hadPeople = this.members.length > 0;
    if (isStop) {
      // The leaves belong to the stored history, so that a reload finds nobody in it.
      for (const member of this.members)
        if (!member.isGhost) this.storeBeyondLimit(serverMessages.leave(member.id));
    }
    this.state = { name: 'ended' };
    this.storedFirst.whenStored(() => this.listings.ended());
    if (isQuiet) {
      for (const member of this.members) {
        member.drop();
        member.link.overwriteContextIds(-1);
      }
    } else {
      for (const member of [...this.members]) member.disconnect('shutdown', text);
    }
    this.history.flush();
    this.#recorder?.stop();
    this.history.close(isStop ? 'keep' : this.#keepsArchive ? 'archive' : 'delete');
    this.#owner.ended(this, what, hadPeople);
  }

  /** What the lobby shows. */
  describe(): SessionDescription {
    return describeSession(this);
  }
}

function audienceOf(member: Member): LogAudience {
  return member.isModerator ? 'moderator' : member.isOperator ? 'operator' : 'everyone';
}

/** Who someone is across connections: account or system id, and name. */
function lostKey(visitor: Visitor): string {
  return `${visitor.authId || visitor.sid}\n${canonicalName(visitor.name)}`;
}

/** A frame of its own, where the bytes are the transport's. */
function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}

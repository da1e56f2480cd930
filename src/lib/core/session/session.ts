// A session: puts its parts together and says when it begins, is reset and ends. Users are in
// people.ts, messages in message-flow.ts, input of members in incoming.ts; everything else
// (roles, resets, bans, commands …) is in a separate file each, which declares what it needs of the session.

import type { Connection } from '../peer/needs.js';
import { type ProtocolVersion, parseVersion, refusesEmptyChat } from '../protocol/version.js';
import { RateLimit } from '../rate-limit.js';
import type { SessionOptions } from '../settings/session-settings.js';
import { type Action, changeOf, lineOf } from './actions.js';
import { AutoReset } from './auto-reset.js';
import type { ChatListener } from './chat.js';
import { Configuration } from './configuration.js';
import { describeSession, type SessionDescription } from './description.js';
import { endSession } from './ending.js';
import { Incoming } from './incoming.js';
import { Invites } from './invites.js';
import type { Departure, Member } from './member.js';
import { MessageFlow } from './message-flow.js';
import type { FoundSession, History, LogLevel, LogTopic, LogUser, StoredSession } from './needs.js';
import { People } from './people.js';
import { Phase, type ResetUnderWay, type SessionState } from './phase.js';
import { RecentChat } from './recent-chat.js';
import { replies } from './replies.js';
import { Roles } from './roles.js';
import { type Doubt, emptySaved, type JournalEntry, rememberedAtMost, type SavedSession } from './saved.js';
import { SessionBans } from './session-bans.js';
import { SessionListings } from './session-listings.js';
import { SessionLogWriter } from './session-log-writer.js';
import type { SessionNeeds } from './session-needs.js';
import { SessionPassword } from './session-password.js';
import { StoredFirst } from './stored-first.js';
import { StreamedReset } from './streamed-reset.js';
import { texts } from './texts.js';
import { Thumbnails } from './thumbnails.js';

/** The sender of a chat message: a member, or, with id 0 and no name, an administrator. */
export type Speaker = Pick<Member, 'id' | 'name'>;

/** Receives the events of a session that concern others. */
export interface SessionOwner {
  /** Data that the lobby shows has changed. */
  changed(session: Session): void;
  /** A chat message to everyone in the session, which is not in the history yet. */
  chatReceived(session: Session, speaker: Speaker, text: string, flags: number): void;
  /** The session ended, permanently or because the server stops. */
  ended(session: Session, what: 'terminate' | 'stop', hadPeople: boolean): void;
}

/**
 * How long nobody becomes operator for want of one while somebody who was may come back: after a start of the server,
 * and after the first visit to a session that was stored. After a lost connection: `droppedSessionLingerTime`.
 */
const returnWithinMs = { restart: 10 * 60_000, firstVisit: 2 * 60_000 };

export class Session {
  readonly id: string;
  readonly alias: string;
  readonly protocol: string;
  readonly needs: SessionNeeds;
  readonly stored: StoredSession;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Holds back messages about facts that are not stored yet. */
  readonly storedFirst: StoredFirst;
  readonly phase: Phase;
  readonly people: People;
  readonly flow: MessageFlow;
  readonly incoming: Incoming;
  readonly config: Configuration;
  readonly password: SessionPassword;
  readonly opword: SessionPassword;
  readonly bans: SessionBans;
  readonly invites: Invites;
  readonly roles: Roles;
  readonly autoReset: AutoReset;
  readonly stream: StreamedReset;
  readonly thumbnails: Thumbnails;
  readonly listings: SessionListings;
  readonly logWriter: SessionLogWriter;
  readonly recentChat = new RecentChat();
  /** Limits how often each user may do something. */
  readonly rates: RateLimit;
  /** Gets every chat message, for administrators who follow the chat. */
  listener: ChatListener | undefined;
  readonly #owner: SessionOwner;
  readonly #version: ProtocolVersion | undefined;
  /** Why nothing can be stored at the moment. */
  #problem: string | undefined;
  #doubts: readonly Doubt[];
  #isEndStored = false;
  #isChangeDue = false;

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
    this.stored = stored;
    this.storedFirst = new StoredFirst(stored.journal);
    this.startTime = found?.startTime ?? needs.clock.now();
    this.rates = new RateLimit(() => needs.clock.monotonic(), rememberedAtMost);
    this.phase = new Phase(found);
    this.password = new SessionPassword(saved.password, needs, (text) =>
      this.write({ key: 'setting', name: 'password', value: text }),
    );
    this.opword = new SessionPassword(saved.opword, needs, (text) =>
      this.write({ key: 'setting', name: 'opword', value: text }),
    );
    this.logWriter = new SessionLogWriter(this);
    this.people = new People(this, saved);
    this.config = new Configuration(this, saved);
    this.bans = new SessionBans(saved.bans, () => this.flow.rememberedBytesAtMost);
    this.invites = new Invites(saved.invites);
    this.roles = new Roles(this, saved);
    this.autoReset = new AutoReset(this);
    this.stream = new StreamedReset(this);
    this.thumbnails = new Thumbnails(this);
    this.listings = new SessionListings(this);
    this.flow = new MessageFlow(this, {
      startId: saved.startId ?? Math.floor(this.startTime / 1000),
      catchupKey: saved.catchupKey,
      recorder: needs.makeRecorder({ id: this.id, alias: this.alias, protocol: this.protocol }),
    });
    this.incoming = new Incoming(this);
    this.#doubts = found?.doubts ?? [];
    if (this.#doubts.length > 0) this.options.persistent = true;
    if (found) this.roles.awaitReturn(returnWithinMs.restart);
    else this.flow.nameEra();
    stored.onProblem = (problem) => this.#reportProblem(problem);
  }

  /** A new session with a host. Its first message is the configuration (sessions.md §5.1). */
  static host(
    needs: SessionNeeds,
    owner: SessionOwner,
    options: { id: string; alias: string; founder: string; protocol: string; maxUsers: number },
    stored: StoredSession,
  ): Session {
    const saved = emptySaved(options.id, options.protocol);
    saved.alias = options.alias;
    saved.founder = options.founder;
    saved.maxUserCount = options.maxUsers;
    const session = new Session(needs, owner, saved, stored);
    session.config.store();
    return session;
  }

  /** A session that was found in the store, or is made from a template. Nobody is in it, nothing is read yet. */
  static restore(needs: SessionNeeds, owner: SessionOwner, found: FoundSession): Session {
    const session = new Session(needs, owner, found.saved, found, found);
    session.config.meet('resetThreshold');
    return session;
  }

  // ---- what it is -------------------------------------------------------------------------------------

  get state(): SessionState {
    return this.phase.state;
  }

  get isEnded(): boolean {
    return this.phase.isEnded;
  }

  get history(): History {
    return this.stored.history;
  }

  get options(): SessionOptions {
    return this.config.options;
  }

  /** 2.1 drops its connection on an empty text (sessions.md §28). */
  get mayHaveEmptyChat(): boolean {
    return !(this.#version && refusesEmptyChat(this.#version));
  }

  /** The data that the lobby shows. */
  describe(): SessionDescription {
    return describeSession(this);
  }

  // ---- doubts -----------------------------------------------------------------------------------------

  /** Why not everything that was stored of it is trusted. While there is any, it is kept whatever happens. */
  get doubts(): readonly Doubt[] {
    return this.#doubts;
  }

  /** Only moderators may join, because it is not known how the session was protected. */
  get isShut(): boolean {
    return this.#doubts.some(({ isShut }) => isShut);
  }

  /** An administrator has decided how the session is to be: that counts. False: nothing was in doubt. */
  settleDoubts(): boolean {
    if (this.#doubts.length === 0) return false;
    this.#doubts = [];
    this.config.writeFlags();
    (this.stored as FoundSession).settleDoubts?.();
    return true;
  }

  // ---- what is remembered, and written in the log -------------------------------------------------------

  /** Stores an entry that others will be notified of: nothing is sent to anyone before it is stored. */
  write(entry: JournalEntry): void {
    this.remember(entry);
    this.storedFirst.wrote(this.#connections());
  }

  /** Stores an entry that nobody is notified of, such as ids, keys and names, without waiting. */
  remember(entry: JournalEntry): void {
    this.stored.journal.write(entry);
  }

  *#connections(): Iterable<Connection> {
    for (const member of this.people.members) yield member.link.connection;
  }

  /** Writes to the server's log and shows it to those in the session who may see it. sessions.md §20 */
  writeLog(level: LogLevel, topic: LogTopic, message: string, user?: LogUser): void {
    this.logWriter.writeLog(level, topic, message, user);
  }

  /** Records an action on the session or one of its users; followers of actions are called here. */
  recordAction(action: Action): void {
    this.logWriter.write(lineOf(action));
    void this.needs.changes.made(changeOf(action, this.id, this.needs.clock.now()));
  }

  /** The disk fails, or works again: operators are notified, because the promise does not hold meanwhile. */
  #reportProblem(problem: string | undefined): void {
    this.#problem = problem;
    const text = problem === undefined ? texts.saved : texts.notSaved(problem);
    for (const member of this.people.members) if (member.isOperator) member.send(replies.alert(text));
  }

  /** A user who becomes operator while the disk fails has not been notified of it yet. */
  operatorMade(member: Member): void {
    if (this.#problem !== undefined) member.send(replies.alert(texts.notSaved(this.#problem)));
  }

  /** Notifies the lobby and list servers, as soon as the change is stored. */
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

  chatReceived(member: Member, text: string, flags: number): void {
    this.listener?.chatReceived(member, text, flags);
    this.said(member, text, flags);
  }

  /** Passes a chat message to the followers of all sessions. */
  said(speaker: Speaker, text: string, flags: number): void {
    this.recentChat.add(this.needs.clock.now(), speaker, text, flags);
    this.#owner.chatReceived(this, speaker, text, flags);
  }

  // ---- for members --------------------------------------------------------------------------------------

  leave(member: Member, departure: Departure = 'gone'): void {
    this.people.leave(member, departure);
  }

  pump(member: Member): void {
    this.flow.pump(member);
  }

  // ---- from beginning to end ----------------------------------------------------------------------------

  /**
   * Makes a session ready that was found in the store: its history is read through when it is first needed.
   * `done` is called at once where it is ready; a text says why it cannot be made ready.
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
        this.writeLog('error', 'Status', `Cannot open the session: ${opened.error}`);
      } else {
        const { saved } = state.found;
        this.flow.adoptStored(saved.startId !== undefined);
        this.people.restore(saved, opened);
        this.roles.awaitReturn(returnWithinMs.firstVisit);
        this.roles.listsAreOld();
        this.phase.begin();
        this.config.meet('resetThreshold');
        this.config.store();
        this.flow.restartRecording();
      }
      const problem = 'error' in opened ? opened.error : undefined;
      for (const each of state.waiting.splice(0)) each(problem);
    });
  }

  /** The host's upload is complete. sessions.md §2 */
  completeInitialization(): void {
    if (!this.phase.isInitializing) return;
    const { host } = this.phase;
    this.flow.adoptFirst();
    this.writeLog('info', 'Status', `Session initialized with size ${this.history.sizeBytes} bytes`);
    this.autoReset.clear(0);
    this.flow.sendStatus();
    host?.link.overwriteContextIds(host.id);
    this.flow.restartRecording();
    // Running first: what was held is stored now, with anchors, and goes to everyone (sessions.md §29.9).
    this.phase.begin();
    this.people.releaseAll();
    this.flow.wakeLater();
  }

  /** The host left before the upload was complete: the session can never become usable (sessions.md §2, OURS). */
  hostLeft(): void {
    endSession(this, { kind: 'rule', rule: 'hostLeft' });
  }

  /** False: it does not run, so nothing is reset. */
  beginReset(reset: ResetUnderWay): boolean {
    this.autoReset.clear(0);
    // What came before the reset still goes out, as far as there is room: a client locks the canvas in the same
    // breath in which it asks for the reset (sessions.md §13.3).
    this.flow.flushNow();
    if (!this.phase.beginReset(reset)) return false;
    reset.resetter.link.overwriteContextIds(-1);
    return true;
  }

  /** Returns to running after a reset, completed or cancelled. */
  endReset(reset: ResetUnderWay): void {
    if (!this.phase.endReset(reset)) return;
    const { resetter } = reset;
    this.autoReset.clear(0);
    resetter.link.overwriteContextIds(resetter.id);
    this.flow.wakeLater();
  }

  /** Stores that the session ends permanently. To be called before anybody is notified of it. */
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
   * `isQuiet`: members are not notified and stay connected to nothing. sessions.md §23.4
   */
  end(text: string, what: 'terminate' | 'stop', isQuiet = false): void {
    if (this.isEnded) return;
    if (what === 'terminate') this.storeEnd();
    this.listener?.ended();
    this.autoReset.clear(0);
    this.roles.stopWaiting();
    this.stream.abort();
    this.phase.reset?.drop();
    const isStop = what === 'stop';
    const { state } = this;
    const hadPeople = this.people.count > 0;
    if (isStop) this.people.storeLeaves();
    this.phase.end();
    this.storedFirst.whenStored(() => {
      this.listings.ended();
      // It was being opened: whoever waits for that would wait for ever.
      if (state.name === 'stored') for (const each of state.waiting.splice(0)) each(text);
    });
    if (isQuiet) this.people.leaveAlone();
    else this.people.disconnectAll(text);
    this.flow.close(isStop ? 'keep' : this.#keepsArchive ? 'archive' : 'delete');
    this.#owner.ended(this, what, hadPeople);
  }
}

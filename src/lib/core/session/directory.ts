// All sessions of a server: creating, finding and ending them, and notifying the lobby (sessions.md §22, §23).
import type { Buffer } from 'node:buffer';
import { frameLength } from '../protocol/frame.js';
import { parseVersion, serverVersion } from '../protocol/version.js';
import { isPendingPassword } from '../settings/password-form.js';
import { clampUserCount } from '../settings/session-settings.js';
import type { SettingName } from '../settings/settings.js';
import { byServer } from './actor.js';
import { describeTemplate, type SessionDescription } from './description.js';
import { endSession, stopSession } from './ending.js';
import { type HandedSession, handOverSession, resumeSession, takeOverSession } from './hand-over.js';
import { JumpDetector } from './jump-detector.js';
import type { MemberLink } from './member.js';
import type {
  FoundSession,
  OpenedSession,
  SessionStore,
  SessionTemplate,
  Templates,
  Timer,
} from './needs.js';
import { Session, type SessionOwner, type Speaker } from './session.js';
import { makeSessionId } from './session-id.js';
import type { SessionNeeds } from './session-needs.js';
import { applyServerSettings } from './sessionconf.js';

export interface DirectoryNeeds extends SessionNeeds {
  store: SessionStore;
  templates?: Templates;
}

/** One change of a session, passed to all watchers in turn. */
export interface SessionChange {
  readonly description: SessionDescription;
  readonly isUnlisted: boolean;
  /** The frame that the first watcher sent to its client: all send the same, so it is made once. */
  frame: Buffer | undefined;
}

/** Someone in the lobby. */
export interface LobbyWatcher {
  /** A session is new or changed. */
  sessionChanged(change: SessionChange): void;
  sessionEnded(id: string): void;
}

/** Someone who follows what is said in every session; `flags` as in the message. */
export type ChatFollower = (session: Session, speaker: Speaker, text: string, flags: number) => void;

/** What another process needs of all sessions. */
export interface HandedDirectory {
  readonly sessions: readonly HandedSession[];
  readonly reservedIds: ReadonlyMap<string, string>;
  readonly graceMs: number;
}

export interface HostOptions {
  alias: string;
  founder: string;
  /** Of who hosts it. */
  address: string;
  protocol: string;
}

export type HostRefusal = 'closed' | 'idInUse' | 'badProtocol';

const sweepEveryMs = 15_000;
/** A session found at the start waits so long for its people before it counts as empty. */
const restoredGraceMs = 10 * 60_000;
/** After a start or a jump of the clock nothing is deleted for so long: nobody could have been there meanwhile. */
const graceMs = 3 * 60_000;

/** Settings whose change clients are notified of (sessions.md §9.2). */
const shownSettings: readonly SettingName[] = [
  'idleTimeLimit',
  'forceNsfm',
  'allowIdleOverride',
  'preferWebSockets',
  'minimumAutoResetThreshold',
  'sessionSizeLimit',
];

/** After a kill within the moments that a hash takes. */
function lostPassword(key: 'password' | 'opword', what: string): string {
  return `The server stopped while a new ${key} was being stored: nobody can ${what} by password until one is set with 'dp session set ID ${key}=…'`;
}

export class SessionDirectory implements SessionOwner {
  readonly needs: DirectoryNeeds;
  readonly #sessions = new Map<string, Session>();
  readonly #watchers = new Set<LobbyWatcher>();
  readonly chatFollowers = new Set<ChatFollower>();
  /** Ids under which templates were shown, so that they can be joined by them. */
  readonly #reservedIds = new Map<string, string>();
  /** Sessions that are over, and of which nobody was notified yet. */
  readonly #leaving = new Set<Session>();
  /** Sessions that changed in this turn, as they are to be shown: once, however many came and went. */
  readonly #changed = new Map<Session, { description: SessionDescription; isUnlisted: boolean }>();
  readonly #jumps: JumpDetector;
  #graceEnds = 0;
  #sweepTimer: Timer;
  #unsubscribe: () => void;
  /** Called when a session came or went. */
  onCountChange: (() => void) | undefined;

  constructor(needs: DirectoryNeeds) {
    this.needs = needs;
    this.#jumps = new JumpDetector(needs.clock, sweepEveryMs);
    this.#sweepTimer = this.#sweepLater();
    this.#unsubscribe = needs.settings.subscribe((changed) => {
      if (!shownSettings.some((name) => changed.has(name))) return;
      for (const session of this.#sessions.values()) {
        if (session.state.name !== 'stored') applyServerSettings(session);
      }
    });
    if (needs.templates) needs.templates.onChange = (alias) => this.#templateChanged(alias);
  }

  get all(): Iterable<Session> {
    return this.#sessions.values();
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** By id or alias; ids in any case. */
  find(idOrAlias: string): Session | undefined {
    const byId = this.#sessions.get(idOrAlias.toLowerCase());
    if (byId) return byId;
    for (const session of this.#sessions.values()) {
      if (session.alias !== '' && session.alias === idOrAlias) return session;
    }
    return undefined;
  }

  /** A template that can be joined by this alias or reserved id; live sessions hide it. */
  findTemplate(idOrAlias: string): SessionTemplate | undefined {
    const alias = this.#reservedIds.get(idOrAlias) ?? idOrAlias;
    return this.find(alias) ? undefined : this.needs.templates?.find(alias);
  }

  /** Calls back when everything that the sessions have written so far is stored, at once if it is. */
  whenStored(done: () => void): void {
    let waiting = 1;
    const one = (): void => {
      if (--waiting === 0) done();
    };
    for (const session of [...this.#sessions.values(), ...this.#leaving]) {
      waiting++;
      session.storedFirst.whenStored(one);
    }
    one();
  }

  /** What the lobby shows of a template; with a reserved id after a look-up. */
  describeTemplate(template: SessionTemplate, reserve: boolean): SessionDescription {
    let id: string | undefined;
    if (reserve) {
      for (const [reserved, alias] of this.#reservedIds) if (alias === template.alias) id = reserved;
      if (id === undefined) {
        id = this.#newId();
        this.#reservedIds.set(id, template.alias);
      }
    }
    return describeTemplate(template, id, this.needs);
  }

  /** Everything the lobby shows now; unlisted ones only for moderators. */
  describeAll(seesUnlisted: boolean): SessionDescription[] {
    const list: SessionDescription[] = [];
    for (const session of this.#sessions.values()) {
      if (seesUnlisted || !session.options.unlisted) list.push(session.describe());
    }
    for (const template of this.needs.templates?.all ?? []) {
      if (this.find(template.alias) || (template.saved.flags.has('unlisted') && !seesUnlisted)) continue;
      list.push(this.describeTemplate(template, false));
    }
    return list;
  }

  /** Why no such session can be hosted now: the code of login.md §9. */
  refusal({ alias, protocol }: Pick<HostOptions, 'alias' | 'protocol'>): HostRefusal | undefined {
    const { needs } = this;
    if (this.#sessions.size >= needs.settings.get('sessionCountLimit')) return 'closed';
    if (alias !== '' && (this.find(alias) || needs.templates?.find(alias))) return 'idInUse';
    return parseVersion(protocol)?.server === serverVersion ? undefined : 'badProtocol';
  }

  /** A new session, shown in the lobby but with nobody in it yet; or the code of the refusal (login.md §9). */
  create(options: HostOptions): Session | HostRefusal {
    const { needs } = this;
    const refusal = this.refusal(options);
    if (refusal !== undefined) return refusal;
    const id = this.#newId();
    const stored = needs.store.create({
      id,
      protocol: options.protocol,
      alias: options.alias,
      founder: options.founder,
    });
    const maxUsers = clampUserCount(needs.settings.get('sessionUserLimit'));
    const session = Session.host(needs, this, { id, ...options, maxUsers }, stored);
    this.#add(session);
    const actor = { kind: 'newcomer', name: options.founder, address: options.address } as const;
    session.recordAction({
      kind: 'host',
      actor,
      effect: { alias: options.alias, protocol: options.protocol },
    });
    this.#show(session);
    return session;
  }

  #newId(): string {
    return makeSessionId(this.needs.clock.now(), this.needs.random);
  }

  /** Makes a real session of a template; a text says why that is not possible. `record`: who began it, and how. */
  instantiate(template: SessionTemplate, record: (session: Session) => void): Session | { error: string } {
    const { needs } = this;
    const loaded = template.load();
    if ('error' in loaded) return loaded;
    let id = '';
    for (const [reserved, alias] of this.#reservedIds) if (alias === template.alias) id = reserved;
    this.#reservedIds.delete(id);
    if (id === '') id = this.#newId();
    const saved = { ...template.saved, id, alias: template.alias };
    const stored = needs.store.create({
      id,
      protocol: template.protocol,
      alias: saved.alias,
      founder: saved.founder,
    });
    for (const frames of loaded.frames) {
      let count = 0;
      for (let at = 0; at < frames.length; at += frameLength(frames, at)) count++;
      stored.history.append(frames, 0, frames.length, count);
    }
    // The same object, because the session sets callbacks on it that the store calls.
    const found: FoundSession = Object.assign(stored, {
      saved,
      open: (done: (opened: OpenedSession) => void) =>
        done({ usedIds: [], lastIndex: stored.history.lastIndex }),
    });
    const session = Session.restore(needs, this, found);
    session.config.writeAll(saved, template.announce);
    session.open(() => {});
    this.#add(session);
    record(session);
    if (template.announce) needs.listings.announce(session.listings, template.announce, 'operator');
    this.#show(session);
    return session;
  }

  /** Adds the sessions that the store had when the server started. */
  restore(found: Iterable<FoundSession>): void {
    const { listings } = this.needs;
    for (const each of found) {
      const session = Session.restore(this.needs, this, each);
      this.#add(session);
      session.writeLog('debug', 'Status', 'Loaded from file.');
      const { password, opword } = each.saved;
      if (isPendingPassword(password)) session.writeLog('warn', 'Status', lostPassword('password', 'join'));
      if (isPendingPassword(opword))
        session.writeLog('warn', 'Status', lostPassword('opword', 'become operator'));
      if (session.isShut) continue;
      for (const url of each.saved.announcements) listings.announce(session.listings, url, 'kept');
    }
  }

  /** Everything for a successor of this process; undefined: something is under way that is over in a moment. */
  handOver(): HandedDirectory | undefined {
    if (this.#leaving.size > 0 || this.needs.store.isSettled === false) return undefined;
    const sessions: HandedSession[] = [];
    for (const session of this.#sessions.values()) {
      const handed = handOverSession(session);
      if (!handed) return undefined;
      sessions.push(handed);
    }
    const graceMs = this.#graceEnds - this.needs.clock.monotonic();
    return { sessions, reservedIds: this.#reservedIds, graceMs };
  }

  /** `linkOf`: the connection of the member with this id in this session. */
  takeOver(handed: HandedDirectory, linkOf: (session: string, id: number) => MemberLink): void {
    const { clock, store } = this.needs;
    for (const [id, alias] of handed.reservedIds) this.#reservedIds.set(id, alias);
    this.#graceEnds = clock.monotonic() + handed.graceMs;
    for (const each of handed.sessions) {
      const found = store.takeOver?.(each.stored);
      if (found) this.#add(takeOverSession(this.needs, this, found, each, (id) => linkOf(each.id, id)));
    }
  }

  /** After `takeOver`, when this process serves. */
  resume(): void {
    for (const session of this.#sessions.values()) resumeSession(session);
  }

  #add(session: Session): void {
    this.#sessions.set(session.id, session);
    this.onCountChange?.();
  }

  // ---- the lobby ------------------------------------------------------------------------------------

  watch(watcher: LobbyWatcher): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: LobbyWatcher): void {
    this.#watchers.delete(watcher);
  }

  #show(session: Session): void {
    if (this.#watchers.size === 0) return;
    const description = session.describe();
    this.#notifyWatchers(description, session.options.unlisted);
  }

  #templateChanged(alias: string): void {
    const template = this.findTemplate(alias);
    if (!template) return;
    const description = this.describeTemplate(template, false);
    const isUnlisted = template.saved.flags.has('unlisted');
    this.#notifyWatchers(description, isUnlisted);
  }

  #notifyWatchers(description: SessionDescription, isUnlisted: boolean): void {
    const change: SessionChange = { description, isUnlisted, frame: undefined };
    for (const watcher of [...this.#watchers]) watcher.sessionChanged(change);
  }

  // ---- events of sessions -----------------------------------------------------------------------------

  changed(session: Session): void {
    if (this.#sessions.get(session.id) !== session) return;
    if (this.#mayEndEmpty(session) && this.needs.settings.get('emptySessionLingerTime') <= 0) {
      endSession(session, { kind: 'rule', rule: 'empty' });
      return;
    }
    if (this.#watchers.size === 0) return;
    if (this.#changed.size === 0) this.needs.clock.endOfTurn(this.#showChanged);
    this.#changed.set(session, {
      description: session.describe(),
      isUnlisted: session.options.unlisted,
    });
  }

  chatReceived(session: Session, speaker: Speaker, text: string, flags: number): void {
    for (const follower of this.chatFollowers) follower(session, speaker, text, flags);
  }

  readonly #showChanged = (): void => {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const [session, { description, isUnlisted }] of changed) {
      if (this.#sessions.get(session.id) === session) this.#notifyWatchers(description, isUnlisted);
    }
  };

  ended(session: Session, what: 'terminate' | 'stop', hadPeople: boolean): void {
    if (!this.#sessions.delete(session.id)) return;
    if (what === 'stop') {
      if (hadPeople) this.#show(session);
    } else {
      this.#leaving.add(session);
      session.storedFirst.whenStored(() => {
        this.#leaving.delete(session);
        for (const watcher of [...this.#watchers]) watcher.sessionEnded(session.id);
        if (session.alias) this.#templateChanged(session.alias);
      });
    }
    this.onCountChange?.();
  }

  /** Whether nothing but the linger time keeps an empty session. sessions.md §23.1 */
  #mayEndEmpty(session: Session): boolean {
    const { clock, settings } = this.needs;
    if (!session.people.isEmpty || session.options.persistent || session.doubts.length > 0) return false;
    if (session.people.isAwaitingLost(settings.get('droppedSessionLingerTime') * 1000)) return false;
    return session.people.hasHadAny || clock.monotonic() - session.flow.lastEvent >= restoredGraceMs;
  }

  #sweepLater(): Timer {
    return this.needs.clock.after(sweepEveryMs, () => {
      this.#sweepTimer = this.#sweepLater();
      this.sweep();
    });
  }

  /** Ends what is empty or idle for too long. sessions.md §23.1, §23.2 */
  sweep(): void {
    const { clock, settings } = this.needs;
    const now = clock.monotonic();
    if (this.#jumps.look()) this.#graceEnds = now + graceMs;
    if (now < this.#graceEnds) return;
    const linger = settings.get('emptySessionLingerTime');
    const idle = settings.get('idleTimeLimit');
    const mayOverride = settings.get('allowIdleOverride');
    for (const session of [...this.#sessions.values()]) {
      const quietSeconds = (now - session.flow.lastEvent) / 1000;
      if (this.#mayEndEmpty(session) && quietSeconds > linger) {
        endSession(session, { kind: 'rule', rule: 'emptyTooLong' });
      } else if (!session.people.hasHadAny && now - session.flow.lastEvent < graceMs) {
        // It was stored: its people have not had the time to come back.
      } else if (session.doubts.length > 0) {
        // Nothing is deleted because of a damaged journal.
      } else if (idle > 0 && quietSeconds > idle && !(mayOverride && session.options.idleOverride)) {
        endSession(session, { kind: 'rule', rule: 'idle' });
      }
    }
  }

  /** The server stops: everyone is notified, files stay. */
  stop(text: string): void {
    this.#sweepTimer.cancel();
    this.#unsubscribe();
    for (const session of [...this.#sessions.values()]) stopSession(session, byServer, text);
  }
}

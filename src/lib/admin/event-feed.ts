// The event feed of a running server: changes as in the audit trail, log entries and session updates as in the lobby
// become numbered events. The newest are kept, so that a follower who reconnects misses nothing. Without followers,
// no events are made.

import { Buffer } from 'node:buffer';
import type { Change } from '../core/session/change.js';
import type { ChatFollower, LobbyWatcher } from '../core/session/directory.js';
import type { Clock, Timer } from '../core/session/needs.js';
import { actionFlag } from '../core/session/recent-chat.js';
import { certificateHealth, eventsOf, eventsOfEntry, type Made } from './event-sources.js';
import { type EventKind, eventKinds, events } from './events.js';
import type { LiveServer } from './live.js';
import { type Role, roles } from './needs.js';

/** An event as it is sent: made once, for all followers. */
interface FeedEvent {
  readonly number: number;
  readonly kind: EventKind;
  readonly session: string | undefined;
  readonly bytes: Buffer;
}

export interface Follower {
  readonly role: Role;
  /** Undefined: all. */
  readonly kinds?: ReadonlySet<EventKind> | undefined;
  /** Id of the session to which events are limited. */
  readonly session?: string | undefined;
  /** Complete events, one after the other. */
  send(bytes: Buffer): void;
  /** Whether it may go on; asked when something changed that it may depend on, and from time to time. */
  mayStay(): Promise<boolean>;
  end(): void;
}

/** How far a follower is. */
interface Place {
  /** What it sees: those with the same view get the same bytes. */
  readonly view: string;
  /** Of the last event that it was sent, or that is not for it. */
  number: number;
}

export interface FeedLimits {
  readonly events: number;
  readonly bytes: number;
  /** What a follower who comes back is sent at once; where it missed more, it gets a gap. */
  readonly replayBytes: number;
  /** How long events are kept when nobody follows any more. */
  readonly keptMs: number;
  /** Followers who are sent something in one turn: hundreds of writes at once would keep those who draw waiting. */
  readonly followersPerTurn: number;
}

const usualLimits: FeedLimits = {
  events: 5_000,
  bytes: 4 * 1024 * 1024,
  replayBytes: 256 * 1024,
  keptMs: 5 * 60_000,
  followersPerTurn: 4,
};
const heartbeatMs = 20_000;
const healthMs = 1_000;
const storedLookMs = 50;
const nextTurnMs = 1;
/** One line: JSON has no line breaks, and escapes halves of surrogate pairs itself. */
const framed = (kind: string, id: string, data: unknown) =>
  Buffer.from(
    `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data).replace(/[\u0085\u2028\u2029]/g, escaped)}\n\n`,
  );
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

export class EventFeed {
  readonly #limits: FeedLimits;
  /** Who was sent something longest ago comes first. */
  readonly #followers = new Map<Follower, Place>();
  /** What those are sent who are behind, by view and place; until something new comes. */
  readonly #shared = new Map<string, Buffer>();
  #serving: Timer | undefined;
  #live: LiveServer | undefined;
  /** Distinguishes the numbers of one recording from those of another; undefined: nothing is recorded. */
  #epoch: string | undefined;
  #kept: FeedEvent[] = [];
  #bytes = 0;
  #last = 0;
  #waiting: Made[] = [];
  /** What was said and may not be stored yet. */
  #chats: { readonly made: Made; readonly isStored: () => boolean }[] = [];
  #chatTimer: Timer | undefined;
  #stopRecording: (() => void) | undefined;
  #idle: Timer | undefined;
  #isClosed = false;

  constructor(limits: Partial<FeedLimits> = {}) {
    this.#limits = { ...usualLimits, ...limits };
  }

  /** To be called once, before anybody follows. */
  attach(live: LiveServer): void {
    this.#live = live;
  }

  get count(): number {
    return this.#followers.size;
  }

  /** Bytes of the events that are kept. */
  get keptBytes(): number {
    return this.#bytes;
  }

  /** What was changed, after it has been stored. */
  changed(changes: readonly Change[]): void {
    if (this.#epoch !== undefined)
      for (const change of changes) for (const made of eventsOf(change)) this.#add(made);
  }

  /** What was changed and has no entry in the audit trail: more than is kept of a session. */
  changedWithoutEntry(change: Change): void {
    if (this.#epoch === undefined) return;
    for (const made of eventsOf(change)) if (made.kind !== 'audit') this.#add(made);
  }

  /** Changes could not be stored: followers learn that something is missing, now or when they come back. */
  lost(): void {
    if (this.#epoch === undefined) return;
    this.#serve(Number.POSITIVE_INFINITY);
    this.#kept = [];
    this.#bytes = 0;
    const number = ++this.#last;
    const gap = framed('gap', this.#id(number), {});
    for (const [follower, place] of [...this.#followers]) {
      place.number = number;
      follower.send(gap);
    }
  }

  /** `after`: id of the last event that this follower has; what came since is sent at once. Returns how to stop. */
  follow(follower: Follower, after: string | undefined): () => void {
    if (this.#isClosed) {
      follower.end();
      return () => {};
    }
    this.#idle?.cancel();
    this.#idle = undefined;
    if (this.#epoch === undefined) this.#record();
    const missed = after === undefined ? [] : this.#since(after)?.filter((event) => isFor(follower, event));
    const missedBytes = missed?.reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0;
    if (missed === undefined || missedBytes > this.#limits.replayBytes)
      follower.send(framed('gap', this.#id(this.#last), {}));
    else {
      const bytes = missed.map((event) => event.bytes);
      follower.send(Buffer.concat([...bytes, Buffer.from(`id: ${this.#id(this.#last)}\n\n`)]));
    }
    this.#followers.set(follower, { view: viewOf(follower), number: this.#last });
    return () => this.#leave(follower);
  }

  close(): void {
    this.#isClosed = true;
    this.#serve(Number.POSITIVE_INFINITY);
    for (const follower of [...this.#followers.keys()]) follower.end();
    this.#followers.clear();
    this.#idle?.cancel();
    this.#forget();
  }

  #leave(follower: Follower): void {
    if (!this.#followers.delete(follower) || this.#followers.size > 0 || this.#isClosed) return;
    this.#idle = this.#live?.clock.after(this.#limits.keptMs, () => this.#forget());
  }

  #id(number: number): string {
    return `${this.#epoch}-${number}`;
  }

  /** What came after an event, as long as that is known; undefined: something may be missing. */
  #since(after: string): readonly FeedEvent[] | undefined {
    const [, epoch, text] = /^([0-9a-f]+)-(\d{1,15})$/.exec(after) ?? [];
    const number = Number(text);
    const oldest = this.#kept[0]?.number ?? this.#last + 1;
    if (epoch !== this.#epoch || number > this.#last || number < oldest - 1) return undefined;
    return this.#kept.slice(number - oldest + 1);
  }

  #record(): void {
    const live = this.#live;
    if (live === undefined) return;
    this.#epoch = Buffer.from(live.random.bytes(6)).toString('hex');
    const now = () => live.clock.now();
    const watcher: LobbyWatcher = {
      sessionChanged: ({ description: { id: session } }) => {
        if (session === undefined) return;
        this.#add({ kind: 'session', session, data: { when: now(), session, what: 'changed' } });
      },
      sessionEnded: (session) =>
        this.#add({ kind: 'session', session, data: { when: now(), session, what: 'ended' } }),
    };
    const chats: ChatFollower = (session, { id: user, name }, text, flags) => {
      const isAction = (flags & actionFlag) !== 0;
      // the same as where what was said last is asked for
      const { when = now() } = session.recentChat.newest ?? {};
      const data = { when, session: session.id, name, text, user, ...(isAction && { isAction }) };
      let index: number | undefined;
      const isStored = () => {
        // it comes into the history right after this is called
        index ??= session.history.lastIndex;
        return session.isEnded || session.history.readableIndex >= index;
      };
      if (this.#chats.push({ made: { kind: 'chat', session: session.id, data }, isStored }) > 1) return;
      live.clock.endOfTurn(() => this.#takeChats());
    };
    live.directory.watch(watcher);
    live.directory.chatFollowers.add(chats);
    const unfollow = live.follow((entry) => {
      for (const made of eventsOfEntry(entry)) this.#add(made);
    });
    const unsubscribe = live.settings.subscribe((names) =>
      this.#add({
        kind: 'setting',
        session: undefined,
        data: { when: now(), what: 'config.applied', names: [...names] },
      }),
    );
    const timers = [
      every(live.clock, heartbeatMs, () => this.#beat()),
      every(live.clock, healthMs, this.#healthLook(live)),
    ];
    this.#stopRecording = () => {
      live.directory.unwatch(watcher);
      live.directory.chatFollowers.delete(chats);
      unfollow();
      unsubscribe();
      for (const stop of timers) stop();
    };
  }

  #forget(): void {
    this.#stopRecording?.();
    this.#stopRecording = undefined;
    this.#epoch = undefined;
    this.#kept = [];
    this.#waiting = [];
    this.#chats = [];
    this.#chatTimer?.cancel();
    this.#chatTimer = undefined;
    this.#serving?.cancel();
    this.#serving = undefined;
    this.#shared.clear();
    this.#bytes = 0;
    this.#last = 0;
  }

  /** In their order in each session; what is on its way to the disk is looked at again. */
  #takeChats(): void {
    const behind = new Set<string | undefined>();
    this.#chats = this.#chats.filter(({ made, isStored }) => {
      if (behind.has(made.session) || !isStored()) {
        behind.add(made.session);
        return true;
      }
      this.#add(made);
      return false;
    });
    if (this.#chats.length === 0) return;
    this.#chatTimer?.cancel();
    this.#chatTimer = this.#live?.clock.after(storedLookMs, () => this.#takeChats());
  }

  #healthLook(live: LiveServer): () => void {
    const look = () => {
      const { isReady, problems, certificate } = live;
      return { isReady, problems: [...problems], certificate: certificateHealth(certificate) };
    };
    let before = JSON.stringify(look());
    return () => {
      const state = look();
      const text = JSON.stringify(state);
      if (text === before) return;
      before = text;
      this.#add({ kind: 'health', session: undefined, data: { when: live.clock.now(), ...state } });
    };
  }

  #beat(): void {
    this.#serve(Number.POSITIVE_INFINITY);
    // with the newest id: who was sent nothing for a while can still continue from here
    const heartbeat = Buffer.from(`:\nid: ${this.#id(this.#last)}\n\n`);
    for (const follower of [...this.#followers.keys()]) follower.send(heartbeat);
    this.#check();
  }

  /** Those who may not follow any more go: their token, login or account ended or is another. */
  #check(): void {
    for (const follower of [...this.#followers.keys()]) {
      void follower.mayStay().then(
        (may) => may || this.#dismiss(follower),
        () => this.#dismiss(follower),
      );
    }
  }

  #dismiss(follower: Follower): void {
    this.#leave(follower);
    follower.end();
  }

  /** Sent at the end of the turn, when what sessions wrote until then is stored. */
  #add(made: Made): void {
    const live = this.#live;
    if (live === undefined || this.#waiting.push(made) > 1) return;
    const epoch = this.#epoch;
    live.clock.endOfTurn(() =>
      live.directory.whenStored(() => {
        if (this.#epoch === epoch && epoch !== undefined) this.#publish();
      }),
    );
  }

  #publish(): void {
    const published = this.#waiting.map(({ kind, session, data }): FeedEvent => {
      const number = ++this.#last;
      return { number, kind, session, bytes: framed(kind, this.#id(number), data) };
    });
    this.#waiting = [];
    for (const event of published) {
      this.#kept.push(event);
      this.#bytes += event.bytes.length;
    }
    this.#shared.clear();
    let dropped = 0;
    while (this.#kept.length - dropped > this.#limits.events || this.#bytes > this.#limits.bytes) {
      this.#bytes -= this.#kept[dropped++]?.bytes.length ?? 0;
    }
    const forgotten = this.#kept[dropped - 1]?.number ?? 0;
    // what is forgotten was sent to all before
    const isMissed = [...this.#followers.values()].some(({ number }) => number < forgotten);
    this.#serve(isMissed ? Number.POSITIVE_INFINITY : this.#limits.followersPerTurn);
    if (dropped > 0) this.#kept.splice(0, dropped);
    if (published.some(({ kind }) => kind === 'account')) this.#check();
  }

  /** Sends so many followers what they do not have yet, the others a turn later. */
  #serve(atMost: number): void {
    this.#serving?.cancel();
    this.#serving = undefined;
    let served = 0;
    for (const [follower, place] of this.#followers) {
      if (place.number === this.#last) continue;
      if (served++ === atMost) {
        this.#serving = this.#live?.clock.after(nextTurnMs, () => this.#serve(this.#limits.followersPerTurn));
        return;
      }
      const bytes = this.#missing(follower, place);
      place.number = this.#last;
      this.#followers.delete(follower);
      this.#followers.set(follower, place);
      if (bytes.length > 0) follower.send(bytes);
    }
    this.#shared.clear();
  }

  #missing(follower: Follower, { view, number }: Place): Buffer {
    const key = `${number} ${view}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const missing = this.#kept.slice(number - this.#last).filter((event) => isFor(follower, event));
    const bytes = Buffer.concat(missing.map((event) => event.bytes));
    this.#shared.set(key, bytes);
    return bytes;
  }
}

function every(clock: Clock, ms: number, run: () => void): () => void {
  let timer = clock.after(ms, again);
  function again(): void {
    timer = clock.after(ms, again);
    run();
  }
  return () => timer.cancel();
}

function viewOf({ role, kinds, session }: Follower): string {
  return JSON.stringify([role, kinds && [...kinds].sort(), session]);
}

function isFor({ role, kinds, session }: Follower, event: FeedEvent): boolean {
  return (
    roles.indexOf(role) >= roles.indexOf(events[event.kind].role) &&
    (kinds === undefined || kinds.has(event.kind)) &&
    (session === undefined || event.session === session)
  );
}

/** Undefined: there is none of this name. */
export function eventKindOf(name: string): EventKind | undefined {
  return eventKinds.find((kind) => kind === name);
}

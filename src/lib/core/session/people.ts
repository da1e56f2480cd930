// Current and past users of a session, in the order of joining: joining, leaving, returning. roles.ts has their
// roles, message-flow.ts the messages.
import { canonicalName } from '../names.js';
import type { SettingsReader } from '../settings/settings.js';
import { type FragmentsSession, sendFragments } from './fragments.js';
import {
  type Departure,
  type HandedMember,
  Member,
  type MemberLink,
  type MemberSession,
  type Present,
  type UserInfo,
} from './member.js';
import type { MessageFlow } from './message-flow.js';
import type { Clock } from './needs.js';
import type { Phase } from './phase.js';
import { Positions } from './positions.js';
import { replies, serverMessages } from './replies.js';
import type { Roles } from './roles.js';
import { type JournalEntry, rememberedAtMost, type SavedSession } from './saved.js';
import { banAddress } from './session-bans.js';
import type { SessionLogWriter } from './session-log-writer.js';
import type { StoredFirst } from './stored-first.js';
import { texts } from './texts.js';
import { UserIds } from './user-ids.js';

/** A past user, for bans of users who have left. */
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

/** What another process needs of the users of a session. */
export interface HandedPeople {
  /** In the order of joining. */
  readonly members: readonly HandedMember[];
  readonly past: ReadonlyMap<number, PastMember>;
  readonly ids: ReturnType<UserIds['handOver']>;
  readonly positions: ReadonlyMap<string, number>;
  /** Milliseconds since they were lost, by identity. */
  readonly lostAgo: ReadonlyMap<string, number>;
  readonly hasHadAny: boolean;
}

export interface PeopleSession extends MemberSession, Omit<FragmentsSession, 'roles'> {
  readonly needs: { readonly clock: Pick<Clock, 'monotonic'>; readonly settings: SettingsReader };
  readonly phase: Phase;
  readonly flow: MessageFlow;
  readonly storedFirst: StoredFirst;
  readonly logWriter: SessionLogWriter;
  readonly roles: Roles;
  /** Thumbnails that a member may have been asked for. */
  readonly thumbnails: { forget(member: Member): void };
  readonly autoReset: { memberLost(member: Member): void };
  readonly stream: { memberLost(member: Member, how: { hasLeft: boolean }): void; tryApply(): void };
  remember(entry: JournalEntry): void;
  /** Notifies the lobby. */
  changed(): void;
  /** The first canvas will never be complete. */
  hostLeft(): void;
}

const activeDrawerMs = 5 * 60_000;

export class People implements Present {
  readonly #session: PeopleSession;
  readonly #members: Member[] = [];
  readonly #byId = new Map<number, Member>();
  readonly #past = new Map<number, PastMember>();
  readonly #userIds: UserIds;
  readonly #positions: Positions;
  /** When users lost their connection who have not returned, by identity; monotonic milliseconds. */
  readonly #lost = new Map<string, number>();
  #hasHadAny = false;

  constructor(session: PeopleSession, saved: SavedSession) {
    this.#session = session;
    this.#userIds = new UserIds(saved.userIds);
    this.#positions = new Positions((entry) => session.remember(entry));
  }

  /** In the order of joining. */
  get members(): readonly Member[] {
    return this.#members;
  }

  /** Past users by their last id. */
  get past(): ReadonlyMap<number, PastMember> {
    return this.#past;
  }

  get count(): number {
    return this.#members.length;
  }

  /** Ghosts do not count (sessions.md §23.1). */
  get isEmpty(): boolean {
    return this.#members.every((member) => member.isGhost);
  }

  /** Whether anybody has been here since the start. */
  get hasHadAny(): boolean {
    return this.#hasHadAny;
  }

  /** Number of members who drew in the last five minutes. */
  get activeDrawerCount(): number {
    const since = this.#session.needs.clock.monotonic() - activeDrawerMs;
    return this.#members.filter(({ lastDrawing }) => lastDrawing !== undefined && lastDrawing > since).length;
  }

  get(id: number): Member | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): Member | undefined {
    const exact = this.#members.find((member) => member.name === name);
    if (exact) return exact;
    const wanted = canonicalName(name);
    return this.#members.find((member) => member.canonicalName === wanted);
  }

  isHere(member: Member): boolean {
    return this.#byId.get(member.id) === member;
  }

  /** Whether somebody lost the connection within the last `lingerMs` milliseconds and has not come back. */
  isAwaitingLost(lingerMs: number): boolean {
    const since = this.#session.needs.clock.monotonic() - lingerMs;
    for (const [identity, at] of this.#lost) if (at <= since) this.#lost.delete(identity);
    return this.#lost.size > 0;
  }

  /** The id for a joining user; undefined if none is free. */
  chooseId(name: string): number | undefined {
    return this.#userIds.choose(name, (id) => this.#byId.has(id));
  }

  /** The place after which a returning person may continue reading, if `hidx` names one. sessions.md §16 */
  skipPosition(hidx: string, userInfo: UserInfo): number | undefined {
    const position = this.#session.flow.positionFrom(hidx);
    if (position === undefined) return undefined;
    const last = this.#positions.of(userInfo);
    const current = this.byName(userInfo.name)?.historyPosition;
    const read = Math.max(last ?? -1, current ?? -1);
    return position <= read ? position : undefined;
  }

  /** Restores what was known before a restart. `usedIds`: in the order in which they became free. */
  restore(saved: SavedSession, stored: { usedIds: readonly number[]; lastIndex: number }): void {
    for (const id of stored.usedIds) this.#userIds.used(id);
    this.#positions.restore(saved.reads.values(), stored.lastIndex);
  }

  /** For a successor of this process. */
  handOver(): HandedPeople {
    const now = this.#session.needs.clock.monotonic();
    return {
      members: this.#members.map((member) => member.handOver(now)),
      past: this.#past,
      ids: this.#userIds.handOver(),
      positions: this.#positions.handOver(),
      lostAgo: new Map([...this.#lost].map(([identity, at]) => [identity, now - at])),
      hasHadAny: this.#hasHadAny,
    };
  }

  /** Nobody is notified of anything: for users nothing happens. `linkOf`: of the member with this id. */
  takeOver(handed: HandedPeople, linkOf: (id: number) => MemberLink): void {
    const session = this.#session;
    const now = session.needs.clock.monotonic();
    for (const [id, past] of handed.past) this.#past.set(id, past);
    this.#userIds.takeOver(handed.ids);
    this.#positions.takeOver(handed.positions);
    for (const [identity, ago] of handed.lostAgo) this.#lost.set(identity, now - ago);
    this.#hasHadAny = handed.hasHadAny;
    for (const each of handed.members) {
      const cursor = session.flow.history.cursorAt(each.nextIndex);
      const member = new Member(session, each.id, each.userInfo, linkOf(each.id), cursor, now);
      member.takeOver(each, now);
      this.#members.push(member);
      this.#byId.set(member.id, member);
    }
  }

  /** Adds a user whose login is complete and answered; sessions.md §5.1. */
  join(
    id: number,
    userInfo: UserInfo,
    link: MemberLink,
    options: { isHost: boolean; skipTo?: number },
  ): Member {
    const session = this.#session;
    const { flow, needs, phase, roles } = session;
    const old = this.#byId.get(id);
    const isKept = options.skipTo !== undefined && options.skipTo >= flow.history.firstIndex;
    const skipTo = isKept ? options.skipTo : undefined;
    const member = new Member(session, id, userInfo, link, flow.cursorAfter(skipTo), needs.clock.monotonic());
    this.#lost.delete(lostKey(userInfo));
    this.#members.push(member);
    session.storedFirst.include(link.connection);
    this.#hasHadAny = true;
    this.#byId.set(id, member);
    if (old) old.disconnect('kick', old.name, 'Replaced by rejoining');
    this.#past.delete(id);
    link.overwriteContextIds(id);
    if (options.isHost) {
      phase.hostArrived(member);
      member.readOnFrom(flow.history.cursorAt(flow.history.lastIndex + 1));
      link.overwriteContextIds(-1);
    } else {
      if (phase.isInitializing) member.hold('initialization');
      flow.sendCatchup(member, skipTo);
    }
    if (member.isGhost) member.send(replies.alert(texts.ghost));
    else flow.store(serverMessages.join(id, member.joinFlags, member.name, userInfo.avatar));
    roles.welcome(member);
    session.logWriter.replayTo(member);
    const welcome = needs.settings.get('welcomeMessage');
    if (welcome) member.send(replies.message(welcome));
    sendFragments(session, ['announcements', 'banlist', 'muted', 'auth', 'invitelist']);
    this.#userIds.remember(member.name, id);
    session.remember({ key: 'user', id, name: member.name });
    this.#positions.came(userInfo);
    this.#noteJoin(member);
    session.changed();
    return member;
  }

  #noteJoin(member: Member): void {
    const { userInfo } = member;
    const text = member.isGhost ? 'Joined session as a ghost' : 'Joined session';
    this.#session.writeLog('info', 'Join', text, member.logUser);
    const info = { address: userInfo.ip, ...userInfo.clientInfo, auth_id: member.authId };
    this.#session.writeLog('info', 'ClientInfo', JSON.stringify(info), member.logUser);
  }

  /** The member is gone, for whatever reason; a second call does nothing. sessions.md §5.4 */
  leave(member: Member, departure: Departure): void {
    const at = this.#members.indexOf(member);
    if (at < 0) return;
    const session = this.#session;
    const { flow, phase, roles, stream } = session;
    this.#members.splice(at, 1);
    if (this.isHere(member)) this.#byId.delete(member.id);
    const { userInfo } = member;
    this.#positions.left(userInfo, member.historyPosition);
    if (departure === 'lost' && !member.isGhost) this.#awaitReturn(member);
    member.drop();
    this.#past.set(member.id, {
      name: member.name,
      authId: member.authId,
      ip: banAddress(userInfo.ip),
      address: userInfo.ip,
      sid: userInfo.sid,
      isBannable: !member.isModerator,
    });
    session.writeLog(
      'info',
      'Leave',
      member.isGhost ? 'Left session as a ghost' : 'Left session',
      member.logUser,
    );
    const wasHost = phase.host === member;
    phase.resetOf(member)?.cancel();
    session.thumbnails.forget(member);
    session.autoReset.memberLost(member);
    stream.memberLost(member, { hasLeft: true });
    if (!member.isGhost) flow.store(serverMessages.leave(member.id));
    this.#userIds.used(member.id);
    if (phase.isEnded) return;
    if (wasHost) {
      session.hostLeft();
      return;
    }
    roles.promoteLastResort();
    stream.tryApply();
    session.changed();
    if (!phase.isEnded && this.#members.length === 0) session.writeLog('info', 'Status', 'Last user left.');
  }

  #awaitReturn({ userInfo, isOperator }: Member): void {
    const { needs, roles } = this.#session;
    this.#lost.set(lostKey(userInfo), needs.clock.monotonic());
    if (this.#lost.size > rememberedAtMost) this.#lost.delete(this.#lost.keys().next().value as string);
    if (isOperator) roles.awaitReturn(needs.settings.get('droppedSessionLingerTime') * 1000);
  }

  /** The session runs: handles the held messages of those who joined early. */
  releaseAll(): void {
    for (const member of [...this.#members]) member.release('initialization');
  }

  /** The server stops: their leaves belong to the stored history, so that a reload finds nobody in it. */
  storeLeaves(): void {
    for (const member of this.#members) {
      if (!member.isGhost) this.#session.flow.storeBeyondLimit(serverMessages.leave(member.id));
    }
  }

  disconnectAll(text: string): void {
    for (const member of [...this.#members]) member.disconnect('shutdown', text);
  }

  /** Nobody is notified that the session is over; each user gets only their own messages from now on. sessions.md §23.4 */
  leaveAlone(): void {
    for (const member of this.#members) {
      member.drop();
      member.link.overwriteContextIds(-1);
    }
  }
}

/** Identifies a user across connections: account or system id, and name. */
function lostKey(userInfo: UserInfo): string {
  return `${userInfo.authId || userInfo.sid}\n${canonicalName(userInfo.name)}`;
}

// Operators and trusted users: who they are, how that is stored, and how members are notified (sessions.md
// §7.4–§7.6).
import type { Buffer } from 'node:buffer';
import type { JsonObject } from '../protocol/command.js';
import { type AccountRole, AccountRoles, roleKey } from './account-roles.js';
import type { Action, ActionRecorder } from './actions.js';
import { type Actor, actorOf, byServer, memberOf, nameOf } from './actor.js';
import { type FragmentsSession, sendFragments } from './fragments.js';
import { GuestRoles } from './guest-roles.js';
import type { Invites } from './invites.js';
import type { Member } from './member.js';
import type { Clock, Timer } from './needs.js';
import type { Phase } from './phase.js';
import { replies, serverMessages } from './replies.js';
import type { SavedSession } from './saved.js';
import type { SessionLogger } from './session-log-writer.js';
import { texts } from './texts.js';

/** Who decided, or how somebody got a role by themselves. */
export type Decider =
  /** `isList`: by the `auth-list` command, which stores as the server. */
  | { readonly actor: Actor; readonly isList?: true }
  | 'password'
  /** Who made the invite; '' = an administrator. */
  | { readonly inviteBy: string };

type RoleAction = Action<'op' | 'deop' | 'trust' | 'untrust'>;

const server: Decider = { actor: byServer };
const offlineShownAtMost = 32;

export interface RolesSession extends Omit<FragmentsSession, 'invites'>, SessionLogger, ActionRecorder {
  readonly needs: { readonly clock: Pick<Clock, 'monotonic' | 'after'> };
  readonly phase: Pick<Phase, 'isEnded' | 'resetOf'>;
  readonly opword: { readonly isSet: boolean };
  readonly invites: Pick<Invites, 'all' | 'find' | 'removeOldest'>;
  readonly flow: {
    readonly rememberedBytesAtMost: number;
    store(frame: Buffer): void;
    storeFrom(member: Member, frame: Buffer): void;
    sendToAll(frame: Buffer): void;
  };
  /** Notifies a new operator of earlier events. */
  operatorMade(member: Member): void;
  /** Tasks of operators only. */
  readonly autoReset: { memberLost(member: Member): void };
  readonly stream: { memberLost(member: Member, how: { hasLeft: boolean }): void };
}

export class Roles {
  readonly #session: RolesSession;
  readonly accounts: AccountRoles;
  readonly guests: GuestRoles;
  /** Until then nobody becomes operator for want of another, by the monotonic clock. */
  #awaitedUntil = Number.NEGATIVE_INFINITY;
  #waiting: Timer | undefined;
  #hasOldLists = false;
  #isFullReported = false;

  constructor(session: RolesSession, saved: SavedSession) {
    this.#session = session;
    this.guests = new GuestRoles(saved.guestRoles, (entry) => session.write(entry));
    this.accounts = new AccountRoles(
      {
        flow: {
          get rememberedBytesAtMost() {
            return session.flow.rememberedBytesAtMost;
          },
        },
        write: (entry) => session.write(entry),
        rolesAreFull: () => this.#reportFull(),
      },
      saved,
    );
  }

  /** Once: it will be so for each that follows. */
  #reportFull(): void {
    if (this.#isFullReported) return;
    this.#isFullReported = true;
    this.#session.writeLog('warn', 'Status', texts.rolesFull);
    for (const member of this.#session.people.members)
      if (member.isOperator) member.send(replies.alert(texts.rolesFull));
  }

  /** What a newcomer is: sessions.md §5.1 steps 4 (memory of the name) to 7. */
  welcome(member: Member): void {
    const session = this.#session;
    const { authId } = member;
    const invite = member.userInfo.inviteSecret
      ? session.invites.find(member.userInfo.inviteSecret)
      : undefined;
    if (member.isRegistered && !member.isGhost) this.accounts.name(authId, member.name);
    // A moderator is operator from the start, so nobody is notified of a change.
    member.become('operator', member.isModerator);
    if (member.isModerator) session.operatorMade(member);
    if (
      member.isModerator ||
      this.accounts.has(authId, 'operator') ||
      this.guests.has(member.userInfo, 'operator')
    ) {
      this.#makeOperator(member, server, true);
    } else if (invite?.op) {
      this.#makeOperator(member, { inviteBy: invite.creator }, true);
    }
    if (
      member.has('TRUSTED') ||
      this.accounts.has(authId, 'trusted') ||
      this.guests.has(member.userInfo, 'trusted')
    ) {
      this.#makeTrusted(member, server);
    } else if (invite?.trust) {
      this.#makeTrusted(member, { inviteBy: invite.creator });
    }
    member.become('muted', !member.isModerator && this.guests.has(member.userInfo, 'muted'));
    this.promoteLastResort();
    this.#correctOldLists();
  }

  /** The history was found in the store: its last lists may name ids of people who are gone, without a word of it. */
  listsAreOld(): void {
    this.#hasOldLists = true;
  }

  /** Clients trust the last list in the history: for them, a new user with an old id would be operator. */
  #correctOldLists(): void {
    if (!this.#hasOldLists) return;
    this.#hasOldLists = false;
    const ids = (has: (member: Member) => boolean) =>
      this.#session.people.members.filter(has).map(({ id }) => id);
    this.#store(
      server,
      serverMessages.sessionOwner(
        0,
        ids((member) => member.isOperator),
      ),
    );
    this.#store(
      server,
      serverMessages.trustedUsers(
        0,
        ids((member) => member.isTrusted),
      ),
    );
  }

  /** The first one in becomes operator when nobody else can, and nobody who was one may come back. sessions.md §7.5 */
  promoteLastResort(): void {
    const session = this.#session;
    if (session.phase.isEnded || session.opword.isSet || this.accounts.count('operator') > 0) return;
    const people = session.people.members.filter((member) => !member.isGhost);
    const first = people[0];
    if (!first || people.some((member) => member.isOperator)) return;
    const restMs = this.guests.hasOperator ? this.#awaitedUntil - session.needs.clock.monotonic() : 0;
    if (restMs <= 0) {
      this.#makeOperator(first, server);
      return;
    }
    this.#waiting ??= session.needs.clock.after(restMs, () => {
      this.#waiting = undefined;
      this.promoteLastResort();
    });
  }

  /** An operator may return within so many milliseconds: until then nobody is promoted instead. */
  awaitReturn(ms: number): void {
    this.#awaitedUntil = Math.max(this.#awaitedUntil, this.#session.needs.clock.monotonic() + ms);
  }

  /** For a successor of this process. */
  handOver(): { awaitedMs: number; hasOldLists: boolean; isFullReported: boolean } {
    const awaitedMs = this.#awaitedUntil - this.#session.needs.clock.monotonic();
    return { awaitedMs, hasOldLists: this.#hasOldLists, isFullReported: this.#isFullReported };
  }

  takeOver(handed: ReturnType<Roles['handOver']>): void {
    this.#awaitedUntil = this.#session.needs.clock.monotonic() + handed.awaitedMs;
    this.#hasOldLists = handed.hasOldLists;
    this.#isFullReported = handed.isFullReported;
  }

  stopWaiting(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }

  #makeOperator(member: Member, by: Decider, isSilent = false): void {
    const ids = this.#session.people.members.filter((each) => each.isOperator).map((each) => each.id);
    this.setOperators(new Set([...ids, member.id]), by, isSilent);
  }

  /** Only in a join: the lists follow by themselves. */
  #makeTrusted(member: Member, by: Decider): void {
    const ids = this.#session.people.members.filter((each) => each.isTrusted).map((each) => each.id);
    this.setTrusted(new Set([...ids, member.id]), by, true);
  }

  /** Sets one role of one member; returns the action, or undefined if nothing changed. */
  setOne(member: Member, role: AccountRole, isWanted: boolean, by: Decider): RoleAction | undefined {
    const has = (each: Member) => (role === 'operator' ? each.isOperator : each.isTrusted);
    const ids = new Set(this.#session.people.members.filter(has).map((each) => each.id));
    if (isWanted) ids.add(member.id);
    else ids.delete(member.id);
    const isList = isByList(by);
    const actions =
      role === 'operator' ? this.setOperators(ids, by, isList) : this.setTrusted(ids, by, isList);
    return actions[0];
  }

  /** Makes exactly these ids operators (moderators always are), and stores the new list. `isSilent`: the lists follow later. */
  setOperators(wanted: ReadonlySet<number>, by: Decider, isSilent = false): readonly RoleAction[] {
    const session = this.#session;
    const actions: RoleAction[] = [];
    for (const member of [...session.people.members]) {
      const isOperator = wanted.has(member.id) || member.isModerator;
      if (isOperator === member.isOperator) continue;
      member.become('operator', isOperator);
      actions.push(this.#recorded('operator', isOperator, member, by));
      if (!member.isGhost) this.#notify(member, isOperator, 'operator', by);
      if (!member.isModerator) this.#rememberOf(member, 'operator', isOperator);
      if (isOperator) session.operatorMade(member);
      else this.#afterDeop(member);
    }
    if (actions.length > 0 && !isSilent) {
      sendFragments(session, ['auth', 'banlist', 'invitelist'], { clearsOthers: true });
    }
    const ids = session.people.members.filter((member) => member.isOperator).map((member) => member.id);
    this.#hasOldLists = false;
    this.#store(by, serverMessages.sessionOwner(authorOf(by)?.id ?? 0, ids));
    return actions;
  }

  /** A resetter or streamer who loses the role loses the task too (sessions.md §13.3, §14.6). */
  #afterDeop(member: Member): void {
    const session = this.#session;
    session.autoReset.memberLost(member);
    session.stream.memberLost(member, { hasLeft: false });
    if (session.phase.resetOf(member)) {
      member.disconnect('error', texts.resetterDeopped);
    }
  }

  setTrusted(wanted: ReadonlySet<number>, by: Decider, isSilent = false): readonly RoleAction[] {
    const session = this.#session;
    const actions: RoleAction[] = [];
    for (const member of session.people.members) {
      const isTrusted = wanted.has(member.id);
      if (isTrusted === member.isTrusted) continue;
      member.become('trusted', isTrusted);
      actions.push(this.#recorded('trusted', isTrusted, member, by));
      if (!member.isGhost) this.#notify(member, isTrusted, 'trusted', by);
      this.#rememberOf(member, 'trusted', isTrusted);
    }
    if (actions.length > 0 && !isSilent) sendFragments(session, ['auth', 'invitelist']);
    const ids = session.people.members.filter((member) => member.isTrusted).map((member) => member.id);
    this.#store(by, serverMessages.trustedUsers(authorOf(by)?.id ?? 0, ids));
    return actions;
  }

  /** A role of a registered person who is not here; undefined: it is so already, or no more is remembered. */
  setAbsent(
    authId: string,
    role: AccountRole,
    has: boolean,
    by: { readonly actor: Actor },
  ): RoleAction | undefined {
    if (!this.accounts.set(authId, role, has)) return undefined;
    const person = { id: 0, ip: '', name: this.accounts.nameOf(authId) ?? authId };
    const effect = { person, how: byText(by), account: authId };
    const action: RoleAction = { kind: roleKey(role, has), actor: by.actor, effect };
    this.#session.recordAction(action);
    return action;
  }

  #recorded(role: AccountRole, has: boolean, member: Member, by: Decider): RoleAction {
    const actor =
      by === 'password'
        ? actorOf(member)
        : 'inviteBy' in by
          ? ({ kind: 'rule', rule: 'invite' } as const)
          : by.actor;
    const effect = { person: member.logUser, how: byText(by) };
    const action: RoleAction = { kind: roleKey(role, has), actor, effect };
    this.#session.recordAction(action);
    return action;
  }

  /** The list of a resetter belongs in its image. sessions.md §13.2 */
  #store(by: Decider, frame: Buffer): void {
    const author = authorOf(by);
    if (author) this.#session.flow.storeFrom(author, frame);
    else this.#session.flow.store(frame);
  }

  #rememberOf(member: Member, role: AccountRole, has: boolean): void {
    if (member.isRegistered) this.accounts.set(member.authId, role, has);
    else this.guests.set(member.userInfo, role, has);
  }

  #notify(member: Member, has: boolean, role: AccountRole, by: Decider): void {
    const target = member.name;
    const invite = by !== 'password' && 'inviteBy' in by && has ? by : undefined;
    const isInvite = invite !== undefined;
    const creator = invite?.inviteBy ?? '';
    const who =
      by === 'password' ? by : 'actor' in by && by.actor !== byServer ? nameOf(by.actor) : undefined;
    const verb = has ? 'give' : 'take';
    const key = `${role === 'operator' ? 'op' : 'trust'}${verb}${isInvite ? 'invite' : ''}` as
      | 'opgive'
      | 'optake'
      | 'opgiveinvite'
      | 'trustgive'
      | 'trusttake'
      | 'trustgiveinvite';
    const parameters = {
      target,
      ...(isInvite ? creator !== '' && { creator } : who !== undefined && { by: who }),
    };
    const what = has
      ? role === 'operator'
        ? 'made operator'
        : 'trusted'
      : role === 'operator'
        ? 'operator status revoked'
        : 'trust revoked';
    this.#session.flow.sendToAll(replies.keyed('msg', key, parameters, `${target} ${what} ${byText(by)}`));
  }

  /** SessionOwner (34) from a client. sessions.md §7.4 */
  receiveOwners(member: Member, bytes: Uint8Array, start: number, end: number): void {
    if (!member.isOperator) {
      this.#session.writeLog(
        'warn',
        'RuleBreak',
        'Tried to change operators without being an operator',
        member.logUser,
      );
      return;
    }
    this.setOperators(new Set([...bytes.subarray(start, end), member.id]), { actor: actorOf(member) });
  }

  /** TrustedUsers (36) from a client. sessions.md §7.6 */
  receiveTrusted(member: Member, bytes: Uint8Array, start: number, end: number): void {
    if (!member.isOperator) {
      this.#session.writeLog(
        'warn',
        'RuleBreak',
        'Tried to change trusted users without being an operator',
        member.logUser,
      );
      return;
    }
    this.setTrusted(new Set(bytes.subarray(start, end)), { actor: actorOf(member) });
  }

  /** All remembered registered people, for the `auth` list (sessions.md §9.2); shorter where it must be. */
  authList(): JsonObject[] {
    const online = new Map(
      this.#session.people.members.filter((each) => each.isRegistered).map((each) => [each.authId, each]),
    );
    let bare = 0;
    const list: JsonObject[] = [];
    for (const authId of this.accounts.all) {
      const member = online.get(authId);
      const isOp = this.accounts.has(authId, 'operator');
      const isTrusted = this.accounts.has(authId, 'trusted');
      if (!member && !isOp && !isTrusted && ++bare > offlineShownAtMost) continue;
      list.push({
        authId,
        username: this.accounts.nameOf(authId) ?? '',
        ...(isOp && { op: true }),
        ...(isTrusted && { trusted: true }),
        ...(member?.isModerator && { mod: true }),
      });
    }
    return list;
  }

  isOnline(authId: string): boolean {
    return this.#session.people.members.some((member) => member.authId === authId);
  }
}

function isByList(by: Decider): boolean {
  return by !== 'password' && 'isList' in by;
}

/** The member who sent the message; undefined: none. */
function authorOf(by: Decider): Member | undefined {
  return by !== 'password' && 'actor' in by && !by.isList ? memberOf(by.actor) : undefined;
}

function byText(by: Decider): string {
  if (by === 'password') return 'by password';
  if ('actor' in by) return `by ${nameOf(by.actor)}`;
  return by.inviteBy === ''
    ? 'via invite created by an administrator'
    : `via invite created by ${by.inviteBy}`;
}

// Kicking users out of a session, banning them and lifting bans (sessions.md §8.1, §17), for every actor.
import type { Buffer } from 'node:buffer';
import { type Reason, reason } from '../errors/reason.js';
import type { Action, ActionRecorder, Refused } from './actions.js';
import { type Actor, memberOf, nameOf } from './actor.js';
import { type FragmentsSession, sendFragments } from './fragments.js';
import type { Member, Present, UserInfo } from './member.js';
import type { PastMember } from './people.js';
import { replies } from './replies.js';
import type { BannablePerson, SessionBans } from './session-bans.js';
import { texts } from './texts.js';

export interface BanSession extends FragmentsSession, ActionRecorder {
  readonly bans: SessionBans;
  readonly people: Present & { readonly past: ReadonlyMap<number, PastMember> };
  readonly flow: { sendToAll(frame: Buffer): void };
}

export interface KickSession extends BanSession {
  readonly roles: BanSession['roles'] & { readonly guests: { revoke(userInfo: UserInfo): void } };
}

export function personOf(member: Member): BannablePerson {
  const { name, authId, ip, sid } = member.userInfo;
  return { username: name, authId, ip, sid };
}

/** Why the actor may not kick this member; undefined: they may. sessions.md §8.1 */
function kickRefusal(actor: Actor, target: Member): Reason | undefined {
  const by = memberOf(actor);
  if (!by) return undefined;
  if (by === target) return reason('kick-of-oneself');
  if (target.isModerator) return reason('kick-of-moderator');
  if (by.isOperator) return undefined;
  if (target.isOperator) return reason('kick-of-operator');
  return target.isTrusted ? reason('kick-of-trusted') : undefined;
}

/**
 * Disconnects a member, and bans it first if requested: the reason why a ban is refused is reported, the member is disconnected
 * all the same. `reason`: people read it behind the name of who acted.
 */
export function kick(
  session: KickSession,
  actor: Actor,
  target: Member,
  options: { isBan: boolean; reason?: string },
): Action<'kick'> | Refused {
  const refused = kickRefusal(actor, target);
  if (refused !== undefined) return { refused };
  const { isBan, reason = '' } = options;
  const name = reason === '' ? nameOf(actor) : `${nameOf(actor)} (${reason})`;
  const ban = isBan ? banPerson(session, actor, { ...personOf(target), id: target.id }) : undefined;
  const isBanned = ban !== undefined && !('refused' in ban);
  session.roles.guests.revoke(target.userInfo);
  const action = { kind: 'kick', actor, effect: { person: target.logUser, reason } } as const;
  session.recordAction(action);
  // Clients put the text into their own sentence, which speaks of a kick. It is the name alone when an operator
  // bans (sessions.md §8.1), who is notified separately.
  target.disconnectLogged('kick', isBanned && !memberOf(actor) ? texts.bannedBy(name) : name);
  if (!isBan) {
    const parameters = { target: target.name, by: name };
    session.flow.sendToAll(replies.keyed('msg', 'kick', parameters, texts.kicked(target.name, name)));
  }
  return ban && 'refused' in ban ? ban : action;
}

/** Also for somebody who has left, by the id that they had; undefined: nobody had it. */
export function banPast(session: BanSession, actor: Actor, id: number): Action<'ban'> | Refused | undefined {
  const past = session.people.get(id) ? undefined : session.people.past.get(id);
  if (!past) return undefined;
  if (memberOf(actor) && !past.isBannable) return { refused: reason('ban-not-possible') };
  return banPerson(session, actor, { ...past, id, username: past.name });
}

/** Everyone is notified who is banned, by the name they have: the ban itself may leave it out. */
function banPerson(
  session: BanSession,
  actor: Actor,
  person: BannablePerson & { id: number },
): Action<'ban'> | Refused {
  if (session.bans.find(person)) return { refused: reason('ban-there-already') };
  const by = memberOf(actor);
  const name = nameOf(actor);
  const ban = session.bans.add(person, by && personOf(by), name);
  if (ban === 'full') return { refused: reason('ban-list-full') };
  if (ban === 'useless') return { refused: reason('ban-without-marks') };
  session.write({ key: 'ban', ban });
  const user = { id: person.id, ip: person.ip, name: person.username };
  const action = { kind: 'ban', actor, effect: { person: user, ban: ban.id } } as const;
  session.recordAction(action);
  sendFragments(session, ['banlist']);
  const target = person.username;
  session.flow.sendToAll(replies.keyed('msg', 'ban', { target, by: name }, texts.banned(target, name)));
  return action;
}

/** Lifts a ban; returns undefined if there is none with this id. */
export function removeBan(session: BanSession, actor: Actor, id: number): Action<'unban'> | undefined {
  const ban = session.bans.remove(id);
  if (!ban) return undefined;
  session.write({ key: 'unban', id });
  const action = { kind: 'unban', actor, effect: { ban: id, name: ban.username } } as const;
  session.recordAction(action);
  sendFragments(session, ['banlist']);
  return action;
}

// Putting people out of a session and lifting bans (sessions.md §8.1, §17); for members and administrators alike.
import type { Buffer } from 'node:buffer';
import { type FragmentsRoom, sendFragments } from './fragments.js';
import type { Member, Visitor } from './member.js';
import { replies } from './replies.js';
import type { BannablePerson, SessionBans } from './session-bans.js';
import type { Notes } from './session-notes.js';
import { administrator, texts } from './texts.js';

export interface BanRoom extends FragmentsRoom, Notes {
  readonly bans: SessionBans;
  readonly flow: { sendToAll(frame: Buffer): void };
}

export interface KickRoom extends BanRoom {
  readonly roles: BanRoom['roles'] & { readonly guests: { revoke(visitor: Visitor): void } };
}

export function personOf(member: Member): BannablePerson {
  const { name, authId, ip, sid } = member.visitor;
  return { username: name, authId, ip, sid };
}

/** Adds a ban; the text says why there is none. `by` undefined: an administrator. */
export function banUser(
  session: BanRoom,
  person: BannablePerson & { id: number },
  by: Member | undefined,
): string | undefined {
  if (session.bans.find(person)) return 'This user is already banned';
  const ban = session.bans.add(person, by && personOf(by), by?.name ?? administrator);
  if (!ban) return 'This user could not be banned';
  session.write({ key: 'ban', ban });
  const user = { id: person.id, ip: person.ip, name: person.username };
  session.note('info', 'Ban', `Banned by ${ban.bannedBy} (ban ${ban.id})`, user);
  sendFragments(session, ['banlist']);
  return undefined;
}

/** Lifts a ban; nothing happens when there is none with this id. */
export function removeBan(session: BanRoom, id: number, by: Member | undefined): boolean {
  const ban = session.bans.remove(id);
  if (!ban) return false;
  session.write({ key: 'unban', id });
  session.note(
    'info',
    'Unban',
    `${ban.username || 'Someone'} unbanned by ${by?.name ?? administrator} (ban ${id})`,
  );
  sendFragments(session, ['banlist']);
  return true;
}

export function messageBan(session: BanRoom, target: string, by: Member | undefined): void {
  const name = by?.name ?? administrator;
  session.flow.sendToAll(replies.keyed('msg', 'ban', { target, by: name }, texts.banned(target, name)));
}

/**
 * Disconnects a member, and bans it first where that is wanted; the text is an error for who asked. `name`: how an
 * administrator is called.
 */
export function kick(
  session: KickRoom,
  target: Member,
  wish: { by: Member | undefined; isBan: boolean; name?: string },
): string | undefined {
  const { by, isBan } = wish;
  const name = wish.name ?? by?.name ?? administrator;
  let problem: string | undefined;
  if (isBan) {
    problem = banUser(session, { ...personOf(target), id: target.id }, by);
    if (problem === undefined) messageBan(session, target.name, by);
  }
  session.roles.guests.revoke(target.visitor);
  // Clients put the text into a sentence of their own, which speaks of a kick. It is the name alone when an operator
  // bans (sessions.md §8.1), who is told beside it.
  const isBanned = isBan && problem === undefined;
  target.disconnect('kick', isBanned && by === undefined ? texts.bannedBy(name) : name);
  if (!isBan) {
    session.flow.sendToAll(
      replies.keyed('msg', 'kick', { target: target.name, by: name }, texts.kicked(target.name, name)),
    );
  }
  return problem;
}

// The connected users as administrators see them (http.md §1.8), and disconnecting them.

import type { Peer } from '../core/peer/peer.js';
import type { Actor } from '../core/session/actor.js';
import { kick } from '../core/session/kick.js';
import type { Member } from '../core/session/member.js';
import { sendServerMessage } from '../core/session/server-message.js';
import type { Session } from '../core/session/session.js';
import { administrator } from '../core/session/texts.js';
import type { LiveServer } from './live.js';
import { type AdminNeeds, actorFor } from './operation.js';
import { record } from './recording.js';
import type { OnlinePerson, SessionMember } from './session-shapes.js';

export function findPeer(live: LiveServer, uid: string): Peer | undefined {
  for (const peer of live.peers.all) if (peer.uid === uid) return peer;
  return undefined;
}

/** The connection of a member. */
export function peerOf(live: LiveServer, member: Member): Peer | undefined {
  for (const peer of live.peers.all) if (peer.member === member) return peer;
  return undefined;
}

export function describePerson(live: LiveServer, peer: Peer): OnlinePerson {
  return live.peopleRows.online(peer);
}

/** As in the list of a session's users, people who have left at the end. */
export function describeMembers(live: LiveServer, session: Session): SessionMember[] {
  const peers = new Map<Member, Peer>();
  for (const peer of live.peers.all) if (peer.member) peers.set(peer.member, peer);
  const here = session.people.members.flatMap((member) => peers.get(member) ?? []);
  const online = live.peopleRows.members(here);
  const past = [...session.people.past].map(([id, { name, address, sid }]) => ({
    id,
    name,
    ip: address,
    s: sid,
    online: false,
  }));
  return [...online, ...past];
}

/** Disconnects a user; `isForced`: they were leaving already, and the connection was aborted. http.md §1.7.3 */
export async function kickPeer(
  needs: AdminNeeds,
  live: LiveServer,
  peer: Peer,
  message: string,
): Promise<{ isForced: boolean }> {
  const { member } = peer;
  const session = member && live.directory.find(member.session.id);
  if (member && session) {
    kick(session, actorFor(needs), member, { isBan: false, reason: message });
    return { isForced: false };
  }
  const isForced = peer.isClosed || member !== undefined;
  const { ip, name } = describePerson(live, peer);
  if (isForced) peer.abort('disconnected by the server administrator');
  else peer.disconnect('kick', message === '' ? administrator : `${administrator} (${message})`);
  const on = { kind: 'connection', name: peer.uid } as const;
  await record(needs, { on, before: { name, ip }, after: { message } });
  return { isForced };
}

/** A text for one user, marked as private. False: it does not fit into a message. */
export function messageMember(
  session: Session,
  actor: Actor,
  member: Member,
  text: string,
  isAlert: boolean,
): boolean {
  const sent = sendServerMessage(session, actor, { text, isAlert, to: member });
  return !(sent && 'refused' in sent);
}

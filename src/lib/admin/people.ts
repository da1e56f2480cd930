// Everyone who is connected, as administrators see them (http.md §1.8): who they are, and disconnecting them.

import type { Peer } from '../core/peer/peer.js';
import type { Actor } from '../core/session/actor.js';
import { kick } from '../core/session/kick.js';
import type { Member } from '../core/session/member.js';
import { timeOfDay } from '../core/session/needs.js';
import { sendServerMessage } from '../core/session/server-message.js';
import type { Session } from '../core/session/session.js';
import { administrator } from '../core/session/texts.js';
import { formatTimestamp } from '../core/units.js';
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

/** Reset parts under the names of http.md §1.7. */
const resetFlags = {
  none: [],
  queried: ['queried'],
  responded: ['responded'],
  awaiting: ['awaiting'],
  awaitingStream: ['awaiting'],
  streaming: ['streaming'],
} as const satisfies Record<Member['autoReset'], readonly string[]>;

/** A moment of the monotonic clock as text; none, or 0, is the epoch: that never happened (http.md §1.7). */
function momentText(live: LiveServer, moment: number | undefined): string {
  return formatTimestamp(moment ? timeOfDay(live.clock, moment) : 0);
}

/** Whether anything ever came from there. */
function hasSpoken(peer: Peer): boolean {
  return peer.receivedMessages > 0;
}

/** What both views of a person share. */
function factsOf(live: LiveServer, peer: Peer) {
  const { connection, member, login } = peer;
  const userInfo = member?.userInfo;
  const name = userInfo?.name ?? login?.identity?.name ?? '';
  const capabilities = userInfo?.capabilities;
  const at = (moment: number | undefined) => momentText(live, moment);
  return {
    id: member?.id ?? 0,
    uid: peer.uid,
    name,
    ip: connection.ip,
    s: userInfo?.sid ?? login?.clientInfo?.sid ?? '',
    auth: userInfo ? userInfo.authId !== '' : (login?.identity?.isGuest ?? true) === false,
    op: member?.isOperator ?? false,
    trusted: member?.isTrusted ?? false,
    muted: member?.isMuted ?? false,
    mod: userInfo?.isModerator ?? login?.identity?.isModerator ?? false,
    tls: connection.transport === 'tls',
    browser: connection.isBrowser,
    oldv: userInfo?.isMinorIncompatible ?? false,
    state: stateOf(peer),
    lastActive: at(member?.lastActive ?? (hasSpoken(peer) ? login?.since : undefined)),
    lastActiveDrawing: at(member?.lastDrawing),
    capabilities: {
      keepalive: capabilities?.has('KEEPALIVE') ?? false,
      thumbnail: capabilities?.has('THUMBNAIL') ?? false,
    },
  };
}

function stateOf(peer: Peer): OnlinePerson['state'] {
  if (peer.member) return peer.member.session.isEnded ? 'quiet_disconnect' : 'session';
  return peer.isClosed ? 'graceful_disconnect' : 'login';
}

/** As in the list of all users. */
export function describePerson(live: LiveServer, peer: Peer): OnlinePerson {
  const { member } = peer;
  return {
    ...factsOf(live, peer),
    ...(member
      ? { session: member.session.id }
      : { lastWithoutSession: momentText(live, hasSpoken(peer) ? peer.sessionlessSince : undefined) }),
  };
}

/** As in the list of a session's users, people who have left at the end. */
export function describeMembers(live: LiveServer, session: Session): SessionMember[] {
  const peers = new Map<Member, Peer>();
  for (const peer of live.peers.all) if (peer.member) peers.set(peer.member, peer);
  const online = session.people.members.flatMap((member) => {
    const peer = peers.get(member);
    return peer === undefined
      ? []
      : [
          {
            ...factsOf(live, peer),
            online: true,
            holdLocked: member.isHeld,
            resetFlags: [...resetFlags[member.autoReset]],
          },
        ];
  });
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
  const { ip, name } = factsOf(live, peer);
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

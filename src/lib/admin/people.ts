// Everyone who is connected, as administrators see them (http.md §1.8): who they are, and disconnecting them.

import type { Peer } from '../core/peer/peer.js';
import type { Actor } from '../core/session/actor.js';
import { kick } from '../core/session/kick.js';
import type { Member } from '../core/session/member.js';
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

/** Whether anything ever came from there. */
function hasSpoken(peer: Peer): boolean {
  return peer.receivedMessages > 0;
}

/** Seconds since 1970 of a moment of the monotonic clock; none, or 0, is the epoch: that never happened (http.md §1.7). */
type SecondOf = (moment: number | undefined) => number;

function secondsOf({ clock }: LiveServer): SecondOf {
  const start = clock.now() - clock.monotonic();
  return (moment) => (moment ? Math.floor(Math.round(start + moment) / 1000) : 0);
}

const secondText = (second: number) => formatTimestamp(second * 1000);

/** All that rows show of a person, in values that can be compared. */
type Facts = readonly [
  id: number,
  uid: string,
  name: string,
  ip: string,
  sid: string,
  hasAccount: boolean,
  isOperator: boolean,
  isTrusted: boolean,
  isMuted: boolean,
  isModerator: boolean,
  isEncrypted: boolean,
  isBrowser: boolean,
  isOlder: boolean,
  state: OnlinePerson['state'],
  lastActive: number,
  lastDrawing: number,
  canKeepAlive: boolean,
  canThumbnail: boolean,
  session: string | undefined,
  sessionlessSince: number,
  isHeld: boolean,
  autoReset: Member['autoReset'],
];

function factsOf(peer: Peer, secondOf: SecondOf): Facts {
  const { connection, member, login } = peer;
  const userInfo = member?.userInfo;
  const capabilities = userInfo?.capabilities;
  return [
    member?.id ?? 0,
    peer.uid,
    userInfo?.name ?? login?.identity?.name ?? '',
    connection.ip,
    userInfo?.sid ?? login?.clientInfo?.sid ?? '',
    userInfo ? userInfo.authId !== '' : (login?.identity?.isGuest ?? true) === false,
    member?.isOperator ?? false,
    member?.isTrusted ?? false,
    member?.isMuted ?? false,
    userInfo?.isModerator ?? login?.identity?.isModerator ?? false,
    connection.transport === 'tls',
    connection.isBrowser,
    userInfo?.isMinorIncompatible ?? false,
    stateOf(peer),
    secondOf(member?.lastActive ?? (hasSpoken(peer) ? login?.since : undefined)),
    secondOf(member?.lastDrawing),
    capabilities?.has('KEEPALIVE') ?? false,
    capabilities?.has('THUMBNAIL') ?? false,
    member?.session.id,
    member || !hasSpoken(peer) ? 0 : secondOf(peer.sessionlessSince),
    member?.isHeld ?? false,
    member?.autoReset ?? 'none',
  ];
}

function stateOf(peer: Peer): OnlinePerson['state'] {
  if (peer.member) return peer.member.session.isEnded ? 'quiet_disconnect' : 'session';
  return peer.isClosed ? 'graceful_disconnect' : 'login';
}

const isSame = (one: Facts, other: Facts) => one.every((fact, index) => fact === other[index]);

/** What both views of a person share. */
function sharedPart(facts: Facts) {
  const [id, uid, name, ip, s, auth, op, trusted, muted, mod, tls, browser, oldv, state, ...rest] = facts;
  const [lastActive, lastDrawing, keepalive, thumbnail] = rest;
  return {
    id,
    uid,
    name,
    ip,
    s,
    auth,
    op,
    trusted,
    muted,
    mod,
    tls,
    browser,
    oldv,
    state,
    lastActive: secondText(lastActive),
    lastActiveDrawing: secondText(lastDrawing),
    capabilities: { keepalive, thumbnail },
  };
}

function onlineRow(facts: Facts): OnlinePerson {
  const [session, sessionlessSince] = [facts[18], facts[19]];
  return {
    ...sharedPart(facts),
    ...(session === undefined ? { lastWithoutSession: secondText(sessionlessSince) } : { session }),
  };
}

function memberRow(facts: Facts): SessionMember {
  const [isHeld, autoReset] = [facts[20], facts[21]];
  return {
    ...sharedPart(facts),
    online: true,
    holdLocked: isHeld,
    resetFlags: [...resetFlags[autoReset]],
  };
}

/** Rows of people, the same object (frozen) as long as it would say the same: lists are asked for far more often than a person changes. */
export class PeopleRows {
  readonly #online = new WeakMap<Peer, { facts: Facts; row: OnlinePerson }>();
  readonly #members = new WeakMap<Peer, { facts: Facts; row: SessionMember }>();

  online(peer: Peer, facts: Facts): OnlinePerson {
    return kept(this.#online, peer, facts, onlineRow);
  }

  member(peer: Peer, facts: Facts): SessionMember {
    return kept(this.#members, peer, facts, memberRow);
  }
}

function kept<Row extends object>(
  rows: WeakMap<Peer, { facts: Facts; row: Row }>,
  peer: Peer,
  facts: Facts,
  make: (facts: Facts) => Row,
): Row {
  const known = rows.get(peer);
  if (known && isSame(known.facts, facts)) return known.row;
  const row = Object.freeze(make(facts));
  rows.set(peer, { facts, row });
  return row;
}

/** As in the list of all users. */
export function describePeople(live: LiveServer, peers: Iterable<Peer>): OnlinePerson[] {
  const secondOf = secondsOf(live);
  return Array.from(peers, (peer) => live.peopleRows.online(peer, factsOf(peer, secondOf)));
}

export function describePerson(live: LiveServer, peer: Peer): OnlinePerson {
  return describePeople(live, [peer])[0]!;
}

/** As in the list of a session's users, people who have left at the end. */
export function describeMembers(live: LiveServer, session: Session): SessionMember[] {
  const secondOf = secondsOf(live);
  const peers = new Map<Member, Peer>();
  for (const peer of live.peers.all) if (peer.member) peers.set(peer.member, peer);
  const online = session.people.members.flatMap((member) => {
    const peer = peers.get(member);
    return peer === undefined ? [] : [live.peopleRows.member(peer, factsOf(peer, secondOf))];
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

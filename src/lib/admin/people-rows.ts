// Rows of the lists of people (http.md §1.7, §1.8). They are the same object (frozen) as long as they would say the same:
// lists are asked for far more often than a person changes, and a row that did not change is not written again.

import type { Peer } from '../core/peer/peer.js';
import type { Member } from '../core/session/member.js';
import type { Clock } from '../core/session/needs.js';
import { formatTimestamp } from '../core/units.js';
import type { OnlinePerson, SessionMember } from './session-shapes.js';

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

function secondsOf(clock: Clock): SecondOf {
  const start = clock.now() - clock.monotonic();
  return (moment) => (moment ? Math.floor(Math.round(start + moment) / 1000) : 0);
}

const secondText = (second: number) => formatTimestamp(second * 1000);

/** All that rows show of a person, in values that can be compared. */
type Facts = readonly [
  session: string | undefined,
  sessionlessSince: number,
  isHeld: boolean,
  autoReset: Member['autoReset'],
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
];

function factsOf(peer: Peer, secondOf: SecondOf): Facts {
  const { connection, member, login } = peer;
  const userInfo = member?.userInfo;
  const capabilities = userInfo?.capabilities;
  return [
    member?.session.id,
    member || !hasSpoken(peer) ? 0 : secondOf(peer.sessionlessSince),
    member?.isHeld ?? false,
    member?.autoReset ?? 'none',
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
  ];
}

function stateOf(peer: Peer): OnlinePerson['state'] {
  if (peer.member) return peer.member.session.isEnded ? 'quiet_disconnect' : 'session';
  return peer.isClosed ? 'graceful_disconnect' : 'login';
}

const isSame = (one: Facts, other: Facts) => one.every((fact, index) => fact === other[index]);

/** What both views of a person share. */
function sharedPart(facts: Facts) {
  const [, , , , id, uid, name, ip, s, auth, op, trusted, muted, mod, ...rest] = facts;
  const [tls, browser, oldv, state, lastActive, lastDrawing, keepalive, thumbnail] = rest;
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
  const [session, sessionlessSince] = facts;
  return {
    ...sharedPart(facts),
    ...(session === undefined ? { lastWithoutSession: secondText(sessionlessSince) } : { session }),
  };
}

function memberRow(facts: Facts): SessionMember {
  const [, , isHeld, autoReset] = facts;
  return {
    ...sharedPart(facts),
    online: true,
    holdLocked: isHeld,
    resetFlags: [...resetFlags[autoReset]],
  };
}

export class PeopleRows {
  readonly #clock: Clock;
  readonly #online = new WeakMap<Peer, { facts: Facts; row: OnlinePerson }>();
  readonly #members = new WeakMap<Peer, { facts: Facts; row: SessionMember }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As in the list of all who are connected. */
  online(peer: Peer, secondOf = secondsOf(this.#clock)): OnlinePerson {
    return kept(this.#online, peer, factsOf(peer, secondOf), onlineRow);
  }

  allOnline(peers: Iterable<Peer>): OnlinePerson[] {
    const secondOf = secondsOf(this.#clock);
    return Array.from(peers, (peer) => this.online(peer, secondOf));
  }

  /** As in the list of a session's users. */
  members(peers: Iterable<Peer>): SessionMember[] {
    const secondOf = secondsOf(this.#clock);
    return Array.from(peers, (peer) => kept(this.#members, peer, factsOf(peer, secondOf), memberRow));
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

// Operations on live sessions and the people in them. A session is named by id, by the beginning of an id, or by alias.

import { canonicalAddress } from '../core/addresses.js';
import { Fault, Refusal } from '../core/errors.js';
import type { JsonObject } from '../core/protocol/command.js';
import { frameLength } from '../core/protocol/frame.js';
import { byAdministrator } from '../core/session/actor.js';
import { announce, unlist } from '../core/session/announcing.js';
import type { SessionDescription } from '../core/session/description.js';
import { endSession } from '../core/session/ending.js';
import { createInvite, removeInvite } from '../core/session/inviting.js';
import { banPast, kick, removeBan } from '../core/session/kick.js';
import type { Clock } from '../core/session/needs.js';
import type { Session } from '../core/session/session.js';
import { closest } from '../core/settings/closest.js';
import { requireLive } from './live.js';
import type { AdminNeeds } from './operation.js';
import { describeMembers, describePerson, findPeer, kickPeer, peerOf, tellMember } from './people.js';
import {
  changeOpenSession,
  describeFully,
  describeInvite,
  describeSessions,
  listingsOf,
  requireMember,
  requireSession,
  rolesRefusal,
  sayInSession,
  sessionSettingKeys,
  setRoles,
} from './session-actions.js';

interface InSession {
  session: string;
}
interface OfMember extends InSession {
  /** User id or name. */
  user: string | number;
}

export async function listSessions(
  needs: AdminNeeds,
  input: { onlyListed?: boolean },
): Promise<SessionDescription[]> {
  return describeSessions(requireLive(needs), input.onlyListed ?? false);
}

/** The full form of http.md §1.7.2 with what it has no room for. */
export async function getSession(needs: AdminNeeds, input: InSession): Promise<JsonObject> {
  const live = requireLive(needs);
  return fully(live, await requireSession(live, input.session));
}

function fully(live: ReturnType<typeof requireLive>, session: Session): JsonObject {
  return {
    ...describeFully(live, session),
    preserveChat: session.options.preserveChat,
    bans: bansOf(session),
  };
}

function bansOf(session: Session): JsonObject[] {
  return session.bans.all.map(({ id, username, authId, ip, sid, bannedBy }) => ({
    id,
    username,
    authId,
    ip: canonicalAddress(ip) ?? ip,
    sid,
    bannedBy,
  }));
}

/** Keys as in http.md §1.7.2; an unknown one is refused, so is a change that the server does not allow at all. */
export async function setSession(
  needs: AdminNeeds,
  input: InSession & { change: Readonly<Record<string, unknown>> },
): Promise<JsonObject> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  for (const key of Object.keys(input.change)) {
    if (sessionSettingKeys.includes(key)) continue;
    const near = closest(key, sessionSettingKeys);
    throw new Refusal(
      'badInput',
      `sessions have no '${key}'`,
      near === undefined ? `They have: ${sessionSettingKeys.join(' ')}` : `did you mean '${near}'?`,
    );
  }
  const { isChanged, refusals } = await changeOpenSession(session, { ...input.change });
  if (!isChanged && refusals.length > 0) {
    throw new Refusal('refused', `nothing was changed; ${refusals.join('; ')}`);
  }
  return fully(live, session);
}

export async function killSession(
  needs: AdminNeeds,
  input: InSession & { reason?: string; isQuiet?: boolean },
): Promise<{ id: string; users: number }> {
  const live = requireLive(needs);
  if (input.isQuiet && input.reason) {
    throw new Refusal(
      'badInput',
      'a session that ends quietly tells nobody a reason',
      'leave out one of them',
    );
  }
  const session = await requireSession(live, input.session);
  const users = session.people.count;
  endSession(session, byAdministrator, { isQuiet: input.isQuiet ?? false, reason: input.reason ?? '' });
  return { id: session.id, users };
}

/** Without a session: to all of them. */
export async function messageSessions(
  needs: AdminNeeds,
  input: { session?: string; user?: string | number; text: string; isAlert?: boolean },
): Promise<{ sessions: number; users: number }> {
  const live = requireLive(needs);
  const isAlert = input.isAlert ?? false;
  if (input.text.trim() === '') throw new Refusal('badInput', 'there is nothing to say');
  const tooLong = new Refusal('badInput', 'the text is too long for one message');
  if (input.session === undefined) {
    const sessions = [...live.directory.all].filter(({ state }) => state.name !== 'stored');
    let users = 0;
    for (const session of sessions) {
      if (!sayInSession(session, input.text, isAlert)) throw tooLong;
      users += session.people.count;
    }
    return { sessions: sessions.length, users };
  }
  const session = await requireSession(live, input.session);
  if (input.user === undefined) {
    if (!sayInSession(session, input.text, isAlert)) throw tooLong;
    return { sessions: 1, users: session.people.count };
  }
  if (!tellMember(session, requireMember(session, input.user), input.text, isAlert)) throw tooLong;
  return { sessions: 1, users: 1 };
}

export async function listMembers(needs: AdminNeeds, input: InSession): Promise<JsonObject[]> {
  const live = requireLive(needs);
  return describeMembers(live, await requireSession(live, input.session));
}

export async function kickMember(
  needs: AdminNeeds,
  input: OfMember & { message?: string },
): Promise<{ user: string; isForced: boolean }> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  const member = requireMember(session, input.user);
  const peer = peerOf(live, member);
  if (!peer) throw new Refusal('notFound', `${member.name} is gone already`);
  return { user: member.name, ...kickPeer(live, peer, input.message ?? '') };
}

/** Also somebody who has left: by the id they had. */
export async function banMember(
  needs: AdminNeeds,
  input: OfMember,
): Promise<{ user: string; bans: JsonObject[] }> {
  const session = await requireSession(requireLive(needs), input.session);
  const { people } = session;
  const past = people.past.get(Number(input.user));
  let done = banPast(session, byAdministrator, Number(input.user)) as ReturnType<typeof kick> | undefined;
  let user = past?.name ?? '';
  if (!done) {
    const member = requireMember(session, input.user);
    user = member.name;
    done = kick(session, byAdministrator, member, { isBan: true });
  }
  if ('refused' in done) throw new Refusal('conflict', done.refused);
  return { user, bans: bansOf(session) };
}

export async function unbanMember(
  needs: AdminNeeds,
  input: InSession & { ban: number },
): Promise<{ bans: JsonObject[] }> {
  const session = await requireSession(requireLive(needs), input.session);
  if (!removeBan(session, byAdministrator, input.ban)) {
    throw new Refusal('notFound', `this session has no ban ${input.ban}`, 'Try: dp session show');
  }
  return { bans: bansOf(session) };
}

export async function setMemberRole(
  needs: AdminNeeds,
  input: OfMember & { op?: boolean; trusted?: boolean; muted?: boolean },
): Promise<JsonObject> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  const member = requireMember(session, input.user);
  const refused = rolesRefusal(member, input);
  if (refused !== undefined) throw new Refusal('refused', refused);
  setRoles(session, member, input);
  const peer = peerOf(live, member);
  return peer ? describePerson(live, peer) : {};
}

export async function inviteToSession(
  needs: AdminNeeds,
  input: InSession & { maxUses?: number; trust?: boolean; op?: boolean },
): Promise<JsonObject> {
  const session = await requireSession(requireLive(needs), input.session);
  const made = createInvite(session, byAdministrator, {
    maxUses: input.maxUses ?? 1,
    trust: input.trust ?? false,
    op: input.op ?? false,
  });
  if ('refused' in made) throw new Refusal('conflict', made.refused);
  return { ...describeInvite(made.invite, false), session: session.id };
}

export async function uninvite(
  needs: AdminNeeds,
  input: InSession & { secret: string },
): Promise<{ secret: string }> {
  const session = await requireSession(requireLive(needs), input.session);
  if ('refused' in removeInvite(session, byAdministrator, input.secret)) {
    throw new Refusal('notFound', `this session has no invite '${input.secret}'`, 'Try: dp session show');
  }
  return { secret: input.secret };
}

/** Asks the people in it to shorten its history, as when it has grown too long (sessions.md §14). */
export async function resetSession(needs: AdminNeeds, input: InSession): Promise<{ id: string }> {
  const session = await requireSession(requireLive(needs), input.session);
  if (!session.autoReset.askNow(byAdministrator)) {
    throw new Refusal(
      'refused',
      'nobody can reset this session now',
      'It takes an operator who is in it, and no reset that is under way.',
    );
  }
  return { id: session.id };
}

export async function announceSession(
  needs: AdminNeeds,
  input: InSession & { url: string },
): Promise<{ id: string }> {
  const session = await requireSession(requireLive(needs), input.session);
  const done = announce(session, byAdministrator, input.url);
  if ('refused' in done) throw new Refusal(done.why === 'unlisted' ? 'refused' : 'badInput', done.refused);
  return { id: session.id };
}

/** Without a url: everywhere. */
export async function unlistSession(
  needs: AdminNeeds,
  input: InSession & { url?: string },
): Promise<{ urls: readonly string[] }> {
  const session = await requireSession(requireLive(needs), input.session);
  const urls = session.listings.urls;
  if (
    input.url !== undefined &&
    !urls.includes(input.url) &&
    !listingsOf(session).some(({ url }) => url === input.url)
  ) {
    throw new Refusal('notFound', `this session is not listed at ${input.url}`, 'Try: dp session show');
  }
  unlist(session, byAdministrator, input.url ?? '');
  return { urls: input.url === undefined ? urls : [input.url] };
}

const exportBytesAtMost = 1024 * 1024;
const exportWaitMs = 5_000;

export interface HistoryPart {
  id: string;
  protocol: string;
  /** Messages as they go over the wire, in base64. */
  frames: string;
  /** From where to ask on; undefined: that was all. */
  next?: number;
  /** The last message of the moment that is exported: to be asked for with `next`. */
  until: number;
}

/** What is asked for is being read from the disk; false: that takes too long. */
function becomesReadable(clock: Clock, session: Session): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = session.flow.whenReadable(() => {
      timer.cancel();
      resolve(true);
    });
    const timer = clock.after(exportWaitMs, () => {
      stop();
      resolve(false);
    });
  });
}

/**
 * The history piece by piece, for a recording: as it is at the first request. `from`: index of the first message
 * wanted, `until`: what the first answer said. Refusal `conflict` when the session was reset since then.
 */
export async function exportSession(
  needs: AdminNeeds,
  input: InSession & { from?: number; until?: number },
): Promise<HistoryPart> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  const { history } = session;
  for (;;) {
    const { firstIndex } = history;
    if (input.from !== undefined && input.from < firstIndex) {
      throw new Refusal('conflict', 'the session was reset while it was exported', 'Try again.');
    }
    const until = input.until ?? history.lastIndex;
    const cursor = history.cursorAt(input.from ?? firstIndex);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    while (cursor.index <= until && bytes < exportBytesAtMost && history.firstIndex === firstIndex) {
      const wanted = until + 1 - cursor.index;
      const piece = history.read(cursor);
      if (piece) {
        pieces.push(Buffer.from(firstFrames(piece, wanted)));
        bytes += piece.length;
      } else if (!(await becomesReadable(live.clock, session))) {
        throw new Fault(`the history of session ${session.id} cannot be read at the moment`);
      }
    }
    // A reset while the disk was waited for: nothing of the old history goes with the new one.
    if (history.firstIndex !== firstIndex) continue;
    return {
      id: session.id,
      protocol: session.protocol,
      frames: Buffer.concat(pieces).toString('base64'),
      until,
      ...(cursor.index <= until && { next: cursor.index }),
    };
  }
}

/** So many frames from the start of `bytes`, or all of them. */
function firstFrames(bytes: Uint8Array, count: number): Uint8Array {
  let at = 0;
  for (let i = 0; i < count && at < bytes.length; i++) at += frameLength(bytes, at);
  return bytes.subarray(0, at);
}

// ---- everyone -------------------------------------------------------------------------------------------

export async function listOnline(needs: AdminNeeds, _: Record<never, never>): Promise<JsonObject[]> {
  const live = requireLive(needs);
  return [...live.peers.all].map((peer) => describePerson(live, peer));
}

export async function kickOnline(
  needs: AdminNeeds,
  input: { uid: string; message?: string },
): Promise<{ isForced: boolean }> {
  const live = requireLive(needs);
  const peer = findPeer(live, input.uid);
  if (!peer) throw new Refusal('notFound', `nobody has the uid '${input.uid}'`, 'Try: dp user list --online');
  return kickPeer(live, peer, input.message ?? '');
}

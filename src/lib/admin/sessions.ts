// Operations on live sessions and their users. A session is named by its id, the beginning of its id, or its alias.

import { canonicalAddress } from '../core/addresses.js';
import { together } from '../core/errors/reason.js';
import { refusal } from '../core/errors.js';
import { announce, unlist } from '../core/session/announcing.js';
import { endSession } from '../core/session/ending.js';
import { banPast, kick, removeBan } from '../core/session/kick.js';
import type { Session } from '../core/session/session.js';
import { closest } from '../core/settings/closest.js';
import { type LiveServer, requireLive } from './live.js';
import { type AdminNeeds, actorFor, change, look } from './operation.js';
import { describeMembers, describePerson, kickPeer, messageMember, peerOf } from './people.js';
import {
  anything,
  described,
  dictionary,
  flag,
  integer,
  list,
  notEmpty,
  object,
  type Static,
  text,
} from './schema.js';
import {
  changeOpenSession,
  describeFully,
  describeSessions,
  listingsOf,
  requireMember,
  requireSession,
  rolesRefusal,
  sayInSession,
  sessionSettingKeys,
  setRoles,
} from './session-actions.js';
import {
  type FullSession,
  fullSession,
  inSession,
  kickMessage,
  listedSession,
  type OnlinePerson,
  ofMember,
  onlinePerson,
  type SessionBanView,
  session,
  sessionBan,
  sessionMember,
  user,
} from './session-shapes.js';

const sessionChange = object({
  session,
  change: described(dictionary(anything), 'keys as in http.md §1.7.2'),
});
const killInput = object(
  { session },
  { reason: described(text, 'message to everyone in it'), isQuiet: described(flag, 'no message is sent') },
);
const messageInput = object(
  { text: notEmpty },
  {
    session: described(text, 'left out: to all sessions'),
    user: described(user, 'only to this user'),
    isAlert: flag,
  },
  { user: ['session'] },
);
const kickInput = object(ofMember, { message: kickMessage });
const member = object(ofMember);
const oneBan = object({ session, ban: described(integer, 'number of the ban') });
const roleInput = object(ofMember, { op: flag, trusted: flag, muted: flag });
const oneListing = object({ session, url: described(text, 'of the list server') });
const listings = object({ session }, { url: described(text, 'left out: everywhere') });

const withId = object({ id: text });
const bansLeft = object({ bans: list(sessionBan) });
const section = 'sessions';

export const sessionOperations = {
  'session.list': look({
    summary: 'List sessions and templates',
    input: object({}, { onlyListed: described(flag, 'only sessions in the public list, without templates') }),
    output: list(listedSession),
    run: async (needs, { onlyListed = false }) => describeSessions(requireLive(needs), onlyListed),
  }),
  'session.get': look({
    summary: 'Show all details of a session',
    role: 'moderator',
    input: inSession,
    output: fullSession,
    run: async (needs, input) => {
      const live = requireLive(needs);
      return fully(live, await requireSession(live, input.session));
    },
  }),
  'session.users': look({
    summary: 'Who is in a session and who was',
    role: 'moderator',
    input: inSession,
    output: list(sessionMember),
    run: async (needs, input) => {
      const live = requireLive(needs);
      return describeMembers(live, await requireSession(live, input.session));
    },
  }),
  'session.set': change(section, {
    summary: 'Change title, limits, password and other settings of a session',
    input: sessionChange,
    output: fullSession,
    run: setSession,
  }),
  'session.kill': change(section, {
    summary: 'End a session',
    input: killInput,
    output: object({ id: text, users: described(integer, 'number of users that were in it') }),
    run: killSession,
  }),
  'session.message': change(section, {
    summary: 'Send a message to a session, to one of its users, or to all sessions',
    role: 'moderator',
    input: messageInput,
    output: object({ sessions: integer, users: integer }),
    run: messageSessions,
  }),
  'session.kick': change(section, {
    summary: 'Kick a user from a session',
    role: 'moderator',
    input: kickInput,
    output: object({
      user: text,
      isForced: described(flag, 'the user was already leaving and has been disconnected'),
    }),
    run: kickMember,
  }),
  'session.ban': change(section, {
    summary: 'Ban a user from a session',
    role: 'moderator',
    input: described(member, 'a user who has left: by the id they had'),
    output: object({ user: text, bans: list(sessionBan) }),
    run: banMember,
  }),
  'session.unban': change(section, {
    summary: 'Remove a ban of a session',
    role: 'moderator',
    input: oneBan,
    output: bansLeft,
    run: unbanMember,
  }),
  'session.role': change(section, {
    summary: 'Change whether a user is operator, trusted or muted',
    role: 'moderator',
    input: roleInput,
    output: onlinePerson,
    run: setMemberRole,
  }),
  'session.reset': change(section, {
    summary: 'Ask the clients in a session to shorten its history',
    input: inSession,
    output: withId,
    run: resetSession,
  }),
  'session.announce': change(section, {
    summary: 'Announce a session at a list server',
    input: oneListing,
    output: withId,
    run: announceSession,
  }),
  'session.unlist': change(section, {
    summary: 'Withdraw announcements of a session',
    input: listings,
    output: object({ urls: list(text) }),
    run: unlistSession,
  }),
};

/** The full form of http.md §1.7.2 with what it has no room for. */
export function fully(live: LiveServer, session: Session) {
  return { ...describeFully(live, session), bans: bansOf(session) };
}

function bansOf(session: Session): SessionBanView[] {
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
async function setSession(needs: AdminNeeds, input: Static<typeof sessionChange>): Promise<FullSession> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  for (const key of Object.keys(input.change)) {
    if (sessionSettingKeys.includes(key)) continue;
    const near = closest(key, sessionSettingKeys);
    throw refusal('session-setting-unknown', { setting: key, settings: sessionSettingKeys.join(' '), near });
  }
  const { isChanged, refusals } = await changeOpenSession(session, actorFor(needs), { ...input.change });
  if (!isChanged && refusals.length > 0) {
    throw refusal('session-setting-refused', { problem: together(refusals) });
  }
  return fully(live, session);
}

async function killSession(
  needs: AdminNeeds,
  input: Static<typeof killInput>,
): Promise<{ id: string; users: number }> {
  const live = requireLive(needs);
  if (input.isQuiet && input.reason) {
    throw refusal('quiet-end-with-reason');
  }
  const session = await requireSession(live, input.session);
  const users = session.people.count;
  endSession(session, actorFor(needs), { isQuiet: input.isQuiet ?? false, reason: input.reason ?? '' });
  return { id: session.id, users };
}

/** Without a session: to all of them. */
async function messageSessions(
  needs: AdminNeeds,
  input: Static<typeof messageInput>,
): Promise<{ sessions: number; users: number }> {
  const live = requireLive(needs);
  const isAlert = input.isAlert ?? false;
  const tooLong = refusal('message-too-long');
  if (input.session === undefined) {
    const sessions = [...live.directory.all].filter(({ state }) => state.name !== 'stored');
    let users = 0;
    for (const session of sessions) {
      if (!sayInSession(session, actorFor(needs), input.text, isAlert)) throw tooLong;
      users += session.people.count;
    }
    return { sessions: sessions.length, users };
  }
  const session = await requireSession(live, input.session);
  if (input.user === undefined) {
    if (!sayInSession(session, actorFor(needs), input.text, isAlert)) throw tooLong;
    return { sessions: 1, users: session.people.count };
  }
  if (!messageMember(session, actorFor(needs), requireMember(session, input.user), input.text, isAlert))
    throw tooLong;
  return { sessions: 1, users: 1 };
}

async function kickMember(
  needs: AdminNeeds,
  input: Static<typeof kickInput>,
): Promise<{ user: string; isForced: boolean }> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  const member = requireMember(session, input.user);
  const peer = peerOf(live, member);
  if (!peer) throw refusal('member-gone', { user: member.name });
  return { user: member.name, ...(await kickPeer(needs, live, peer, input.message ?? '')) };
}

/** Also somebody who has left: by the id they had. */
async function banMember(
  needs: AdminNeeds,
  input: Static<typeof member>,
): Promise<{ user: string; bans: SessionBanView[] }> {
  const session = await requireSession(requireLive(needs), input.session);
  const { people } = session;
  const past = people.past.get(Number(input.user));
  let done = banPast(session, actorFor(needs), Number(input.user)) as ReturnType<typeof kick> | undefined;
  let user = past?.name ?? '';
  if (!done) {
    const member = requireMember(session, input.user);
    user = member.name;
    done = kick(session, actorFor(needs), member, { isBan: true });
  }
  if ('refused' in done) throw refusal('member-not-banned', { problem: done.refused });
  return { user, bans: bansOf(session) };
}

async function unbanMember(
  needs: AdminNeeds,
  input: Static<typeof oneBan>,
): Promise<{ bans: SessionBanView[] }> {
  const session = await requireSession(requireLive(needs), input.session);
  if (!removeBan(session, actorFor(needs), input.ban)) {
    throw refusal('session-ban-not-found', { ban: input.ban });
  }
  return { bans: bansOf(session) };
}

async function setMemberRole(needs: AdminNeeds, input: Static<typeof roleInput>): Promise<OnlinePerson> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  const member = requireMember(session, input.user);
  const peer = peerOf(live, member);
  if (!peer) throw refusal('member-gone', { user: member.name });
  const refused = rolesRefusal(member, input);
  if (refused !== undefined) throw refusal('role-refused', { problem: refused });
  setRoles(session, actorFor(needs), member, input);
  return describePerson(live, peer);
}

/** Asks the people in it to shorten its history, as when it has grown too long (sessions.md §14). */
async function resetSession(needs: AdminNeeds, input: Static<typeof inSession>): Promise<{ id: string }> {
  const session = await requireSession(requireLive(needs), input.session);
  if (!session.autoReset.askNow(actorFor(needs))) {
    throw refusal('session-not-resettable');
  }
  return { id: session.id };
}

async function announceSession(needs: AdminNeeds, input: Static<typeof oneListing>): Promise<{ id: string }> {
  const session = await requireSession(requireLive(needs), input.session);
  const done = announce(session, actorFor(needs), input.url);
  if ('refused' in done) {
    if (done.why === 'unlisted') throw refusal('session-unlisted');
    const shown = input.url.slice(0, 200);
    session.writeLog('warn', 'PubList', `Announcing at ${shown} is not possible: ${done.refused}`);
    throw refusal('session-not-announced', { problem: done.refused });
  }
  return { id: session.id };
}

/** Without a url: everywhere. */
async function unlistSession(
  needs: AdminNeeds,
  input: Static<typeof listings>,
): Promise<{ urls: readonly string[] }> {
  const session = await requireSession(requireLive(needs), input.session);
  const urls = session.listings.urls;
  if (
    input.url !== undefined &&
    !urls.includes(input.url) &&
    !listingsOf(session).some(({ url }) => url === input.url)
  ) {
    throw refusal('listing-not-found', { url: input.url });
  }
  unlist(session, actorFor(needs), input.url ?? '');
  return { urls: input.url === undefined ? urls : [input.url] };
}

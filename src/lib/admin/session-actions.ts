// Sessions as administrators see and change them (http.md §1.7). Everything here acts on a session that is open;
// `openSession` is how one gets it.

import { type Reason, together } from '../core/errors/reason.js';
import { fault, refusal } from '../core/errors.js';
import type { JsonObject } from '../core/protocol/command.js';
import type { Actor } from '../core/session/actor.js';
import { describeSession, type SessionDescription } from '../core/session/description.js';
import type { Member } from '../core/session/member.js';
import { roleRefusal, setRole } from '../core/session/rights.js';
import type { Invite } from '../core/session/saved.js';
import { sendServerMessage } from '../core/session/server-message.js';
import type { Session } from '../core/session/session.js';
import { shownValues } from '../core/session/session-options.js';
import { type ChangeResult, changeSession } from '../core/session/sessionconf.js';
import { readSettings } from '../core/settings/session-setting-reading.js';
import { settingKeys } from '../core/settings/session-settings.js';
import { formatTimestamp } from '../core/units.js';
import { chatOf } from './admin-chat.js';
import type { LiveServer } from './live.js';
import { isLocked } from './live.js';
import { describeMembers } from './people.js';

/** A session that is ready to be worked on; undefined: there is none of this id or alias. Ids as they are. */
export async function openSession(live: LiveServer, idOrAlias: string): Promise<Session | undefined> {
  const session = live.directory.find(idOrAlias);
  // http.md §1.7: exactly, although the directory is generous
  if (!session || (session.id !== idOrAlias && session.alias !== idOrAlias)) return undefined;
  const problem = await new Promise<string | undefined>((resolve) => session.open(resolve));
  if (session.isEnded) return undefined;
  if (problem !== undefined) throw fault('session-not-opened', { session: session.id, reason: problem });
  return session;
}

/** The same for commands: the beginning of an id will do, in any case. */
export async function requireSession(live: LiveServer, given: string): Promise<Session> {
  const exact = live.directory.find(given);
  const candidates = exact
    ? [exact]
    : given === ''
      ? []
      : [...live.directory.all].filter(({ id }) => id.startsWith(given.toLowerCase()));
  if (candidates.length > 1) {
    const shown = candidates.slice(0, 5).map(({ id }) => id);
    throw refusal('session-ambiguous', { session: given, count: candidates.length, ids: shown.join(' ') });
  }
  const session = candidates[0] && (await openSession(live, candidates[0].id));
  if (session) return session;
  throw refusal('session-not-found', { session: given });
}

/** A member by user id or name. */
export function requireMember(session: Session, given: string | number): Member {
  const text = String(given);
  const member =
    (/^\d+$/.test(text) ? session.people.get(Number(text)) : undefined) ?? session.people.byName(text);
  if (member) return member;
  const present = session.people.members.map(({ id, name }) => `${id} ${name}`).slice(0, 10);
  if (present.length === 0) throw refusal('session-empty', { user: text });
  throw refusal('member-not-found', { user: text, present: present.join(', ') });
}

/** Basic form, templates included (http.md §1.7). */
export function describeSessions(live: LiveServer, onlyListed: boolean): SessionDescription[] {
  return live.directory.describeAll(!onlyListed);
}

/** Full form. */
export function describeFully(live: LiveServer, session: Session) {
  const { options, history, needs } = session;
  const { settings } = needs;
  const least = settings.get('minimumAutoResetThreshold');
  const chat = chatOf(session);
  return {
    ...describeSession(session),
    ...(session.doubts.length > 0 && { doubts: session.doubts.map(({ why }) => String(why)) }),
    _locked: isLocked(live, 'sessions'),
    maxSize: session.flow.sizeLimit,
    baseSize: settings.get('sessionSizeLimit'),
    effectiveResetThreshold: Number.isFinite(session.autoReset.threshold) ? session.autoReset.threshold : 0,
    minResetThreshold: least,
    hasOpword: session.opword.isSet,
    users: describeMembers(live, session),
    listings: listingsOf(session),
    invitelist: session.invites.all.map((invite) => describeInvite(invite)),
    chat: chat?.state ?? null,
    thumbnail: describeThumbnail(session),
    autoreset: {
      ...describeAutoReset(session),
      historyFirstIndex: history.firstIndex,
      historyLastIndex: history.lastIndex,
    },
    ...shownValues('details', options, { keepsFiles: live.directory.needs.store.isPersistent }),
  };
}

function describeThumbnail(session: Session) {
  const { latest, pending } = session.thumbnails;
  return {
    ...(latest && { generatedAt: formatTimestamp(latest.at) }),
    ...(pending && { generatorCtxId: pending.member.id, generatorCorrelator: pending.correlator }),
  };
}

const requestNames = {
  none: 'not sent',
  asked: 'queried',
  answered: 'queried waiting',
  chosen: 'requested',
} as const;
const stateNames = {
  stored: 'running',
  initializing: 'initialization',
  running: 'running',
  resetting: 'reset',
  ended: 'shutdown',
} as const;

function describeAutoReset(session: Session) {
  const { quietMs, request, windowMs } = session.autoReset.progress;
  const stream = session.stream.progress;
  return {
    delay: quietMs,
    requestStatus: requestNames[request],
    sessionState: stateNames[session.state.name],
    stream: stream
      ? {
          state: stream.isPrepared ? ('prepared' as const) : ('streaming' as const),
          size: stream.bytes,
          ...(stream.count !== undefined && { messageCount: stream.count }),
          ...(stream.by && { ctxId: stream.by.id }),
        }
      : null,
    ...(windowMs !== undefined && { timer: windowMs }),
  };
}

export function listingsOf(session: Session): { id: number; url: string }[] {
  return session.needs.listings.listed(session.listings).map(({ id, url }) => ({ id, url }));
}

export function describeInvite(invite: Invite) {
  return {
    secret: invite.secret,
    at: invite.at,
    maxUses: invite.maxUses,
    uses: invite.uses.map(({ name, at }) => ({ name, at })),
    ...(invite.creator && { creator: invite.creator }),
    ...(invite.op && { op: true }),
    ...(invite.trust && { trust: true }),
  };
}

/**
 * Applies what may be applied; resolves when it is done, passwords included. With a value that has no sensible meaning
 * nothing at all is changed.
 */
export async function changeOpenSession(
  session: Session,
  actor: Actor,
  requested: JsonObject,
): Promise<ChangeResult> {
  const { problems } = readSettings(requested);
  if (problems.length > 0) throw refusal('session-setting-invalid', { problem: together(problems) });
  const result = await new Promise<ChangeResult>((resolve) =>
    changeSession(session, requested, actor, resolve),
  );
  if (result.isBusy) throw refusal('session-busy', { problem: together(result.problems) });
  return result;
}

/** Names of what `changeOpenSession` knows. */
export const sessionSettingKeys: readonly string[] = settingKeys;

/** A text for everyone in a session; also into the chat of an administrator who follows it. False: too long. */
export function sayInSession(session: Session, actor: Actor, text: string, isAlert: boolean): boolean {
  const sent = sendServerMessage(session, actor, { text, isAlert });
  if (sent && 'refused' in sent) return false;
  if (sent) {
    chatOf(session)?.add({ m: text });
    session.said({ id: 0, name: '' }, text, 0);
  }
  return true;
}

/** Roles that an administrator gives or takes; left out: they stay as they are. */
export interface RoleChange {
  op?: boolean | undefined;
  trusted?: boolean | undefined;
  muted?: boolean | undefined;
}

const roleNames = { op: 'operator', trusted: 'trusted', muted: 'muted' } as const;

function rolesIn(change: RoleChange): { role: (typeof roleNames)[keyof RoleChange]; has: boolean }[] {
  return (Object.keys(roleNames) as (keyof RoleChange)[]).flatMap((key) => {
    const has = change[key];
    return has === undefined ? [] : [{ role: roleNames[key], has }];
  });
}

/** Why not all of this can be for this person. */
export function rolesRefusal(member: Member, change: RoleChange): Reason | undefined {
  const refusals = rolesIn(change).map(({ role, has }) => roleRefusal(member, role, has));
  return refusals.find((refused) => refused !== undefined);
}

/** What cannot be is left as it is. */
export function setRoles(session: Session, actor: Actor, member: Member, change: RoleChange): void {
  for (const { role, has } of rolesIn(change)) setRole(session, actor, member, role, has);
}

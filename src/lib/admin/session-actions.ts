// Sessions as administrators see and change them (http.md §1.7). Everything here acts on a session that is open;
// `openSession` is how one gets it.

import { Fault, Refusal } from '../core/errors.js';
import type { JsonObject } from '../core/protocol/command.js';
import { describeSession, type SessionDescription } from '../core/session/description.js';
import { sendFragments } from '../core/session/fragments.js';
import type { Member } from '../core/session/member.js';
import { setMuted } from '../core/session/muting.js';
import { replies } from '../core/session/replies.js';
import type { Invite } from '../core/session/saved.js';
import type { Session } from '../core/session/session.js';
import { type ChangeResult, changeSession } from '../core/session/sessionconf.js';
import { readSettings, settingKeys } from '../core/session/setting-values.js';
import { administrator, texts } from '../core/session/texts.js';
import { formatTimestamp } from '../core/units.js';
import { chatOf } from './admin-chat.js';
import type { LiveServer } from './live.js';
import { isLocked } from './live.js';
import { describeMembers, fits } from './people.js';

/** A session that is ready to be worked on; undefined: there is none of this id or alias. Ids as they are. */
export async function openSession(live: LiveServer, idOrAlias: string): Promise<Session | undefined> {
  const session = live.directory.find(idOrAlias);
  // http.md §1.7: exactly, although the directory is generous
  if (!session || (session.id !== idOrAlias && session.alias !== idOrAlias)) return undefined;
  const problem = await new Promise<string | undefined>((resolve) => session.open(resolve));
  if (problem !== undefined) throw new Fault(`session ${session.id} can't be opened: ${problem}`);
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
    throw new Refusal(
      'conflict',
      `'${given}' fits ${candidates.length} sessions`,
      `It could be: ${shown.join(' ')}`,
    );
  }
  const session = candidates[0] && (await openSession(live, candidates[0].id));
  if (session) return session;
  throw new Refusal('notFound', `there is no session '${given}'`, 'Try: dp session list');
}

/** A member by user id or name. */
export function requireMember(session: Session, given: string | number): Member {
  const text = String(given);
  const member =
    (/^\d+$/.test(text) ? session.people.get(Number(text)) : undefined) ?? session.people.byName(text);
  if (member) return member;
  const present = session.people.members.map(({ id, name }) => `${id} ${name}`).slice(0, 10);
  throw new Refusal(
    'notFound',
    `nobody called '${text}' is in this session`,
    present.length === 0 ? 'It is empty.' : `There are: ${present.join(', ')}`,
  );
}

/** Basic form, templates included (http.md §1.7). */
export function describeSessions(live: LiveServer, onlyListed: boolean): SessionDescription[] {
  return live.directory.describeAll(!onlyListed);
}

/** Full form. */
export function describeFully(live: LiveServer, session: Session): JsonObject {
  const { options, history, needs } = session;
  const { settings } = needs;
  const least = settings.get('minimumAutoResetThreshold');
  const chat = chatOf(session);
  return {
    ...describeSession(session),
    ...(session.doubts.length > 0 && { doubts: session.doubts.map(({ why }) => why) }),
    _locked: isLocked(live, 'sessions'),
    maxSize: session.flow.sizeLimit,
    baseSize: settings.get('sessionSizeLimit'),
    overrideSize: options.overrideSize,
    resetThreshold: options.resetThreshold,
    effectiveResetThreshold: Number.isFinite(session.autoReset.threshold) ? session.autoReset.threshold : 0,
    minResetThreshold: least,
    deputies: options.deputies,
    hasOpword: session.opword.isSet,
    users: describeMembers(live, session),
    listings: listingsOf(session),
    invitelist: session.invites.all.map((invite) => describeInvite(invite, false)),
    chat: chat?.state ?? null,
    thumbnail: describeThumbnail(session),
    autoreset: {
      ...describeAutoReset(session),
      historyFirstIndex: history.firstIndex,
      historyLastIndex: history.lastIndex,
    },
    ...(live.directory.needs.store.isPersistent && { archive: options.archive }),
  };
}

function describeThumbnail(session: Session): JsonObject {
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

function describeAutoReset(session: Session): JsonObject {
  const { quietMs, request, windowMs } = session.autoReset.progress;
  const stream = session.stream.progress;
  return {
    delay: quietMs,
    requestStatus: requestNames[request],
    sessionState: stateNames[session.state.name],
    stream: stream
      ? {
          state: stream.isPrepared ? 'prepared' : 'streaming',
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

/** Asked for alone, an invite has the key `s` in its uses; the originals always leave it empty (http.md §1.7.5). */
export function describeInvite(invite: Invite, isAlone: boolean): JsonObject {
  return {
    secret: invite.secret,
    at: invite.at,
    maxUses: invite.maxUses,
    uses: invite.uses.map(({ name, at }) => ({ name, at, ...(isAlone && { s: '' }) })),
    ...(invite.creator && { creator: invite.creator }),
    ...(invite.op && { op: true }),
    ...(invite.trust && { trust: true }),
  };
}

/** Undefined: there are as many as there may be. */
export function createInvite(
  session: Session,
  wish: { maxUses: number; trust: boolean; op: boolean },
): Invite | undefined {
  const { clock, random } = session.needs;
  const invite = session.invites.create({ creator: '', ...wish }, clock.now(), random);
  if (!invite) return undefined;
  session.write({ key: 'invite', invite });
  session.note('info', 'Invite', `An administrator created an invite with ${invite.maxUses} use(s)`);
  sendFragments(session, ['invitelist']);
  return invite;
}

export function removeInvite(session: Session, secret: string): boolean {
  if (!session.invites.remove(secret)) return false;
  session.write({ key: 'uninvite', secret });
  session.note('info', 'Invite', 'An administrator removed an invite');
  sendFragments(session, ['invitelist']);
  return true;
}

/**
 * Applies what may be applied; resolves when it is done, passwords included. With a value that has no sensible meaning
 * nothing at all is changed.
 */
export async function changeOpenSession(session: Session, wishes: JsonObject): Promise<ChangeResult> {
  const { problems } = readSettings(wishes);
  if (problems.length > 0) throw new Refusal('badInput', problems.join('; '));
  const result = await new Promise<ChangeResult>((resolve) =>
    changeSession(session, wishes, undefined, resolve),
  );
  if (result.isBusy) throw new Refusal('conflict', result.problems.join('; '));
  return result;
}

/** Names of what `changeOpenSession` knows. */
export const sessionSettingKeys: readonly string[] = settingKeys;

/** A text for everyone in a session; also into the chat of an administrator who follows it. False: too long. */
export function sayInSession(session: Session, text: string, isAlert: boolean): boolean {
  if (!fits(text)) return false;
  session.flow.sendToAll(isAlert ? replies.alert(text) : replies.message(text));
  chatOf(session)?.add({ m: text });
  return true;
}

/** Ends a session (http.md §1.7.2). */
export function endSession(session: Session, wish: { isQuiet: boolean; reason: string }): void {
  const reason = wish.reason.trim();
  session.storeEnd();
  if (!wish.isQuiet && reason !== '') {
    session.flow.sendToAll(
      replies.keyed('alert', 'terminatesessionadmin', { reason }, texts.terminatedBy(administrator, reason)),
    );
  }
  chatOf(session)?.close('');
  session.end(texts.terminatedByAdministrator, 'terminate', wish.isQuiet);
}

const byAdministrator = { administrator: 'the server administrator' } as const;

/** Operator, trusted, muted; moderators stay operators and are never muted. */
export function setRole(
  session: Session,
  member: Member,
  wish: { op?: boolean | undefined; trusted?: boolean | undefined; muted?: boolean | undefined },
): void {
  if (wish.op !== undefined && wish.op !== member.isOperator && (wish.op || !member.isModerator)) {
    session.roles.setOne(member, 'operator', wish.op, byAdministrator);
  }
  if (wish.trusted !== undefined && wish.trusted !== member.isTrusted) {
    session.roles.setOne(member, 'trusted', wish.trusted, byAdministrator);
  }
  if (wish.muted !== undefined && wish.muted !== member.isMuted && !(wish.muted && member.isModerator)) {
    setMuted(session, member, wish.muted, administrator);
  }
}

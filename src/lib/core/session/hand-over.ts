// What a successor of this process needs to continue with a session, beside its files: users and roles, positions, and what
// is under way. It is data: times are milliseconds from or before now, members are named by their ids. A change of
// anything in here is a new version of `core/peer/hand-over.ts`.

import type { Bucket } from '../rate-limit.js';
import type { SessionOptions } from '../settings/session-settings.js';
import type { HandedAutoReset } from './auto-reset.js';
import { FullReset } from './full-reset.js';
import type { MemberLink } from './member.js';
import type { HandedFlow } from './message-flow.js';
import type { FoundSession, SaidLine } from './needs.js';
import type { HandedPeople } from './people.js';
import type { HandedReset } from './phase.js';
import type { Roles } from './roles.js';
import type { Invite } from './saved.js';
import { Session, type SessionOwner } from './session.js';
import type { SessionLog } from './session-log.js';
import type { SessionNeeds } from './session-needs.js';
import type { HandedStream } from './streamed-reset.js';
import type { HandedThumbnails } from './thumbnails.js';

export interface HandedSession {
  readonly id: string;
  /** For the store. */
  readonly stored: unknown;
  readonly startTime: number;
  readonly state:
    | { readonly name: 'stored' | 'running' }
    | { readonly name: 'initializing'; readonly host: number | undefined }
    | { readonly name: 'resetting'; readonly reset: HandedReset };
  readonly options: SessionOptions;
  readonly invites: readonly Invite[];
  readonly people: HandedPeople;
  readonly flow: HandedFlow;
  readonly roles: ReturnType<Roles['handOver']>;
  readonly autoReset: HandedAutoReset;
  readonly stream: HandedStream;
  readonly thumbnails: HandedThumbnails;
  readonly log: ReturnType<SessionLog['handOver']>;
  readonly chat: readonly SaidLine[];
  readonly rates: ReadonlyMap<string, Bucket>;
  /** For the listings. */
  readonly listings: unknown;
}

/** Undefined: something is under way whose result only this process would get; in a moment it is over. */
export function handOverSession(session: Session): HandedSession | undefined {
  const state = handedState(session);
  const isSettled =
    session.storedFirst.isIdle &&
    !session.password.isHashing &&
    !session.opword.isHashing &&
    session.people.members.every(({ isSettled: isMemberSettled }) => isMemberSettled);
  if (!state || !isSettled) return undefined;
  session.flow.history.flush();
  const stored = session.stored.handOver?.();
  if (stored === undefined) return undefined;
  return {
    id: session.id,
    stored,
    startTime: session.startTime,
    state,
    options: session.options,
    invites: session.invites.all,
    people: session.people.handOver(),
    flow: session.flow.handOver(),
    roles: session.roles.handOver(),
    autoReset: session.autoReset.handOver(),
    stream: session.stream.handOver(),
    thumbnails: session.thumbnails.handOver(),
    log: session.logWriter.log.handOver(),
    chat: session.recentChat.lines,
    rates: session.rates.handOver(),
    listings: session.needs.listings.handOver?.(session.listings),
  };
}

function handedState({ phase }: Session): HandedSession['state'] | undefined {
  const { state } = phase;
  switch (state.name) {
    case 'stored':
      return state.waiting.length > 0 ? undefined : { name: 'stored' };
    case 'running':
      return { name: 'running' };
    case 'initializing':
      return { name: 'initializing', host: state.host?.id };
    case 'resetting': {
      const reset = state.reset.handOver?.();
      return reset && { name: 'resetting', reset };
    }
    case 'ended':
      return undefined;
  }
}

/** Continues with a session: nobody in it is notified of anything. `linkOf`: the connection of a member. */
export function takeOverSession(
  needs: SessionNeeds,
  owner: SessionOwner,
  found: FoundSession,
  handed: HandedSession,
  linkOf: (id: number) => MemberLink,
): Session {
  found.startTime = handed.startTime;
  found.saved.invites = [...handed.invites];
  const session = new Session(needs, owner, found.saved, found, found);
  Object.assign(session.options, handed.options);
  session.flow.takeOver(handed.flow);
  session.roles.takeOver(handed.roles);
  session.people.takeOver(handed.people, linkOf);
  const memberOf = (id: number) => session.people.get(id);
  takeOverState(session, handed.state);
  session.autoReset.takeOver(handed.autoReset, memberOf);
  session.stream.takeOver(handed.stream, memberOf);
  session.thumbnails.takeOver(handed.thumbnails, memberOf);
  session.logWriter.log.takeOver(handed.log);
  session.recentChat.takeOver(handed.chat);
  session.rates.takeOver(handed.rates);
  needs.listings.takeOver?.(session.listings, handed.listings);
  return session;
}

function takeOverState(session: Session, state: HandedSession['state']): void {
  const { phase, people } = session;
  switch (state.name) {
    case 'stored':
      return;
    case 'initializing': {
      const host = state.host === undefined ? undefined : people.get(state.host);
      phase.takeOver({ name: 'initializing', host });
      return;
    }
    case 'resetting': {
      const resetter = people.get(state.reset.id);
      const reset = resetter && FullReset.takeOver(session, resetter, state.reset);
      phase.takeOver(reset ? { name: 'resetting', reset } : { name: 'running' });
      return;
    }
    case 'running':
      phase.takeOver({ name: 'running' });
  }
}

/** What only a session that is served may do: the last step. */
export function resumeSession(session: Session): void {
  if (session.phase.isRunning) session.flow.restartRecording();
  session.roles.promoteLastResort();
  session.flow.wakeLater();
}

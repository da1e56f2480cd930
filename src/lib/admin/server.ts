// Operations on the running server as a whole: how it is doing, stopping it, its external ban list.

import { Refusal } from '../core/errors.js';
import { byAdministrator } from '../core/session/actor.js';
import { fits, tell } from '../core/session/telling.js';
import { texts } from '../core/session/texts.js';
import { describeDuration } from '../core/units.js';
import { type ExternalBanList, type LiveServer, requireLive } from './live.js';
import type { AdminNeeds } from './operation.js';

export interface ServerStatus {
  version: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  sessions: number;
  sessionsAtMost: number;
  /** Connections, in sessions or not. */
  users: number;
  usersInSessions: number;
  activeDrawers: number;
  historyBytes: number;
  memoryBytes: number;
  host: string;
  port: number;
  storage: 'database' | 'file' | 'memory';
  place: string;
  /** Milliseconds since 1970, when it is about to stop. */
  stopsAt: number | null;
  /** Why it does not work as it should; empty: it does. */
  problems: readonly string[];
}

export async function getStatus(needs: AdminNeeds, _: Record<never, never>): Promise<ServerStatus> {
  const live = requireLive(needs);
  const sessions = [...live.directory.all];
  const sum = (count: (session: (typeof sessions)[number]) => number) =>
    sessions.reduce((total, session) => total + count(session), 0);
  return {
    version: live.version,
    startedAt: live.startedAt,
    sessions: sessions.length,
    sessionsAtMost: live.settings.get('sessionCountLimit'),
    users: live.peers.count,
    usersInSessions: sum(({ people }) => people.count),
    activeDrawers: sum(({ people }) => people.activeDrawerCount),
    historyBytes: sum(({ history }) => history.sizeBytes),
    memoryBytes: process.memoryUsage.rss(),
    host: live.address.host,
    port: live.address.port,
    storage: needs.stores.kind,
    place: needs.stores.place,
    stopsAt: live.pendingStop?.at ?? null,
    problems: live.problems,
  };
}

const stopSecondsAtMost = 24 * 3600;

/** At once or in a while, of which everybody is told; a second call takes the place of the first. */
export async function stopServer(
  needs: AdminNeeds,
  input: { seconds?: number; message?: string },
): Promise<{ stopsAt: number }> {
  const live = requireLive(needs);
  const seconds = input.seconds ?? 0;
  const message = input.message?.trim() ?? '';
  if (!(seconds >= 0 && seconds <= stopSecondsAtMost)) {
    throw new Refusal('badInput', 'a stop can be a day ahead at most');
  }
  if (!fits(message)) throw new Refusal('badInput', 'the message is too long');
  cancelStop(live);
  const at = live.clock.now() + seconds * 1000;
  const when = seconds > 0 ? texts.stopsIn(describeDuration(seconds)) : '';
  tellAll(live, [when, message].filter(Boolean).join(' '));
  const run = () => {
    live.pendingStop = undefined;
    live.stop(message);
  };
  // never in the same turn: whoever asked gets an answer first
  live.pendingStop = { at, timer: live.clock.after(Math.max(seconds * 1000, 50), run) };
  return { stopsAt: at };
}

/** A stop that is ahead does not happen. */
export async function cancelServerStop(
  needs: AdminNeeds,
  _: Record<never, never>,
): Promise<{ wasAhead: boolean }> {
  const live = requireLive(needs);
  const wasAhead = cancelStop(live);
  if (wasAhead) tellAll(live, texts.stopCancelled);
  return { wasAhead };
}

function cancelStop(live: LiveServer): boolean {
  const pending = live.pendingStop;
  pending?.timer.cancel();
  live.pendingStop = undefined;
  return pending !== undefined;
}

function tellAll(live: LiveServer, text: string): void {
  for (const session of live.directory.all) tell(session, byAdministrator, { text, isAlert: true });
}

// ---- the external ban list --------------------------------------------------------------------------------

export interface ExternalBanView {
  status: ExternalBanList['status'] | null;
  bans: ExternalBanList['list'];
}

export async function listExternalBans(needs: AdminNeeds, _: Record<never, never>): Promise<ExternalBanView> {
  const { externalBans } = requireLive(needs);
  return { status: externalBans?.status ?? null, bans: externalBans?.list ?? [] };
}

export async function refreshExternalBans(
  needs: AdminNeeds,
  _: Record<never, never>,
): Promise<{ result: 'triggered' | 'already in progress' }> {
  const result = requireLive(needs).externalBans?.refresh() ?? 'not active';
  if (result === 'not active') {
    throw new Refusal('refused', 'no external ban list is followed', 'Set one: dp config set extBansUrl URL');
  }
  return { result };
}

export async function enableExternalBan(
  needs: AdminNeeds,
  input: { id: number; isEnabled: boolean },
): Promise<{ id: number; isEnabled: boolean }> {
  const { externalBans } = requireLive(needs);
  if (!externalBans?.list.some(({ id }) => id === input.id)) {
    throw new Refusal('notFound', `the external ban list has no entry ${input.id}`);
  }
  await externalBans.setEnabled(input.id, input.isEnabled);
  return input;
}

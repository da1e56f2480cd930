// Operations on what is stored of sessions: what cannot be used, repairing it, and histories without a journal.

import { Refusal } from '../core/errors.js';
import type { AdoptedSession, RepairedSession, SessionStore, StoreProblems } from '../core/session/needs.js';
import { type LiveServer, requireLive } from './live.js';
import type { AdminNeeds } from './operation.js';

export interface SessionProblems extends StoreProblems {
  /** Sessions of which not everything that was stored is believed. */
  doubtful: readonly { id: string; alias: string; isShut: boolean; doubts: readonly string[] }[];
}

/** Nothing is stored: everything is empty. */
export async function listSessionProblems(
  needs: AdminNeeds,
  _: Record<never, never>,
): Promise<SessionProblems> {
  const { directory } = requireLive(needs);
  const problems = directory.needs.store.problems?.() ?? { folder: '', setAside: [], orphans: [] };
  const doubtful = [...directory.all]
    .filter(({ doubts }) => doubts.length > 0)
    .map(({ id, alias, isShut, doubts }) => ({ id, alias, isShut, doubts: doubts.map(({ why }) => why) }));
  return { ...problems, doubtful };
}

/** `session`: its id, the beginning of it, or its alias. Whoever is in it is disconnected. */
export async function repairSession(needs: AdminNeeds, input: { session: string }): Promise<RepairedSession> {
  const live = requireLive(needs);
  const store = storeOf(live);
  const { directory } = live;
  const setAside = store.problems().setAside.map(({ id }) => id);
  const id = findOne(input.session, [
    ...[...directory.all].map((session) => ({ id: session.id, alias: session.alias })),
    ...setAside.map((each) => ({ id: each, alias: '' })),
  ]);
  const session = directory.find(id);
  if (session) {
    if (session.doubts.length === 0) throw new Refusal('conflict', `nothing is wrong with session ${id}`);
    session.end('The session is being repaired by an administrator', 'stop');
  }
  try {
    return await store.repair(id);
  } finally {
    directory.restore(store.load());
  }
}

/** `name`: of a file in the server's folder for sessions. */
export async function adoptSession(needs: AdminNeeds, input: { name: string }): Promise<AdoptedSession> {
  const live = requireLive(needs);
  const store = storeOf(live);
  if (/[/\\\0]/.test(input.name)) {
    throw new Refusal('badInput', `'${input.name}' is not the name of a file in ${store.problems().folder}`);
  }
  const adopted = store.adopt(input.name);
  live.directory.restore(store.load());
  return adopted;
}

function storeOf(live: LiveServer): Required<SessionStore> {
  const { store } = live.directory.needs;
  if (store.problems && store.repair && store.adopt && store.load) return store as Required<SessionStore>;
  throw new Refusal('refused', 'this server stores no sessions', 'start it with --data or --sessions');
}

function findOne(given: string, sessions: readonly { id: string; alias: string }[]): string {
  const exact = sessions.find(({ id, alias }) => id === given || (alias !== '' && alias === given));
  if (exact) return exact.id;
  const fitting = sessions.filter(({ id }) => given !== '' && id.startsWith(given.toLowerCase()));
  if (fitting.length === 1) return fitting[0]!.id;
  if (fitting.length === 0)
    throw new Refusal('notFound', `there is no session '${given}'`, 'run: dp session list');
  const shown = fitting.slice(0, 5).map(({ id }) => id);
  throw new Refusal(
    'conflict',
    `'${given}' fits ${fitting.length} sessions`,
    `It could be: ${shown.join(' ')}`,
  );
}

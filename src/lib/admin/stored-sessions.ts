// Operations on stored sessions: listing what is unusable, repairing it, and histories without a journal.

import { refusal } from '../core/errors.js';
import { stopSession } from '../core/session/ending.js';
import type { SessionStore } from '../core/session/needs.js';
import { type LiveServer, requireLive } from './live.js';
import { type AdminNeeds, actorFor, change, look } from './operation.js';
import { record } from './recording.js';
import { described, flag, integer, list, nothing, object, type Static, text, within } from './schema.js';

const sessionProblems = object({
  folder: text,
  setAside: described(
    list(
      object(
        { id: text, file: text, why: text },
        { reason: described(text, 'code of why (docs/reference/errors.md)') },
      ),
    ),
    'sessions that are left alone; file: the path of the one that is the reason',
  ),
  orphans: described(list(text), 'names of histories without a journal'),
  doubtful: described(
    list(object({ id: text, alias: text, isShut: flag, doubts: list(text) })),
    'sessions whose stored settings are not trusted completely',
  ),
});
export type SessionProblems = Static<typeof sessionProblems>;

/** A session as its files have it, without a server. */
export const storedSession = object(
  {
    id: text,
    alias: text,
    title: text,
    founder: text,
    protocol: described(text, 'as dp:4.25.1; empty: the history cannot be read'),
    history: described(text, 'name of the file with its history'),
    messages: integer,
    sizeBytes: integer,
    isPersistent: flag,
    warnings: described(list(text), 'what is missing or ignored'),
  },
  {
    setAside: described(text, 'why no server uses it'),
    doubts: described(list(text), 'why parts of its stored settings are not trusted'),
  },
);

const repairedSession = object({
  id: text,
  title: text,
  founder: text,
  hasPassword: flag,
  history: described(text, 'name of the file with its history'),
  done: described(list(text), 'the repairs that were made'),
  kept: described(text, 'path of a copy of the damaged journal'),
});
const historyName = described(
  within(text, {
    pattern: '^[^/\\\\\\u0000]+$',
    'x-expected': 'a file name, without a folder',
  }),
  "of a file in the server's folder for sessions",
);
const adoptedSession = object({
  id: text,
  title: text,
  founder: text,
  hasPassword: flag,
  history: text,
  messages: integer,
  isShut: described(flag, 'only moderators can join until an administrator decides; doubts says why'),
  doubts: list(text),
  archived: described(list(text), 'names of other histories of this id, which are archives now'),
});

export const storedSessionOperations = {
  'session.problems': look({
    summary: 'List stored sessions with problems',
    input: nothing,
    output: described(sessionProblems, 'all lists are empty where no sessions are stored'),
    run: listSessionProblems,
  }),
  'session.repair': change('sessions', {
    summary: 'Repair a session whose stored settings are damaged',
    input: object({ session: described(text, 'id, the beginning of an id, or alias') }),
    output: repairedSession,
    run: repairSession,
  }),
  'session.adopt': change('sessions', {
    summary: 'Create a session from a history without a journal',
    input: object({ name: historyName }),
    output: adoptedSession,
    run: adoptSession,
  }),
};

async function listSessionProblems(needs: AdminNeeds): Promise<SessionProblems> {
  const { directory } = requireLive(needs);
  const problems = directory.needs.store.problems?.() ?? { folder: '', setAside: [], orphans: [] };
  const doubtful = [...directory.all]
    .filter(({ doubts }) => doubts.length > 0)
    .map(({ id, alias, isShut, doubts }) => ({
      id,
      alias,
      isShut,
      doubts: doubts.map(({ why }) => String(why)),
    }));
  return { ...problems, doubtful };
}

/** Users in the session are disconnected. */
async function repairSession(
  needs: AdminNeeds,
  input: { session: string },
): Promise<Static<typeof repairedSession>> {
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
    if (session.doubts.length === 0) throw refusal('session-intact', { session: id });
    stopSession(session, actorFor(needs), 'The session is being repaired by an administrator');
  }
  try {
    const repaired = await store.repair(id);
    const on = { kind: 'session', name: id } as const;
    await record(needs, { on, after: { done: repaired.done } });
    return repaired;
  } finally {
    directory.restore(store.load());
  }
}

async function adoptSession(
  needs: AdminNeeds,
  input: { name: string },
): Promise<Static<typeof adoptedSession>> {
  const live = requireLive(needs);
  const store = storeOf(live);
  const adopted = store.adopt(input.name);
  live.directory.restore(store.load());
  const on = { kind: 'session', name: adopted.id } as const;
  await record(needs, { on, after: { history: input.name } });
  return adopted;
}

function storeOf(live: LiveServer): Required<SessionStore> {
  const { store } = live.directory.needs;
  if (store.problems && store.repair && store.adopt && store.load) return store as Required<SessionStore>;
  throw refusal('sessions-not-stored');
}

function findOne(given: string, sessions: readonly { id: string; alias: string }[]): string {
  const exact = sessions.find(({ id, alias }) => id === given || (alias !== '' && alias === given));
  if (exact) return exact.id;
  const fitting = sessions.filter(({ id }) => given !== '' && id.startsWith(given.toLowerCase()));
  const [first] = fitting;
  if (first !== undefined && fitting.length === 1) return first.id;
  if (first === undefined) throw refusal('session-not-found', { session: given });
  const shown = fitting.slice(0, 5).map(({ id }) => id);
  throw refusal('session-ambiguous', { session: given, count: fitting.length, ids: shown.join(' ') });
}

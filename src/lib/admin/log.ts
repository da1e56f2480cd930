// Operations on the server log.

import { refusal } from '../core/errors.js';
import { logLevels } from '../core/log-levels.js';
import { logTopics } from '../core/session/log-topics.js';
import type { LogEntry } from '../core/session/needs.js';
import { requireLive } from './live.js';
import type { LogStore, Stores } from './needs.js';
import { change, look } from './operation.js';
import { purged, purgeEntries, purgeInput } from './purging.js';
import { count, described, integer, list, moment, object, oneWord, text } from './schema.js';

const topic = oneWord(...logTopics);
const level = oneWord(...logLevels);

const about = {
  user: object({ id: integer, ip: text, name: text }),
  session: described(text, 'id of the session that the entry is about'),
} as const;
/** An entry as followers of the log get it. */
export const followedEntry = object({ time: moment, level, topic, message: text }, about);
/** An entry as it is kept. */
export const logEntry = object({ id: integer, time: moment, level, topic, message: text }, about);

const newEntry = object({ level, topic, message: text }, about);

export const logOperations = {
  'log.query': look({
    summary: 'List entries of the server log',
    role: 'administrator',
    input: object(
      { order: oneWord('newest', 'oldest') },
      {
        from: described(moment, 'milliseconds since 1970, inclusive'),
        until: described(moment, 'milliseconds since 1970, exclusive'),
        afterId: described(count, 'entries that came after this one'),
        user: described(text, 'part of id;ip;name, any case'),
        names: described(list(text), 'complete names, any case; one of them'),
        addresses: described(list(text), 'complete addresses; one of them'),
        sessions: described(list(text), 'complete ids, any case; one of them'),
        topics: list(topic),
        level: described(level, 'minimum severity'),
        contains: described(text, 'part of the message, ignoring case'),
        limit: count,
        skip: count,
      },
    ),
    output: list(logEntry),
    run: async ({ stores }, input) => requireLog(stores).query(input),
  }),
  'log.write': change(undefined, {
    summary: 'Add an entry to the server log',
    input: newEntry,
    output: followedEntry,
    run: async (needs, input) => {
      const live = requireLive(needs);
      const entry: LogEntry = { time: live.clock.now(), ...input };
      live.log.write(entry);
      return entry;
    },
  }),
  'log.purge': change(undefined, {
    summary: 'Delete old entries of the server log',
    input: purgeInput,
    output: purged,
    run: async ({ stores }, input) => purgeEntries(requireLog(stores), input),
  }),
};

/** Refusal where nothing is kept. */
export function requireLog(stores: Stores): LogStore {
  if (stores.log !== undefined) return stores.log;
  throw refusal(stores.kind === 'file' ? 'log-in-memory' : 'log-not-kept');
}

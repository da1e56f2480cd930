// The log, over the admin API of an original (http.md §1): it knows three filters, the rest is done here.

import type { LogRow } from '../../../admin/needs.js';
import type { InputOf } from '../../../admin/operations.js';
import { logLevels } from '../../../core/log-levels.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { lacking, rows, type Translation } from './translation.js';

const pagesAtMost = 100;
const perPage = 100;

export const queryLog: Translation<'log.query'> = async (ask, input) => {
  for (const name of ['afterId', 'addresses'] as const) {
    if (input[name] !== undefined) throw lacking(`filter of the log by ${name}`);
  }
  const sessions = input.sessions ?? [];
  if (sessions.length > 1) throw lacking('filter of the log by several sessions');
  const query = new URLSearchParams({
    session: sessions[0] ?? '',
    user: input.user ?? '',
    contains: input.contains ?? '',
  });
  const limit = input.limit ?? Number.POSITIVE_INFINITY;
  const skip = input.skip ?? 0;
  const found: LogRow[] = [];
  for (let page = 0; page < pagesAtMost; page++) {
    query.set('page', String(page));
    const entries = rows(await ask('GET', `log/?${query}`));
    found.push(...entries.map(logRow).filter((row) => isWanted(row, input)));
    const oldest = entries.at(-1)?.timestamp;
    if (entries.length < perPage || (input.order === 'newest' && found.length >= skip + limit)) break;
    if (input.from !== undefined && Date.parse(String(oldest)) < input.from) break;
  }
  if (input.order === 'oldest') found.reverse();
  return found.slice(skip, skip + limit);
};

function logRow(entry: JsonObject): LogRow {
  const [id = '0', ip = '', ...name] = String(entry.user ?? '').split(';');
  return {
    id: 0,
    time: Date.parse(String(entry.timestamp)),
    level: String(entry.level).toLowerCase() as LogRow['level'],
    topic: entry.topic as LogRow['topic'],
    message: String(entry.message),
    ...(entry.session !== undefined && { session: String(entry.session) }),
    ...(entry.user !== undefined && { user: { id: Number(id), ip, name: name.join(';') } }),
  };
}

function isWanted({ time, level, topic, user }: LogRow, input: InputOf<'log.query'>): boolean {
  const names = input.names?.map((name) => name.toLowerCase());
  return (
    (input.from === undefined || time >= input.from) &&
    (input.until === undefined || time < input.until) &&
    (input.level === undefined || logLevels.indexOf(level) <= logLevels.indexOf(input.level)) &&
    (input.topics === undefined || input.topics.includes(topic)) &&
    (names === undefined || (user !== undefined && names.includes(user.name.toLowerCase())))
  );
}

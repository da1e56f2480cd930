// Entries of the server log as columns, as JSON, and as the lines that servers write (config.md §8).

import type { LogRow } from '../admin/needs.js';
import { refusal } from '../core/errors.js';
import { logLevelNames } from '../core/log-levels.js';
import { printable } from '../core/printable.js';
import { type LogTopic, logTopics } from '../core/session/log-topics.js';
import { closest } from '../core/settings/closest.js';
import { formatTimestamp } from '../core/units.js';
import type { Column } from './tables.js';

export function readTopics(typed: readonly string[]): LogTopic[] {
  return typed.map((text) => {
    const topic = logTopics.find((known) => known.toLowerCase() === text.toLowerCase());
    if (topic !== undefined) return topic;
    const near = closest(text, logTopics);
    throw refusal('log-topic-unknown', { topic: text, topics: logTopics.join(' '), near });
  });
}

const columns = {
  timestamp: ({ time }) => formatTimestamp(time),
  level: ({ level }) => logLevelNames[level],
  topic: ({ topic }) => topic,
  ip: ({ user }) => user?.ip,
  username: ({ user }) => user?.name,
  session: ({ session }) => session,
  message: ({ message }) => message,
} satisfies Record<string, (row: LogRow) => string | undefined>;

export const logColumnNames = Object.keys(columns) as (keyof typeof columns)[];

/** All columns, or those of a comma list. */
export function chooseLogColumns(list: string | undefined): Column<LogRow>[] {
  const names = list === undefined ? logColumnNames : list.split(',').map((name) => name.trim());
  return names.map((name) => {
    const known = logColumnNames.find((column) => column === name);
    if (known !== undefined) return { title: known, value: columns[known] };
    throw refusal('log-column-unknown', { column: name, columns: logColumnNames.join(' ') });
  });
}

/** `2026-11-22T07:03:40Z Info/Join 1;127.0.0.1;alice@01m8…: Joined session` */
export function formatLogLine({ time, level, topic, user, session, message }: LogRow): string {
  const who = user === undefined ? '' : `${user.id};${user.ip};${user.name}`;
  const subject = `${who}${session === undefined ? '' : `@${session}`}`;
  const text = subject === '' ? message : `${subject}: ${message}`;
  return printable(`${formatTimestamp(time)} ${logLevelNames[level]}/${topic} ${text}`);
}

// The server's log as lines on stderr, as text or JSON (config.md §8).
import type { Writable } from 'node:stream';
import { type LogLevel, logLevelNames, logLevels } from '../../core/log-levels.js';
import { printable, printableJson } from '../../core/printable.js';
import type { Log, LogEntry } from '../../core/session/needs.js';
import { formatTimestamp } from '../../core/units.js';

function userText({ user }: LogEntry): string {
  return user ? `${user.id};${user.ip};${user.name}` : '';
}

/** `2026-11-22T07:03:40Z Info/Join 1;127.0.0.1;alice@01m8…: Joined session` */
export function formatLogLine(entry: LogEntry): string {
  const where = `${userText(entry)}${entry.session ? `@${entry.session}` : ''}`;
  const head = `${formatTimestamp(entry.time)} ${logLevelNames[entry.level]}/${entry.topic} `;
  return printable(`${head}${where ? `${where}: ` : ''}${entry.message}`);
}

export function formatLogJson(entry: LogEntry): string {
  const user = userText(entry);
  return printableJson({
    timestamp: formatTimestamp(entry.time),
    level: logLevelNames[entry.level],
    topic: entry.topic,
    ...(entry.session && { session: entry.session }),
    ...(user && { user }),
    message: entry.message,
  });
}

export class ConsoleLog implements Log {
  readonly #stream: Writable;
  readonly #rank: number;
  readonly #format: (entry: LogEntry) => string;
  #lines: string[] = [];

  constructor(stream: Writable, level: LogLevel, format: 'text' | 'json') {
    this.#stream = stream;
    this.#rank = logLevels.indexOf(level);
    this.#format = format === 'json' ? formatLogJson : formatLogLine;
  }

  write(entry: LogEntry): void {
    if (logLevels.indexOf(entry.level) > this.#rank) return;
    // Many lines of one turn are one write.
    if (this.#lines.push(this.#format(entry)) === 1) setImmediate(this.flush);
  }

  readonly flush = (): void => {
    if (this.#lines.length === 0) return;
    this.#stream.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  };
}

/** Several logs as one. */
export function teeLogs(...logs: readonly Log[]): Log {
  return {
    write: (entry) => {
      for (const log of logs) log.write(entry);
    },
  };
}

// The server's log as lines on stderr, as text or JSON (config.md §8).
import type { Writable } from 'node:stream';
import { type LogLevel, logLevelNames, logLevels } from '../../core/log-levels.js';
import { printable, printableJson } from '../../core/printable.js';
import type { Clock, Log, LogEntry } from '../../core/session/needs.js';
import { formatTimestamp } from '../../core/units.js';
import { systemClock } from './clock.js';

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

/** So long a line waits for others: each join has several, and writing one to a terminal costs as much as writing many. */
const waitMs = 50;
/** Nobody waits for what is worse than this; it leaves at the end of the turn. */
const mildestUrgent = logLevels.indexOf('warn');
const waitingAtMost = 1000;

export class ConsoleLog implements Log {
  readonly #stream: Writable;
  readonly #rank: number;
  readonly #format: (entry: LogEntry) => string;
  readonly #clock: Pick<Clock, 'after' | 'endOfTurn'>;
  #waiting: LogEntry[] = [];

  /** Its creator calls `flush` before the process ends. */
  constructor(
    stream: Writable,
    level: LogLevel,
    format: 'text' | 'json',
    clock: Pick<Clock, 'after' | 'endOfTurn'> = systemClock,
  ) {
    this.#stream = stream;
    this.#rank = logLevels.indexOf(level);
    this.#format = format === 'json' ? formatLogJson : formatLogLine;
    this.#clock = clock;
  }

  write(entry: LogEntry): void {
    const rank = logLevels.indexOf(entry.level);
    if (rank > this.#rank) return;
    const count = this.#waiting.push(entry);
    if (rank <= mildestUrgent || count === waitingAtMost) this.#clock.endOfTurn(this.flush);
    else if (count === 1) this.#clock.after(waitMs, this.flush);
  }

  readonly flush = (): void => {
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting.map(this.#format);
    this.#waiting = [];
    this.#stream.write(`${lines.join('\n')}\n`);
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

// Writes log lines about a session: into the server's log and to the members who may see them (sessions.md §20). Lines about
// one address and about breaches of rules are limited, so that nobody can fill the log.
import type { Buffer } from 'node:buffer';
import type { Rate, RateLimit } from '../rate-limit.js';
import { clipLogText } from './log-topics.js';
import type { Clock, Log, LogLevel, LogTopic, LogUser } from './needs.js';
import { type LogAudience, SessionLog } from './session-log.js';

/** What parts of a session log through. */
export interface SessionLogger {
  writeLog(level: LogLevel, topic: LogTopic, message: string, user?: LogUser): void;
}

export interface LogLine {
  level: LogLevel;
  topic: LogTopic;
  message: string;
  /** Which of the administrators acted, for the log of the server; '': it is not known, or it was nobody of them. */
  signature: string;
  user: LogUser | undefined;
  /** Whether people in the session see it, as far as their topics go. */
  isShown: boolean;
}

/** Who may be shown what is written. */
interface Reader {
  readonly isModerator: boolean;
  readonly isOperator: boolean;
  send(frame: Buffer): void;
}

export interface LogWriterSession {
  readonly id: string;
  readonly needs: { readonly clock: Pick<Clock, 'now'>; readonly log: Log };
  readonly rates: RateLimit;
  readonly people: { readonly members: readonly Reader[] };
}

/** Log lines about one address, and about what one user did against the rules: more are of level debug. */
const logRate: Rate = { burst: 500, perMinute: 120 };
const breachRate: Rate = { burst: 20, perMinute: 20 };

export class SessionLogWriter implements SessionLogger {
  readonly #session: LogWriterSession;
  readonly #log = new SessionLog();

  constructor(session: LogWriterSession) {
    this.#session = session;
  }

  /** What users in the session may still be shown. */
  get log(): SessionLog {
    return this.#log;
  }

  /** `isShown`: false is for the server's log only. */
  writeLog(level: LogLevel, topic: LogTopic, message: string, user?: LogUser, isShown = true): void {
    this.write({ level, topic, message, signature: '', user, isShown });
  }

  /** People in the session are not shown the signature. */
  write({ level: wanted, topic, message, signature, user, isShown }: LogLine): void {
    const { id, needs, people } = this.#session;
    const level = user === undefined || this.#mayLog(topic, user) ? wanted : 'debug';
    const entry = {
      time: needs.clock.now(),
      level,
      topic,
      session: id,
      message: clipLogText(message),
      ...(user && { user }),
    };
    needs.log.write(signature === '' ? entry : { ...entry, message: clipLogText(`${message}${signature}`) });
    if (!isShown) return;
    const shown = this.#log.add(entry);
    if (!shown) return;
    for (const reader of people.members) {
      if (!shown.isForModerators || reader.isModerator) reader.send(shown.frame);
    }
  }

  /** Sends the earlier log lines that this member may see. */
  replayTo(reader: Reader): void {
    const replay = this.#log.replay(audienceOf(reader));
    if (replay.length > 0) reader.send(replay);
  }

  #mayLog(topic: LogTopic, { id, ip }: LogUser): boolean {
    const { rates } = this.#session;
    if (topic === 'RuleBreak' && !rates.take(`breach #${id}`, breachRate)) return false;
    return rates.take(`log ${ip}`, logRate);
  }
}

function audienceOf(reader: Reader): LogAudience {
  return reader.isModerator ? 'moderator' : reader.isOperator ? 'operator' : 'everyone';
}

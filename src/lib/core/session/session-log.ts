// The log of one session as its members see it (sessions.md §20): framed once, replayed to joiners in one piece.
import { Buffer } from 'node:buffer';
import { logLevelNames } from '../log-levels.js';
import { frameReply } from '../protocol/command.js';
import { eachFrame } from '../protocol/frame.js';
import { formatTimestamp } from '../units.js';
import type { LogEntry, LogTopic } from './needs.js';

/** Who sees which part of the log. */
const logAudiences = ['everyone', 'operator', 'moderator'] as const;
export type LogAudience = (typeof logAudiences)[number];

const shownAtMost = 1000;
/** Of each audience: joiners get it all, and it is kept as long as the session. */
const bytesAtMost = 256 * 1024;
const moderatorTopics: ReadonlySet<LogTopic> = new Set(['ClientInfo', 'Report']);
const operatorTopics: ReadonlySet<LogTopic> = new Set(['Kick', 'Ban', 'Unban']);

function frameEntry(entry: LogEntry): Buffer | undefined {
  return frameReply({
    level: logLevelNames[entry.level],
    message: entry.message,
    timestamp: formatTimestamp(entry.time),
    topic: entry.topic,
    type: 'log',
    // The address is not for members (config.md §8).
    ...(entry.user && { user: `${entry.user.id};${entry.user.name}` }),
  });
}

/** The newest entries for one audience, one after the other in one buffer. Sent parts are never overwritten. */
class Replay {
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #lengths: number[] = [];
  #oldest = 0;

  add(frame: Buffer): void {
    if (this.#end + frame.length > this.#bytes.length) {
      const live = this.#bytes.subarray(this.#start, this.#end);
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(1024, Math.ceil((live.length + frame.length) * 1.5)));
      live.copy(this.#bytes);
      this.#start = 0;
      this.#end = live.length;
    }
    frame.copy(this.#bytes, this.#end);
    this.#end += frame.length;
    this.#lengths.push(frame.length);
    while (this.#lengths.length - this.#oldest > shownAtMost || this.#end - this.#start > bytesAtMost) {
      this.#start += this.#lengths[this.#oldest++] ?? 0;
    }
    if (this.#oldest > shownAtMost) {
      this.#lengths = this.#lengths.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  get frames(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }
}

export class SessionLog {
  readonly #replays: Record<LogAudience, Replay> = {
    everyone: new Replay(),
    operator: new Replay(),
    moderator: new Replay(),
  };

  /** Stores an entry; returns its frame and who gets it live, or undefined when nobody does (debug). */
  add(entry: LogEntry): { frame: Buffer; isForModerators: boolean } | undefined {
    if (entry.level === 'debug') return undefined;
    const frame = frameEntry(entry);
    if (!frame) return undefined;
    const isForModerators = moderatorTopics.has(entry.topic);
    this.#replays.moderator.add(frame);
    if (!isForModerators) {
      this.#replays.operator.add(frame);
      if (!operatorTopics.has(entry.topic)) this.#replays.everyone.add(frame);
    }
    return { frame, isForModerators };
  }

  /** Continues with what a predecessor of this process had for each audience. */
  takeOver(frames: Readonly<Record<LogAudience, Buffer>>): void {
    for (const audience of logAudiences) {
      const bytes = frames[audience];
      eachFrame(bytes, 0, bytes.length, (start, end) =>
        this.#replays[audience].add(bytes.subarray(start, end)),
      );
    }
  }

  handOver(): Record<LogAudience, Buffer> {
    const of = (audience: LogAudience) => this.replay(audience);
    return { everyone: of('everyone'), operator: of('operator'), moderator: of('moderator') };
  }

  /** The newest entries (1000, or 256 KiB) that this audience may see, oldest first, framed. */
  replay(audience: LogAudience): Buffer {
    return this.#replays[audience].frames;
  }
}

// Stores how far users have read, so that they can continue there after a lost connection or a restart (sessions.md
// §16). Returning users are credited only with what they were sent.
import { canonicalName } from '../names.js';
import type { UserInfo } from './member.js';
import { type JournalEntry, type ReadPosition, readerKey, rememberedAtMost } from './saved.js';

/** What identifies somebody. */
export type Person = Pick<UserInfo, 'authId' | 'sid' | 'name'>;

/** Who somebody is across connections; undefined: unknown, they sent no system id and have no account. */
export function identityOf(userInfo: Person): { who: string; name: string } | undefined {
  const who = userInfo.authId || userInfo.sid;
  return who === '' ? undefined : { who, name: canonicalName(userInfo.name) };
}

export class Positions {
  readonly #read = new Map<string, number>();
  readonly #remember: (entry: JournalEntry) => void;

  constructor(remember: (entry: JournalEntry) => void) {
    this.#remember = remember;
  }

  /**
   * What was known before a restart. `lastIndex`: of the last message that was stored then. What is beyond that was
   * lost with the power, and other messages have its place now.
   */
  restore(reads: Iterable<ReadPosition>, lastIndex: number): void {
    for (const { who, name, index } of reads) {
      const read = Math.min(index ?? lastIndex, lastIndex);
      this.#read.set(readerKey({ who, name }), read);
      if (read !== index) this.#remember({ key: 'read', who, name, index: read });
    }
  }

  /** For a successor of this process. */
  handOver(): ReadonlyMap<string, number> {
    return this.#read;
  }

  /** Nothing is written: the journal has it. */
  takeOver(read: ReadonlyMap<string, number>): void {
    for (const [key, index] of read) this.#read.set(key, index);
  }

  /** Somebody is there: how far they read is only known when they leave. */
  came(userInfo: UserInfo): void {
    const identity = identityOf(userInfo);
    if (identity) this.#remember({ key: 'read', ...identity, index: undefined });
  }

  left(userInfo: UserInfo, index: number): void {
    const identity = identityOf(userInfo);
    if (!identity) return;
    const key = readerKey(identity);
    this.#read.delete(key);
    this.#read.set(key, index);
    if (this.#read.size > rememberedAtMost) this.#read.delete(this.#read.keys().next().value as string);
    this.#remember({ key: 'read', ...identity, index });
  }

  /** Index of the last message that was handed to this person. */
  of(userInfo: UserInfo): number | undefined {
    const identity = identityOf(userInfo);
    return identity && this.#read.get(readerKey(identity));
  }
}

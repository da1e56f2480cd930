// Decides when a journal is rewritten because most of its lines are obsolete.

/** A journal that is smaller than this is not compacted. */
const leastBytes = 32 * 1024;
/** The same at a reset, when everything else is written anew as well. */
const leastBytesAtReset = 4 * 1024;
/** It is compacted when it is so many times what it would be then. */
const growth = 2;

export class JournalCompaction {
  /** How long the journal would be if it were written anew. */
  readonly #completeBytes: () => number;
  /** From this size on it is worth to find out. */
  #atBytes = leastBytes;

  constructor(completeBytes: () => number) {
    this.#completeBytes = completeBytes;
  }

  /** The journal is there and says so much. */
  measured(completeBytes: number): void {
    this.#atBytes = Math.max(leastBytes, growth * completeBytes);
  }

  isDue(sizeBytes: number): boolean {
    if (sizeBytes < this.#atBytes) return false;
    this.measured(this.#completeBytes());
    return sizeBytes >= this.#atBytes;
  }

  isDueAtReset(sizeBytes: number): boolean {
    return sizeBytes >= leastBytesAtReset && sizeBytes >= growth * this.#completeBytes();
  }

  /** Whether lines that wait, all at once, say more often than not what does not count any more. */
  isShorterThan(lines: readonly string[]): boolean {
    const waiting = lines.reduce((sum, line) => sum + line.length, 0);
    return waiting >= leastBytes && waiting >= growth * this.#completeBytes();
  }
}

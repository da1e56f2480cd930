// Followers of the log of a running server. They get each entry as it is written, as the terminal does, before it is
// stored: nobody relies on an entry, and a follower who looks for the reason of a full disk would get none
// otherwise.

import type { Log, LogEntry } from '../core/session/needs.js';

export class LogFollowers implements Log {
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  write(entry: LogEntry): void {
    for (const listener of this.#listeners) listener(entry);
  }

  /** Returns how to stop. */
  follow(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

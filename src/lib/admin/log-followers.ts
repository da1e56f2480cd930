// Those who follow the log of a running server: they get each entry as it is written, as the terminal does, and before it is
// stored. Nobody relies on an entry, and whoever follows the log because the disk is full would get none otherwise.

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

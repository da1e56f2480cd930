// Nothing is sent before it is stored (README): while entries are being written to the session's journal, the
// connections of its members hold back what they would send, history included. A journal that writes immediately, as
// it nearly always does, holds back nothing; neither does one that cannot be written, of which operators are
// notified.
import type { Connection } from '../peer/needs.js';
import type { Journal } from './needs.js';

export class StoredFirst {
  readonly #journal: Journal;
  /** Entries that are being written. */
  #pending = 0;
  readonly #held = new Set<Connection>();
  #waiting: (() => void)[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** To be called after something was written to the journal. `connections`: those that may be notified of it. */
  wrote(connections: Iterable<Connection>): void {
    if (this.#journal.isStored) return;
    if (this.#pending++ === 0) for (const connection of connections) this.include(connection);
    this.#journal.whenStored(() => {
      if (--this.#pending === 0) this.#release();
    });
  }

  /** Adds a connection that may be notified. */
  include(connection: Connection): void {
    if (this.#pending === 0 || this.#held.has(connection)) return;
    this.#held.add(connection);
    connection.hold();
  }

  /** Nothing is held back. */
  get isIdle(): boolean {
    return this.#pending === 0 && this.#waiting.length === 0;
  }

  /** Calls back when everything that was written so far is stored, at once where it is. */
  whenStored(done: () => void): void {
    if (this.#pending === 0) done();
    else this.#waiting.push(done);
  }

  #release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const connection of held) connection.release();
    for (const done of this.#waiting.splice(0)) done();
  }
}

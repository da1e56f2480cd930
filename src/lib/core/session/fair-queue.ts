// A queue for work that clients request: limited in total and for each address, and served in turn by address, so
// that one client's thousand requests delay nobody else. The owner runs the work.
import { isLoopback, masked, parseAddress } from '../addresses.js';

export interface QueueLimits {
  /** Entries of all sources together. */
  waitingAtMost: number;
  /** Entries of one source. */
  waitingPerSource: number;
}

/** The server's own work: never refused, and taken first. */
export const ownWork = 'the server itself';

export class FairQueue<Entry> {
  readonly #limits: QueueLimits;
  /** In the order in which they get their turn. */
  readonly #waiting = new Map<string, Entry[]>();
  #size = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether there is room for one more entry of this source. */
  mayAdd(address: string): boolean {
    const { source, share } = this.#sourceOf(address);
    if (source === ownWork) return true;
    return this.#size < this.#limits.waitingAtMost && (this.#waiting.get(source)?.length ?? 0) < share;
  }

  /** `address`: of the requester, or `ownWork`. False: there is no room, and the entry was not taken. */
  add(address: string, entry: Entry): boolean {
    if (!this.mayAdd(address)) return false;
    const { source } = this.#sourceOf(address);
    const known = this.#waiting.get(source);
    if (known) known.push(entry);
    else this.#waiting.set(source, [entry]);
    this.#size++;
    return true;
  }

  /** The next entry, which leaves the queue. Its source goes to the back. */
  take(): Entry | undefined {
    const source = this.#waiting.has(ownWork) ? ownWork : this.#waiting.keys().next().value;
    if (source === undefined) return undefined;
    const entries = this.#waiting.get(source);
    this.#waiting.delete(source);
    const entry = entries?.shift();
    if (entries === undefined || entry === undefined) return undefined;
    if (entries.length > 0) this.#waiting.set(source, entries);
    this.#size--;
    return entry;
  }

  /** Everything that waits, in order; the queue is empty then. */
  clear(): Entry[] {
    const all: Entry[] = [];
    for (let entry = this.take(); entry !== undefined; entry = this.take()) all.push(entry);
    return all;
  }

  /** An IPv6 network counts as one address. A proxy on this machine brings everybody from one: it may have most. */
  #sourceOf(text: string): { source: string; share: number } {
    const { waitingAtMost, waitingPerSource } = this.#limits;
    const address = parseAddress(text);
    if (address === undefined) return { source: text, share: waitingPerSource };
    if (isLoopback(address)) {
      return { source: 'loopback', share: Math.max(waitingPerSource, Math.floor((waitingAtMost * 3) / 4)) };
    }
    return { source: masked(address, 64).toString(), share: waitingPerSource };
  }
}

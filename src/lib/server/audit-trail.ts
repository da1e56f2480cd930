// The audit trail of a running server: stores what sessions and operations change, in order. An operation is
// answered when its entry is stored; sessions continue meanwhile.

import type { Awaitable } from '../admin/needs.js';
import { networkText } from '../core/addresses.js';
import { RateLimit } from '../core/rate-limit.js';
import type { Change, ChangeFacts, Changes } from '../core/session/change.js';
import type { Clock } from '../core/session/needs.js';

export interface AuditTrailOptions {
  append(changes: readonly Change[]): Awaitable<void>;
  clock: Clock;
  /** Entries that are stored now, in their order. */
  onStored?(changes: readonly Change[]): void;
  /** A change of a session that is counted only: it has no entry. */
  onCounted?(change: Change): void;
  /** Entries of sessions that could not be stored, and why; the log has them as well. */
  onLost(count: number, error: unknown): void;
}

/** Of one session. Anybody may host one, and what they do is kept for a long time: beyond this it is counted only. */
const rate = { burst: 300, perMinute: 20 };
/** Of one address, or one IPv6 network: whoever hosts again and again has no new share each time. */
const addressRate = { burst: 900, perMinute: 60 };
const sessionsAtMost = 10_000;
/** Characters of JSON in `before`, and as many in `after`. */
const factsAtMost = 4_000;

export class AuditTrail implements Changes {
  readonly #options: AuditTrailOptions;
  readonly #rates: RateLimit;
  readonly #addressRates: RateLimit;
  /** Changes of sessions that were more than their rate, by session. */
  readonly #leftOut = new Map<string, number>();
  #waiting: Change[] = [];
  /** The write that takes what is done in this turn. */
  #next: Promise<void> | undefined;
  readonly #writes = new Set<Promise<void>>();

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#rates = new RateLimit(() => options.clock.monotonic(), sessionsAtMost);
    this.#addressRates = new RateLimit(() => options.clock.monotonic(), sessionsAtMost);
  }

  /** Resolves when it is stored, rejects when it cannot be; operations wait for it, sessions do not. */
  made(change: Change): Promise<void> | undefined {
    const isOfServer = change.actor.kind === 'administrator' || change.actor.kind === 'server';
    const session = change.on.session ?? change.on.name;
    if (!isOfServer && !this.#hasShare(session, change.address)) {
      this.#leftOut.set(session, (this.#leftOut.get(session) ?? 0) + 1);
      const [oldest] = this.#leftOut.keys();
      if (oldest !== undefined && this.#leftOut.size > sessionsAtMost) this.#leftOut.delete(oldest);
      this.#options.onCounted?.(change);
      return undefined;
    }
    const leftOut = this.#leftOut.get(session);
    this.#leftOut.delete(session);
    this.#waiting.push(shortened(change, leftOut));
    this.#next ??= this.#writeAfterTurn();
    return this.#next;
  }

  /** Nothing is being stored. */
  get isIdle(): boolean {
    return this.#writes.size === 0;
  }

  /** An address that is not known has no separate share: rules act for everybody. */
  #hasShare(session: string, address: string): boolean {
    if (!this.#rates.take(session, rate)) return false;
    return address === '' || this.#addressRates.take(networkText(address), addressRate);
  }

  /** Resolves when all that was done is stored, or cannot be. */
  async stop(): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes);
  }

  #writeAfterTurn(): Promise<void> {
    const write = this.#write();
    this.#writes.add(write);
    const end = () => void this.#writes.delete(write);
    // also where nobody waits for it: a failure is reported by `onLost`
    write.then(end, end);
    return write;
  }

  async #write(): Promise<void> {
    await new Promise<void>((resolve) => this.#options.clock.endOfTurn(resolve));
    const changes = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    try {
      await this.#options.append(changes);
      this.#options.onStored?.(changes);
    } catch (error) {
      this.#options.onLost(changes.length, error);
      throw error;
    }
  }
}

function shortened(change: Change, leftOut: number | undefined): Change {
  const { before, after } = change;
  const added = leftOut === undefined ? after : { ...after, changesLeftOut: leftOut };
  return {
    ...change,
    ...(before && { before: limited(before) }),
    ...(added && { after: limited(added) }),
  };
}

/** A value that is too long for its share is cut: an audit trail is not an archive. */
function limited(facts: ChangeFacts): ChangeFacts {
  if (JSON.stringify(facts).length <= factsAtMost) return facts;
  const share = Math.floor(factsAtMost / Object.keys(facts).length);
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      const text = JSON.stringify(value) ?? '';
      return [name, text.length <= share ? value : `${text.slice(0, share)}…`];
    }),
  );
}

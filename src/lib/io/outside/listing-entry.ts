// One session at one list server: what is known of it, and the times that go with it.

import type { ListedSession, ListingFacts, ListingOrigin, Timer } from '../../core/session/needs.js';
import type { Endpoint, Given } from './listing-protocol.js';

/** One session at one server. */
export interface Entry {
  readonly session: ListedSession;
  readonly url: string;
  readonly endpoint: Endpoint;
  readonly isTrusted: boolean;
  /** A person waits for the outcome of the first attempt: a failure is final. */
  origin: ListingOrigin;
  state: EntryState;
  /** People were notified of a failure and wait for good news. */
  isFailing: boolean;
  /** How often the server said that the session is listed already, or the like. */
  conflicts: number;
}

export type EntryState =
  | { name: 'announcing' }
  | { name: 'waiting'; attempts: number; timer: Timer }
  | { name: 'listed'; standing: Standing }
  | { name: 'gone' };

/** What the list server gave, and what was sent to it last. */
export interface Standing extends Omit<Given, 'message'> {
  refreshedAt: number;
  announced: string;
  isUrgent: boolean;
}

/** What another process needs to continue with an entry. `refreshedAgo`: milliseconds. */
export interface HandedListing
  extends Pick<Entry, 'url' | 'isTrusted' | 'origin' | 'isFailing' | 'conflicts'> {
  readonly state:
    | { readonly name: 'announcing' }
    | { readonly name: 'waiting'; readonly attempts: number }
    | ({ readonly name: 'listed'; readonly refreshedAgo: number } & Omit<Standing, 'refreshedAt'>);
}

/** None of an entry that is over. `now`: by the monotonic clock. */
export function handedListing(entry: Entry, now: number): HandedListing[] {
  const { url, isTrusted, origin, isFailing, conflicts, state } = entry;
  const same = { url, isTrusted, origin, isFailing, conflicts };
  switch (state.name) {
    case 'gone':
      return [];
    case 'announcing':
      // Its outcome will not be known, so a refusal the next time may be because of this one.
      return [{ ...same, origin: 'kept', state: { name: 'announcing' } }];
    case 'waiting':
      return [{ ...same, state: { name: 'waiting', attempts: state.attempts } }];
    case 'listed': {
      const { refreshedAt, ...standing } = state.standing;
      return [{ ...same, state: { name: 'listed', refreshedAgo: now - refreshedAt, ...standing } }];
    }
  }
}

export const tickMs = 30_000;
const longestRetryMs = 30 * 60_000;

/** What is worth a refresh before its time. http.md §2.3 */
export function urgentPart({ title, isNsfm, hasPassword, isFull, allowsWeb }: ListingFacts): string {
  return JSON.stringify([title, isNsfm, hasPassword, isFull, allowsWeb]);
}

/** 30 s, 1, 2, 4 … minutes. */
export function backOffMs(attempts: number): number {
  return Math.min(tickMs * 2 ** (attempts - 1), longestRetryMs);
}

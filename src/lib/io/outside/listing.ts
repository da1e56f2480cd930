// Sessions at list servers: announcing, retrying, taking back (http.md §2, sessions.md §21). Refreshing is
// listing-refresh.ts, the requests are listing-protocol.ts. Users in the session are notified of failures.

import { type Reason, reason } from '../../core/errors/reason.js';
import type {
  Clock,
  ListedSession,
  ListingFacts,
  ListingOrigin,
  Listings,
  Log,
  LogLevel,
  Timer,
} from '../../core/session/needs.js';
import { withoutCredentials } from './http-client.js';
import {
  backOffMs,
  type Entry,
  type HandedListing,
  handedListing,
  type Standing,
  urgentPart,
} from './listing-entry.js';
import {
  endpointOf,
  type Failure,
  type Given,
  ListingProtocol,
  type ListingProtocolOptions,
} from './listing-protocol.js';
import { ListingRefresh } from './listing-refresh.js';

export interface ListingOptions extends ListingProtocolOptions {
  clock: Clock;
  log: Log;
  /** The whitelist, when it is on (http.md §2.6). */
  isAllowed: (url: string) => boolean;
  /** An address that the operator wrote down exactly; it may lead to a private network. */
  isOperators?: (url: string) => boolean;
}

/** "Already listed" and the like may only mean that our listing from before has not run out yet. */
const conflictLimit = 6;
const unlistAttempts = 4;
/** An announcement whose outcome nobody knows is made again so often. */
const askedAgainAtMost = 2;
const askAgainMs = 1_000;
const perSessionLimit = 16;

export class HttpListings implements Listings {
  readonly #options: ListingOptions;
  readonly #entries = new Map<ListedSession, Entry[]>();
  readonly #protocol: ListingProtocol;
  readonly #refresh: ListingRefresh;
  /** Announcing and taking back: what a stop waits for. */
  readonly #pending = new Set<Promise<void>>();
  readonly #waits = new Set<{ timer: Timer; end: () => void }>();
  #early: Entry[] | undefined = [];
  #isClosed = false;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#protocol = new ListingProtocol(options);
    this.#refresh = new ListingRefresh({
      protocol: this.#protocol,
      clock: options.clock,
      log: (session, level, message) => this.#log(session, level, message),
      entries: () => [...this.#entries.values()].flat(),
      delisted: (entry, reason) => this.#delisted(entry, reason),
      reannounce: (entry) => this.#announceLater(entry, 1),
    });
  }

  /** Once the server listens; what was to be announced before that is announced now. */
  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const entry of early) if (entry.state.name !== 'gone') this.#announce(entry, 0);
  }

  refusal(url: string): Reason | undefined {
    return endpointOf(url) === undefined ? reason('list-url-invalid') : undefined;
  }

  announce(session: ListedSession, url: string, origin: ListingOrigin = 'member'): void {
    const endpoint = endpointOf(url);
    if (endpoint === undefined || this.#isClosed) return;
    const own = this.#entries.get(session) ?? [];
    if (!this.#options.isAllowed(url)) {
      session.listingMessage(`Listing on ${endpoint.host} is not allowed on this server`);
      this.#log(session, 'warn', `Announcing at ${withoutCredentials(url)} is not allowed`);
      if (origin === 'kept') session.listingsChanged({ removed: [url] });
      return;
    }
    if (own.some((entry) => entry.url === url)) return;
    if (own.length >= perSessionLimit) {
      session.listingMessage(
        `Listing on ${endpoint.host} failed: at most ${perSessionLimit} listings at once`,
      );
      return;
    }
    const isTrusted = origin === 'operator' || (this.#options.isOperators?.(url) ?? false);
    const entry: Entry = {
      session,
      url,
      endpoint,
      isTrusted,
      origin,
      state: { name: 'announcing' },
      isFailing: false,
      conflicts: 0,
    };
    this.#entries.set(session, [...own, entry]);
    // List servers may look whether somebody answers at the port.
    if (this.#early) this.#early.push(entry);
    else this.#announce(entry, 0);
  }

  handOver(session: ListedSession): readonly HandedListing[] {
    return (this.#entries.get(session) ?? []).flatMap((entry) =>
      handedListing(entry, this.#options.clock.monotonic()),
    );
  }

  /** Nobody is notified: what is listed stays listed, and is refreshed in time. */
  takeOver(session: ListedSession, handed: unknown): void {
    const now = this.#options.clock.monotonic();
    const entries: Entry[] = [];
    for (const { url, state, ...rest } of handed as readonly HandedListing[]) {
      const endpoint = endpointOf(url);
      if (endpoint === undefined) continue;
      const entry: Entry = { ...rest, session, url, endpoint, state: { name: 'announcing' } };
      entries.push(entry);
      if (state.name === 'listed') {
        const { refreshedAgo, ...standing } = state;
        entry.state = { name: 'listed', standing: { ...standing, refreshedAt: now - refreshedAgo } };
        this.#refresh.start();
      } else if (state.name === 'waiting') this.#announceLater(entry, state.attempts);
      else if (this.#early) this.#early.push(entry);
      else this.#announce(entry, 0);
    }
    if (entries.length > 0) this.#entries.set(session, entries);
  }

  unlist(session: ListedSession, url: string): void {
    const meant = (this.#entries.get(session) ?? []).filter(
      (entry) => url === '' || entry.url === url || withoutCredentials(entry.url) === url,
    );
    for (const entry of meant) this.#takeBack(entry);
    // one message, however many there were
    if (meant.length > 0) session.listingsChanged({ removed: meant.map((entry) => entry.url) });
  }

  changed(session: ListedSession): void {
    const own = this.#entries.get(session);
    if (own === undefined) return;
    const announced = urgentPart(session.listingFacts());
    for (const { state } of own) {
      if (state.name === 'listed' && state.standing.announced !== announced) state.standing.isUrgent = true;
    }
  }

  ended(session: ListedSession): void {
    for (const entry of this.#entries.get(session) ?? []) this.#takeBack(entry);
  }

  urls(session: ListedSession): readonly string[] {
    return (this.#entries.get(session) ?? []).map(({ url }) => withoutCredentials(url));
  }

  listed(session: ListedSession): readonly { id: number; url: string }[] {
    return (this.#entries.get(session) ?? []).flatMap(({ url, state }) =>
      state.name === 'listed' ? [{ id: state.standing.id, url: withoutCredentials(url) }] : [],
    );
  }

  /**
   * After all sessions have ended: no more requests, except that what is being taken back may finish within
   * `limitMs`.
   */
  async close(limitMs = 3000): Promise<void> {
    this.#isClosed = true;
    this.#refresh.close();
    for (const entry of [...this.#entries.values()].flat()) this.#forget(entry);
    for (const wait of this.#waits) wait.end();
    if (this.#pending.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(limitMs, resolve);
      const untilDone = async () => {
        // An announcement that comes through now is taken back, so there may be more to wait for.
        while (this.#pending.size > 0) await Promise.all(this.#pending);
        timer.cancel();
        resolve();
      };
      void untilDone();
    });
  }

  // ---- announcing

  #announce(entry: Entry, attempts: number): void {
    entry.state = { name: 'announcing' };
    const facts = entry.session.listingFacts();
    const { isTrusted, endpoint } = entry;
    const run = this.#protocol.announce(endpoint, isTrusted, facts).then((outcome) => {
      if ('error' in outcome) this.#announceFailed(entry, outcome, attempts + 1);
      else this.#announced(entry, outcome.reply, facts);
    });
    this.#track(run);
  }

  #announced(entry: Entry, { message, ...given }: Given, facts: ListingFacts): void {
    const refreshedAt = this.#options.clock.monotonic();
    const standing: Standing = { ...given, refreshedAt, announced: urgentPart(facts), isUrgent: false };
    if (entry.state.name !== 'announcing') {
      // Taken back while the list server was thinking.
      this.#delete(entry, standing);
      return;
    }
    entry.state = { name: 'listed', standing };
    entry.origin = 'kept';
    entry.isFailing = false;
    entry.conflicts = 0;
    this.#refresh.start();
    const said = message === undefined ? '' : `: ${message}`;
    entry.session.listingMessage(`This session is now listed at ${entry.endpoint.host}${said}`);
    this.#log(entry.session, 'info', `Announced at ${withoutCredentials(entry.url)}`);
    entry.session.listingsChanged({ added: entry.url });
    this.changed(entry.session);
  }

  #announceFailed(entry: Entry, { error, kind }: Failure, attempts: number): void {
    if (entry.state.name !== 'announcing') return;
    const { session, endpoint } = entry;
    if (kind === 'conflict') entry.conflicts += 1;
    const isFinal = entry.origin === 'member' || kind === 'final' || entry.conflicts >= conflictLimit;
    this.#log(session, 'warn', `Announcing at ${withoutCredentials(entry.url)} failed: ${error}`);
    if (kind === 'unclear' && attempts <= askedAgainAtMost) {
      const timer = this.#options.clock.after(askAgainMs, () => this.#announce(entry, attempts));
      entry.state = { name: 'waiting', attempts, timer };
      return;
    }
    if (isFinal) {
      this.#forget(entry);
      session.listingsChanged({ removed: [entry.url] });
      session.listingMessage(`Listing on ${endpoint.host} failed: ${error}`);
      return;
    }
    if (!entry.isFailing && (kind === 'temporary' || kind === 'unclear')) {
      entry.isFailing = true;
      session.listingMessage(
        `Listing on ${endpoint.host} failed: ${error}. The server tries again until it works.`,
      );
    }
    this.#announceLater(entry, attempts);
  }

  #announceLater(entry: Entry, attempts: number): void {
    const timer = this.#options.clock.after(backOffMs(attempts), () => this.#announce(entry, attempts));
    entry.state = { name: 'waiting', attempts, timer };
  }

  #delisted(entry: Entry, reason: string): void {
    this.#forget(entry);
    this.#log(entry.session, 'warn', `Delisted from ${withoutCredentials(entry.url)}: ${reason}`);
    entry.session.listingMessage(`The session has been delisted from ${entry.endpoint.host}: ${reason}`);
    entry.session.listingsChanged({ removed: [entry.url] });
  }

  // ---- taking back

  #takeBack(entry: Entry): void {
    const { state } = entry;
    this.#forget(entry);
    if (state.name === 'listed') this.#delete(entry, state.standing);
  }

  #forget(entry: Entry): void {
    if (entry.state.name === 'waiting') entry.state.timer.cancel();
    entry.state = { name: 'gone' };
    const rest = (this.#entries.get(entry.session) ?? []).filter((other) => other !== entry);
    if (rest.length > 0) this.#entries.set(entry.session, rest);
    else this.#entries.delete(entry.session);
  }

  #delete(entry: Entry, standing: Standing): void {
    this.#track(this.#deleteWithRetries(entry, standing));
  }

  #track(run: Promise<void>): void {
    const tracked = run.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  async #deleteWithRetries(entry: Entry, standing: Standing): Promise<void> {
    const { refreshedAt, expiryMs } = standing;
    for (let attempts = 1; ; attempts += 1) {
      const outcome = await this.#protocol.unlist(entry.endpoint, entry.isTrusted, standing);
      if (!('error' in outcome)) return;
      const isOver = this.#options.clock.monotonic() - refreshedAt > expiryMs;
      const mayTry = outcome.kind === 'temporary' || outcome.kind === 'unclear';
      if (!mayTry || isOver || this.#isClosed || attempts >= unlistAttempts) {
        this.#log(
          entry.session,
          'warn',
          `Unlisting from ${withoutCredentials(entry.url)} failed: ${outcome.error}`,
        );
        return;
      }
      await this.#wait(backOffMs(attempts));
      if (this.#isClosed) return;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        wait.timer.cancel();
        this.#waits.delete(wait);
        resolve();
      };
      const wait = { timer: this.#options.clock.after(ms, end), end };
      this.#waits.add(wait);
    });
  }

  #log(session: ListedSession | undefined, level: LogLevel, message: string): void {
    const time = this.#options.clock.now();
    this.#options.log.write({
      time,
      level,
      topic: 'PubList',
      ...(session && { session: session.id }),
      message,
    });
  }
}

// Listed sessions are refreshed before they expire, all of one server in one request (http.md §2.3), and retried when
// that fails. One failing server never costs the others.

import type { Clock, ListedSession, ListingFacts, LogLevel, Timer } from '../../core/session/needs.js';
import { withoutCredentials } from './http-client.js';
import { backOffMs, type Entry, type Standing, tickMs, urgentPart } from './listing-entry.js';
import type { Failure, ListingProtocol, Refreshed } from './listing-protocol.js';

export interface RefreshOptions {
  protocol: ListingProtocol;
  clock: Clock;
  log(session: ListedSession | undefined, level: LogLevel, message: string): void;
  /** All that there are at the moment. */
  entries(): Iterable<Entry>;
  /** The server does not list it any more. */
  delisted(entry: Entry, reason: string): void;
  /** It ran out at the server while that did not answer. */
  reannounce(entry: Entry): void;
}

/** Failed refreshes of one server. */
interface FailedRefreshes {
  attempts: number;
  notBefore: number;
}

export class ListingRefresh {
  readonly #options: RefreshOptions;
  readonly #refreshing = new Set<string>();
  readonly #failedRefreshes = new Map<string, FailedRefreshes>();
  #tick: Timer | undefined;
  #isClosed = false;

  constructor(options: RefreshOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isClosed = true;
    this.#tick?.cancel();
    this.#tick = undefined;
  }

  /** Continues by itself as long as something is listed. */
  start(): void {
    if (this.#tick !== undefined || this.#isClosed) return;
    this.#tick = this.#options.clock.after(tickMs, () => {
      this.#tick = undefined;
      this.#refreshDue();
    });
  }

  #refreshDue(): void {
    const now = this.#options.clock.monotonic();
    const byServer = new Map<string, Entry[]>();
    for (const entry of this.#options.entries()) {
      if (entry.state.name !== 'listed') continue;
      const group = byServer.get(entry.endpoint.sessions);
      if (group) group.push(entry);
      else byServer.set(entry.endpoint.sessions, [entry]);
    }
    for (const [server, entries] of byServer) {
      const isDue = entries.some(({ state }) => state.name === 'listed' && isRefreshDue(state.standing, now));
      const mayTry = (this.#failedRefreshes.get(server)?.notBefore ?? 0) <= now;
      if (isDue && mayTry && !this.#refreshing.has(server)) this.#refresh(server, entries);
    }
    for (const server of this.#failedRefreshes.keys())
      if (!byServer.has(server)) this.#failedRefreshes.delete(server);
    if (byServer.size > 0) this.start();
  }

  #refresh(server: string, entries: readonly Entry[]): void {
    const sent = new Map<Entry, Standing>();
    const sessions: { id: number; key: string; facts: ListingFacts }[] = [];
    for (const entry of entries) {
      if (entry.state.name !== 'listed') continue;
      const { standing } = entry.state;
      const facts = entry.session.listingFacts();
      standing.announced = urgentPart(facts);
      standing.isUrgent = false;
      sent.set(entry, standing);
      sessions.push({ id: standing.id, key: standing.key, facts });
    }
    this.#refreshing.add(server);
    // The operator may have named this very address, then it is fine for all.
    const isTrusted = entries.some((entry) => entry.isTrusted);
    void this.#options.protocol.refresh(server, isTrusted, sessions).then((outcome) => {
      this.#refreshing.delete(server);
      // What was taken back or announced anew in the meantime is not what this answer is about.
      const standing = [...sent].filter(
        ([{ state }, was]) => state.name === 'listed' && state.standing === was,
      );
      if ('reply' in outcome) this.#refreshed(server, standing, outcome.reply);
      else this.#refreshFailed(server, standing, outcome);
    });
  }

  #refreshed(
    server: string,
    sent: readonly (readonly [Entry, Standing])[],
    { refusal, message }: Refreshed,
  ): void {
    this.#failedRefreshes.delete(server);
    const now = this.#options.clock.monotonic();
    for (const [entry, standing] of sent) {
      const reason = refusal(standing.id);
      if (reason === undefined) {
        standing.refreshedAt = now;
        if (entry.isFailing) {
          entry.isFailing = false;
          entry.session.listingMessage(`The announcement at ${entry.endpoint.host} works again`);
        }
      } else {
        this.#options.delisted(entry, String(reason));
      }
    }
    if (message !== undefined)
      this.#options.log(undefined, 'info', `Message from ${withoutCredentials(server)}: ${message}`);
  }

  #refreshFailed(
    server: string,
    sent: readonly (readonly [Entry, Standing])[],
    { error, kind }: Failure,
  ): void {
    this.#options.log(
      undefined,
      'warn',
      `Refreshing announcements at ${withoutCredentials(server)} failed: ${error}`,
    );
    if (kind !== 'temporary' && kind !== 'unclear') {
      this.#failedRefreshes.delete(server);
      for (const [entry] of sent) this.#options.delisted(entry, String(error));
      return;
    }
    // Upstream drops everything here. http.md §7: keep it until it runs out, then announce anew.
    const now = this.#options.clock.monotonic();
    const attempts = (this.#failedRefreshes.get(server)?.attempts ?? 0) + 1;
    this.#failedRefreshes.set(server, { attempts, notBefore: now + backOffMs(attempts) });
    for (const [entry, standing] of sent) {
      standing.isUrgent = true;
      if (!entry.isFailing) {
        entry.isFailing = true;
        entry.session.listingMessage(
          `Refreshing the announcement at ${entry.endpoint.host} failed: ${error}. The server tries again until it works.`,
        );
      }
      if (now - standing.refreshedAt >= standing.expiryMs) this.#options.reannounce(entry);
    }
  }
}

function isRefreshDue(standing: Standing, now: number): boolean {
  return standing.isUrgent || now - standing.refreshedAt >= standing.intervalMs;
}

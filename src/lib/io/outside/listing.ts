// Sessions at list servers: announcing, refreshing in batches, retrying, taking back. http.md §2, sessions.md §21
// One failing server never costs the others; what a person has to know is told to the session in words.

import type {
  Clock,
  ListedSession,
  ListingFacts,
  Listings,
  ListingWish,
  Log,
  LogLevel,
  Timer,
} from '../../core/session/needs.js';
import {
  BrokenOff,
  ForbiddenNetwork,
  type HttpAnswer,
  type HttpClient,
  HttpProblem,
  parseHttpUrl,
  withoutCredentials,
} from './http-client.js';

export interface ListingOptions {
  client: HttpClient;
  clock: Clock;
  log: Log;
  /** Of this program, for the User-Agent header. */
  version: string;
  /** `--local-host`; '' = the list server uses the address we come from. */
  host: () => string;
  /** `--announce-port`, else the Drawpile port. */
  port: () => number;
  /** Setting `preferWebSockets`, and a WebSocket listener is open. */
  prefersWebSockets: () => boolean;
  /** Setting `privateUserList`. */
  hidesUserNames: () => boolean;
  /** The whitelist, when it is on (http.md §2.6). */
  isAllowed: (url: string) => boolean;
  /** An address that the operator wrote down exactly; it may lead to a private network. */
  isOperators?: (url: string) => boolean;
}

const tickMs = 30_000;
const minuteMs = 60_000;
const defaultExpiryMinutes = 6;
const longestRetryMs = 30 * minuteMs;
/** "Already listed" and the like may only mean that our listing from before has not run out yet. */
const conflictLimit = 6;
const unlistAttempts = 4;
/** An announcement whose outcome nobody knows is made again so often. */
const askedAgainAtMost = 2;
const askAgainMs = 1_000;
const perSessionLimit = 16;

/** One session at one server. */
interface Entry {
  readonly session: ListedSession;
  readonly url: string;
  readonly endpoint: Endpoint;
  readonly isTrusted: boolean;
  /** A person waits for the outcome of the first attempt: a failure is final. */
  wish: ListingWish;
  state: EntryState;
  /** People were told of a failure and wait for good news. */
  isTroubled: boolean;
  /** How often the server said that the session is listed already, or the like. */
  conflicts: number;
}

type EntryState =
  | { name: 'announcing' }
  | { name: 'waiting'; attempts: number; timer: Timer }
  | { name: 'listed'; standing: Standing }
  | { name: 'gone' };

/** What the list server gave, and what it was told last. */
interface Standing {
  id: number;
  key: string;
  expiryMs: number;
  intervalMs: number;
  refreshedAt: number;
  told: string;
  isUrgent: boolean;
}

interface Endpoint {
  /** Address of the collection; listings with the same one are refreshed together. */
  sessions: string;
  host: string;
  one(id: number): string;
}

/** Failed refreshes of one server. */
interface Trouble {
  attempts: number;
  notBefore: number;
}

type Outcome = { reply: Record<string, unknown> } | Failure;

interface Failure {
  error: string;
  /** `unclear`: the server took the request, and did not say what became of it. */
  kind: 'temporary' | 'unclear' | 'conflict' | 'final';
}

export class HttpListings implements Listings {
  readonly #options: ListingOptions;
  readonly #entries = new Map<ListedSession, Entry[]>();
  readonly #refreshing = new Set<string>();
  readonly #troubles = new Map<string, Trouble>();
  /** Announcing and taking back: what a stop waits for. */
  readonly #pending = new Set<Promise<void>>();
  readonly #waits = new Set<{ timer: Timer; end: () => void }>();
  #early: Entry[] | undefined = [];
  #tick: Timer | undefined;
  #isClosed = false;

  constructor(options: ListingOptions) {
    this.#options = options;
  }

  /** Once the server listens; what was to be announced before that is announced now. */
  start(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const entry of early) if (entry.state.name !== 'gone') this.#announce(entry, 0);
  }

  refusal(url: string): string | undefined {
    return endpointOf(url) === undefined ? 'Invalid API URL' : undefined;
  }

  announce(session: ListedSession, url: string, wish: ListingWish = 'member'): void {
    const endpoint = endpointOf(url);
    if (endpoint === undefined || this.#isClosed) return;
    const own = this.#entries.get(session) ?? [];
    if (!this.#options.isAllowed(url)) {
      session.listingMessage(`Listing on ${endpoint.host} is not allowed on this server`);
      this.#log(session, 'warn', `Announcing at ${withoutCredentials(url)} is not allowed`);
      if (wish === 'kept') session.listingsChanged({ removed: [url] });
      return;
    }
    if (own.some((entry) => entry.url === url)) return;
    if (own.length >= perSessionLimit) {
      session.listingMessage(
        `Listing on ${endpoint.host} failed: at most ${perSessionLimit} listings at once`,
      );
      return;
    }
    const isTrusted = wish === 'operator' || (this.#options.isOperators?.(url) ?? false);
    const entry: Entry = {
      session,
      url,
      endpoint,
      isTrusted,
      wish,
      state: { name: 'announcing' },
      isTroubled: false,
      conflicts: 0,
    };
    this.#entries.set(session, [...own, entry]);
    // List servers may look whether somebody answers at the port.
    if (this.#early) this.#early.push(entry);
    else this.#announce(entry, 0);
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
    const told = urgentPart(session.listingFacts());
    for (const { state } of own) {
      if (state.name === 'listed' && state.standing.told !== told) state.standing.isUrgent = true;
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
    this.#tick?.cancel();
    this.#tick = undefined;
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
    const run = this.#request(isTrusted, 'POST', endpoint.sessions, this.#announcement(facts)).then(
      (outcome) => {
        if ('error' in outcome) this.#announceFailed(entry, outcome, attempts + 1);
        else this.#announced(entry, outcome.reply, facts);
      },
    );
    this.#track(run);
  }

  #announced(entry: Entry, reply: Record<string, unknown>, facts: ListingFacts): void {
    const standing = this.#standingOf(reply, facts);
    if (entry.state.name !== 'announcing') {
      // Taken back while the list server was thinking.
      this.#delete(entry, standing);
      return;
    }
    entry.state = { name: 'listed', standing };
    entry.wish = 'kept';
    entry.isTroubled = false;
    entry.conflicts = 0;
    this.#startTicking();
    const message = textOf(reply.message);
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
    const isFinal = entry.wish === 'member' || kind === 'final' || entry.conflicts >= conflictLimit;
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
    if (!entry.isTroubled && (kind === 'temporary' || kind === 'unclear')) {
      entry.isTroubled = true;
      session.listingMessage(
        `Listing on ${endpoint.host} failed: ${error}. It is tried again until it works.`,
      );
    }
    this.#announceLater(entry, attempts);
  }

  #announceLater(entry: Entry, attempts: number): void {
    const timer = this.#options.clock.after(backOffMs(attempts), () => this.#announce(entry, attempts));
    entry.state = { name: 'waiting', attempts, timer };
  }

  // ---- refreshing

  #startTicking(): void {
    if (this.#tick !== undefined || this.#isClosed) return;
    this.#tick = this.#options.clock.after(tickMs, () => {
      this.#tick = undefined;
      this.#refreshDue();
    });
  }

  #refreshDue(): void {
    const now = this.#options.clock.monotonic();
    const byServer = new Map<string, Entry[]>();
    for (const entries of this.#entries.values()) {
      for (const entry of entries) {
        if (entry.state.name !== 'listed') continue;
        const group = byServer.get(entry.endpoint.sessions);
        if (group) group.push(entry);
        else byServer.set(entry.endpoint.sessions, [entry]);
      }
    }
    for (const [server, entries] of byServer) {
      const isDue = entries.some(({ state }) => state.name === 'listed' && isRefreshDue(state.standing, now));
      const mayTry = (this.#troubles.get(server)?.notBefore ?? 0) <= now;
      if (isDue && mayTry && !this.#refreshing.has(server)) this.#refresh(server, entries);
    }
    for (const server of this.#troubles.keys()) if (!byServer.has(server)) this.#troubles.delete(server);
    if (byServer.size > 0) this.#startTicking();
  }

  #refresh(server: string, entries: readonly Entry[]): void {
    const sent = new Map<Entry, Standing>();
    const body: Record<string, unknown> = {};
    for (const entry of entries) {
      if (entry.state.name !== 'listed') continue;
      const { standing } = entry.state;
      const facts = entry.session.listingFacts();
      standing.told = urgentPart(facts);
      standing.isUrgent = false;
      sent.set(entry, standing);
      body[String(standing.id)] = this.#refreshment(standing.key, facts);
    }
    this.#refreshing.add(server);
    // The operator may have named this very address, then it is fine for all.
    const isTrusted = entries.some((entry) => entry.isTrusted);
    void this.#request(isTrusted, 'PUT', server, body).then((outcome) => {
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
    reply: Record<string, unknown>,
  ): void {
    this.#troubles.delete(server);
    const now = this.#options.clock.monotonic();
    const responses = recordOf(reply.responses);
    const errors = recordOf(reply.errors);
    for (const [entry, standing] of sent) {
      const id = String(standing.id);
      if (responses[id] === 'ok') {
        standing.refreshedAt = now;
        if (entry.isTroubled) {
          entry.isTroubled = false;
          entry.session.listingMessage(`The listing at ${entry.endpoint.host} is up to date again`);
        }
      } else {
        this.#delisted(entry, textOf(errors[id]) ?? 'no reason given');
      }
    }
    const message = textOf(reply.message);
    if (message !== undefined)
      this.#log(undefined, 'info', `Message of ${withoutCredentials(server)}: ${message}`);
  }

  #refreshFailed(
    server: string,
    sent: readonly (readonly [Entry, Standing])[],
    { error, kind }: Failure,
  ): void {
    this.#log(undefined, 'warn', `Refreshing the listings at ${withoutCredentials(server)} failed: ${error}`);
    if (kind !== 'temporary' && kind !== 'unclear') {
      this.#troubles.delete(server);
      for (const [entry] of sent) this.#delisted(entry, error);
      return;
    }
    // Upstream drops everything here. http.md §7: keep it until it runs out, then announce anew.
    const now = this.#options.clock.monotonic();
    const attempts = (this.#troubles.get(server)?.attempts ?? 0) + 1;
    this.#troubles.set(server, { attempts, notBefore: now + backOffMs(attempts) });
    for (const [entry, standing] of sent) {
      standing.isUrgent = true;
      if (!entry.isTroubled) {
        entry.isTroubled = true;
        entry.session.listingMessage(
          `Refreshing the listing at ${entry.endpoint.host} failed: ${error}. It is tried again until it works.`,
        );
      }
      if (now - standing.refreshedAt >= standing.expiryMs) this.#announceLater(entry, 1);
    }
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

  async #deleteWithRetries(entry: Entry, { id, key, refreshedAt, expiryMs }: Standing): Promise<void> {
    for (let attempts = 1; ; attempts += 1) {
      const outcome = await this.#request(entry.isTrusted, 'DELETE', entry.endpoint.one(id), undefined, {
        'X-Update-Key': key,
      });
      if (!('error' in outcome)) return;
      const isOver = this.#options.clock.monotonic() - refreshedAt > expiryMs;
      const mayTry = outcome.kind === 'temporary' || outcome.kind === 'unclear';
      if (!mayTry || isOver || this.#isClosed || attempts >= unlistAttempts) {
        this.#log(
          entry.session,
          'warn',
          `Unlisting at ${withoutCredentials(entry.url)} failed: ${outcome.error}`,
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

  // ---- talking

  async #request(
    isTrusted: boolean,
    method: 'POST' | 'PUT' | 'DELETE',
    url: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Outcome> {
    try {
      const answer = await this.#options.client.request({
        method,
        url,
        headers: { 'User-Agent': `DrawpileListingClient/${this.#options.version}`, ...headers },
        body,
        isTrusted,
        // A refresh of many sessions is answered with a line for each.
        sizeLimitBytes: method === 'PUT' ? 1024 * 1024 : undefined,
      });
      return method === 'DELETE' && answer.status < 300 ? { reply: {} } : outcomeOf(answer);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      const kind =
        error instanceof ForbiddenNetwork ? 'final' : error instanceof BrokenOff ? 'unclear' : 'temporary';
      return { error: `Network error: ${error.message}`, kind };
    }
  }

  #announcement(facts: ListingFacts): Record<string, unknown> {
    const { host, port, prefersWebSockets, hidesUserNames } = this.#options;
    const hostName = host();
    const isOldGeneration = facts.protocol.startsWith('dp:4.21.');
    return {
      ...(hostName !== '' && { host: hostName }),
      port: port(),
      id: facts.alias || facts.id,
      protocol: facts.protocol,
      title: facts.title,
      owner: facts.founder,
      users: facts.users,
      activedrawingusers: facts.activeDrawingUsers,
      password: facts.hasPassword,
      nsfm: facts.isNsfm,
      ...(facts.maxUsers > 0 && { maxusers: facts.maxUsers }),
      ...(facts.allowsWeb && { allowweb: true }),
      ...(prefersWebSockets() && { preferwebsockets: true }),
      // Readers of the 2.1 lists expect names; later clients have no use for them.
      ...(isOldGeneration && { usernames: hidesUserNames() || facts.hasPassword ? [] : facts.userNames }),
    };
  }

  #refreshment(updatekey: string, facts: ListingFacts): Record<string, unknown> {
    const isOldGeneration = facts.protocol.startsWith('dp:4.21.');
    return {
      updatekey,
      title: facts.title,
      users: facts.users,
      activedrawingusers: facts.activeDrawingUsers,
      password: facts.hasPassword,
      owner: facts.founder,
      nsfm: facts.isNsfm,
      maxusers: facts.maxUsers,
      closed: false,
      allowweb: facts.allowsWeb,
      preferwebsockets: this.#options.prefersWebSockets(),
      ...(isOldGeneration && {
        usernames: this.#options.hidesUserNames() || facts.hasPassword ? [] : facts.userNames,
      }),
    };
  }

  #standingOf(reply: Record<string, unknown>, facts: ListingFacts): Standing {
    const { id, key, expires } = reply;
    const minutes = Math.min(isCount(expires) ? expires : defaultExpiryMinutes, 24 * 60);
    return {
      id: isCount(id) ? id : 0,
      key: typeof key === 'string' ? key : '',
      expiryMs: Math.max(2, minutes) * minuteMs,
      intervalMs: (Math.max(2, minutes) - 1) * minuteMs,
      refreshedAt: this.#options.clock.monotonic(),
      told: urgentPart(facts),
      isUrgent: false,
    };
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

/** Root with `/` appended to the path if missing, then the suffix; a query is kept. http.md §2.1 */
function endpointOf(url: string): Endpoint | undefined {
  const root = parseHttpUrl(url);
  if (root === undefined) return undefined;
  root.hash = '';
  const path = root.pathname.endsWith('/') ? root.pathname : `${root.pathname}/`;
  const at = (suffix: string) => {
    const endpoint = new URL(root.href);
    endpoint.pathname = path + suffix;
    return endpoint.href;
  };
  return { sessions: at('sessions/'), host: root.hostname, one: (id) => at(`sessions/${id}`) };
}

function isRefreshDue(standing: Standing, now: number): boolean {
  return standing.isUrgent || now - standing.refreshedAt >= standing.intervalMs;
}

/** What is worth a refresh before its time. http.md §2.3 */
function urgentPart({ title, isNsfm, hasPassword, isFull, allowsWeb }: ListingFacts): string {
  return JSON.stringify([title, isNsfm, hasPassword, isFull, allowsWeb]);
}

/** 30 s, 1, 2, 4 … minutes. */
function backOffMs(attempts: number): number {
  return Math.min(tickMs * 2 ** (attempts - 1), longestRetryMs);
}

/** The error rules of http.md §2.2. */
function outcomeOf({ status, text }: HttpAnswer): Outcome {
  const body = parseObject(text);
  if (status >= 200 && status < 300) {
    if (body !== undefined) return { reply: body };
    return {
      error: 'Unparseable response: it is not a JSON object',
      kind: isJson(text) ? 'unclear' : 'temporary',
    };
  }
  if (status === 400 || status === 409 || status === 422) {
    const kind = status === 422 ? 'final' : 'conflict';
    if (body === undefined) {
      return {
        error: `Http error ${status} but response body was unparseable: it is not a JSON object`,
        kind,
      };
    }
    return { error: textOf(body.message) ?? `Http error ${status} (no explanation given)`, kind };
  }
  if (status === 410) return { error: 'ERROR 410 GONE', kind: 'final' };
  const isTemporary = status >= 500 || status === 408 || status === 425 || status === 429;
  return { error: `Network error: server replied ${status}`, kind: isTemporary ? 'temporary' : 'final' };
}

/** Some value, though perhaps not an object. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Text of others that is shown to people: one line, not endless. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const line = value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 500);
  return line === '' ? undefined : line;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

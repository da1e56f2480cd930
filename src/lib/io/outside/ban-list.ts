// Following an external ban list: fetching, keeping what was fetched, answering who is banned. http.md §5
// The setting's row clamps the interval; a source that is down or lies leaves the bans as they were.

import { parseAddress } from '../../core/addresses.js';
import type { ServerBan, ServerBans } from '../../core/login/needs.js';
import type { Clock, Log, LogLevel, Timer } from '../../core/session/needs.js';
import { SteadyTime } from '../../core/session/steady-time.js';
import type { SettingsReader } from '../../core/settings/settings.js';
import { type ListedBan, type ListedReaction, rangeOf, readBanDocument } from './ban-entries.js';
import { type HttpAnswer, type HttpClient, HttpProblem } from './http-client.js';

export interface ExternalBanOptions {
  client: HttpClient;
  clock: Clock;
  log: Log;
  settings: SettingsReader;
  /** Stores the three extBansCache… settings; what comes of it is nobody's worry here. */
  saveCache: (values: ReadonlyMap<string, string>) => void;
  /** Which ids an administrator has switched off, and where that is stored. */
  disabled: {
    isDisabled(id: number): boolean;
    setDisabled(id: number, isDisabled: boolean): Promise<void>;
  };
  /** Of this program, for the User-Agent header. */
  version: string;
}

/** http.md §1.13 */
export interface ExternalBanStatus {
  url: string;
  intervalMs: number;
  isStarted: boolean;
  isActive: boolean;
  /** Undefined: no timer runs. */
  msUntilNextCheck: number | undefined;
}

export interface ListedBanState extends ListedBan {
  isEnabled: boolean;
}

const sizeLimitBytes = 16 * 1024 * 1024;
const timeLimitMs = 60_000;

export class ExternalBans implements ServerBans {
  readonly #options: ExternalBanOptions;
  readonly #time: SteadyTime;
  readonly #listeners = new Set<() => void>();
  #bans: readonly ListedBan[] = [];
  #cache: { url: string; key: string };
  #timer: Timer | undefined;
  #nextCheck = 0;
  #isStarted = false;
  #isFetching = false;
  #unsubscribe: (() => void) | undefined;

  /** The bans of the last time hold at once; nothing is fetched before `start`. */
  constructor(options: ExternalBanOptions) {
    this.#options = options;
    this.#time = new SteadyTime(options.clock);
    const { settings } = options;
    this.#cache = { url: settings.get('extBansCacheUrl'), key: settings.get('extBansCacheKey') };
    const response = settings.get('extBansCacheResponse');
    if (response !== '') this.#bans = readBanDocument(response)?.bans ?? [];
  }

  /** Once the server listens. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#unsubscribe = this.#options.settings.subscribe((changed) => {
      if (changed.has('extBansUrl')) this.#restart(0);
      else if (changed.has('extBansCheckInterval')) this.#restart(this.#intervalMs);
    });
    this.#restart(0);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#isStarted = false;
  }

  get status(): ExternalBanStatus {
    const { settings, clock } = this.#options;
    const url = settings.get('extBansUrl');
    return {
      url,
      intervalMs: this.#intervalMs,
      isStarted: this.#isStarted,
      isActive: this.#isStarted && url !== '',
      msUntilNextCheck:
        this.#timer === undefined ? undefined : Math.max(0, this.#nextCheck - clock.monotonic()),
    };
  }

  get list(): readonly ListedBanState[] {
    return this.#bans.map((ban) => ({ ...ban, isEnabled: !this.#options.disabled.isDisabled(ban.id) }));
  }

  /** Fetches now. */
  refresh(): 'triggered' | 'already in progress' | 'not active' {
    if (!this.status.isActive) return 'not active';
    if (this.#isFetching) return 'already in progress';
    this.#restart(0);
    return 'triggered';
  }

  /** Acts on all entries with this id, whether there are any or not. */
  async setEnabled(id: number, isEnabled: boolean): Promise<void> {
    const { disabled } = this.#options;
    if (disabled.isDisabled(id) !== isEnabled) return;
    await disabled.setDisabled(id, !isEnabled);
    this.#notify();
  }

  /** Forgets the bans and what was kept of them. */
  clear(): void {
    this.#replace([]);
    this.#cache = { url: '', key: '' };
    this.#save('');
  }

  /** Called after each change, so that connected people can be looked up again. Returns how to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  forAddress(ip: string): ServerBan | undefined {
    if (this.#bans.length === 0) return undefined;
    const address = parseAddress(ip);
    if (address === undefined) return undefined;
    return this.#find((ban) => rangeOf(ban, address));
  }

  forSystem(sid: string): ServerBan | undefined {
    const wanted = sid.toLowerCase();
    return this.#find(({ systems }) =>
      systems.find(({ sids }) => sids.some((listed) => listed.toLowerCase() === wanted)),
    );
  }

  forUser(uid: number): ServerBan | undefined {
    return this.#find(({ users }) => users.find(({ ids }) => ids.includes(uid)));
  }

  #find(match: (ban: ListedBan) => { reaction: ListedReaction } | undefined): ServerBan | undefined {
    const now = this.#time.now();
    for (const ban of this.#bans) {
      if (ban.expires <= now || this.#options.disabled.isDisabled(ban.id)) continue;
      const matched = match(ban);
      if (matched) {
        return {
          reaction: matched.reaction === 'unknown' ? 'normal' : matched.reaction,
          expires: ban.expires,
          reason: ban.reason,
          source: `external ban ${ban.id}`,
        };
      }
    }
    return undefined;
  }

  get #intervalMs(): number {
    return this.#options.settings.get('extBansCheckInterval') * 1000;
  }

  #restart(ms: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.status.isActive || this.#isFetching) return;
    this.#nextCheck = this.#options.clock.monotonic() + ms;
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = undefined;
      void this.#fetch();
    });
  }

  async #fetch(): Promise<void> {
    const { client, settings, version } = this.#options;
    const url = settings.get('extBansUrl');
    const address = URL.canParse(url) ? new URL(url).href : url;
    const isCached = this.#cache.url === address && this.#cache.key !== '';
    this.#isFetching = true;
    try {
      const answer = await client.request({
        method: 'GET',
        url,
        headers: {
          'User-Agent': `DrawpileExtBansClient/${version}`,
          ...(isCached && { 'If-None-Match': this.#cache.key }),
        },
        isTrusted: true,
        timeLimitMs,
        sizeLimitBytes,
      });
      // While it was under way the operator may have thought otherwise.
      if (settings.get('extBansUrl') === url) this.#take(answer, address);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      this.#log('error', `Network error: ${error.message}; the bans of the last fetch stay in force`);
    } finally {
      this.#isFetching = false;
    }
    if (this.#isStarted) this.#restart(settings.get('extBansUrl') === url ? this.#intervalMs : 0);
  }

  #take({ status, headers, text }: HttpAnswer, url: string): void {
    if (status === 304) {
      const key = headers.etag ?? this.#cache.key;
      if (key !== this.#cache.key)
        this.#log('warn', `Status 304 (not modified) came with another ETag: ${key}`);
      return;
    }
    if (status !== 200) {
      this.#log('error', `Unexpected status code ${status}; the bans of the last fetch stay in force`);
      return;
    }
    const document = readBanDocument(text);
    if (document === undefined) {
      this.#log('error', 'The reply is not a JSON object; the bans of the last fetch stay in force');
      return;
    }
    for (const problem of document.problems.slice(0, 20)) this.#log('warn', problem);
    if (document.problems.length > 20)
      this.#log('warn', `… and ${document.problems.length - 20} more such entries`);
    this.#cache = { url, key: headers.etag ?? '' };
    this.#replace(document.bans);
    this.#save(text);
    this.#log('info', `${document.bans.length} external bans loaded`);
  }

  #replace(bans: readonly ListedBan[]): void {
    this.#bans = bans;
    this.#notify();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #save(response: string): void {
    this.#options.saveCache(
      new Map([
        ['extBansCacheUrl', this.#cache.url],
        ['extBansCacheKey', this.#cache.key],
        ['extBansCacheResponse', response],
      ]),
    );
  }

  #log(level: LogLevel, message: string): void {
    const { clock, log } = this.#options;
    log.write({ time: clock.now(), level, topic: 'ExtBan', message });
  }
}

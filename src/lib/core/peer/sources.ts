// Limits for each client address: connections, new connections per minute, and log lines. Idle addresses are
// forgotten, and the table has a maximum size.
import type { Log, LogEntry } from '../session/needs.js';
import type { SettingsReader } from '../settings/settings.js';

export interface Source {
  count: number;
  /** New connections that may come at once; fills up with time. */
  tokens: number;
  seen: number;
  /** Log lines in the minute that began at `loggedFrom`. */
  logged: number;
  loggedFrom: number;
  /** When a refusal of it was logged. */
  refusedAt: number;
}

/** A burst may have so many seconds' worth of connections: everybody comes back after a restart. */
const burstSeconds = 5;
const sourcesAtMost = 20_000;
const forgetAfterMs = 60_000;
const minuteMs = 60_000;
const linesPerMinute = 20;
const refusalsEveryMs = 10 * 60_000;

/** A proxy on this machine brings everybody from one address. */
function isExempt(ip: string): boolean {
  return ip === '127.0.0.1' || ip === '::1';
}

export class Sources {
  readonly #sources = new Map<string, Source>();
  readonly #settings: SettingsReader;
  readonly #now: () => number;

  constructor(settings: SettingsReader, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  get size(): number {
    return this.#sources.size;
  }

  /**
   * Whether one more connection from there is let in; `released` is to be called when it is gone. A text says why
   * not, '' when that has been said of this address lately.
   */
  admit(ip: string): string | undefined {
    if (isExempt(ip)) return undefined;
    const source = this.#source(ip);
    const most = this.#settings.get('connectionsPerAddress');
    const rate = this.#settings.get('newConnectionsPerSecond');
    if (most > 0 && source.count >= most) return this.#refusal(source, `it has ${source.count} connections`);
    if (rate > 0) {
      if (source.tokens < 1) return this.#refusal(source, 'it opens connections too fast');
      source.tokens--;
    }
    source.count++;
    return undefined;
  }

  /** For a successor of this process; times are milliseconds ago. */
  handOver(): ReadonlyMap<string, Source> {
    const now = this.#now();
    return new Map([...this.#sources].map(([ip, source]) => [ip, relativeTo(source, now)]));
  }

  takeOver(sources: ReadonlyMap<string, Source>): void {
    const now = this.#now();
    for (const [ip, source] of sources) this.#sources.set(ip, relativeTo(source, now));
  }

  released(ip: string): void {
    const source = this.#sources.get(ip);
    if (source && source.count > 0) source.count--;
  }

  /** Whether one more line about this address belongs into the log; the last one says that there are more. */
  mayLog(ip: string): 'yes' | 'last' | 'no' {
    const source = this.#source(ip);
    const now = this.#now();
    if (now - source.loggedFrom >= minuteMs) {
      source.loggedFrom = now;
      source.logged = 0;
    }
    source.logged++;
    if (source.logged < linesPerMinute) return 'yes';
    return source.logged === linesPerMinute ? 'last' : 'no';
  }

  #refusal(source: Source, why: string): string {
    const now = this.#now();
    if (now - source.refusedAt < refusalsEveryMs) return '';
    source.refusedAt = now;
    return why;
  }

  #source(ip: string): Source {
    const now = this.#now();
    const burst = this.#settings.get('newConnectionsPerSecond') * burstSeconds;
    const known = this.#sources.get(ip);
    if (known) {
      const rate = burst / burstSeconds;
      known.tokens = Math.min(burst, known.tokens + (Math.max(0, now - known.seen) / 1000) * rate);
      known.seen = now;
      return known;
    }
    if (this.#sources.size >= sourcesAtMost) this.sweep(true);
    const source = {
      count: 0,
      tokens: burst,
      seen: now,
      logged: 0,
      loggedFrom: now,
      refusedAt: Number.NEGATIVE_INFINITY,
    };
    this.#sources.set(ip, source);
    return source;
  }

  /** Forgets addresses from which nothing has come for a while; all without connections where it must. */
  sweep(isFull = false): void {
    const limit = this.#now() - forgetAfterMs;
    for (const [ip, source] of this.#sources) {
      if (source.count === 0 && (isFull || source.seen < limit)) this.#sources.delete(ip);
    }
  }
}

/** From moments to milliseconds before `now`, and back. */
function relativeTo(source: Source, now: number): Source {
  const { seen, loggedFrom, refusedAt } = source;
  return { ...source, seen: now - seen, loggedFrom: now - loggedFrom, refusedAt: now - refusedAt };
}

/** Limits the log lines about clients that are not in a session yet. */
export function limitLoginLog(log: Log, sources: Sources): Log {
  return {
    write(entry: LogEntry) {
      const { user, session, level } = entry;
      if (session !== undefined || user === undefined || user.id !== 0 || level === 'debug') {
        log.write(entry);
        return;
      }
      const may = sources.mayLog(user.ip);
      if (may === 'no') return;
      log.write(entry);
      if (may === 'last') {
        log.write({ ...entry, message: 'Further entries from this address are not logged for one minute' });
      }
    },
  };
}

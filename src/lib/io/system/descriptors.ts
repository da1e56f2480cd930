// How many files and connections this process may have open (`ulimit -n`), and how many it has. Connections are refused
// while there is room left for files: when descriptors run out, the system drops connections without a word, and
// nothing can be stored.

import { readdirSync, readFileSync } from 'node:fs';

/** Kept free for files, the database and the listeners for administrators: an eighth, within these. */
const reserveAtLeast = 8;
const reserveAtMost = 64;
/** The part of it that stays free for files, by the way to the admin API: a port that is busy keeps out no command. */
const reservedFromAdministrators = { port: 1 / 2, socket: 1 / 4 } as const;
/** So many more must be free before connections are let in again. */
const relief = 2;
/** A count is good for so long where much room was left, and where little was. */
const countForMs = { roomy: 1_000, short: 100 };
const watchMs = 1_000;
/** A shortage that comes back within this time is the same one. */
const sameShortageMs = 10 * 60_000;

export interface DescriptorOptions {
  /** Undefined: there is none that is known, and nothing is refused. */
  limit: number | undefined;
  /** Undefined: it could not be found out, because not even a folder can be opened. */
  count: () => number | undefined;
  /** Of a clock that does not jump. */
  now: () => number;
  /** Once for each shortage, and once when it is over. */
  report: (level: 'error' | 'info', message: string) => void;
}

export class Descriptors {
  readonly limit: number | undefined;
  readonly #options: DescriptorOptions;
  readonly #reserve: number;
  #count = 0;
  /** Let in since they were counted. */
  #admitted = 0;
  #countedAt = Number.NEGATIVE_INFINITY;
  #isShort = false;
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** The shortage whose end was reported. */
  #reportedEnd = Number.NEGATIVE_INFINITY;
  #refused = 0;
  #watcher: NodeJS.Timeout | undefined;

  constructor(options: DescriptorOptions) {
    this.#options = options;
    this.limit = options.limit;
    this.#reserve = Math.min(reserveAtMost, Math.max(reserveAtLeast, Math.floor((options.limit ?? 0) / 8)));
  }

  /** Whether one more connection may come in; one that may not is counted. */
  admit(): boolean {
    this.#look();
    if (this.#isShort) {
      this.#refused++;
      return false;
    }
    this.#admitted++;
    return true;
  }

  /**
   * The same for the admin API, which may take half of what is kept free, and for commands on this machine, which may
   * take a quarter more: the rest is for files.
   */
  admitAdministrator(by: keyof typeof reservedFromAdministrators): boolean {
    this.#look();
    if (this.#free() < this.#reserve * reservedFromAdministrators[by]) {
      this.failed();
      return false;
    }
    this.#admitted++;
    return true;
  }

  /** The system itself refused a connection. */
  failed(): void {
    this.#refused++;
    this.#begin();
  }

  /** Open files and connections, as far as known. */
  get count(): number {
    this.#look();
    return this.#count + this.#admitted;
  }

  /** Connections that were refused for want of descriptors. */
  get refused(): number {
    return this.#refused;
  }

  /** Connections are refused. */
  get isShort(): boolean {
    this.#look();
    return this.#isShort;
  }

  /** Undefined: there is room. */
  get problem(): string | undefined {
    return this.isShort ? this.#describe() : undefined;
  }

  /** Looks by itself from now on, so that a shortage and its end are reported, whoever connects. */
  watch(): void {
    if (this.limit !== undefined) this.#watcher ??= setInterval(() => this.#look(), watchMs).unref();
  }

  close(): void {
    clearInterval(this.#watcher);
    this.#watcher = undefined;
  }

  #look(): void {
    if (this.limit === undefined) return;
    const { now, count } = this.#options;
    const isNear = this.#count + this.#admitted + 2 * this.#reserve >= this.limit;
    if (now() - this.#countedAt < (isNear ? countForMs.short : countForMs.roomy)) {
      // between two counts those that came in are enough to know better
      if (this.#free() < this.#reserve) this.#begin();
      return;
    }
    this.#count = count() ?? this.limit;
    this.#admitted = 0;
    this.#countedAt = now();
    if (this.#free() < this.#reserve) this.#begin();
    else if (this.#isShort && this.#free() >= this.#reserve + relief) this.#end();
  }

  #free(): number {
    return (this.limit ?? Number.POSITIVE_INFINITY) - this.#count - this.#admitted;
  }

  #begin(): void {
    if (this.#isShort) return;
    this.#isShort = true;
    const now = this.#options.now();
    if (now - this.#reportedAt < sameShortageMs) return;
    this.#reportedAt = now;
    this.#options.report(
      'error',
      `${this.#describe()}; raise the limit with ulimit -n, or LimitNOFILE= in the service`,
    );
  }

  #end(): void {
    this.#isShort = false;
    // one line for the shortage, one for its end, however often it came back
    if (this.#options.now() - this.#reportedAt < sameShortageMs && this.#reportedEnd === this.#reportedAt)
      return;
    this.#reportedEnd = this.#reportedAt;
    this.#options.report('info', 'Connections are accepted again: file descriptors are available');
  }

  #describe(): string {
    return `File descriptors are running out: ${this.#count + this.#admitted} of ${this.limit} in use, new connections are refused`;
  }
}

/** Those of this process; no limit is known where there is no /proc. */
export function systemDescriptors(report: DescriptorOptions['report']): Descriptors {
  return new Descriptors({ limit: openFileLimit(), count: countOpen, now: () => performance.now(), report });
}

/** How many files this process may open; undefined where the system does not say. */
export function openFileLimit(): number | undefined {
  try {
    const row = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return row ? Number(row[1]) : undefined;
  } catch {
    return undefined;
  }
}

function countOpen(): number | undefined {
  try {
    // the folder itself is open while it is read
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

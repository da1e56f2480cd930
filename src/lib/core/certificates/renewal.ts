// The certificate that this server obtains for itself: ordered when there is none, renewed in time, tried again when that
// failed. What happens on the way is a state; files and the authority are ports. Waits are measured on the clock that
// nobody sets, moments are looked at again every hour: somebody may set the time of day.

import { reason } from '../errors/reason.js';
import { refusal } from '../errors.js';
import { type Clock, type LogLevel, type Random, type Timer, timeOfDay } from '../session/needs.js';
import { describeDuration, formatDateTime } from '../units.js';
import type { ChallengeKind } from './challenges.js';
import { CertificateFailure, failure, failureRow, renewCommand, renewWhenRepaired } from './failures.js';
import type { Authority, CertificateFacts, CertificateStore, KeyPair, RenewalWindow } from './needs.js';
import { noProgress, type Progress, type StoredFailure } from './progress.js';
import { momentInWindow, renewalMoment, retryDelay } from './schedule.js';

/** Moments in milliseconds since 1970. */
export type RenewalState =
  | { readonly kind: 'waiting'; readonly renewAt: number; readonly window: RenewalWindow | undefined }
  | { readonly kind: 'ordering'; readonly challenge: ChallengeKind | undefined; readonly since: number }
  /** Issued, and not in use before it is stored. */
  | {
      readonly kind: 'storing';
      readonly pair: KeyPair;
      readonly failure: StoredFailure;
      readonly due: number;
    }
  /** `due`: a moment of the monotonic clock. */
  | {
      readonly kind: 'failed';
      readonly failures: readonly StoredFailure[];
      readonly failedAt: number;
      readonly due: number;
    }
  | { readonly kind: 'stopped' };

export interface RenewalOptions {
  readonly names: readonly string[];
  /** Address of the authority. */
  readonly directory: string;
  /** Checks for which a port is open, the preferred one first; at least one. */
  readonly challenges: readonly ChallengeKind[];
  /** A renewal makes a new key. */
  readonly rotatesKey: boolean;
  readonly authority: Authority;
  readonly store: CertificateStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Before an order: whether the names lead here and the ports answer. Never rejects. */
  checkReachability?(): Promise<void>;
  writeLog(level: LogLevel, text: string): void;
  /** A new pair is stored: it is to be used from now on. */
  onIssued(pair: KeyPair): void;
}

/** What there is at the start. */
export interface RenewalStart {
  /** Self-signed: none was issued yet. */
  readonly pair: KeyPair;
  readonly progress: Progress | undefined;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const askAgainAtLeast = 10 * minute;
const longestWait = 2 * day;

export class Renewal {
  readonly #options: RenewalOptions;
  #pair: KeyPair;
  #progress: Progress;
  #state: RenewalState = { kind: 'stopped' };
  #timer: Timer | undefined;
  #windowTimer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;
  /** The certificate in use is of another authority than the one that is asked now. */
  #isOfOtherAuthority: boolean;
  /** The authority said so: until then nobody may ask again. A moment of the monotonic clock. */
  #closedUntil = 0;

  constructor(options: RenewalOptions, { pair, progress }: RenewalStart) {
    this.#options = options;
    this.#pair = pair;
    this.#isOfOtherAuthority = progress !== undefined && progress.directory !== options.directory;
    this.#progress =
      progress?.directory === options.directory ? progress : { ...noProgress, directory: options.directory };
    if (this.#progress.failures.some(({ code }) => code === 'acme-rate-limit')) {
      this.#closedUntil = options.clock.monotonic() + this.#storedWait;
    }
  }

  /** Until the next try, as it was stored. */
  get #storedWait(): number {
    return Math.min(Math.max(0, (this.#progress.retryAt ?? 0) - this.#options.clock.now()), longestWait);
  }

  get state(): RenewalState {
    return this.#state;
  }

  /** In use. */
  get pair(): KeyPair {
    return this.#pair;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** When a failed order is tried again, by the time of day as it is now; undefined: none failed. */
  get retryAt(): number | undefined {
    const state = this.#state;
    return state.kind === 'failed' || state.kind === 'storing'
      ? timeOfDay(this.#options.clock, state.due)
      : undefined;
  }

  /** Resolves when no order is under way any more. */
  async whenIdle(): Promise<void> {
    await this.#running;
  }

  /** Begins; the first order is under way when this returns if one is due. */
  start(): void {
    const { clock } = this.#options;
    const { failures, failedAt, attempts } = this.#progress;
    const now = clock.now();
    const left = this.#storedWait;
    const isFree = failures.length > 0 && failures.every(({ code }) => failureRow(code).isFree);
    if (attempts > 0 && left > 0 && !isFree) {
      const due = clock.monotonic() + left;
      this.#state = { kind: 'failed', failures, failedAt: failedAt ?? now, due };
      const reasons = failures.map(({ message }) => message).join('; ') || reason('order-interrupted');
      const next = `The next one is in ${describeDuration(left / 1000)}`;
      const command = failures.length === 0 ? renewCommand : renewWhenRepaired(failures);
      this.#options.writeLog(
        'warn',
        `The last order of a certificate failed: ${reasons}. ${next}${command === undefined ? '.' : `; at once: ${command}`}`,
      );
    } else {
      this.#wait(this.#progress.renewAt);
    }
    this.#look();
    this.#askForWindow();
  }

  /** Orders now, due or not; what is issued and not stored yet is stored instead. Refusal when that cannot be. */
  renewNow(options: { newKey?: boolean } = {}): void {
    const { clock } = this.#options;
    const state = this.#state;
    if (this.#running !== undefined || this.#isStopped) throw refusal('certificate-renewal-running');
    if (state.kind === 'storing' && options.newKey !== true) {
      this.#begin(this.#store(state.pair));
      return;
    }
    const wait = this.#closedUntil - clock.monotonic();
    if (wait > 0) {
      throw refusal('certificate-renewal-too-early', {
        moment: formatDateTime(timeOfDay(clock, this.#closedUntil)),
        reason: this.#progress.failures.map(({ message }) => message).join('; '),
      });
    }
    this.#run(options.newKey ?? false);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#windowTimer?.cancel();
    this.#options.authority.stop();
    this.#state = { kind: 'stopped' };
  }

  /** The pair in use is not what is wanted: none was issued, for these names, by this authority. */
  get #isOther(): boolean {
    const { facts } = this.#pair;
    const { names } = this.#options;
    return facts.isSelfSigned || this.#isOfOtherAuthority || !covers(facts, names);
  }

  #wait(renewAt: number | undefined, window?: RenewalWindow): void {
    const { clock, random } = this.#options;
    const { facts } = this.#pair;
    const isSensible = renewAt !== undefined && renewAt < facts.validUntil;
    const moment = this.#isOther ? clock.now() : isSensible ? renewAt : renewalMoment(facts, random);
    this.#state = { kind: 'waiting', renewAt: moment, window };
  }

  /** Does what is due, or looks again when something may be. */
  #look(): void {
    const { clock } = this.#options;
    const state = this.#state;
    this.#timer?.cancel();
    if (this.#isStopped || state.kind === 'ordering' || state.kind === 'stopped') return;
    const left = state.kind === 'waiting' ? state.renewAt - clock.now() : state.due - clock.monotonic();
    if (left > 0) this.#timer = clock.after(Math.min(left, hour), () => this.#look());
    else if (state.kind === 'storing') this.#begin(this.#store(state.pair));
    else this.#run(this.#options.rotatesKey && !this.#pair.facts.isSelfSigned);
  }

  #run(newKey: boolean): void {
    this.#timer?.cancel();
    const [first] = this.#challenges();
    this.#state = { kind: 'ordering', challenge: first, since: this.#options.clock.now() };
    this.#begin(this.#order(newKey));
  }

  #begin(work: Promise<void>): void {
    this.#running = work.finally(() => {
      this.#running = undefined;
      this.#look();
    });
  }

  /** The one that worked last before the others. */
  #challenges(): ChallengeKind[] {
    const { challenges } = this.#options;
    const last = this.#progress.challenge;
    return last !== undefined && challenges.includes(last)
      ? [last, ...challenges.filter((kind) => kind !== last)]
      : [...challenges];
  }

  async #order(newKey: boolean): Promise<void> {
    const { clock, authority, names, writeLog } = this.#options;
    const attempts = this.#progress.attempts + 1;
    const ifKilledMs = Math.min(minute * 2 ** Math.min(attempts - 1, 20), day);
    try {
      // Before the authority is notified of it: a server that dies meanwhile and starts again does not ask at once.
      await this.#save({ ...this.#progress, attempts, retryAt: clock.now() + ifKilledMs });
    } catch (error) {
      this.#fail([asFailure(error)], attempts);
      return;
    }
    if (this.#pair.facts.isSelfSigned) await this.#options.checkReachability?.();
    const failures: CertificateFailure[] = [];
    for (const challenge of this.#challenges()) {
      if (this.#isStopped) return;
      this.#state = { kind: 'ordering', challenge, since: clock.now() };
      writeLog('info', `Ordering a certificate for ${names.join(', ')} (${challenge})`);
      try {
        const pair = await authority.order({
          names,
          challenge,
          key: newKey ? undefined : this.#pair.key,
          replaces: this.#isOther ? undefined : this.#pair.chain,
        });
        if (pair.facts.isSelfSigned || !covers(pair.facts, names)) {
          const issued = pair.facts.names.join(', ');
          throw failure('acme-refused', {
            reason:
              issued === ''
                ? reason('authority-no-name')
                : reason('authority-other-names', { names: issued }),
          });
        }
        this.#progress = { ...this.#progress, challenge };
        await this.#store(pair);
        return;
      } catch (error) {
        if (this.#isStopped) return;
        const failed = asFailure(error);
        failures.push(failed);
        if (!failureRow(failed.code).isWorthOtherChallenge) break;
      }
    }
    this.#fail(failures, attempts);
    await this.#save(this.#progress).catch((error) => writeLog('warn', asFailure(error).message));
  }

  #fail(failures: readonly CertificateFailure[], attempts: number): void {
    const { clock, random, writeLog } = this.#options;
    const wait = retryDelay(failures, attempts, random);
    const shown = failures.map(({ shown: { message, hint }, code }) => ({ code, message, hint }));
    const now = clock.now();
    const due = clock.monotonic() + wait;
    if (failures.some(({ code, retryAfterMs }) => code === 'acme-rate-limit' || retryAfterMs !== undefined)) {
      this.#closedUntil = due;
    }
    this.#progress = { ...this.#progress, attempts, failures: shown, failedAt: now, retryAt: now + wait };
    this.#state = { kind: 'failed', failures: shown, failedAt: now, due };
    const lines = shown.map(({ message, hint }) => `${message} (${hint})`).join('; ');
    writeLog(
      this.#pair.facts.isSelfSigned || this.#pair.facts.validUntil <= now ? 'error' : 'warn',
      `No new certificate: ${lines}. The next try is in ${describeDuration(wait / 1000)}.`,
    );
  }

  /** Puts an issued pair where it belongs, and into use when it is there. */
  async #store(pair: KeyPair): Promise<void> {
    const { clock, random, store, writeLog } = this.#options;
    try {
      await store.savePair(pair);
    } catch (error) {
      if (this.#isStopped) return;
      const failed = asFailure(error);
      const { code, shown } = failed;
      const attempts = this.#state.kind === 'storing' ? this.#progress.attempts + 1 : 1;
      const stored = { code, message: shown.message, hint: shown.hint };
      this.#progress = { ...this.#progress, attempts, failures: [stored], failedAt: clock.now() };
      const wait = retryDelay([failed], attempts, random);
      this.#state = { kind: 'storing', pair, failure: stored, due: clock.monotonic() + wait };
      writeLog('error', `A new certificate is not in use yet: ${shown.message} (${shown.hint})`);
      this.#look();
      return;
    }
    this.#pair = pair;
    this.#isOfOtherAuthority = false;
    const now = clock.now();
    const renewAt = renewalMoment(pair.facts, random);
    const { challenge, directory } = this.#progress;
    this.#progress = { ...noProgress, directory, challenge, renewAt, renewedAt: now };
    this.#options.onIssued(pair);
    writeLog(
      'info',
      `New certificate for ${pair.facts.names.join(', ')} in use, valid until ${formatDateTime(pair.facts.validUntil)} UTC; ` +
        `it is renewed about ${formatDateTime(renewAt).slice(0, 10)}`,
    );
    await this.#save(this.#progress).catch((error) => writeLog('warn', asFailure(error).message));
    if (this.#isStopped) return;
    // Not before: who sees that no order is under way may begin one.
    this.#wait(renewAt);
    this.#askForWindow();
    this.#look();
  }

  async #save(progress: Progress): Promise<void> {
    await this.#options.store.saveProgress(progress);
    this.#progress = progress;
  }

  /** What the authority would like; asked again when it says so. */
  #askForWindow(): void {
    const { authority, clock, writeLog } = this.#options;
    this.#windowTimer?.cancel();
    if (this.#isStopped || this.#isOther) return;
    const { chain } = this.#pair;
    const again = (ms: number) => {
      if (!this.#isStopped && this.#pair.chain === chain)
        this.#windowTimer = clock.after(Math.min(Math.max(ms, askAgainAtLeast), day), () =>
          this.#askForWindow(),
        );
    };
    authority.renewalWindow(chain).then(
      (window) => {
        if (window === undefined) return again(day);
        if (this.#pair.chain === chain && this.#state.kind === 'waiting') this.#follow(window);
        again(window.askAgainMs);
      },
      (error) => {
        if (this.#isStopped) return;
        writeLog('debug', `The authority does not say when to renew: ${asFailure(error).message}`);
        again(6 * hour);
      },
    );
  }

  /** A window that has not changed keeps the moment that was chosen in it. */
  #follow(window: RenewalWindow): void {
    const { random, writeLog } = this.#options;
    const state = this.#state;
    if (state.kind !== 'waiting') return;
    const { renewAt } = state;
    const isSame =
      state.window === undefined
        ? renewAt >= window.start && renewAt <= window.end
        : state.window.start === window.start && state.window.end === window.end;
    // An authority that wants every certificate renewed at once must not get orders in a row.
    const earliest = (this.#progress.renewedAt ?? 0) + day;
    const moment = isSame ? renewAt : Math.max(momentInWindow(window, random), earliest);
    if (moment !== renewAt) {
      const why = window.explanation === undefined ? '' : `: ${window.explanation}`;
      writeLog('info', `The authority asks for a renewal about ${formatDateTime(moment)} UTC${why}`);
    }
    this.#state = { kind: 'waiting', renewAt: moment, window };
    this.#progress = { ...this.#progress, renewAt: moment };
    void this.#save(this.#progress).catch((error) => writeLog('warn', asFailure(error).message));
    this.#look();
  }
}

function covers({ names: certified }: CertificateFacts, names: readonly string[]): boolean {
  return names.every((name) => certified.includes(name));
}

/** Anything else than a failure of the table is a fault of this program; nobody who draws should suffer from it. */
function asFailure(error: unknown): CertificateFailure {
  if (error instanceof CertificateFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return failure('acme-refused', { reason: reason('unexpected-error', { message }) }, { cause: error });
}

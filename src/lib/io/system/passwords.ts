// Hashes and checks passwords off the event loop, a few at a time: each Argon2 run takes 64 MiB and a core. What waits
// is bounded, and shared out by address.
// The stored forms are those of config.md §5; core/settings/password-form.ts recognizes the form of a text.

import { Buffer } from 'node:buffer';
import { createHash, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordForms } from '../../admin/needs.js';
import { fault } from '../../core/errors.js';
import { FairQueue, ownWork } from '../../core/session/fair-queue.js';
import type { Passwords } from '../../core/session/needs.js';
import { readPasswordForm } from '../../core/settings/password-form.js';
import { lazyPackage } from './lazy-packages.js';

const derive = promisify(pbkdf2);
const pbkdf2Rounds = 20_000;
const pbkdf2Bytes = 64;

/** What a new Argon2 hash costs: KiB of memory, and how often it goes over them. */
export interface Argon2Cost {
  readonly memoryCost: number;
  readonly timeCost: number;
}

/** As libsodium's "interactive" limits, which the originals use and their libsodium verifies. */
const usualCost: Argon2Cost = { memoryCost: 65_536, timeCost: 2 };
const argon2Shape = { parallelism: 1, outputLen: 32 } as const;
/** More than this of a stored hash is refused: a crafted row must not eat the machine. */
const argon2Most = { memoryCost: 1_048_576, timeCost: 64 } as const;

/** Waiting at once, of everybody and of each address. A hash or check takes 0.1 to 0.3 seconds of a core. */
const checkLimits = { waitingAtMost: 256, waitingPerSource: 16 };
const changeLimits = { waitingAtMost: 128, waitingPerSource: 8 };

interface Work {
  run(): Promise<void>;
  /** Its turn will not come. */
  drop(): void;
}

export class SystemPasswords implements Passwords, PasswordForms {
  readonly #atOnce: number;
  readonly #cost: Argon2Cost;
  readonly #checks = new FairQueue<Work>(checkLimits);
  readonly #changes = new FairQueue<Work>(changeLimits);
  #running = 0;
  #runningChanges = 0;
  #state: 'running' | 'stopping' | 'stopped' = 'running';
  #whenIdle: (() => void) | undefined;

  /** @param atOnce how many expensive runs may continue at the same time */
  constructor(atOnce = 2, cost: Argon2Cost = usualCost) {
    this.#atOnce = atOnce;
    this.#cost = cost;
  }

  /** A new stored form. '' stays ''. */
  hash(password: string, form: 'argon2id' | 'pbkdf2'): Promise<string>;
  hash(password: string, done: (stored: string | undefined) => void, address?: string): void;
  hash(
    password: string,
    how: 'argon2id' | 'pbkdf2' | ((stored: string | undefined) => void),
    address = ownWork,
  ): Promise<string> | undefined {
    if (typeof how === 'string') {
      return this.#hash(password, how, ownWork).then((stored) => {
        if (stored === undefined) throw fault('password-not-changed');
        return stored;
      });
    }
    if (password !== '' && !this.#hasRoom(this.#changes, address)) how(undefined);
    else void this.#hash(password, 'argon2id', address).then(how);
    return undefined;
  }

  /** Whether the password fits the stored form. A form that cannot be read fits nothing. */
  verify(password: string, stored: string): Promise<boolean>;
  verify(
    password: string,
    stored: string,
    done: (matches: boolean | undefined) => void,
    address?: string,
  ): void;
  verify(
    password: string,
    stored: string,
    done?: (matches: boolean | undefined) => void,
    address = ownWork,
  ): Promise<boolean> | undefined {
    // What goes wrong inside (memory, a strange parameter) is no reason to let anyone in.
    const answer = this.#verify(password, stored, address).catch(() => false);
    if (!done) return answer.then((matches) => matches ?? false);
    void answer.then(done);
    return undefined;
  }

  /** Passwords that were accepted are hashed, with everything there is; nobody is checked any more. */
  stop(withinMs: number): Promise<void> {
    this.#state = 'stopping';
    for (const work of this.#checks.clear()) work.drop();
    if (this.#changes.size === 0 && this.#runningChanges === 0) {
      this.#state = 'stopped';
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const work of this.#changes.clear()) work.drop();
        this.#whenIdle?.();
      }, withinMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        this.#whenIdle = undefined;
        this.#state = 'stopped';
        resolve();
      };
      this.#startMore();
    });
  }

  async #hash(password: string, form: 'argon2id' | 'pbkdf2', address: string): Promise<string | undefined> {
    if (password === '') return '';
    return this.#inTurn(this.#changes, address, async () => {
      if (form === 'argon2id') {
        // No memory for 64 MiB is no reason to lose the password.
        const { hash } = lazyPackage('@node-rs/argon2');
        const encoded = await hash(password, { ...argon2Shape, ...this.#cost }).catch(() => undefined);
        if (encoded !== undefined) return `sodium;${encoded}`;
      }
      const salt = randomBytes(16);
      const key = await derive(password, salt, pbkdf2Rounds, pbkdf2Bytes, 'sha512');
      return `pbkdf2;1;${salt.toString('base64')};${key.toString('base64')}`;
    });
  }

  async #verify(password: string, stored: string, address: string): Promise<boolean | undefined> {
    const form = readPasswordForm(stored);
    switch (form.form) {
      case 'none':
        return password === '';
      case 'disabled':
      case 'invalid':
        return false;
      case 'plain':
        return isEqual(Buffer.from(password), Buffer.from(form.text));
      case 'sha1':
        return isEqual(createHash('sha1').update(form.salt).update(password).digest(), form.hash);
      case 'pbkdf2':
        return this.#inTurn(this.#checks, address, async () =>
          isEqual(await derive(password, form.salt, pbkdf2Rounds, pbkdf2Bytes, 'sha512'), form.key),
        );
      case 'argon2': {
        const [, memory, time] = /m=(\d+),t=(\d+)/.exec(form.encoded) ?? [];
        if (Number(memory) > argon2Most.memoryCost || Number(time) > argon2Most.timeCost) return false;
        return this.#inTurn(this.#checks, address, () =>
          lazyPackage('@node-rs/argon2').verify(form.encoded, password),
        );
      }
    }
  }

  #hasRoom(queue: FairQueue<Work>, address: string): boolean {
    // A password that was set again while it was hashed is hashed once more, also while the server stops.
    const isOpen = this.#state === 'running' || (this.#state === 'stopping' && queue === this.#changes);
    return isOpen && queue.mayAdd(address);
  }

  /** Runs `work` when it is its turn. Undefined: there is no room for it, or the server stops. */
  #inTurn<T>(queue: FairQueue<Work>, address: string, work: () => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const entry: Work = {
        run: () => work().then(resolve, reject),
        drop: () => resolve(undefined),
      };
      if (!this.#hasRoom(queue, address) || !queue.add(address, entry)) resolve(undefined);
      else this.#startMore();
    });
  }

  /**
   * Of the places one is always for checks, so that nobody waits at login because passwords are being set; and
   * one is for changes while any waits, so that they come to an end however many people guess.
   */
  #startMore(): void {
    while (this.#running < this.#atOnce) {
      const changesAtMost = this.#state === 'stopping' ? this.#atOnce : Math.max(1, this.#atOnce - 1);
      const mayChange = this.#changes.size > 0 && this.#runningChanges < changesAtMost;
      const isChangeFirst = mayChange && this.#runningChanges === 0 && this.#running === this.#atOnce - 1;
      const change = isChangeFirst ? this.#changes.take() : undefined;
      const check = change ? undefined : this.#checks.take();
      if (check) {
        this.#start(check, false);
        continue;
      }
      const next = change ?? (mayChange ? this.#changes.take() : undefined);
      if (next === undefined) return;
      this.#start(next, true);
    }
  }

  #stopIfIdle(): void {
    if (this.#changes.size === 0 && this.#runningChanges === 0) this.#whenIdle?.();
  }

  #start(work: Work, isChange: boolean): void {
    this.#running++;
    if (isChange) this.#runningChanges++;
    void work.run().then(() => {
      this.#running--;
      if (isChange) this.#runningChanges--;
      this.#startMore();
      // The callback may request another hash.
      if (this.#whenIdle) setImmediate(() => this.#stopIfIdle());
    });
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

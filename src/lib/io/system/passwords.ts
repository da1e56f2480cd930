// Hashes and checks passwords off the event loop, a few at a time: each Argon2 run takes 64 MiB and a core.
// The stored forms are those of config.md §5; which form a text has is told by core/settings/password-form.ts.

import { Buffer } from 'node:buffer';
import { createHash, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import type { PasswordForms } from '../../admin/needs.js';
import type { Passwords } from '../../core/session/needs.js';
import { readPasswordForm } from '../../core/settings/password-form.js';

const derive = promisify(pbkdf2);
const pbkdf2Rounds = 20_000;
const pbkdf2Bytes = 64;

/** As libsodium's "interactive" limits, which the originals use and their libsodium verifies. */
const argon2Options = { memoryCost: 65_536, timeCost: 2, parallelism: 1, outputLen: 32 } as const;
/** More than this of a stored hash is refused: a crafted row must not eat the machine. */
const argon2Most = { memoryCost: 1_048_576, timeCost: 64 } as const;

export class SystemPasswords implements Passwords, PasswordForms {
  readonly #atOnce: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param atOnce how many expensive runs may go on at the same time */
  constructor(atOnce = 2) {
    this.#atOnce = atOnce;
  }

  /** A new stored form. '' stays ''. */
  hash(password: string, form: 'argon2id' | 'pbkdf2'): Promise<string>;
  hash(password: string, done: (stored: string) => void): void;
  hash(
    password: string,
    how: 'argon2id' | 'pbkdf2' | ((stored: string) => void),
  ): Promise<string> | undefined {
    if (typeof how === 'string') return this.#hash(password, how);
    void this.#hash(password, 'argon2id').then(how);
    return undefined;
  }

  /** Whether the password fits the stored form. A form that can't be read fits nothing. */
  verify(password: string, stored: string): Promise<boolean>;
  verify(password: string, stored: string, done: (matches: boolean) => void): void;
  verify(password: string, stored: string, done?: (matches: boolean) => void): Promise<boolean> | undefined {
    // What goes wrong inside (memory, a strange parameter) is no reason to let anyone in.
    const answer = this.#verify(password, stored).catch(() => false);
    if (!done) return answer;
    void answer.then(done);
    return undefined;
  }

  async #hash(password: string, form: 'argon2id' | 'pbkdf2'): Promise<string> {
    if (password === '') return '';
    return this.#inTurn(async () => {
      if (form === 'argon2id') {
        // No memory for 64 MiB is no reason to lose the password.
        const encoded = await argon2Hash(password, argon2Options).catch(() => undefined);
        if (encoded !== undefined) return `sodium;${encoded}`;
      }
      const salt = randomBytes(16);
      const key = await derive(password, salt, pbkdf2Rounds, pbkdf2Bytes, 'sha512');
      return `pbkdf2;1;${salt.toString('base64')};${key.toString('base64')}`;
    });
  }

  async #verify(password: string, stored: string): Promise<boolean> {
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
        return this.#inTurn(async () =>
          isEqual(await derive(password, form.salt, pbkdf2Rounds, pbkdf2Bytes, 'sha512'), form.key),
        );
      case 'argon2': {
        const [, memory, time] = /m=(\d+),t=(\d+)/.exec(form.encoded) ?? [];
        if (Number(memory) > argon2Most.memoryCost || Number(time) > argon2Most.timeCost) return false;
        return this.#inTurn(() => argon2Verify(form.encoded, password));
      }
    }
  }

  /** Runs `work` when it is its turn; first come, first served. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so the count stays as it is.
      if (next) next();
      else this.#running -= 1;
    }
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

// A session's or its operators' password. It counts at once when set; the stored form follows when hashed.
import type { Passwords } from './needs.js';

export class SessionPassword {
  /** config.md §5; '' = none, or not hashed yet. */
  #stored: string;
  /** Only until the hash is there. */
  #plain: string | undefined;
  readonly #passwords: Passwords;
  readonly #whenStored: (stored: string) => void;

  constructor(stored: string, passwords: Passwords, whenStored: (stored: string) => void) {
    this.#stored = stored;
    this.#passwords = passwords;
    this.#whenStored = whenStored;
  }

  get isSet(): boolean {
    return this.#plain !== undefined || this.#stored !== '';
  }

  /** Whether it is known without a look at the hash that the password is this one. */
  is(plain: string): boolean {
    return plain === '' ? !this.isSet : this.#plain === plain;
  }

  /** `''` removes the password. */
  set(plain: string): void {
    this.#stored = '';
    if (plain === '') {
      this.#plain = undefined;
      this.#whenStored('');
      return;
    }
    this.#plain = plain;
    this.#passwords.hash(plain, (stored) => {
      if (this.#plain !== plain) return;
      this.#plain = undefined;
      this.#stored = stored;
      this.#whenStored(stored);
    });
  }

  /** Calls back at once where no hash has to be computed. */
  verify(text: string, done: (matches: boolean) => void): void {
    if (this.#plain !== undefined) done(this.#plain === text);
    else if (this.#stored === '') done(text === '');
    else this.#passwords.verify(text, this.#stored, done);
  }
}

// The password of a session or of its operators. It is required from the moment it is set, even after a kill: a form
// that matches nothing is stored at once, the hash replaces it, and only then anybody is notified.
import { pendingPassword } from '../settings/password-form.js';
import type { Passwords, Random } from './needs.js';

/** `replaced`: a newer one was set before this one was hashed. `busy`: too many passwords wait to be hashed. */
export type PasswordOutcome = 'stored' | 'replaced' | 'busy';

/** A password that was set and has not been hashed yet. */
interface HashRequest {
  plain: string;
  /** Address of who set it; undefined: the server's own doing. */
  address: string | undefined;
  done: (outcome: PasswordOutcome) => void;
}

export class SessionPassword {
  /** config.md §5; '' = none. */
  #stored: string;
  #wanted: HashRequest | undefined;
  /** A hash is under way: of the password that is wanted, or of one before it. */
  #isHashing = false;
  #isAnnounced: boolean;
  readonly #needs: { passwords: Passwords; random: Random };
  readonly #write: (stored: string) => void;

  /** `write` keeps the stored form. */
  constructor(
    stored: string,
    needs: { passwords: Passwords; random: Random },
    write: (stored: string) => void,
  ) {
    this.#stored = stored;
    this.#isAnnounced = stored !== '';
    this.#needs = needs;
    this.#write = write;
  }

  /** Whether a password is required. */
  get isSet(): boolean {
    return this.#stored !== '';
  }

  /** What members were notified of: follows `isSet` once the hash is stored. */
  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /** A hash is being computed. */
  get isHashing(): boolean {
    return this.#isHashing;
  }

  /** Whether the password is known to be this one without checking the hash. */
  is(plain: string): boolean {
    return plain === '' ? !this.isSet : this.#wanted?.plain === plain;
  }

  /**
   * `''` removes the password. `done` is called when the change is stored, at once if nothing has to be hashed; at
   * once as well if it is refused, and then nothing has changed.
   */
  set(plain: string, done: (outcome: PasswordOutcome) => void, address?: string): void {
    const before = this.#wanted;
    if (plain === '') {
      this.#wanted = undefined;
      this.keep('');
      before?.done('replaced');
      done('stored');
    } else if (this.#isHashing) {
      // One hash at a time, however often it is set and removed: the newest follows when that one is done.
      this.#wanted = { plain, address, done };
      if (!before) this.#shut();
      before?.done('replaced');
    } else {
      this.#hash({ plain, address, done });
    }
  }

  /** Calls back at once where no hash has to be computed. Undefined: not checked, the server is too busy. */
  verify(text: string, done: (matches: boolean | undefined) => void, address?: string): void {
    if (this.#wanted) done(this.#wanted.plain === text);
    else if (this.#stored === '') done(text === '');
    else this.#needs.passwords.verify(text, this.#stored, done, address);
  }

  #hash(request: HashRequest): void {
    /** What the answer said before `hash` returned; null: it comes later. */
    let early: string | undefined | null = null;
    let isLater = false;
    this.#needs.passwords.hash(
      request.plain,
      (stored) => {
        if (isLater) this.#hashed(request, stored);
        else early = stored;
      },
      request.address,
    );
    isLater = true;
    if (early === null) {
      this.#isHashing = true;
      this.#wanted = request;
      this.#shut();
    } else {
      this.#settle(request, early);
    }
  }

  /** The hash that was begun for `begun` is there, or will not come. */
  #hashed(begun: HashRequest, stored: string | undefined): void {
    this.#isHashing = false;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    // Set again meanwhile: what is stored keeps the session shut until the newest one is hashed.
    if (wanted === begun) this.#settle(wanted, stored);
    else if (wanted) this.#hash(wanted);
  }

  #settle(request: HashRequest, stored: string | undefined): void {
    if (stored !== undefined) this.keep(stored);
    request.done(stored === undefined ? 'busy' : 'stored');
  }

  #shut(): void {
    this.#stored = pendingPassword(this.#needs.random.bytes(64));
    this.#write(this.#stored);
  }

  /** Replaces the stored form. */
  keep(stored: string): void {
    this.#stored = stored;
    this.#isAnnounced = stored !== '';
    this.#write(stored);
  }
}

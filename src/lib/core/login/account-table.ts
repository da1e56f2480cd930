// Accounts indexed for the login. The store replaces the complete list at each change.

import { canonicalName } from '../names.js';
import type { Account, Accounts } from './needs.js';

export class AccountTable implements Accounts {
  #accounts = new Map<string, Account>();
  #byCanonicalName = new Map<string, Account>();

  get hasAny(): boolean {
    return this.#accounts.size > 0;
  }

  /** An original server can have accounts whose names are equal here: the exact name counts, else the first one. */
  find(name: string): Account | undefined {
    return this.#accounts.get(name) ?? this.#byCanonicalName.get(canonicalName(name));
  }

  /** Replaces all accounts; of equal names the last one counts. */
  replace(accounts: Iterable<Account>): void {
    const table = new Map<string, Account>();
    for (const account of accounts) {
      table.set(account.name, { ...account, flags: splitFlags(account.flags.join(',')) });
    }
    this.#accounts = table;
    this.#byCanonicalName = new Map(
      [...table.values()].reverse().map((each) => [canonicalName(each.name), each]),
    );
  }
}

/** The flags of a stored comma-separated list, without empty ones (login.md §6). */
export function splitFlags(text: string): string[] {
  return text
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '');
}

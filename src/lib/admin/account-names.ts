// Names of accounts as every store keeps them: each one once, to the letter. Names that look alike are checked in
// users.ts, not here, because an original server has them.

import { refusal } from '../core/errors.js';

/** Refusal `account-exists` where an account has exactly this name. */
export function requireUnusedName(accounts: readonly { readonly name: string }[], name: string): void {
  if (accounts.some((account) => account.name === name)) throw refusal('account-exists', { account: name });
}

// Account names as every store keeps them: unique, compared exactly. users.ts checks names that look alike, not the
// stores, because an original server has them.

import { refusal } from '../core/errors.js';

/** Refusal `account-exists` where an account has exactly this name. */
export function requireUnusedName(accounts: readonly { readonly name: string }[], name: string): void {
  if (accounts.some((account) => account.name === name)) throw refusal('account-exists', { account: name });
}

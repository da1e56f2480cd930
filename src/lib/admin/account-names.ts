// Account names as every store keeps them: unique, compared exactly. users.ts checks names that look alike, not the
// stores, because an original server has them.

import { refusal } from '../core/errors.js';
import { userNameProblem } from '../core/units.js';

/** Refusal `account-exists` where an account has exactly this name. */
export function requireUnusedName(accounts: readonly { readonly name: string }[], name: string): void {
  if (accounts.some((account) => account.name === name)) throw refusal('account-exists', { account: name });
}

/** Refusal `account-name-invalid` where no account can have this name. */
export function requireUserName(name: string): void {
  const problem = userNameProblem(name);
  if (problem !== undefined) throw refusal('account-name-invalid', { account: name, problem });
}

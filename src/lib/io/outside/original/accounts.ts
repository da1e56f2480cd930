// Accounts, over the admin API of an original (http.md §1).

import type { InputOf } from '../../../admin/operations.js';
import type { AccountView } from '../../../admin/users.js';
import { refusal } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { type Ask, rows, type Translation } from './translation.js';

function accountView({ id, username, locked, flags }: JsonObject): AccountView {
  return {
    id: Number(id),
    name: String(username),
    flags: String(flags ?? '')
      .split(',')
      .filter((flag) => flag !== ''),
    isLocked: locked === true,
    password: 'unknown',
  };
}

export const accounts = async (ask: Ask) => rows(await ask('GET', 'accounts/')).map(accountView);

export async function findAccount(ask: Ask, { key }: InputOf<'user.get'>): Promise<AccountView> {
  const found = (await accounts(ask)).find(({ id, name }) =>
    'id' in key ? id === key.id : name === key.name,
  );
  if (found) return found;
  throw refusal('account-not-found', { account: 'id' in key ? String(key.id) : key.name });
}

export const addAccount: Translation<'user.add'> = async (ask, input) =>
  accountView(
    (await ask('POST', 'accounts/', {
      username: input.name,
      password: input.password,
      locked: input.isLocked ?? false,
      flags: (input.flags ?? []).join(',').toUpperCase(),
    })) as JsonObject,
  );

export const changeAccount: Translation<'user.change'> = async (ask, input) => {
  const before = await findAccount(ask, input);
  const removed = new Set((input.removeFlags ?? []).map((flag) => flag.toUpperCase()));
  const added = (input.addFlags ?? []).map((flag) => flag.toUpperCase());
  const flags = [...(input.flags ?? before.flags), ...added].filter((flag) => !removed.has(flag));
  return accountView(
    (await ask('PUT', `accounts/${before.id}`, {
      ...(input.name !== undefined && { username: input.name }),
      ...(input.password !== undefined && { password: input.password }),
      ...(input.isLocked !== undefined && { locked: input.isLocked }),
      flags: [...new Set(flags)].join(','),
    })) as JsonObject,
  );
};

export const removeAccount: Translation<'user.remove'> = async (ask, input) => {
  const account = await findAccount(ask, input);
  await ask('DELETE', `accounts/${account.id}`);
  return account;
};

const loginResults = ['unknown', 'wrong', 'locked', 'ok'] as const;
export const checkLogin: Translation<'user.login'> = async (ask, input) => {
  const { status } = (await ask('POST', 'accounts/auth', {
    username: input.name,
    password: input.password,
  })) as { status: number };
  return loginResults[status] ?? 'unknown';
};

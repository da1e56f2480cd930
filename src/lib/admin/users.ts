// Operations on accounts.

import { refusal } from '../core/errors.js';
import { findByName } from '../core/names.js';
import { accountFlagNames } from '../core/settings/account-flags.js';
import { closest } from '../core/settings/closest.js';
import { readPasswordForm } from '../core/settings/password-form.js';
import { userNameUnitsAtMost } from '../core/units.js';
import { requireUserName } from './account-names.js';
import type { StoredAccount, Stores } from './needs.js';
import { type AdminNeeds, change, look } from './operation.js';
import {
  described,
  flag,
  integer,
  list,
  nothing,
  object,
  oneOf,
  oneWord,
  type Static,
  text,
  within,
} from './schema.js';

const accountView = object(
  {
    id: described(integer, 'row in a database, position (from 1) in a settings file'),
    name: text,
    flags: list(text),
    isLocked: flag,
    password: described(
      oneWord('argon2id', 'pbkdf2', 'sha1', 'plain', 'disabled', 'invalid', 'none', 'unknown'),
      'how the password is stored; the password itself is never shown',
    ),
  },
  {
    storedFlags: described(text, 'as they are stored, with commas between'),
    generated: described(text, 'the password, where a command with --generate made one up'),
  },
);
export type AccountView = Static<typeof accountView>;

export const accountKey = described(
  oneOf(object({ name: text }), object({ id: integer })),
  'by name (the exact one first) or by id',
);
const key = accountKey;
const form = oneWord('argon2id', 'pbkdf2');
/** Whether it may be one at all, requireName says: that depends on where it is stored. */
const accountName = within(text, { minLength: 1, maxLength: userNameUnitsAtMost });
const newPassword = within(text, { minLength: 1 });
/** As bots and web interfaces of the original send them. */
const isVerbatim = described(
  flag,
  'flags are kept as they are written, and a name may differ from another one in its case only',
);
const newUser = object(
  { name: accountName, password: newPassword },
  { flags: list(text), isLocked: flag, form, isVerbatim },
);
const userChange = object(
  { key },
  {
    name: accountName,
    password: newPassword,
    form,
    flags: described(list(text), 'the complete list'),
    addFlags: list(text),
    removeFlags: list(text),
    isLocked: flag,
    isVerbatim,
  },
  { form: ['password'] },
);

export const userOperations = {
  'user.list': look({
    summary: 'All accounts',
    role: 'administrator',
    input: nothing,
    output: list(accountView),
    run: async ({ stores }) => (await stores.accounts.all()).map(viewOf),
  }),
  'user.get': look({
    summary: 'One account',
    role: 'administrator',
    input: object({ key }),
    output: accountView,
    run: async ({ stores }, input) => viewOf(await requireAccount(stores, input.key)),
  }),
  'user.add': change('accounts', {
    summary: 'Add an account',
    input: newUser,
    output: accountView,
    run: addUser,
  }),
  'user.change': change('accounts', {
    summary: 'Change name, password, flags or lock of an account',
    input: userChange,
    output: accountView,
    run: changeUser,
  }),
  'user.remove': change('accounts', {
    summary: 'Remove an account',
    input: object({ key }),
    output: accountView,
    run: async ({ stores }, input) => {
      const account = await requireAccount(stores, input.key);
      if (!(await stores.accounts.remove(account.id))) throw refusal('account-gone');
      return viewOf(account);
    },
  }),
  'user.login': look({
    summary: 'Check the name and password of an account',
    role: 'administrator',
    input: object({ name: text, password: text }),
    output: oneWord('unknown', 'locked', 'wrong', 'ok'),
    run: checkLogin,
  }),
};

async function addUser(
  { stores, passwords }: AdminNeeds,
  input: Static<typeof newUser>,
): Promise<AccountView> {
  requireName(stores, input.name);
  const { isVerbatim = false } = input;
  const flags = isVerbatim ? [...(input.flags ?? [])] : checkedFlags(input.flags ?? []);
  // the store refuses the same name once more, in any case
  requireFreeName(await stores.accounts.all(), input.name, isVerbatim);
  const password = await passwords.hash(input.password, input.form ?? 'argon2id');
  const isLocked = input.isLocked ?? false;
  return viewOf(await stores.accounts.add({ name: input.name, password, flags, isLocked }));
}

async function changeUser(
  { stores, passwords }: AdminNeeds,
  input: Static<typeof userChange>,
): Promise<AccountView> {
  const before = await requireAccount(stores, input.key);
  const after: Partial<Omit<StoredAccount, 'id'>> = {};
  if (input.name !== undefined && input.name !== before.name) {
    requireName(stores, input.name);
    const others = (await stores.accounts.all()).filter(({ id }) => id !== before.id);
    requireFreeName(others, input.name, input.isVerbatim);
    after.name = input.name;
  }
  if (input.isVerbatim === true && input.flags !== undefined) after.flags = [...input.flags];
  else if (input.flags !== undefined || input.addFlags !== undefined || input.removeFlags !== undefined) {
    const removed = new Set(checkedFlags(input.removeFlags ?? []));
    const flags = [...checkedFlags(input.flags ?? before.flags), ...checkedFlags(input.addFlags ?? [])];
    after.flags = [...new Set(flags)].filter((flag) => !removed.has(flag));
  }
  if (input.isLocked !== undefined) after.isLocked = input.isLocked;
  if (input.password !== undefined) {
    after.password = await passwords.hash(input.password, input.form ?? 'argon2id');
  }
  if (!(await stores.accounts.change(before.id, after))) throw refusal('account-gone');
  return viewOf({ ...before, ...after });
}

/** In this order: existence, lock, password (config.md §4). */
async function checkLogin(
  { stores, passwords }: AdminNeeds,
  input: { name: string; password: string },
): Promise<'unknown' | 'locked' | 'wrong' | 'ok'> {
  const account = findByName(await stores.accounts.all(), input.name);
  if (account === undefined) return 'unknown';
  if (account.isLocked) return 'locked';
  return (await passwords.verify(input.password, account.password)) ? 'ok' : 'wrong';
}

/** The form of a stored password (config.md §5). */
export function describePassword(stored: string): AccountView['password'] {
  const { form } = readPasswordForm(stored);
  return form === 'argon2' ? 'argon2id' : form;
}

export async function requireAccount(
  stores: Stores,
  key: Static<typeof userChange>['key'],
): Promise<StoredAccount> {
  const all = await stores.accounts.all();
  const found = 'id' in key ? all.find(({ id }) => id === key.id) : findByName(all, key.name);
  if (found !== undefined) return found;
  if ('id' in key) throw refusal('account-not-found', { account: key.id });
  const near = closest(
    key.name,
    all.map(({ name }) => name),
  );
  throw refusal('account-not-found', { account: key.name, near });
}

function requireName(stores: Stores, name: string): void {
  requireUserName(name);
  if (stores.kind === 'file' && (/[:\r\n]/.test(name) || name.trim() !== name || /^[#[]/.test(name))) {
    throw refusal('account-name-in-file', { account: name });
  }
}

function checkedFlags(flags: readonly string[]): string[] {
  return flags.map((flag) => {
    if (!/^[A-Za-z0-9_-]+$/.test(flag)) {
      throw refusal('account-flag-invalid', { flag, flags: accountFlagNames.join(' ') });
    }
    return flag.toUpperCase();
  });
}

/** Names that people cannot distinguish count as the same name. */
function requireFreeName(
  accounts: readonly StoredAccount[],
  name: string,
  mayDifferInCase: boolean | undefined,
): void {
  const other = findByName(accounts, name);
  if (other === undefined) return;
  if (mayDifferInCase && other.name !== name && other.name.toLowerCase() === name.toLowerCase()) return;
  if (other.name === name) throw refusal('account-exists', { account: name });
  throw refusal('account-name-taken', { account: name, other: other.name });
}

function viewOf({ id, name, flags, isLocked, password }: StoredAccount): AccountView {
  return {
    id,
    name,
    flags: flags.filter((flag) => flag !== ''),
    isLocked,
    storedFlags: flags.join(','),
    password: describePassword(password),
  };
}

// Operations on accounts.

import { Refusal } from '../core/errors.js';
import { findByName } from '../core/names.js';
import { closest } from '../core/settings/closest.js';
import { readPasswordForm } from '../core/settings/password-form.js';
import { userNameProblem } from '../core/units.js';
import type { StoredAccount, Stores } from './needs.js';
import type { AdminNeeds } from './operation.js';

/** Flags that servers act upon (config.md §4) and what they let their owner do. */
export const accountFlags = {
  MOD: 'moderator: enters every session and is operator there',
  HOST: 'may host sessions when guests may not',
  BANEXEMPT: 'gets in from a banned address',
  GHOST: 'a moderator who may join unseen, with enableGhosts',
  TRUSTED: 'is trusted in every session',
  WEB: 'may come in from a browser when guests may not',
  WEBHOST: 'may host from a browser when guests may not',
  WEBSESSION: 'may open sessions to browsers when guests may not',
  PERSIST: 'may keep sessions alive when nobody is in them',
} as const;
export type AccountFlag = keyof typeof accountFlags;

export type PasswordKind =
  | 'argon2id'
  | 'pbkdf2'
  | 'sha1'
  | 'plain'
  | 'disabled'
  | 'invalid'
  | 'none'
  | 'unknown';

export interface AccountView {
  id: number;
  name: string;
  flags: readonly string[];
  isLocked: boolean;
  /** How the password is stored; the password itself is never told. */
  password: PasswordKind;
}

/** By name (the exact one first) or by id. */
export type AccountKey = { name: string } | { id: number };

export async function listUsers({ stores }: AdminNeeds, _: Record<never, never>): Promise<AccountView[]> {
  return (await stores.accounts.all()).map(viewOf);
}

export async function getUser({ stores }: AdminNeeds, input: { key: AccountKey }): Promise<AccountView> {
  return viewOf(await requireAccount(stores, input.key));
}

export interface NewUser {
  name: string;
  password: string;
  flags?: readonly string[];
  isLocked?: boolean;
  form?: 'argon2id' | 'pbkdf2';
}

export async function addUser({ stores, passwords }: AdminNeeds, input: NewUser): Promise<AccountView> {
  requireName(stores, input.name);
  requirePassword(input.password);
  const flags = checkedFlags(input.flags ?? []);
  requireFreeName(await stores.accounts.all(), input.name);
  const password = await passwords.hash(input.password, input.form ?? 'argon2id');
  const isLocked = input.isLocked ?? false;
  return viewOf(await stores.accounts.add({ name: input.name, password, flags, isLocked }));
}

export interface UserChange {
  key: AccountKey;
  name?: string;
  password?: string;
  form?: 'argon2id' | 'pbkdf2';
  /** The whole list; or what to add and take away. */
  flags?: readonly string[];
  addFlags?: readonly string[];
  removeFlags?: readonly string[];
  isLocked?: boolean;
}

export async function changeUser({ stores, passwords }: AdminNeeds, input: UserChange): Promise<AccountView> {
  const before = await requireAccount(stores, input.key);
  const after: Partial<Omit<StoredAccount, 'id'>> = {};
  if (input.name !== undefined && input.name !== before.name) {
    requireName(stores, input.name);
    requireFreeName(
      (await stores.accounts.all()).filter(({ id }) => id !== before.id),
      input.name,
    );
    after.name = input.name;
  }
  if (input.flags !== undefined || input.addFlags !== undefined || input.removeFlags !== undefined) {
    const removed = new Set(checkedFlags(input.removeFlags ?? []));
    const flags = [...checkedFlags(input.flags ?? before.flags), ...checkedFlags(input.addFlags ?? [])];
    after.flags = [...new Set(flags)].filter((flag) => !removed.has(flag));
  }
  if (input.isLocked !== undefined) after.isLocked = input.isLocked;
  if (input.password !== undefined) {
    requirePassword(input.password);
    after.password = await passwords.hash(input.password, input.form ?? 'argon2id');
  }
  if (!(await stores.accounts.change(before.id, after))) throw new Refusal('notFound', 'the account is gone');
  return viewOf({ ...before, ...after });
}

export async function removeUser({ stores }: AdminNeeds, input: { key: AccountKey }): Promise<AccountView> {
  const account = await requireAccount(stores, input.key);
  if (!(await stores.accounts.remove(account.id))) throw new Refusal('notFound', 'the account is gone');
  return viewOf(account);
}

/** In this order: existence, lock, password (config.md §4). */
export async function checkLogin(
  { stores, passwords }: AdminNeeds,
  input: { name: string; password: string },
): Promise<'unknown' | 'locked' | 'wrong' | 'ok'> {
  const account = findByName(await stores.accounts.all(), input.name);
  if (account === undefined) return 'unknown';
  if (account.isLocked) return 'locked';
  return (await passwords.verify(input.password, account.password)) ? 'ok' : 'wrong';
}

/** The form of a stored password (config.md §5). */
export function describePassword(stored: string): PasswordKind {
  const { form } = readPasswordForm(stored);
  return form === 'argon2' ? 'argon2id' : form;
}

async function requireAccount(stores: Stores, key: AccountKey): Promise<StoredAccount> {
  const all = await stores.accounts.all();
  const found = 'id' in key ? all.find(({ id }) => id === key.id) : findByName(all, key.name);
  if (found !== undefined) return found;
  if ('id' in key) throw new Refusal('notFound', `there is no account ${key.id}`, 'Try: dp user list');
  const near = closest(
    key.name,
    all.map(({ name }) => name),
  );
  throw new Refusal(
    'notFound',
    `there is no account '${key.name}'`,
    near === undefined ? 'Try: dp user list' : `did you mean '${near}'?`,
  );
}

function requireName(stores: Stores, name: string): void {
  const problem = userNameProblem(name);
  if (problem !== undefined) throw new Refusal('badInput', `'${name}' can't be an account: ${problem}`);
  if (stores.kind === 'file' && (/[:\r\n]/.test(name) || name.trim() !== name || /^[#[]/.test(name))) {
    throw new Refusal(
      'badInput',
      `'${name}' can't be an account in a settings file`,
      'There, a name has no colon, no blanks around it, and does not begin with # or [.',
    );
  }
}

function requirePassword(password: string): void {
  if (password === '') throw new Refusal('badInput', 'an account needs a password');
}

function checkedFlags(flags: readonly string[]): string[] {
  return flags.map((flag) => {
    if (!/^[A-Za-z0-9_-]+$/.test(flag)) {
      throw new Refusal(
        'badInput',
        `'${flag}' is no flag of an account`,
        `Flags: ${Object.keys(accountFlags).join(' ')}`,
      );
    }
    return flag.toUpperCase();
  });
}

/** One name, one person: names that people can't tell apart are one. */
function requireFreeName(accounts: readonly StoredAccount[], name: string): void {
  const other = findByName(accounts, name);
  if (other === undefined) return;
  throw new Refusal(
    'conflict',
    other.name === name
      ? `there is an account '${name}' already`
      : `'${name}' is the same name as that of the account '${other.name}'`,
    `Try: dp user passwd '${other.name}'`,
  );
}

function viewOf({ id, name, flags, isLocked, password }: StoredAccount): AccountView {
  return {
    id,
    name,
    flags: flags.filter((flag) => flag !== ''),
    isLocked,
    password: describePassword(password),
  };
}

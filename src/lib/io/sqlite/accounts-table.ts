// The table of accounts. Row numbers are their identities.

import type { StoredAccount, StoredProblem } from '../../admin/needs.js';
import { refusal } from '../../core/errors.js';
import { readPasswordForm } from '../../core/settings/password-form.js';
import { numberOf, textOf } from './column-values.js';
import type { Connection } from './connection.js';

export type AccountsTable = ReturnType<typeof accountsTable>;

export function accountsTable(connection: Connection) {
  const all = (): readonly StoredAccount[] =>
    connection.reading(() =>
      connection
        .rows<{ id: number; username: unknown; password: unknown; locked: unknown; flags: unknown }>(
          'users',
          'SELECT rowid AS id, username, password, locked, flags FROM users ORDER BY rowid',
        )
        .map((row) => ({
          id: row.id,
          name: textOf(row.username),
          password: textOf(row.password),
          isLocked: numberOf(row.locked) !== 0,
          // as they are written: the old admin API shows them again (http.md §1.11)
          flags: textOf(row.flags) === '' ? [] : textOf(row.flags).split(','),
        })),
    );
  const requireFreeName = (name: string): void => {
    // Weak typing: a name that was stored as a number is the same name.
    if (!all().some((account) => account.name === name)) return;
    throw refusal('account-exists', { account: name });
  };
  return {
    all,
    add: (account: Omit<StoredAccount, 'id'>): StoredAccount =>
      connection.writing(() => {
        requireFreeName(account.name);
        const { lastInsertRowid } = connection
          .statement('users', 'INSERT INTO users (username, password, locked, flags) VALUES (?, ?, ?, ?)')
          .run(
            account.name,
            passwordBytes(account.password),
            account.isLocked ? 1n : 0n,
            account.flags.join(','),
          );
        return { ...account, id: Number(lastInsertRowid) };
      }),
    change: (id: number, change: Partial<Omit<StoredAccount, 'id'>>): boolean =>
      connection.writing(() => {
        const old = all().find((account) => account.id === id);
        if (!old) return false;
        if (change.name !== undefined && change.name !== old.name) requireFreeName(change.name);
        const set = (column: string, value: unknown) =>
          connection.statement('users', `UPDATE users SET ${column} = ? WHERE rowid = ?`).run(value, id);
        // What is not changed keeps its storage class as well.
        if (change.name !== undefined) set('username', change.name);
        if (change.password !== undefined) set('password', passwordBytes(change.password));
        if (change.isLocked !== undefined) set('locked', change.isLocked ? 1n : 0n);
        if (change.flags !== undefined) set('flags', change.flags.join(','));
        return true;
      }),
    remove: (id: number): boolean =>
      connection.writing(
        () => connection.statement('users', 'DELETE FROM users WHERE rowid = ?').run(id).changes > 0,
      ),
    problems: (): readonly StoredProblem[] =>
      all().flatMap(({ name, password }) => {
        const form = readPasswordForm(password);
        if (form.form !== 'invalid') return [];
        return [{ message: `account '${name}': nobody can log in: ${form.problem}`, hint: form.hint }];
      }),
  };
}

/** Passwords are bytes in the originals' files (config.md §3). */
function passwordBytes(stored: string): Buffer {
  return Buffer.from(stored, 'utf8');
}

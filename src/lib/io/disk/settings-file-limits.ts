// What a settings file cannot express (config.md §2): it is refused before anything is changed.

import type { BanChange, NewBan, StoredAccount } from '../../admin/needs.js';
import { refusal } from '../../core/errors.js';
import { readPasswordForm } from '../../core/settings/password-form.js';

export function requireOneLine(name: string, text: string): void {
  if (!/[\r\n]/.test(text)) return;
  throw refusal('setting-many-lines', { setting: name });
}

/** The file's form has no way to write some texts (config.md §2). */
export function requireAccountText(account: Omit<StoredAccount, 'id'>): void {
  const { name, password, flags } = account;
  if (/[:\r\n]/.test(name)) throw refusal('account-name-with-colon');
  if (/^\s|\s$|^[#[]/.test(name)) throw refusal('account-name-with-blanks');
  if (/[:\r\n]/.test(password)) throw refusal('account-password-with-colon');
  const form = readPasswordForm(password);
  if (form.form === 'invalid') {
    throw refusal('account-password-unreadable', { account: name, problem: form.problem, advice: form.hint });
  }
  const flag = flags.find((text) => /[:,\r\n]/.test(text));
  if (flag !== undefined) throw refusal('account-flag-in-file', { flag });
}

export function requireKeepable(ban: BanChange | NewBan): void {
  if (ban.expires === undefined && !ban.comment && !('reason' in ban && ban.reason)) return;
  throw refusal('bans-without-details');
}

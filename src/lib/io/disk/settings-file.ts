// The text of a settings file (`--config FILE`): reads it line by line, and edits it without changing anything else.
// The dialect is that of the originals (config.md §2), which the package `ini` does not support: it would cut at
// quotes, semicolons and hash signs. settings-file-store.ts has the file and its changes.

import type { StoredAccount, StoredBan } from '../../admin/needs.js';
import { readSubnetText } from '../../core/addresses.js';
import { type Reason, reason } from '../../core/errors/reason.js';
import { splitFlags } from '../../core/login/account-table.js';
import { readReaction, storedBanProblem } from '../../core/login/ban-table.js';
import { isAccountFlag } from '../../core/settings/account-flags.js';
import { type ConfigProblem, readStoredSettings } from '../../core/settings/layers.js';
import { readPasswordForm } from '../../core/settings/password-form.js';
import type { SettingName } from '../../core/settings/settings.js';
import { parseInteger, userNameProblem } from '../../core/units.js';

export const sections = ['config', 'ipbans', 'announcewhitelist', 'users', 'systembans', 'userbans'] as const;
export type Section = (typeof sections)[number];

/** Something that stands on one line, numbered from 1. */
export type OnLine<T> = T & { line: number };

/** What a file says. */
export interface SettingsFileContent {
  /** `key = value` lines in file order, unknown keys included. */
  pairs: readonly { key: string; text: string; line: number }[];
  /** What holds of them. */
  settings: ReadonlyMap<SettingName, string>;
  /** Ids are positions among the usable ones, from 1. Of equal names the last one counts. */
  accounts: readonly OnLine<StoredAccount>[];
  /** Ids are positions among the usable ones of their section, from 1. */
  bans: readonly OnLine<StoredBan>[];
  listServers: readonly { url: string; line: number }[];
  problems: readonly ConfigProblem[];
}

/** Reads the entire text of a file. Never throws: what cannot be used is among the problems. */
export function readSettingsText(text: string): SettingsFileContent {
  const pairs: { key: string; text: string; line: number }[] = [];
  const accounts: OnLine<StoredAccount>[] = [];
  const bans: OnLine<StoredBan>[] = [];
  const listServers: { url: string; line: number }[] = [];
  const problems: ConfigProblem[] = [];
  for (const { section, text: content, line, isHeader } of walk(text)) {
    const report: Report = (severity, subject, { text: message, hint: usual }, hint = usual) => {
      problems.push({ line, subject, message, severity, ...(hint === undefined ? {} : { hint }) });
    };
    if (isHeader) {
      if (sectionOf(content) === undefined) {
        report(
          'warning',
          content,
          reason('section-unknown', { section }),
          `the sections are ${sections.map((name) => `[${name}]`).join(' ')}`,
        );
      }
      continue;
    }
    switch (section) {
      case 'config': {
        const pair = splitPair(content);
        if (pair) pairs.push({ ...pair, line });
        else report('warning', 'this line', reason('line-without-effect'));
        break;
      }
      case 'ipbans':
        readIpBan(content, line, bans, report);
        break;
      case 'systembans':
      case 'userbans':
        readIdBan(section, content, line, bans, report);
        break;
      case 'announcewhitelist':
        listServers.push({ url: content, line });
        break;
      case 'users':
        readAccount(content, line, accounts, report);
        break;
    }
  }
  const read = readStoredSettings(pairs.map(({ key, text: value, line }) => [key, value, line] as const));
  problems.push(...read.problems);
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { pairs, settings: read.texts, accounts, bans, listServers, problems };
}

/** `hint`: instead of that of the reason. */
type Report = (severity: ConfigProblem['severity'], subject: string, why: Reason, hint?: string) => void;

function readIpBan(content: string, line: number, bans: OnLine<StoredBan>[], report: Report): void {
  const slash = content.indexOf('/');
  const address = slash < 0 ? content : content.slice(0, slash).trim();
  const bitsText = slash < 0 ? '' : content.slice(slash + 1).trim();
  const number = parseInteger(bitsText);
  const netmask = number === undefined ? readSubnetText(`${address}/${bitsText}`) : undefined;
  // config.md §6: no prefix length, 0 or no number is the single address.
  const bits = number ?? (netmask && 'subnet' in netmask ? netmask.subnet.bits : 0);
  const problem = storedBanProblem({ address, bits });
  if (problem !== undefined) {
    report(problem.isEffective ? 'warning' : 'error', `ban of '${content}'`, problem.reason);
    if (!problem.isEffective) return;
  } else if (slash >= 0 && number === undefined && bits === 0) {
    report('warning', `ban of '${content}'`, reason('ban-of-single-address', { bits: bitsText }));
  }
  bans.push({
    kind: 'ip',
    id: bans.filter(({ kind }) => kind === 'ip').length + 1,
    address,
    bits,
    expires: undefined,
    comment: '',
    added: undefined,
    line,
  });
}

function readIdBan(
  section: 'systembans' | 'userbans',
  content: string,
  line: number,
  bans: OnLine<StoredBan>[],
  report: Report,
): void {
  const colon = content.indexOf(':');
  const who = colon < 0 ? content : content.slice(0, colon).trim();
  const reactionText = colon < 0 ? '' : content.slice(colon + 1).trim();
  const reaction = readReaction(reactionText);
  if (!reaction) {
    report('warning', `ban of '${who}'`, reason('ban-reaction-unknown', { reaction: reactionText }));
  }
  const kind = section === 'systembans' ? 'client' : 'user';
  const facts = {
    id: bans.filter((ban) => ban.kind === kind).length + 1,
    expires: undefined,
    comment: '',
    added: undefined,
    reaction: reaction ?? 'normal',
    reason: '',
    line,
  } as const;
  if (kind === 'client') {
    if (!/^[0-9a-f]{32}$/i.test(who)) {
      report('error', `ban of '${who}'`, reason('ban-of-no-system-id'), 'expected 32 hexadecimal digits');
      return;
    }
    bans.push({ ...facts, kind, sid: who });
    return;
  }
  const userId = parseInteger(who);
  if (userId === undefined || userId < 1) {
    report('error', `ban of '${who}'`, reason('ban-of-no-account'), 'expected a number from 1');
    return;
  }
  bans.push({ ...facts, kind, userId });
}

function readAccount(content: string, line: number, accounts: OnLine<StoredAccount>[], report: Report): void {
  const parts = content.split(':');
  const name = parts[0] ?? '';
  const subject = `account '${name}'`;
  if (parts.length !== 3) {
    report('error', subject, reason('account-line-parts'), hintForAccount(parts));
    return;
  }
  const [, hash = '', flagText = ''] = parts;
  const isLocked = hash.startsWith('*');
  const form = readPasswordForm(hash);
  if (form.form === 'invalid') {
    report('error', subject, reason('account-line-ignored', { problem: form.problem }), form.hint);
    return;
  }
  if (form.form === 'none') report('warning', subject, reason('account-without-password', { name }));
  const nameProblem = userNameProblem(name);
  if (nameProblem !== undefined)
    report('warning', subject, reason('account-not-usable', { problem: nameProblem }));
  const flags = splitFlags(flagText);
  for (const flag of flags) {
    const meant = flag.toUpperCase();
    if (flag !== meant && isAccountFlag(meant)) {
      report('warning', subject, reason('account-flag-unknown', { flag, meant }));
    }
  }
  const before = accounts.findIndex((account) => account.name === name);
  if (before >= 0) {
    const [replaced] = accounts.splice(before, 1);
    report('warning', subject, reason('account-replaced', { line: replaced?.line ?? 0 }));
    for (const [index, account] of accounts.entries()) account.id = index + 1;
  }
  // What is behind the star is kept, so that unlocking brings the password back.
  const password = isLocked ? hash.slice(1) : hash;
  accounts.push({ id: accounts.length + 1, name, password, isLocked, flags, line });
}

function hintForAccount(parts: readonly string[]): string {
  // The manual's own example is admin:*plain;abc123;MOD, with a semicolon where a colon must be.
  if (parts.length === 2 && /;[A-Z,]+$/.test(parts[1] ?? '')) {
    return `unlike in the manual of drawpile-srv, a colon comes before the flags: ${parts[0]}:plain;PASSWORD:MOD`;
  }
  if (parts.length > 3) return "names, passwords and flags cannot contain ':'";
  return 'write NAME:PASSWORD:FLAGS, with both colons even without flags';
}

interface Line {
  section: Section;
  /** Trimmed; never empty, never a comment. */
  text: string;
  line: number;
  isHeader: boolean;
}

/** The lines that mean something, each with the section it belongs to. */
function* walk(text: string): Generator<Line> {
  // Before any header a file is in [config]; a header that is not known changes nothing (config.md §2).
  let section: Section = 'config';
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const isHeader = content.startsWith('[');
    if (isHeader) section = sectionOf(content) ?? section;
    yield { section, text: content, line: index + 1, isHeader };
  }
}

function sectionOf(header: string): Section | undefined {
  const lower = header.toLowerCase();
  return sections.find((name) => lower === `[${name}]`);
}

function splitPair(content: string): { key: string; text: string } | undefined {
  const at = content.indexOf('=');
  const key = content.slice(0, at).trim();
  return at < 0 || key === '' ? undefined : { key, text: content.slice(at + 1).trim() };
}

/** A file's text under edit. Lines that are not touched stay as they are, to the byte. */
export class SettingsText {
  readonly #lines: string[];
  readonly #end: string;

  constructor(text: string) {
    this.#lines = text.split('\n');
    this.#end = /\r\n/.test(text) ? '\r' : '';
  }

  toString(): string {
    return this.#lines.join('\n');
  }

  /** Sets or, with undefined, removes a setting; other spellings of it go along when it is removed. */
  setSetting(name: string, text: string | undefined, otherSpellings: readonly string[] = []): void {
    const found = [...walk(this.toString())].filter(({ section, isHeader, text: content }) => {
      const key = section === 'config' && !isHeader ? splitPair(content)?.key : undefined;
      return key === name || (text === undefined && key !== undefined && otherSpellings.includes(key));
    });
    if (text === undefined) {
      for (const { line } of found.reverse()) this.remove(line);
      return;
    }
    const last = found.at(-1);
    if (!last) {
      this.add('config', `${name} = ${text}`);
      return;
    }
    // The last one counts, so that one is changed; what stands before the value stays.
    const raw = this.#lines[last.line - 1] ?? '';
    const head = /^[^=]*=[ \t]*/.exec(raw)?.[0] ?? `${name} = `;
    this.replace(last.line, `${head}${text}`);
  }

  /** Adds a line at the end of a section, which is made when there is none. */
  add(section: Section, content: string): void {
    let last: number | undefined;
    let firstHeader: number | undefined;
    for (const { section: at, line, isHeader } of walk(this.toString())) {
      if (isHeader) firstHeader ??= line;
      if (at === section) last = line;
    }
    if (last !== undefined) {
      this.#insert(last, content);
      return;
    }
    if (section === 'config') {
      // Nothing is set yet, and every file begins in [config]; an own header keeps the sections below apart.
      const at = firstHeader === undefined ? this.#endOfText() : firstHeader - 1;
      this.#insert(at, content);
      if (firstHeader !== undefined) this.#insert(at + 1, '');
      return;
    }
    const at = this.#endOfText();
    const header = [...(at > 0 ? [''] : []), `[${section}]`, content];
    for (const [index, line] of header.entries()) this.#insert(at + index, line);
  }

  /** Puts other text on a line (numbered from 1). */
  replace(line: number, content: string): void {
    this.#lines[line - 1] = content + this.#end;
  }

  /** Takes a line out. */
  remove(line: number): void {
    this.#lines.splice(line - 1, 1);
  }

  #insert(after: number, content: string): void {
    this.#lines.splice(after, 0, content + this.#end);
    // Every line that we add has an end, also where the file had none.
    if (after + 1 === this.#lines.length) this.#lines.push('');
  }

  /** The place behind the last line that is not empty. */
  #endOfText(): number {
    let at = this.#lines.length;
    while (at > 0 && this.#lines[at - 1]?.trim() === '') at--;
    return at;
  }
}

/** The line of an account. */
export function accountLine(account: Omit<StoredAccount, 'id'>): string {
  return `${account.name}:${account.isLocked ? '*' : ''}${account.password}:${account.flags.join(',')}`;
}

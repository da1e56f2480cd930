// The text form of a session's journal, formats.md §6.1: one line per entry, later lines win. To add an entry that is
// no setting: its shape in saved.ts, then how it is written and read here, and summed up in journal-sum.ts. Files are for io/disk.

import { canonicalAddress } from '../addresses.js';
import { type Reason, reason } from '../errors/reason.js';
import { readPasswordForm } from '../settings/password-form.js';
import { flagWord, sessionFlags, type ValueKey, valueKeys, valueRow } from '../settings/session-settings.js';
import { guestRoles, type JournalEntry, type SessionBan, type SettingEntry } from './saved.js';
import { banAddress } from './session-bans.js';

/** A line of the journal: an entry, or that a history file became current. */
export type JournalLine = JournalEntry | { key: 'file'; name: string };

/** Keywords of settings. */
const settingWords = Object.fromEntries(valueKeys.map((key) => [key, valueRow(key).word])) as Record<
  ValueKey,
  string
>;

/** Keywords of all lines. */
export const journalWords: readonly string[] = [
  'FILE',
  'ALIAS',
  ...Object.values(settingWords),
  'FLAGS',
  'BAN',
  'UNBAN',
  'ANNOUNCE',
  'UNANNOUNCE',
  'USER',
  'OP',
  'DEOP',
  'TRUST',
  'UNTRUST',
  'AUTHNAME',
  'CATCHUP',
  'INV',
  'UNV',
  'USV',
];

/** Percent encoding of UTF-8: only `A-Za-z0-9-._~` stay as they are. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Never throws: what is not an encoding stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What is written as it is must not end the line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get in
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f]+/g, ' ');

/** The line, without its end. */
export function writeJournalLine(line: JournalLine): string {
  switch (line.key) {
    case 'file':
      return `FILE ${line.name}`;
    case 'alias':
      return `ALIAS ${line.alias}`;
    case 'setting':
      return writeSetting(line);
    case 'flags':
      return `FLAGS ${sessionFlags
        .filter((flag) => line.flags.includes(flag))
        .map(flagWord)
        .join(' ')}`;
    case 'ban': {
      const { id, username, ip, authId, bannedBy, sid } = line.ban;
      return `BAN ${id} ${encode(username)} ${plainAddress(ip)} ${encode(authId)} ${encode(bannedBy)} ${encode(sid)}`;
    }
    case 'unban':
      return `UNBAN ${line.id}`;
    case 'announce':
      return `ANNOUNCE ${plain(line.url)}`;
    case 'unannounce':
      return `UNANNOUNCE ${plain(line.url)}`;
    case 'user':
      return `USER ${line.id} ${encode(line.name)}`;
    case 'op':
      return `OP ${plain(line.authId)}`;
    case 'deop':
      return `DEOP ${plain(line.authId)}`;
    case 'trust':
      return `TRUST ${plain(line.authId)}`;
    case 'untrust':
      return `UNTRUST ${plain(line.authId)}`;
    case 'authName':
      return `AUTHNAME ${encode(line.authId)} ${encode(line.name)}`;
    case 'catchup':
      return `CATCHUP ${line.next}`;
    case 'invite': {
      const { secret, at, maxUses, trust, op, creator } = line.invite;
      const uses = `${maxUses}${trust ? ',trust' : ''}${op ? ',op' : ''}`;
      return `INV ${plain(secret)} ${at} ${uses}${creator ? ` ${encode(creator)}` : ''}`;
    }
    case 'uninvite':
      return `UNV ${plain(line.secret)}`;
    case 'inviteUse':
      return `USV ${plain(line.secret)} ${plain(line.sid)} ${encode(line.name) || '?'}`;
    case 'guestRole':
      return `#dp role ${line.role} ${line.has ? 1 : 0} ${encode(line.who)} ${encode(line.name)}`;
    case 'start':
      return `#dp start ${line.id}`;
    case 'first':
      return `#dp first ${line.index} ${line.file}`;
    case 'print':
      return `#dp print ${line.at} ${line.sum.toString(16).padStart(8, '0')} ${line.file}`;
    case 'read':
      return `#dp read ${line.index ?? '-'} ${encode(line.who)} ${encode(line.name)}`;
    default:
      return line satisfies never;
  }
}

function writeSetting({ name, value }: SettingEntry): string {
  const word = settingWords[name];
  switch (typeof value) {
    case 'string':
      return `${word} ${plain(value)}`;
    case 'number':
      return `${word} ${value}`;
    default:
      return value === null ? word : `${word} ${value ? 1 : 0}`;
  }
}

function parseSetting(name: ValueKey, rest: string): JournalLine | Reason {
  const row = valueRow(name);
  const entry = (value: string | number | boolean | null) =>
    ({ key: 'setting', name, value }) as SettingEntry;
  switch (row.type) {
    case 'text':
      return entry(rest);
    case 'password':
      return readPasswordForm(rest).form === 'invalid' ? reason('line-no-password') : entry(rest);
    case 'number':
      return numbered(rest, ...row.range, entry);
    case 'choice':
      if (rest === '') return entry(null);
      return rest === '0' || rest === '1' ? entry(rest === '1') : reason('line-not-0-or-1', { text: rest });
    default:
      return row satisfies never;
  }
}

/** Lines that are comments to the originals. */
const ownPattern = /^#dp (?:role|start|first|print|read) /;

export function isOwnEntry(text: string): boolean {
  return ownPattern.test(text);
}

function parseOwnEntry(text: string): JournalLine | Reason {
  const [, role, has, holder = '', holderName = ''] = /^#dp role (\w+) ([01]) (\S+) ?(\S*)$/.exec(text) ?? [];
  const known = guestRoles.find((each) => each === role);
  if (known) {
    return {
      key: 'guestRole',
      role: known,
      has: has === '1',
      who: decode(holder),
      name: decode(holderName),
    };
  }
  const start = /^#dp start (\d{1,15})$/.exec(text);
  if (start) return { key: 'start', id: Number(start[1]) };
  const [, firstIndex, firstFile] = /^#dp first (\d{1,15}) ([^/\\]+)$/.exec(text) ?? [];
  if (firstFile !== undefined) return { key: 'first', index: Number(firstIndex), file: firstFile };
  const [, at, sum = '', file] = /^#dp print (\d{1,15}) ([0-9a-f]{8}) ([^/\\]+)$/.exec(text) ?? [];
  if (file !== undefined) return { key: 'print', at: Number(at), sum: Number.parseInt(sum, 16), file };
  const [, position, reader, name = ''] = /^#dp read (\d{1,15}|-) (\S+) ?(\S*)$/.exec(text) ?? [];
  if (reader !== undefined) {
    const index = position === '-' ? undefined : Number(position);
    return { key: 'read', index, who: decode(reader), name: decode(name) };
  }
  return reason('line-not-ours');
}

/** IPv4 is written without the form that maps it into IPv6. */
function plainAddress(ip: string): string {
  return canonicalAddress(ip) ?? ip;
}

/** One line; undefined: nothing is in it (blank, comment). A reason says what is wrong with it. */
export function parseJournalLine(text: string): JournalLine | Reason | undefined {
  const line = text.trim();
  if (isOwnEntry(line)) return parseOwnEntry(line);
  if (line === '' || line.startsWith('#')) return undefined;
  const space = line.indexOf(' ');
  const word = space < 0 ? line : line.slice(0, space);
  const rest = space < 0 ? '' : line.slice(space + 1).trim();
  const fields = rest.split(' ');
  const setting = valueKeys.find((key) => settingWords[key] === word);
  if (setting !== undefined) return parseSetting(setting, rest);
  switch (word) {
    case 'FILE':
      return /^[^/\\\0]+$/.test(rest) && rest !== '.' && rest !== '..'
        ? { key: 'file', name: rest }
        : reason('line-no-file-name', { text: rest });
    case 'ALIAS':
      return { key: 'alias', alias: rest };
    case 'FLAGS':
      return parseFlags(fields);
    case 'BAN':
      return parseBan(fields);
    case 'UNBAN':
      return numbered(rest, 0, Number.MAX_SAFE_INTEGER, (id) => ({ key: 'unban', id }));
    case 'ANNOUNCE':
    case 'UNANNOUNCE':
      if (rest === '') return reason('line-without-address');
      return { key: word === 'ANNOUNCE' ? 'announce' : 'unannounce', url: rest };
    case 'USER': {
      const id = Number(fields[0]);
      if (!(id >= 1 && id <= 254) || !fields[1]) return reason('line-no-user');
      return { key: 'user', id, name: decode(fields[1]) };
    }
    case 'OP':
    case 'DEOP':
    case 'TRUST':
    case 'UNTRUST': {
      if (rest === '') return reason('line-without-account');
      const keys = { OP: 'op', DEOP: 'deop', TRUST: 'trust', UNTRUST: 'untrust' } as const;
      return { key: keys[word], authId: rest };
    }
    case 'AUTHNAME':
      if (!fields[0] || !fields[1]) return reason('line-no-account-name');
      return { key: 'authName', authId: decode(fields[0]), name: decode(fields[1]) };
    case 'CATCHUP':
      return numbered(rest, 1, 999_999_999, (next) => ({ key: 'catchup', next }));
    case 'INV':
      return parseInvite(fields);
    case 'UNV':
      return rest === '' ? reason('line-without-invite') : { key: 'uninvite', secret: rest };
    case 'USV': {
      const [secret, sid, name] = fields;
      if (!secret || !sid || !name) return reason('line-no-invite-use');
      return { key: 'inviteUse', secret, sid, name: name === '?' ? '' : decode(name) };
    }
    default:
      return reason('line-word-unknown', { word: word.slice(0, 40) });
  }
}

/** A number, brought into its range. */
function numbered(
  text: string,
  least: number,
  most: number,
  line: (value: number) => JournalLine,
): JournalLine | Reason {
  if (!/^-?\d+$/.test(text)) return reason('line-no-number', { text });
  return line(Math.min(most, Math.max(least, Number(text))));
}

/** Unknown words are left out: a later version may know more. */
function parseFlags(words: readonly string[]): JournalLine {
  const lower = words.map((word) => word.toLowerCase());
  return { key: 'flags', flags: sessionFlags.filter((flag) => lower.includes(flag.toLowerCase())) };
}

/** Words of a FLAGS line that mean nothing here. */
export function unknownFlags(text: string): string[] {
  const line = text.trim();
  if (!line.startsWith('FLAGS ')) return [];
  const known = sessionFlags.map((flag) => flag.toLowerCase());
  return line
    .slice(6)
    .split(' ')
    .filter((word) => word !== '' && !known.includes(word.toLowerCase()));
}

/** 2.1 writes five fields, later versions six. Empty ones at the end are lost with the blanks at the line's end. */
function parseBan(fields: readonly string[]): JournalLine | Reason {
  const [id = '', username = '', ip = '', authId = '', bannedBy = '', sid = ''] = fields;
  if (fields.length > 6 || !/^\d+$/.test(id)) return reason('line-no-ban');
  const ban: SessionBan = {
    id: Number(id),
    username: decode(username),
    authId: decode(authId),
    ip: banAddress(ip),
    sid: decode(sid),
    bannedBy: decode(bannedBy),
  };
  return { key: 'ban', ban };
}

function parseInvite(fields: readonly string[]): JournalLine | Reason {
  const [secret, at, uses, creator = ''] = fields;
  const [count, ...options] = (uses ?? '').split(',');
  if (!secret || !at || !count || !/^\d+$/.test(count)) return reason('line-no-invite');
  return {
    key: 'invite',
    invite: {
      secret,
      at,
      maxUses: Number(count),
      trust: options.includes('trust'),
      op: options.includes('op'),
      creator: decode(creator),
    },
  };
}

// Bans as a text that people keep, share and edit: a line for each, `kind,target,expires,comment,reason,reaction` as CSV
// (RFC 4180). A plain list of addresses and networks is one too; lines that begin with # are remarks.

import { reason } from '../core/errors/reason.js';
import { refusal } from '../core/errors.js';
import { formatTimestamp, parseExpiry } from '../core/units.js';
import { type BanView, banReactions } from './ban-shapes.js';

const columns = ['kind', 'target', 'expires', 'comment', 'reason', 'reaction'] as const;
type ColumnName = (typeof columns)[number];

export interface BanLine {
  /** From 1. */
  readonly line: number;
  readonly cells: Readonly<Partial<Record<ColumnName, string>>>;
}

export function formatBans(bans: readonly BanView[]): string {
  const rows = bans.map(({ kind, target, expires, comment, reason, reaction }) =>
    [
      kind,
      target,
      expires === null ? 'never' : formatTimestamp(expires),
      comment,
      reason,
      kind === 'ip' || reaction === 'normal' ? '' : reaction,
    ]
      .map(cell)
      .join(','),
  );
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

function cell(text: string): string {
  return /^\s|\s$|[",\r\n#]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The lines that stand for bans. Refusal with the line where a quote has no end, or a title is unknown. */
export function readBanLines(text: string): readonly BanLine[] {
  let titles: readonly ColumnName[] | undefined;
  const lines: BanLine[] = [];
  for (const { line, cells } of readCsv(text.replace(/^\ufeff/, ''))) {
    const [first = ''] = cells;
    if (cells.length === 1 && (first === '' || first.startsWith('#'))) continue;
    if (titles === undefined && first.toLowerCase() === 'kind') {
      titles = cells.map((title) => requireTitle(title, line));
      continue;
    }
    // an address alone, or with what somebody wrote behind it
    const names: readonly ColumnName[] =
      titles ?? (/^(ip|client|user)$/i.test(first) ? columns : ['target', 'expires', 'comment', 'reason']);
    if (cells.length > names.length) {
      throw refusal('ban-line-invalid', {
        line,
        problem: reason('ban-line-values', { values: cells.length, columns: names.length }),
      });
    }
    lines.push({ line, cells: Object.fromEntries(cells.map((value, index) => [names[index], value])) });
  }
  return lines;
}

function requireTitle(title: string, line: number): ColumnName {
  const found = columns.find((each) => each === title.toLowerCase());
  if (found) return found;
  throw refusal('ban-line-invalid', {
    line,
    problem: reason('ban-line-column', { title: title.slice(0, 50) }),
  });
}

function readCsv(text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const row = { line, cells: [] as string[] };
    const isRemark = /^[ \t]*#/.test(text.slice(at, at + 100));
    for (;;) {
      const quoted = isRemark ? undefined : /^[ \t]*"((?:[^"]|"")*)"[ \t]*(?=,|\r?\n|$)/.exec(text.slice(at));
      const plain = quoted ?? (isRemark ? /^[^\n]*/ : /^[^,\n]*/).exec(text.slice(at));
      const taken = plain?.[0] ?? '';
      if (!quoted && taken.trimStart().startsWith('"')) {
        throw refusal('ban-line-invalid', { line: row.line, problem: reason('ban-line-quote') });
      }
      row.cells.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : taken.trim());
      at += taken.length;
      line += taken.split('\n').length - 1;
      if (text[at] !== ',') break;
      at++;
      if (at === text.length) row.cells.push('');
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    rows.push(row);
  }
  return rows;
}

/** Undefined: not given. Refusal for what is no moment. */
export function readExpiryCell(text: string | undefined, now: number): number | null {
  if (text === undefined || text === '' || /^never$/i.test(text)) return null;
  const moment = parseExpiry(text, now);
  if (moment !== undefined) return moment;
  throw refusal('expiry-invalid', { expiry: text.slice(0, 100), examples: '2030-01-31, 30d, never' });
}

export function readReactionCell(text: string | undefined): BanView['reaction'] {
  if (text === undefined || text === '') return 'normal';
  const found = banReactions.find((each) => each === text.toLowerCase());
  if (found) return found;
  throw refusal('ban-reaction-invalid', { reaction: text.slice(0, 50), reactions: banReactions.join(', ') });
}

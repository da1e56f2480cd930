// Importing and exporting bans: what an import would do is shown line by line, and all of it is done or nothing.

import { formatSubnet } from '../core/addresses.js';
import { Fault, Refusal, refusal } from '../core/errors.js';
import { type BanLine, formatBans, readBanLines, readExpiryCell, readReactionCell } from './ban-file.js';
import { type BanView, banRequest, kind } from './ban-shapes.js';
import { addBan, changeBan, listBans } from './bans.js';
import { checkInput } from './check-shape.js';
import { type AdminNeeds, change, look } from './operation.js';
import {
  described,
  expiry,
  flag,
  integer,
  list,
  object,
  oneWord,
  type Static,
  text,
  within,
} from './schema.js';
import { requireSubnet } from './stored-bans.js';

const linesAtMost = 10_000;

const imported = object(
  {
    line: described(integer, 'from 1'),
    action: described(
      oneWord('add', 'change', 'same', 'skip'),
      'same: it is there like that; skip: it has expired',
    ),
    kind,
    target: text,
    expires: expiry,
    comment: text,
    reason: text,
  },
  { before: described(object({ expires: expiry, comment: text, reason: text }), 'of a ban that changes') },
);
type Imported = Static<typeof imported>;

const banImport = object({
  isDone: described(flag, 'false: isDryRun was asked for'),
  rows: list(imported),
  problems: described(
    list(object({ line: integer, message: text })),
    'without isDryRun, nothing is imported',
  ),
  added: integer,
  changed: integer,
});

export const banExchangeOperations = {
  'ban.export': look({
    summary: 'Export bans as CSV',
    role: 'moderator',
    input: object({}, { withExpired: flag }),
    output: object({ text: described(text, 'kind,target,expires,comment,reason,reaction'), count: integer }),
    async run(needs, input) {
      const bans = await listBans(needs, input);
      return { text: formatBans(bans), count: bans.length };
    },
  }),
  'ban.import': change('bans', {
    summary: 'Import bans from CSV or a list of addresses',
    role: 'moderator',
    input: object(
      { text: within(text, { maxLength: 4_000_000 }) },
      { isDryRun: described(flag, 'only say what would change') },
    ),
    output: banImport,
    inputBytesAtMost: 8 * 1024 * 1024,
    run: importBans,
  }),
};

type Request = Static<typeof banRequest>;

interface Wanted {
  readonly row: Imported;
  readonly request: Request;
  /** What is there of the same target. */
  readonly there: BanView | undefined;
}

async function importBans(
  needs: AdminNeeds,
  { text: given, isDryRun = false }: { readonly text: string; readonly isDryRun?: boolean },
): Promise<Static<typeof banImport>> {
  const lines = readBanLines(given);
  if (lines.length > linesAtMost) throw refusal('bans-too-many', { count: lines.length, most: linesAtMost });
  const known = new Map<string, BanView>();
  // of several for the same target the one that is in force
  for (const ban of await listBans(needs, { withExpired: true })) {
    const key = `${ban.kind} ${ban.target}`;
    if (ban.isActive || !known.has(key)) known.set(key, ban);
  }
  const wanted: Wanted[] = [];
  const problems: { line: number; message: string }[] = [];
  const lineOf = new Map<string, number>();
  for (const each of lines) {
    try {
      const found = readLine(needs, each, known);
      const key = `${found.row.kind} ${found.row.target}`;
      const before = lineOf.get(key);
      if (before !== undefined) throw refusal('ban-twice', { target: found.row.target, line: before });
      lineOf.set(key, each.line);
      wanted.push(found);
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof Fault)) throw error;
      problems.push({ line: each.line, message: error.message });
    }
  }
  const count = (action: Imported['action']) => wanted.filter(({ row }) => row.action === action).length;
  const answer = {
    isDone: !isDryRun,
    rows: wanted.map(({ row }) => row),
    problems,
    added: count('add'),
    changed: count('change'),
  };
  if (isDryRun) return answer;
  const [first] = problems;
  if (first) throw refusal('ban-line-invalid', { line: first.line, problem: first.message });
  for (const { row, request, there } of wanted) {
    if (row.action === 'add') await addBan(needs, request);
    if (row.action !== 'change' || there === undefined) continue;
    const { expires, comment, reason } = row;
    const reasons = row.kind === 'ip' ? {} : { reason, reaction: reactionOf(request) };
    await changeBan(needs, { kind: row.kind, id: there.id, change: { expires, comment, ...reasons } });
  }
  return answer;
}

function readLine(needs: AdminNeeds, { line, cells }: BanLine, known: ReadonlyMap<string, BanView>): Wanted {
  const now = needs.now();
  const request = requestOf(cells, now);
  checkInput('ban.import', banRequest, request);
  const target = targetOf(request);
  const { kind: banKind, comment = '' } = request;
  const expires = request.expires ?? null;
  const reason = request.kind === 'ip' ? '' : (request.reason ?? '');
  const row = { line, kind: banKind, target, expires, comment, reason };
  if (expires !== null && expires <= now)
    return { row: { ...row, action: 'skip' }, request, there: undefined };
  // what somebody may not ban is said before anything is done
  if (needs.caller?.role === 'moderator' && expires === null) {
    throw refusal('ban-permanent', { caller: needs.caller.name });
  }
  if (!needs.stores.bans.keepsDetails && (expires !== null || comment !== '' || reason !== '')) {
    throw refusal('bans-without-details');
  }
  const there = known.get(`${banKind} ${target}`);
  if (!there?.isActive) return { row: { ...row, action: 'add' }, request, there };
  if (needs.caller?.role === 'moderator' && there.expires === null) {
    throw refusal('ban-permanent', { caller: needs.caller.name });
  }
  const isSame =
    sameMoment(there.expires, expires) &&
    there.comment === comment &&
    there.reason === reason &&
    there.reaction === reactionOf(request);
  if (isSame) return { row: { ...row, action: 'same' }, request, there };
  const before = { expires: there.expires, comment: there.comment, reason: there.reason };
  return { row: { ...row, action: 'change', before }, request, there };
}

const reactionOf = (request: Request) => (request.kind === 'ip' ? 'normal' : (request.reaction ?? 'normal'));

/** Texts have whole seconds. */
function sameMoment(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other;
  return Math.floor(one / 1000) === Math.floor(other / 1000);
}

function requestOf(cells: BanLine['cells'], now: number): Request {
  const { target = '', comment = '', reason = '' } = cells;
  const expires = readExpiryCell(cells.expires, now);
  const given = (cells.kind ?? 'ip').toLowerCase();
  const reaction = readReactionCell(cells.reaction);
  const details = { expires, ...(comment !== '' && { comment }) };
  const personal = { ...details, ...(reason !== '' && { reason }), reaction };
  if (given === 'client') return { kind: 'client', sid: target, ...personal };
  if (given === 'user') {
    if (!/^\d{1,15}$/.test(target)) throw refusal('user-number-invalid', { user: target.slice(0, 100) });
    return { kind: 'user', userId: Number(target), ...personal };
  }
  if (given !== 'ip') throw refusal('ban-kind-invalid', { kind: given.slice(0, 50) });
  if (reason !== '' || reaction !== 'normal') throw refusal('ban-address-with-reason');
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(target) ?? [];
  if (address === '') throw refusal('address-invalid', { address: target.slice(0, 100) });
  return { kind: 'ip', address, ...(bits !== undefined && { bits: Number(bits) }), ...details };
}

/** As lists show it. */
function targetOf(request: Request): string {
  if (request.kind === 'client') return request.sid.trim();
  if (request.kind === 'user') return String(request.userId);
  return formatSubnet(requireSubnet(request.address, request.bits));
}

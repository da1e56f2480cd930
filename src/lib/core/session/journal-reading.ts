// Reads the bytes of a journal and decides how far they can be trusted, for the server, the doctor, copies and
// repairs. Bytes after the last newline are an unfinished write and are ignored. Of damaged lines only restrictions
// are applied, and the reason is reported: see `Doubt`.
import { Buffer } from 'node:buffer';
import { Reason, reason } from '../errors/reason.js';
import { sessionFlags, valueRow } from '../settings/session-settings.js';
import { checkSeals, findFlippedBit, isSeal, sealAll, sealWord } from './journal-seals.js';
import { addToSaved } from './journal-sum.js';
import { isOwnEntry, journalWords, parseJournalLine, unknownFlags } from './journal-text.js';
import { type Doubt, emptySaved, type JournalEntry, type SavedSession } from './saved.js';

/** Where and how a journal continues. */
export interface JournalEnd {
  /** Number of valid bytes; what follows is cut off. */
  sizeBytes: number;
  /** Sum that the next checksum continues from. */
  chain: number;
  prefix: string;
}

export interface JournalReading {
  /** The sum of all lines; its protocol is yet to be found in the history. */
  saved: SavedSession;
  /** Names of the FILE lines. */
  fileNames: string[];
  /** Lines that were left out or need attention. */
  remarks: { line: number; why: Reason }[];
  /** Bytes of an unfinished write at the end. */
  unfinishedBytes: number;
  doubts: Doubt[];
  end: JournalEnd;
}

/** Maximum number of doubts of a journal; further ones add little. */
const doubtsAtMost = 8;

export function readJournal(id: string, bytes: Buffer): JournalReading {
  const check = checkSeals(bytes);
  const saved = emptySaved(id, '');
  const fileNames: string[] = [];
  const remarks: JournalReading['remarks'] = [];
  const doubts: Doubt[] = [];
  const doubt = (isShut: boolean, why: Reason | string): void => {
    if (doubts.length < doubtsAtMost && !doubts.some((known) => String(known.why) === String(why))) {
      doubts.push({ isShut, why });
    }
  };
  for (const problem of check.problems) doubt(true, problem);
  let hasPlain = false;
  for (const { number, start, end, trust } of check.lines) {
    const text = bytes.toString('utf8', start, end);
    const own = text.startsWith(sealWord) && !isOwnEntry(text) ? ownLine(text) : undefined;
    if (own) {
      if (own === 'malformed') doubt(true, reason('doubt-checksum', { line: number }));
      else if (own !== 'seal') doubt(own.isShut, own.why);
      continue;
    }
    hasPlain ||= trust === 'plain' && text !== '';
    const line = parseJournalLine(text);
    const damage = trust === 'plain' ? damageIn(text, line) : undefined;
    if (damage !== undefined) doubt(true, reason('journal-line', { line: number, problem: damage }));
    if (line instanceof Reason) {
      remarks.push({ line: number, why: line });
      if (/^\s*(PASSWORD|OPWORD) /.test(text))
        doubt(true, reason('journal-line', { line: number, problem: line }));
    } else if (line?.key === 'file') {
      fileNames.push(line.name);
    } else if (line) {
      const entry = trust === 'broken' ? restricting(line, saved) : line;
      if (entry) addToSaved(saved, entry);
      else remarks.push({ line: number, why: reason('line-not-trusted') });
    }
    for (const word of unknownFlags(text)) {
      remarks.push({ line: number, why: reason('line-flag-unknown', { flag: word.slice(0, 40) }) });
    }
  }
  const isDamaged = doubts.length > 0;
  const unfinishedBytes = bytes.length - check.completeBytes;
  if (unfinishedBytes > 0) {
    const text = bytes.toString('utf8', check.completeBytes);
    const missing = missingDoubt(missingBytes(text, check.missingBytes), saved);
    const cut = cutDoubt(text, saved);
    if (cut) doubts.push(cut);
    if (missing && (cut === undefined || (missing.isShut && !cut.isShut))) doubts.push(missing);
  }
  return {
    saved,
    fileNames,
    remarks,
    unfinishedBytes,
    doubts,
    // Doubts about an unfinished write are written behind it.
    end: endOf(bytes, check, !isDamaged && (hasPlain || check.isCut)),
  };
}

function endOf(bytes: Buffer, check: ReturnType<typeof checkSeals>, mayCover: boolean): JournalEnd {
  const sizeBytes = check.completeBytes;
  if (check.isEndDamaged) return { sizeBytes, chain: check.chain, prefix: '\n' };
  if (!mayCover) return { sizeBytes, chain: check.chain, prefix: '' };
  const { line, chain } = sealAll(bytes.subarray(0, sizeBytes));
  return { sizeBytes, chain, prefix: `${line}\n` };
}

/** A line of the journal that stores a doubt beyond its cause. */
export function doubtLine({ isShut, why }: Doubt): string {
  return `${sealWord} doubt ${isShut ? 'shut' : 'kept'} ${String(why).replace(/\s+/g, ' ')}`;
}

function ownLine(text: string): Doubt | 'seal' | 'malformed' {
  if (isSeal(text)) return 'seal';
  const parts = /^#dp doubt (shut|kept) (.+)$/.exec(text);
  return parts ? { isShut: parts[1] === 'shut', why: parts[2] ?? '' } : 'malformed';
}

/**
 * Signs of damage in a line that has no checksum. Words of later versions are none: keywords in capitals and flags
 * in letters, unless a single bit away from one that is known.
 */
function damageIn(text: string, parsed: ReturnType<typeof parseJournalLine>): Reason | undefined {
  const line = text.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f\ufffd]/.test(line)) return reason('line-with-odd-bytes');
  if (joinedLinesPattern.test(line) || hasJoinedLines(line)) return reason('line-merged');
  const [word = ''] = line.split(' ', 1);
  if (word !== 'PASSWORD' && word !== 'OPWORD' && storedPattern.test(line))
    return reason('line-with-password');
  if (parsed instanceof Reason) {
    if (journalWords.includes(word)) return parsed;
    if (!/^[A-Z]+$/.test(word)) return parsed;
    const near = journalWords.find((known) => isOneBitAway(word, known));
    return near === undefined ? undefined : reason('line-word-like', { problem: parsed, near });
  }
  for (const flag of unknownFlags(text)) {
    if (!/^[A-Za-z]+$/.test(flag)) return reason('line-flag-unknown', { flag });
    const near = sessionFlags.find((known) => isOneBitAway(flag.toLowerCase(), known.toLowerCase()));
    if (near !== undefined) return reason('line-flag-like', { flag, near });
  }
  return undefined;
}

/** How a stored password begins (password-form.ts): only two keywords stand before one. */
const storedPattern = /(?:^|[\s;])(?:sodium;\$argon2|s\+sha1;|pbkdf2;1;)/;

/** A newline with one bit changed is one of these two, where it is not a control character. */
const joinedLinesPattern = new RegExp(`[*J](?:${journalWords.join('|')})(?: |$)`);

const anyWord = journalWords.join('|');
/** What a server without checksums does after a cut line: it continues behind it. */
const cutKeywordPattern = new RegExp(`^([A-Z]+?)(?:${anyWord})(?: |$)`);
const cutFlagPattern = new RegExp(`^[A-Za-z]*(?:${anyWord})$`);
const joinedPattern = /(?:PASSWORD|OPWORD|FLAGS|FILE|BAN) /g;

/** Whether an unfinished line has swallowed the one that was written next. */
function hasJoinedLines(line: string): boolean {
  const [word = ''] = line.split(' ', 1);
  const cut = journalWords.includes(word) ? undefined : cutKeywordPattern.exec(line)?.[1];
  if (cut !== undefined && journalWords.some((known) => known.startsWith(cut))) return true;
  if (unknownFlags(line).some((flag) => cutFlagPattern.test(flag))) return true;
  return [...line.matchAll(joinedPattern)].some(({ index }) => index > 0 && isProtective(line.slice(index)));
}

/** An entry that nobody writes into a title by chance, and that a session must not lose. */
function isProtective(text: string): boolean {
  const entry = parseJournalLine(text);
  if (entry === undefined || entry instanceof Reason) return false;
  switch (entry.key) {
    case 'setting':
      return valueRow(entry.name).type === 'password' && entry.value !== '';
    case 'flags':
      return entry.flags.length > 0 && unknownFlags(text).length === 0;
    case 'file':
      return entry.name.endsWith('.dprec');
    case 'ban':
      return text.split(' ').length > 5;
    default:
      return false;
  }
}

function isOneBitAway(text: string, known: string): boolean {
  if (text.length !== known.length) return false;
  let changed = 0;
  for (let i = 0; i < text.length; i++) {
    for (let rest = text.charCodeAt(i) ^ known.charCodeAt(i); rest > 0; rest &= rest - 1) changed++;
  }
  return changed === 1;
}

/** What of an entry is taken from damaged lines: nothing that lets anybody in, or makes anybody more. */
function restricting(entry: JournalEntry, saved: SavedSession): JournalEntry | undefined {
  switch (entry.key) {
    case 'flags':
      return { key: 'flags', flags: [...new Set([...saved.flags, ...entry.flags])] };
    case 'setting': {
      const row = valueRow(entry.name);
      if (row.type === 'choice') return entry.value === row.whenDamaged ? entry : undefined;
      return row.type === 'password' && entry.value === '' ? undefined : entry;
    }
    case 'op':
    case 'trust':
    case 'authName':
    case 'unban':
    case 'invite':
    case 'announce':
      return undefined;
    case 'alias':
    case 'ban':
    case 'unannounce':
    case 'user':
    case 'deop':
    case 'untrust':
    case 'catchup':
    case 'uninvite':
    case 'inviteUse':
      return entry;
    case 'guestRole':
      return (entry.role === 'muted') === entry.has ? entry : undefined;
    case 'print':
    case 'start':
    case 'first':
    case 'read':
      // Then everybody downloads everything, which is always right, and the doubt is said anyway.
      return undefined;
    default:
      return entry satisfies never;
  }
}

/** An unfinished line may have been about to protect the session; then the value before it would be too little. */
function cutDoubt(text: string, saved: SavedSession): Doubt | undefined {
  const [word = '', rest] = text.split(' ', 2);
  const mayBe = (keyword: string): boolean =>
    word !== '' && (rest === undefined ? keyword.startsWith(word) : keyword === word);
  if (saved.password === '' && mayBe('PASSWORD')) {
    return { isShut: true, why: reason('doubt-password-cut') };
  }
  if (saved.opword === '' && word !== 'OP' && mayBe('OPWORD')) {
    return { isShut: true, why: reason('doubt-opword-cut') };
  }
  if (!saved.flags.has('persistent') && mayBe('FLAGS')) {
    return { isShut: false, why: reason('doubt-flags-cut') };
  }
  return undefined;
}

/** How many bytes of an unfinished write are missing; those of a write whose checksum is incomplete are unknown. */
function missingBytes(text: string, known: number): number {
  const isSealCut = sealWord.startsWith(text.slice(0, sealWord.length)) && !text.endsWith('\n');
  return isSealCut ? Number.POSITIVE_INFINITY : known;
}

/** The shortest lines that set a password, or flags: no form of a stored password is shorter. */
const passwordLineBytes = 'PASSWORD s+sha1;'.length + 40;
const flagsLineBytes = 'FLAGS persistent\n'.length;

/** What lines that were never written may have contained. */
function missingDoubt(count: number, saved: SavedSession): Doubt | undefined {
  if (saved.password === '' && count >= passwordLineBytes) {
    return { isShut: true, why: reason('doubt-password-missing') };
  }
  if (!saved.flags.has('persistent') && count >= flagsLineBytes) {
    return { isShut: false, why: reason('doubt-flags-missing') };
  }
  return undefined;
}

/** Corrects every single flipped bit that the checksums locate. */
export function repairJournal(bytes: Buffer): { bytes: Buffer; repaired: number } {
  let current = bytes;
  let repaired = 0;
  for (;;) {
    const { broken } = checkSeals(current);
    const flipped = broken.map(findFlippedBit).find((found) => found !== undefined);
    if (!flipped) return { bytes: current, repaired };
    const next = Buffer.from(current);
    next.writeUInt8(next.readUInt8(flipped.at) ^ flipped.mask, flipped.at);
    if (checkSeals(next).broken.length >= broken.length) return { bytes: current, repaired };
    current = next;
    repaired++;
  }
}

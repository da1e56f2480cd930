// Checksums of a journal, in comment lines that the originals skip (formats.md §6.1). `#dp sum LENGTH SUM` stands
// before the lines that were written with it and covers so many bytes; the sums are chained, so that missing lines are
// noticed as well. `#dp all LENGTH SUM` covers everything before it, where lines had no sum; the chain continues from
// there. What follows from lines that do not match is decided in journal-reading.ts.

import { Buffer } from 'node:buffer';
import { type Reason, reason } from '../errors/reason.js';

const newline = 0x0a;
export const sealWord = '#dp';
const sumPattern = /^#dp sum (\d{1,9}) ([0-9a-f]{8})$/;
const allPattern = /^#dp all (\d{1,9}) ([0-9a-f]{8})$/;

const table = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  table[i] = value >>> 0;
}

/** CRC-32 as in zip and zlib. `before`: the sum of what comes before. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let sum = ~before;
  for (const byte of bytes) sum = (sum >>> 8) ^ table[(sum ^ byte) & 0xff]!;
  return ~sum >>> 0;
}

const hex = (sum: number): string => sum.toString(16).padStart(8, '0');

/** Lines with their sum before them. `chain`: the sum of everything that was sealed before, 0 in a new file. */
export function seal(lines: readonly string[], chain: number): { bytes: Buffer; chain: number } {
  const body = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const sum = crc32(body, chain);
  return { bytes: Buffer.concat([Buffer.from(`#dp sum ${body.length} ${hex(sum)}\n`), body]), chain: sum };
}

/** A checksum line that covers everything in the file so far (complete lines). */
export function sealAll(bytes: Uint8Array): { line: string; chain: number } {
  const sum = crc32(bytes);
  return { line: `#dp all ${bytes.length} ${hex(sum)}`, chain: sum };
}

/** `sealed`: its sum is right. `plain`: it has none. `broken`: its sum is wrong. */
export type LineTrust = 'sealed' | 'plain' | 'broken';

export interface SealedLine {
  /** From 1. */
  number: number;
  start: number;
  /** Without the newline. */
  end: number;
  trust: LineTrust;
}

export interface SealCheck {
  /** Complete lines; also a last one without its newline when that was there once. */
  lines: SealedLine[];
  /** Sum of everything that was sealed: what the next seal continues from. */
  chain: number;
  /** Where the bytes of an unfinished write begin, or the length. */
  completeBytes: number;
  /** The last line lost its newline to damage. */
  isEndDamaged: boolean;
  /** A checksum stands before lines of which some were never written. */
  isCut: boolean;
  /** Then: how many bytes of them are missing, from the beginning of the unfinished line on. */
  missingBytes: number;
  /** Mismatches, as texts for administrators. */
  problems: Reason[];
  /** Regions that do not match. */
  broken: BrokenRegion[];
}

export interface BrokenRegion {
  from: number;
  to: number;
  /** Difference between the sum that is and the one that should be. */
  syndrome: number;
}

/** Finds the lines of a journal, and which of them can be trusted. */
export function checkSeals(bytes: Buffer): SealCheck {
  const lines = linesOf(bytes);
  const texts = lines.map((line) => sealText(bytes, line));
  const problems: Reason[] = [];
  const broken: BrokenRegion[] = [];
  let completeBytes = bytes.lastIndexOf(newline) + 1;
  let isEndDamaged = false;
  let isCut = false;
  let missingBytes = 0;
  let { first, chain } = coveredLines();
  while (first < lines.length) {
    const line = lines[first]!;
    const parts = line.end < bytes.length ? sumPattern.exec(texts[first++]!) : undefined;
    if (!parts) {
      if (line.end === bytes.length) break;
      continue;
    }
    const from = line.end + 1;
    const to = from + Number(parts[1]);
    const sum = Number.parseInt(parts[2]!, 16);
    const isComplete = to <= bytes.length;
    const actual = isComplete ? crc32(bytes.subarray(from, to), chain) : undefined;
    let end = first;
    if (actual === sum) {
      while (end < lines.length && lines[end]!.start < to) lines[end++]!.trust = 'sealed';
    } else {
      while (end < lines.length && lines[end]!.start < to && !sumPattern.test(texts[end]!)) end++;
      // Nothing sealed follows, and the last line is incomplete: the write was cut. Else bytes are missing, or wrong.
      isCut = !isComplete && end === lines.length && (end === first || completeBytes < bytes.length);
      if (isCut) {
        missingBytes = to - Math.min(bytes.length, completeBytes);
        // A checksum alone is a part of the unfinished write.
        if (end === first) completeBytes = line.start;
        break;
      }
      for (let i = first; i < end; i++) lines[i]!.trust = 'broken';
      if (actual !== undefined) broken.push({ from, to, syndrome: (actual ^ sum) >>> 0 });
      problems.push(mismatch(line.number + 1, line.number + end - first));
      if (to === bytes.length && to > completeBytes) {
        isEndDamaged = true;
        completeBytes = to;
      }
    }
    first = end;
    chain = sum;
  }
  return {
    lines: isEndDamaged ? lines : lines.filter(({ end }) => end < completeBytes),
    chain,
    completeBytes,
    isEndDamaged,
    isCut,
    missingBytes,
    problems,
    broken,
  };

  /** Finds the last line with a checksum of everything before it. */
  function coveredLines(): { first: number; chain: number } {
    for (let i = lines.length - 1; i >= 0; i--) {
      const parts = lines[i]!.end < bytes.length ? allPattern.exec(texts[i]!) : undefined;
      if (!parts) continue;
      const length = Number(parts[1]);
      const sum = Number.parseInt(parts[2]!, 16);
      const actual = length === lines[i]!.start ? crc32(bytes.subarray(0, length)) : undefined;
      if (actual === sum) {
        for (let before = 0; before < i; before++) lines[before]!.trust = 'sealed';
        return { first: i + 1, chain: sum };
      }
      problems.push(reason('doubt-before-line', { line: lines[i]!.number }));
      if (actual !== undefined) broken.push({ from: 0, to: length, syndrome: (actual ^ sum) >>> 0 });
      for (let before = 0; before < i; before++) lines[before]!.trust = 'broken';
      return { first: i + 1, chain: sum };
    }
    return { first: 0, chain: 0 };
  }
}

/** Whether a line is one of the well-formed checksums. */
export function isSeal(text: string): boolean {
  return sumPattern.test(text) || allPattern.test(text);
}

/** The one bit whose change makes the sum right again: its byte and mask. Undefined: more than one bit is wrong. */
export function findFlippedBit(region: BrokenRegion): { at: number; mask: number } | undefined {
  const effects = Array.from({ length: 8 }, (_, bit) => table[1 << bit]!);
  for (let at = region.to - 1; at >= region.from; at--) {
    const bit = effects.indexOf(region.syndrome);
    if (bit >= 0) return { at, mask: 1 << bit };
    // The same bit one byte earlier has gone through one more step.
    for (let i = 0; i < 8; i++) effects[i] = ((effects[i]! >>> 8) ^ table[effects[i]! & 0xff]!) >>> 0;
  }
  return undefined;
}

function linesOf(bytes: Buffer): SealedLine[] {
  const lines: SealedLine[] = [];
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    lines.push({ number: lines.length + 1, start, end, trust: 'plain' });
    start = end + 1;
  }
  return lines;
}

function mismatch(first: number, last: number): Reason {
  if (first >= last) return reason('doubt-line-checksum', { line: first });
  return reason('doubt-lines-checksum', { first, last });
}

/** The text of a line that may be a checksum, else ''. */
function sealText(bytes: Buffer, { start, end }: SealedLine): string {
  const mayBe = bytes[start] === 0x23 && bytes[start + 1] === 0x64 && bytes[start + 2] === 0x70;
  return mayBe ? bytes.toString('latin1', start, end) : '';
}

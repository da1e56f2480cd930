// Text files of operators, from bytes and back: UTF-8, or UTF-16 with a byte order mark. Everything else is a problem
// with a place and a way out, because what is not understood must neither be guessed nor written back.

import { Buffer, isUtf8 } from 'node:buffer';
import { type Reason, reason } from './errors/reason.js';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface DecodedText {
  /** Without the mark of UTF-16; that of UTF-8 stays, as it always did. */
  text: string;
  encoding: TextEncoding;
}

/** Why bytes are no text that can be relied on. */
export interface TextProblem {
  /** From 1. */
  line: number;
  /** In bytes, from 0, of the entire file. */
  offset: number;
  /** `it is not UTF-8`, with what to do about it. */
  problem: Reason;
}

/** The text of the bytes, or what keeps them from being one. */
export function decodeText(bytes: Uint8Array): DecodedText | TextProblem {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = buffer[0] === 0xff && buffer[1] === 0xfe;
  const isBig = buffer[0] === 0xfe && buffer[1] === 0xff;
  if ((isLittle && buffer[2] === 0 && buffer[3] === 0) || startsWith(buffer, [0, 0, 0xfe, 0xff])) {
    return { line: 1, offset: 0, problem: reason('text-is-utf32') };
  }
  if (isLittle || isBig) return decodeUtf16(buffer, isLittle ? 'utf-16le' : 'utf-16be');
  // NUL first: UTF-16 of plain letters without its mark is valid UTF-8.
  const nul = buffer.indexOf(0);
  if (nul >= 0) {
    const isWide = buffer.length >= 4 && (buffer[1] === 0 || buffer[0] === 0);
    return at(buffer, nul, reason(isWide ? 'text-wide-without-mark' : 'text-nul-byte'));
  }
  if (!isUtf8(buffer)) {
    return at(buffer, firstInvalid(buffer), reason('text-not-utf8'));
  }
  const text = buffer.toString('utf8');
  return (
    withoutStrangeLineEnds(text, (index) => Buffer.byteLength(text.slice(0, index))) ?? {
      text,
      encoding: 'utf-8',
    }
  );
}

/** The bytes that `decodeText` read it from. */
export function encodeText(text: string, encoding: TextEncoding): Uint8Array {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  const buffer = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf-16le' ? buffer : buffer.swap16();
}

export function isTextProblem(decoded: DecodedText | TextProblem): decoded is TextProblem {
  return 'problem' in decoded;
}

/** `line 3, byte 57: it is not UTF-8` */
export function describeTextProblem({ line, offset, problem }: TextProblem): Reason {
  return reason('text-place', { line, offset, problem });
}

function decodeUtf16(buffer: Buffer, encoding: 'utf-16le' | 'utf-16be'): DecodedText | TextProblem {
  if (buffer.length % 2 !== 0) {
    return { line: 1, offset: buffer.length - 1, problem: reason('text-utf16-cut') };
  }
  const little = encoding === 'utf-16le' ? buffer : Buffer.from(buffer).swap16();
  const text = little.toString('utf16le', 2);
  const offsetOf = (index: number) => 2 + index * 2;
  const wrong = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\0/.exec(text);
  if (wrong) {
    const problem = reason(wrong[0] === '\0' ? 'text-utf16-nul' : 'text-utf16-half');
    return { line: lineOf(text, wrong.index), offset: offsetOf(wrong.index), problem };
  }
  // All bytes are ASCII: no blank, line end or sign of a settings file is among its characters, so it is no UTF-16.
  const isAscii = buffer.length > 2 && buffer.subarray(2).every((byte) => byte > 0 && byte < 0x80);
  const found = eightBitAt(buffer);
  const eightBit = found < 0 && isAscii ? 2 : found;
  if (eightBit >= 0) {
    const index = (eightBit - 2) >> 1;
    return { line: lineOf(text, index), offset: eightBit, problem: reason('text-utf16-mixed') };
  }
  return withoutStrangeLineEnds(text, offsetOf) ?? { text, encoding };
}

/**
 * Where UTF-16 continues as text of bytes, as after `echo NAME=VALUE >> FILE`: two bytes that end a line there, after
 * four more that are plain letters. In the last two bytes, or anywhere where they would be a character of a script
 * that is not written beside those that the four would be. Negative: nowhere.
 */
function eightBitAt(buffer: Buffer): number {
  const isPlain = (at: number) => {
    const byte = buffer[at] ?? 0;
    return byte >= 0x20 && byte <= 0x7e;
  };
  const isLittle = buffer[0] === 0xff;
  for (let at = 6; at + 1 < buffer.length; at += 2) {
    if (buffer[at + 1] !== 0x0a || !isPlain(at) || !(isLittle || at + 2 === buffer.length)) continue;
    if (![1, 2, 3, 4].every((back) => isPlain(at - back))) continue;
    let start = at;
    while (start > 2 && isPlain(start - 1)) start--;
    return start;
  }
  return -1;
}

/** Line ends that nothing else takes for one: all of the file would be one line. */
function withoutStrangeLineEnds(text: string, offsetOf: (index: number) => number): TextProblem | undefined {
  // A carriage return in the middle of a line: old Macs ended lines so.
  const lone = /\r(?![\r\n]|$)/.exec(text);
  if (lone) {
    return {
      line: lineOf(text, lone.index),
      offset: offsetOf(lone.index),
      problem: reason('text-lone-return'),
    };
  }
  // Others may stand in a text; where no line ends otherwise they are meant to end lines.
  const other = text.trimEnd().includes('\n') ? null : /[\v\f\u0085\u2028\u2029](?=.*\S)/s.exec(text);
  return other
    ? { line: 1, offset: offsetOf(other.index), problem: reason('text-odd-line-ends') }
    : undefined;
}

function at(buffer: Buffer, offset: number, problem: Reason): TextProblem {
  let line = 1;
  for (let end = buffer.indexOf(10); end >= 0 && end < offset; end = buffer.indexOf(10, end + 1)) line++;
  return { line, offset, problem };
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Offset of the first byte that belongs to no character. The buffer is known to have one. */
function firstInvalid(buffer: Buffer): number {
  // The longest valid beginning, by halves; a cut character at its end is not taken for a fault.
  let good = 0;
  let bad = buffer.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(buffer.subarray(0, startOfCharacter(buffer, middle)))) good = middle;
    else bad = middle;
  }
  return startOfCharacter(buffer, good);
}

/** `end`, or up to three bytes before it, where an incomplete character begins. */
function startOfCharacter(buffer: Buffer, end: number): number {
  for (let back = 1; back <= 3 && end - back >= 0; back++) {
    const byte = buffer[end - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? end - back : end;
  }
  return end;
}

function startsWith(buffer: Buffer, bytes: readonly number[]): boolean {
  return buffer.length >= bytes.length && bytes.every((byte, index) => buffer[index] === byte);
}

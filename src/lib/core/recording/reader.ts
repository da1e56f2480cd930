// Reads recordings as they come in: .dprec and the three dialects of .dptxt, distinguished by their content
// (formats.md §2.4). Fed chunks of any size, it holds one message or line at a time.

import { Buffer, isUtf8 } from 'node:buffer';
import { asBuffer } from '../bytes.js';
import { type Reason, reason } from '../errors/reason.js';
import type { Generation, MessageTable } from '../protocol/messages.js';
import { messageTables } from '../protocol/messages.js';
import {
  generationOfHeader,
  type HeaderValue,
  headHeaderBytes,
  isMetadataLine,
  keptMetadata,
  magic,
  notARecording,
  parseBinaryHeader,
  parseTextValue,
  type RecordingHeader,
  versionOf,
} from './header.js';
import type { Problem, RecordedMessage, RecordingFormat, RecordingItem } from './items.js';
import { parseJsonLine } from './json-lines.js';
import { KeyValueParser } from './key-value.js';
import { type Line, LineSplitter } from './lines.js';

export interface ReaderOptions {
  /** Undefined: found out. */
  format?: RecordingFormat | undefined;
  /** The layout to read it in; undefined: that of the version in the header. */
  generation?: Generation | undefined;
  /** Header values are taken as the original programs take them, even where that loses something. */
  isOriginal?: boolean;
}

/**
 * `read` and `end` return what the bytes so far make up, in order: the header first, then messages and problems.
 * They throw a Refusal when the bytes are no recording at all.
 */
export class RecordingReader {
  readonly #options: ReaderOptions;
  #head = Buffer.alloc(0);
  #body: BinaryBody | TextBody | undefined;

  constructor(options: ReaderOptions = {}) {
    this.#options = options;
  }

  /** Undefined until enough has been read to know it. */
  get format(): RecordingFormat | undefined {
    return this.#body?.format;
  }

  /** The layout of the messages; undefined: not known yet, or a version that nobody knows. */
  get generation(): Generation | undefined {
    return this.#body?.generation;
  }

  read(chunk: Uint8Array): RecordingItem[] {
    const items: RecordingItem[] = [];
    if (this.#body) this.#body.push(asBuffer(chunk), items);
    else this.#start(asBuffer(chunk), items, false);
    return items;
  }

  end(): RecordingItem[] {
    const items: RecordingItem[] = [];
    if (!this.#body) this.#start(Buffer.alloc(0), items, true);
    this.#body?.end(items);
    return items;
  }

  #start(chunk: Buffer, items: RecordingItem[], isEnd: boolean): void {
    const bytes = this.#head.length > 0 ? Buffer.concat([this.#head, chunk]) : chunk;
    const known = Math.min(bytes.length, magic.length);
    // One more byte shows whether it is UTF-16.
    if (bytes.length === 1 && !isEnd) {
      this.#head = Buffer.from(bytes);
      return;
    }
    const mayBeBinary = bytes.subarray(0, known).equals(magic.subarray(0, known));
    if (mayBeBinary && known < magic.length && !isEnd && this.#options.format !== 'text') {
      this.#head = Buffer.from(bytes);
      return;
    }
    const isBinary = mayBeBinary && known === magic.length;
    const format = this.#options.format ?? (isBinary ? 'binary' : 'text');
    if (format === 'binary' && !isBinary) throw notARecording(reason('recording-without-magic'));
    if (bytes.length === 0) throw notARecording(reason('recording-empty'));
    if (format === 'text' && isUtf16(bytes)) throw notARecording(reason('recording-in-utf16'));
    this.#head = Buffer.alloc(0);
    this.#body = format === 'binary' ? new BinaryBody(this.#options) : new TextBody(this.#options);
    this.#body.push(bytes, items);
  }
}

/** A byte order mark, or an ASCII character of two bytes; no message line and no DPREC begins like this. */
function isUtf16(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const isWide = bytes.length > 1 && (first === 0) !== (second === 0);
  return hasMark || isWide;
}

/** Header and frames of a .dprec. */
class BinaryBody {
  readonly format = 'binary';
  generation: Generation | undefined;
  readonly #options: ReaderOptions;
  #rest: Buffer = Buffer.alloc(0);
  /** Offset of the first byte of `#rest`. */
  #offset = 0;
  #hasHeader = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  push(chunk: Buffer, items: RecordingItem[]): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    if (!this.#hasHeader) {
      const length = bytes.length < headHeaderBytes ? undefined : bytes.readUInt16BE(magic.length);
      if (length === 0) throw notARecording(reason('recording-metadata-empty', { offset: magic.length }));
      if (length === undefined || bytes.length < headHeaderBytes + length) {
        this.#keep(bytes, 0);
        return;
      }
      at = headHeaderBytes + length;
      const header = parseBinaryHeader(bytes.subarray(headHeaderBytes, at));
      this.#hasHeader = true;
      this.generation = this.#options.generation ?? generationOfHeader(header);
      const isValid = isUtf8(bytes.subarray(headHeaderBytes, at));
      const wrong = isValid ? undefined : notUtf8In('metadata', headHeaderBytes);
      const metadata = Buffer.from(bytes.subarray(headHeaderBytes, at));
      items.push({ kind: 'header', header, metadata, ...(wrong && { notUtf8: wrong }) });
      if (wrong) items.push(wrong);
      const doubt = versionDoubt(header);
      if (doubt !== undefined) {
        items.push({ kind: 'problem', severity: 'warning', offset: headHeaderBytes, message: doubt.text });
      }
    }
    const end = bytes.length;
    while (end - at >= 4) {
      const next = at + 4 + ((bytes[at] as number) << 8) + (bytes[at + 1] as number);
      if (next > end) break;
      items.push({
        kind: 'message',
        type: bytes[at + 2] as number,
        contextId: bytes[at + 3] as number,
        payload: bytes.subarray(at + 4, next),
        position: this.#offset + at,
      });
      at = next;
    }
    this.#keep(bytes, at);
  }

  end(items: RecordingItem[]): void {
    if (!this.#hasHeader) {
      throw notARecording(reason('recording-cut-in-header', { offset: this.#rest.length }));
    }
    const left = this.#rest.length;
    if (left === 0) return;
    const wanted = left < 4 ? 4 : 4 + this.#rest.readUInt16BE(0);
    items.push({
      kind: 'problem',
      severity: 'error',
      offset: this.#offset,
      message: `the last message is cut: ${left} of ${wanted} bytes are there`,
      endsReading: true,
    });
  }

  #keep(bytes: Buffer, from: number): void {
    // a copy: the chunk belongs to the caller
    this.#rest = Buffer.from(bytes.subarray(from));
    this.#offset += from;
  }
}

function versionDoubt(header: RecordingHeader): Reason | undefined {
  const version = header.get('version');
  if (version === undefined) return reason('header-without-version');
  if (versionOf(header) === undefined) return reason('header-version-invalid', { version: String(version) });
  return generationOfHeader(header) === undefined
    ? reason('header-version-unknown', { version: String(version) })
    : undefined;
}

/** Lines that are looked at before text without a version is taken for one dialect (formats.md §2.4). */
const probeLines = 100;
const probeBytes = 256 * 1024;
const mostBytesOfNothing = 1024 * 1024;

/** Header and messages of a .dptxt in any dialect. */
class TextBody {
  readonly format = 'text';
  generation: Generation | undefined;
  readonly #options: ReaderOptions;
  readonly #splitter = new LineSplitter();
  readonly #meta: { key: string; value: string; line: number }[] = [];
  /** Lines that wait until the dialect is known. */
  #waiting: Line[] | undefined = [];
  #waitingBytes = 0;
  #hasMessageLine = false;
  /** The first header line that is not UTF-8. */
  #notUtf8: Problem | undefined;
  #looksLikeText = false;
  #metadataLine: string | undefined;
  #seen = 0;
  #seenBytes = 0;
  #table: MessageTable | undefined;
  #keyValue: KeyValueParser | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  push(chunk: Buffer, items: RecordingItem[]): void {
    this.#splitter.push(chunk, (line) => this.#take(line, items));
    this.#seenBytes += chunk.length;
    if (
      !this.#looksLikeText &&
      (chunk.subarray(0, 1024).includes(0) || this.#seenBytes > mostBytesOfNothing)
    ) {
      throw notARecording(reason('recording-neither-form'));
    }
  }

  end(items: RecordingItem[]): void {
    this.#splitter.end((line) => this.#take(line, items));
    if (this.#waiting) {
      if (!this.#looksLikeText) throw notARecording(reason('recording-without-lines'));
      this.#begin(items);
    }
    this.#keyValue?.end((item) => items.push(item));
  }

  #take(line: Line, items: RecordingItem[]): void {
    if (!this.#waiting) {
      this.#takeLine(line, items);
      return;
    }
    this.#seen++;
    const text = line.text.trim();
    // All of the file would be this one line.
    if (/\r[!#\d]/.test(text) && !this.#hasMessageLine) {
      throw notARecording(reason('recording-lone-return', { line: line.number }));
    }
    if (text.startsWith('!') && !this.#hasMessageLine) {
      if (!line.isUtf8) this.#notUtf8 ??= notUtf8(line.number);
      this.#looksLikeText ||= text.includes('=');
      this.#takeMeta(line, items);
    } else if (isMetadataLine(text) && !this.#hasMessageLine) {
      this.#metadataLine ??= text;
    } else if (line.isTooLong || (text !== '' && !text.startsWith('#'))) {
      this.#hasMessageLine = true;
      this.#looksLikeText ||= /^\d{1,3}\s+[a-z]+(\s|$)/.test(text);
      this.#waiting.push(line);
      this.#waitingBytes += line.text.length;
    }
    const isDecided = this.#hasMessageLine && this.#knownGeneration() !== undefined;
    const isEnough = this.#seen >= probeLines || this.#waitingBytes > probeBytes;
    if (isEnough && !this.#looksLikeText) {
      throw notARecording(reason('recording-first-lines', { count: this.#seen }));
    }
    if (isDecided || (isEnough && this.#hasMessageLine)) this.#begin(items);
  }

  #takeMeta(line: Line, items: RecordingItem[]): void {
    const text = line.text.trim().slice(1);
    const equals = text.indexOf('=');
    if (equals < 1) {
      items.push(atLine('warning', line.number, `"!${text.slice(0, 40)}" is not !key=value, it is ignored`));
    } else {
      this.#meta.push({ key: text.slice(0, equals), value: text.slice(equals + 1), line: line.number });
    }
  }

  #knownGeneration(): Generation | undefined {
    return (
      this.#options.generation ??
      generationOfHeader(new Map(this.#meta.map(({ key, value }) => [key.trim(), value.trim()]))) ??
      guessGeneration(this.#waiting ?? [])
    );
  }

  /** The header is over: the dialect is chosen and what waited is read. */
  #begin(items: RecordingItem[]): void {
    const waiting = this.#waiting ?? [];
    // Lines that are the same in every dialect: the newest will do.
    const generation = this.#knownGeneration() ?? (hasPairs(waiting) ? '4.21' : '4.25');
    this.#waiting = undefined;
    this.generation = generation;
    this.#table = messageTables[generation];
    if (generation !== '4.25') this.#keyValue = new KeyValueParser(this.#table);
    const trims = generation === '4.25';
    const header = new Map<string, HeaderValue>();
    const lines = new Map<string, number>();
    for (const { key, value, line } of this.#meta) {
      const name = trims ? key.trim() : key;
      lines.set(name, line);
      header.set(
        name,
        parseTextValue(trims ? value.trim() : value, generation, this.#options.isOriginal !== true),
      );
    }
    const metadata =
      this.#metadataLine === undefined || this.#options.isOriginal
        ? undefined
        : keptMetadata(this.#metadataLine, header, generation);
    // what was found wrong with the header lines comes after the header
    const found = items.splice(0);
    const wrong = this.#notUtf8;
    items.push(
      { kind: 'header', header, lines, ...(metadata && { metadata }), ...(wrong && { notUtf8: wrong }) },
      ...(wrong ? [wrong] : []),
      ...found,
    );
    const version = header.get('version');
    if (version !== undefined && generationOfHeader(header) === undefined) {
      items.push(atLine('warning', lines.get('version') ?? 1, versionDoubt(header)?.text ?? ''));
    }
    for (const line of waiting) this.#takeLine(line, items);
  }

  #takeLine(line: Line, items: RecordingItem[]): void {
    const emit = (item: RecordedMessage | Problem): void => {
      items.push(item);
    };
    if (line.isTooLong) {
      emit(atLine('error', line.number, 'the line is longer than any message can be'));
      return;
    }
    if (!line.isUtf8) {
      emit(notUtf8(line.number));
    }
    if (this.#keyValue) {
      if (/^\s*!/.test(line.text))
        emit(atLine('warning', line.number, 'a header line behind messages is ignored'));
      else this.#keyValue.take(line.text, line.number, emit);
      return;
    }
    const start = /\S/.exec(line.text)?.[0];
    if (start === undefined || start === '#') return;
    const message = parseJsonLine(this.#table as MessageTable, line.text, line.number, emit);
    if (message) emit(message);
  }
}

function notUtf8In(what: string, offset: number): Problem {
  const message = `the ${what} is not UTF-8; bytes that are none are replaced`;
  return { kind: 'problem', severity: 'warning', offset, message };
}

function notUtf8(line: number): Problem {
  return atLine('warning', line, 'the line is not UTF-8; bytes that are none are replaced');
}

function atLine(severity: Problem['severity'], line: number, message: string): Problem {
  return { kind: 'problem', severity, line, message };
}

function hasPairs(lines: readonly Line[]): boolean {
  return lines.some((line) => /^\s*\d+\s+\S+\s+[^{\s]/.test(line.text) || /\{\s*$/.test(line.text));
}

/** The generation of the first line that only one dialect can have; undefined when all lines fit several. */
function guessGeneration(lines: readonly Line[]): Generation | undefined {
  for (const { text } of lines) {
    const [, name = '', rest = ''] = /^\s*\d{1,3}\s+([a-z]+)\s*(.*)$/.exec(text) ?? [];
    if (rest.startsWith('{') && rest !== '{') return '4.25';
    const isPairs = rest !== '';
    const knowing = (['4.21', '4.24', '4.25'] as const).filter(
      (generation) =>
        messageTables[generation].named(name) !== undefined && !(isPairs && generation === '4.25'),
    );
    if (knowing.length === 1) return knowing[0];
  }
  return undefined;
}

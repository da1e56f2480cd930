// Recovers what is valid from a damaged recording (dp rec verify --repair). Binary recordings have no marks between
// messages: as long as the lengths lead from message to message they are trusted, whatever is inside; only where they
// no longer do, valid messages are searched for byte by byte.

import { Buffer } from 'node:buffer';
import { asBuffer } from '../bytes.js';
import { refusal } from '../errors.js';
import { messageType } from '../protocol/frame.js';
import { type Generation, messageTables } from '../protocol/messages.js';
import { headHeaderBytes, magic, type RecordingHeader } from './header.js';
import type { Problem } from './items.js';
import { faultOf } from './message-fault.js';
import { RecordingReader } from './reader.js';
import { RecordingWriter } from './writer.js';

export interface SalvageCount {
  kept: number;
  /** Valid as frames, but not as messages of their version. */
  dropped: number;
  /** Bytes between messages that make no sense. */
  skippedBytes: number;
}

/** Fed the bytes of a recording, gives those of a valid one in the same format. Throws a Refusal like the reader. */
export class Salvage {
  readonly count: SalvageCount = { kept: 0, dropped: 0, skippedBytes: 0 };
  readonly #report: (problem: Problem) => void;
  readonly #reader = new RecordingReader();
  #writer: RecordingWriter | undefined;
  #generation: Generation = '4.25';
  /** Binary bodies are taken apart here, not by the reader. */
  #body: BodySalvage | undefined;
  #head: Buffer = Buffer.alloc(0);

  constructor(report: (problem: Problem) => void) {
    this.#report = report;
  }

  read(chunk: Uint8Array): Buffer {
    if (this.#body) {
      this.#body.push(asBuffer(chunk));
      return this.#written();
    }
    if (this.#reader.format === 'text') {
      this.#takeText(this.#reader.read(chunk));
      return this.#written();
    }
    const bytes = Buffer.concat([this.#head, chunk]);
    this.#head = bytes;
    if (bytes.length < headHeaderBytes) return Buffer.alloc(0);
    if (!bytes.subarray(0, magic.length).equals(magic)) {
      this.#head = Buffer.alloc(0);
      this.#takeText(this.#reader.read(bytes));
      return this.#written();
    }
    const bodyAt = headHeaderBytes + bytes.readUInt16BE(magic.length);
    if (bytes.length < bodyAt) return Buffer.alloc(0);
    this.#head = Buffer.alloc(0);
    for (const item of this.#reader.read(bytes.subarray(0, bodyAt))) {
      if (item.kind === 'header') this.#start(item.header);
      else if (item.kind === 'problem') this.#report(item);
    }
    this.#body = new BodySalvage(this.#generation, bodyAt, this.count, this.#report, (frame) =>
      this.#writer?.write({
        type: frame[2] as number,
        contextId: frame[3] as number,
        payload: frame.subarray(4),
      }),
    );
    this.#body.push(bytes.subarray(bodyAt));
    return this.#written();
  }

  end(): Buffer {
    if (this.#body) this.#body.end();
    else {
      if (this.#head.length > 0) this.#takeText(this.#reader.read(this.#head));
      this.#takeText(this.#reader.end());
    }
    return this.#written();
  }

  #start(header: RecordingHeader): void {
    const { generation } = this.#reader;
    if (generation === undefined) {
      throw refusal('recording-not-checkable');
    }
    this.#generation = generation;
    this.#writer = new RecordingWriter({
      format: this.#reader.format ?? 'text',
      generation,
      header,
      isOriginal: false,
    });
  }

  #takeText(items: ReturnType<RecordingReader['read']>): void {
    for (const item of items) {
      if (item.kind === 'header') this.#start(item.header);
      else if (item.kind === 'problem') {
        this.#report(item);
        if (item.severity === 'error') this.count.dropped++;
      } else {
        const fault = faultOf(this.#generation, item.type, item.payload);
        if (fault === undefined) {
          this.count.kept++;
          this.#writer?.write(item);
        } else {
          this.count.dropped++;
          this.#report({ kind: 'problem', severity: 'error', line: item.position, message: fault });
        }
      }
    }
  }

  #written(): Buffer {
    return this.#writer?.take() ?? Buffer.alloc(0);
  }
}

/** Messages that end or keep a connection: no history has them. */
export const isOfTransport = (type: number): boolean =>
  type === messageType.disconnect || type === messageType.ping || type === messageType.keepAlive;

/** Messages that are looked at to see whether lengths lead from one to the next. */
const lookAhead = 12;
/** So many valid messages in a row are proof enough: other bytes hardly ever look like them. */
const enoughValid = 4;
/** What each message on the way speaks for, and how much in sum is proof enough. */
const weights = { valid: 3, known: 1, unknown: -2 } as const;
const enoughWeight = 9;
/** Bytes that are looked at before a decision: so many of the longest messages. */
const windowBytes = (lookAhead + 2) * 65_539;

class BodySalvage {
  private readonly generation: Generation;
  private readonly count: SalvageCount;
  private readonly report: (problem: Problem) => void;
  private readonly keep: (frame: Buffer) => void;
  #bytes: Buffer = Buffer.alloc(0);
  #offset: number;
  /** Where a stretch without sense begins. */
  #lostAt: number | undefined;
  /** Up to here it is known that lengths lead on. */
  #heldTo = 0;

  constructor(
    generation: Generation,
    offset: number,
    count: SalvageCount,
    report: (problem: Problem) => void,
    keep: (frame: Buffer) => void,
  ) {
    this.generation = generation;
    this.count = count;
    this.report = report;
    this.keep = keep;
    this.#offset = offset;
  }

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#work(false);
  }

  end(): void {
    this.#work(true);
  }

  #work(isEnd: boolean): void {
    const bytes = this.#bytes;
    let at = 0;
    while (at < bytes.length && (isEnd || bytes.length - at >= windowBytes)) {
      const next = this.#frameEnd(at);
      if (
        this.#lostAt === undefined &&
        next !== undefined &&
        this.#fault(at, next) === undefined &&
        (this.#offset + at < this.#heldTo || this.#holdsFrom(next) || !this.#hidesOthers(at, next))
      ) {
        this.count.kept++;
        this.keep(bytes.subarray(at, next));
        at = next;
      } else if (this.#lostAt === undefined && next !== undefined && this.#holdsFrom(next)) {
        // its length is right, only its inside is not
        this.count.dropped++;
        this.#report(at, this.#fault(at, next) ?? '');
        at = next;
      } else if (this.#lostAt !== undefined && this.#isBelievable(at) && !this.#hidesOthers(at, next ?? at)) {
        this.#heldTo = 0;
        this.#endLoss(at);
      } else {
        this.#lostAt ??= this.#offset + at;
        at++;
      }
    }
    if (isEnd) this.#endLoss(bytes.length);
    this.#bytes = Buffer.from(bytes.subarray(at));
    this.#offset += at;
  }

  #endLoss(at: number): void {
    if (this.#lostAt === undefined) return;
    const lost = this.#offset + at - this.#lostAt;
    this.count.skippedBytes += lost;
    this.report({
      kind: 'problem',
      severity: 'error',
      offset: this.#lostAt,
      message: this.#describeLoss(at, lost),
    });
    this.#lostAt = undefined;
  }

  #describeLoss(at: number, lost: number): string {
    const start = at - lost;
    if (at === this.#bytes.length && lost < 4)
      return `the last message is cut: ${lost} bytes of its header are there`;
    if (at === this.#bytes.length && start >= 0 && this.#headerFits(start)) {
      return `the last message is cut: ${lost} of ${4 + this.#bytes.readUInt16BE(start)} bytes are there`;
    }
    return `${lost} bytes are not complete messages`;
  }

  #report(at: number, message: string): void {
    this.report({ kind: 'problem', severity: 'error', offset: this.#offset + at, message });
  }

  #frameEnd(at: number): number | undefined {
    if (at + 4 > this.#bytes.length) return undefined;
    const end = at + 4 + this.#bytes.readUInt16BE(at);
    return end <= this.#bytes.length ? end : undefined;
  }

  #fault(at: number, end: number): string | undefined {
    const type = this.#bytes[at + 2] as number;
    const payload = this.#bytes.subarray(at + 4, end);
    // zeros look like empty server commands
    if (type === 0 && payload[0] !== 0x7b) return 'a server command that is no JSON object';
    return faultOf(this.generation, type, payload);
  }

  /** While searching: whether a valid message is here, and its length leads to others. */
  #isBelievable(start: number): boolean {
    // the header first: it is cheap, and in the middle of nowhere it hardly ever fits
    if (start + 4 > this.#bytes.length || !this.#headerFits(start)) return false;
    // Few recordings hold messages of the transport, and many bytes of drawings look like one: a Disconnect may be anything.
    if (isOfTransport(this.#bytes[start + 2] as number)) return false;
    const end = this.#frameEnd(start);
    return end !== undefined && this.#weigh(start, end) === 'valid' && this.#holdsFrom(start);
  }

  /** Whether this one lost its end, and swallowed the messages behind it. */
  #hidesOthers(at: number, end: number): boolean {
    for (let inside = at + 1; inside < end; inside++) if (this.#isBelievable(inside)) return true;
    return false;
  }

  /** Whether lengths lead from message to message from here on: to the end, or to enough that look like messages. */
  #holdsFrom(start: number): boolean {
    const { length } = this.#bytes;
    let weight = 0;
    let valid = 0;
    let at = start;
    for (let seen = 0; seen < lookAhead && at < length; seen++) {
      const end = this.#frameEnd(at);
      // a last message that is cut
      if (end === undefined) return valid > 0 && weight > 0 && (length - at < 4 || this.#headerFits(at));
      const kind = this.#weigh(at, end);
      weight += weights[kind];
      if (kind === 'valid') valid++;
      if (weight >= enoughWeight || valid >= enoughValid) {
        this.#heldTo = this.#offset + at;
        return true;
      }
      at = end;
    }
    return at >= length && weight >= 0;
  }

  #weigh(at: number, end: number): keyof typeof weights {
    if (this.#fault(at, end) === undefined) return 'valid';
    const type = this.#bytes[at + 2] as number;
    // zeros look like server commands
    return type !== 0 && messageTables[this.generation].row(type) ? 'known' : 'unknown';
  }

  #headerFits(at: number): boolean {
    const row = messageTables[this.generation].row(this.#bytes[at + 2] as number);
    const length = this.#bytes.readUInt16BE(at);
    return row !== undefined && !row.isReserved && length >= row.min && length <= row.max;
  }
}

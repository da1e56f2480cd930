// Gets what is sound out of a damaged recording (dp rec verify --repair). Binary recordings have no marks between
// messages: where the lengths no longer fit, sound messages are searched for byte by byte.

import { Buffer } from 'node:buffer';
import { asBuffer } from '../bytes.js';
import { Refusal } from '../errors.js';
import { type Generation, messageTables } from '../protocol/messages.js';
import { headHeaderBytes, magic, type RecordingHeader } from './header.js';
import type { Problem } from './items.js';
import { RecordingReader } from './reader.js';
import { faultOf } from './soundness.js';
import { RecordingWriter } from './writer.js';

export interface SalvageCount {
  kept: number;
  /** Sound as frames, but not what their version says. */
  dropped: number;
  /** Bytes between messages that make no sense. */
  skippedBytes: number;
}

/** Fed the bytes of a recording, gives those of a sound one in the same format. Throws a Refusal like the reader. */
export class Salvage {
  readonly count: SalvageCount = { kept: 0, dropped: 0, skippedBytes: 0 };
  readonly #tell: (problem: Problem) => void;
  readonly #reader = new RecordingReader();
  #writer: RecordingWriter | undefined;
  #generation: Generation = '4.25';
  /** Binary bodies are taken apart here, not by the reader. */
  #body: BodySalvage | undefined;
  #head: Buffer = Buffer.alloc(0);

  constructor(tell: (problem: Problem) => void) {
    this.#tell = tell;
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
      else if (item.kind === 'problem') this.#tell(item);
    }
    this.#body = new BodySalvage(this.#generation, bodyAt, this.count, this.#tell, (frame) =>
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
      throw new Refusal(
        'unsupported',
        'the version of the recording is not known here: nothing can be checked',
      );
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
        this.#tell(item);
        if (item.severity === 'error') this.count.dropped++;
      } else {
        const fault = faultOf(this.#generation, item.type, item.payload);
        if (fault === undefined) {
          this.count.kept++;
          this.#writer?.write(item);
        } else {
          this.count.dropped++;
          this.#tell({ kind: 'problem', severity: 'error', line: item.position, message: fault });
        }
      }
    }
  }

  #written(): Buffer {
    return this.#writer?.take() ?? Buffer.alloc(0);
  }
}

/** Sound messages in a row that make a place believable. */
const enoughInARow = 4;
/** Bytes that are looked at before a decision: so many of the longest messages. */
const windowBytes = (enoughInARow + 2) * 65_539;

class BodySalvage {
  #bytes: Buffer = Buffer.alloc(0);
  #offset: number;
  /** Where a stretch without sense begins. */
  #lostAt: number | undefined;

  constructor(
    private readonly generation: Generation,
    offset: number,
    private readonly count: SalvageCount,
    private readonly tell: (problem: Problem) => void,
    private readonly keep: (frame: Buffer) => void,
  ) {
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
      if (this.#lostAt === undefined && next !== undefined && this.#fault(at, next) === undefined) {
        this.count.kept++;
        this.keep(bytes.subarray(at, next));
        at = next;
      } else if (this.#lostAt === undefined && next !== undefined && this.#isBelievable(next)) {
        // its length is right, only its inside is not
        this.count.dropped++;
        this.#report(at, this.#fault(at, next) ?? '');
        at = next;
      } else if (this.#lostAt !== undefined && this.#isBelievable(at)) {
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
    this.tell({
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
    return `${lost} bytes are no whole messages`;
  }

  #report(at: number, message: string): void {
    this.tell({ kind: 'problem', severity: 'error', offset: this.#offset + at, message });
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

  /** Whether sound messages begin here: some in a row, or as many as there are up to the end. */
  #isBelievable(start: number): boolean {
    // headers first: they are cheap, and in the middle of nowhere they hardly ever fit
    return (
      this.#areInARow(start, (at) => this.#headerFits(at)) &&
      this.#areInARow(start, (at, end) => this.#fault(at, end) === undefined)
    );
  }

  #areInARow(start: number, isSound: (at: number, end: number) => boolean): boolean {
    let at = start;
    for (let found = 0; found < enoughInARow && at < this.#bytes.length; found++) {
      const end = this.#frameEnd(at);
      if (end === undefined || !isSound(at, end)) return false;
      at = end;
    }
    return true;
  }

  #headerFits(at: number): boolean {
    const row = messageTables[this.generation].row(this.#bytes[at + 2] as number);
    const length = this.#bytes.readUInt16BE(at);
    return row !== undefined && !row.isReserved && length >= row.min && length <= row.max;
  }
}

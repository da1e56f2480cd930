// A part of a recording that still plays (dp rec cut). A canvas is the sum of everything that was drawn, so what
// comes before the part is kept as far as it left a trace, and played at once; what was only seen in passing goes.

import { Buffer } from 'node:buffer';
import { asBuffer } from '../bytes.js';
import { refusal } from '../errors.js';
import { encodePayload, type Generation, messageTables } from '../protocol/messages.js';
import type { Problem, RecordingFormat } from './items.js';
import { RecordingReader } from './reader.js';
import { RecordingWriter } from './writer.js';

/** A place in a recording: the number of a message (from 1), or time since its start. */
export type CutPoint = { message: number } | { ms: number };

export interface CutOptions {
  /** First message of the part; undefined: the first of all. */
  from?: CutPoint | undefined;
  /** Last message of the part; undefined: the last of all. */
  to?: CutPoint | undefined;
  outputFormat?: RecordingFormat | undefined;
}

export interface CutCount {
  /** Messages of the part. */
  part: number;
  /** Messages before it that had to be kept. */
  before: number;
  /** Messages left out, before and behind. */
  left: number;
  /** Messages that were added to end strokes. */
  added: number;
}

/** Control messages, chat, pings, intervals, laser, pointers, markers, filtered ones: gone when they are over. */
const passing: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 35, 38, 39, 64, 65, 66, 67, 72, 75]);
const strokes: ReadonlySet<number> = new Set([148, 149, 150, 151, 152]);
const interval = 64;
const penUp = 140;

export class Cut {
  readonly count: CutCount = { part: 0, before: 0, left: 0, added: 0 };
  readonly #options: CutOptions;
  readonly #reader = new RecordingReader();
  readonly #report: (problem: Problem) => void;
  #writer: RecordingWriter | undefined;
  #number = 0;
  #ms = 0;
  #hasTimes = false;
  #isOver = false;
  #strokes = new OpenStrokes('4.25');

  constructor(options: CutOptions, report: (problem: Problem) => void) {
    this.#options = options;
    this.#report = report;
  }

  /** Nothing that is still to come belongs to the part. */
  get isOver(): boolean {
    return this.#isOver;
  }

  read(chunk: Uint8Array): Buffer {
    return this.#take(this.#reader.read(chunk));
  }

  /** Throws a Refusal when the part cannot be found. */
  end(): Buffer {
    const last = this.#isOver ? this.#writer?.take() : this.#take(this.#reader.end());
    const { from, to } = this.#options;
    const usesTime = [from, to].some((point) => point && 'ms' in point);
    if (usesTime && !this.#hasTimes) {
      throw refusal('recording-without-times');
    }
    if (this.count.part === 0) {
      throw refusal('recording-too-short', { messages: `${this.#number} messages` });
    }
    this.#endStrokes();
    return Buffer.concat([last ?? Buffer.alloc(0), this.#writer?.take() ?? Buffer.alloc(0)]);
  }

  #take(items: ReturnType<RecordingReader['read']>): Buffer {
    for (const item of items) {
      if (item.kind === 'problem') {
        this.#report(item);
      } else if (item.kind === 'header') {
        const { generation, format } = this.#reader;
        if (generation === undefined) {
          throw refusal('recording-not-checkable');
        }
        this.#strokes = new OpenStrokes(generation);
        const header = new Map(item.header);
        if (!header.has('version')) header.set('version', messageTables[generation].protocol);
        this.#writer = new RecordingWriter({
          format: this.#options.outputFormat ?? format ?? 'binary',
          generation,
          header,
          isOriginal: false,
        });
      } else if (!this.#isOver) {
        this.#takeMessage(item.type, item.contextId, item.payload);
      }
    }
    return this.#writer?.take() ?? Buffer.alloc(0);
  }

  #takeMessage(type: number, contextId: number, payload: Uint8Array): void {
    const { from, to } = this.#options;
    this.#number++;
    if (type === interval && payload.length === 2) {
      this.#ms += asBuffer(payload).readUInt16BE(0);
      this.#hasTimes = true;
    }
    if (to && this.#isPast(to)) {
      this.#isOver = true;
      this.count.left++;
      return;
    }
    const isInPart = from === undefined || this.#hasReached(from);
    if (!isInPart && passing.has(type)) {
      this.count.left++;
      return;
    }
    if (isInPart) this.count.part++;
    else this.count.before++;
    this.#strokes.show(type, contextId, payload);
    this.#writer?.write({ type, contextId, payload });
  }

  #hasReached(point: CutPoint): boolean {
    return 'ms' in point ? this.#ms >= point.ms : this.#number >= point.message;
  }

  #isPast(point: CutPoint): boolean {
    return 'ms' in point ? this.#ms > point.ms : this.#number > point.message;
  }

  /** A stroke that is cut would hang in the air until its user draws again. */
  #endStrokes(): void {
    for (const message of this.#strokes.end()) {
      this.#writer?.write(message);
      this.count.added++;
    }
  }
}

/** Users in the middle of a stroke, and how to end it. */
export class OpenStrokes {
  readonly #generation: Generation;
  /** By user: the payload that a pen-up of theirs needs. */
  readonly #drawing = new Map<number, Uint8Array>();

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  show(type: number, contextId: number, payload: Uint8Array): void {
    if (strokes.has(type)) this.#drawing.set(contextId, penUpPayload(this.#generation, payload));
    else if (type === penUp) this.#drawing.delete(contextId);
  }

  /** The pen-ups that are missing. */
  end(): { type: number; contextId: number; payload: Uint8Array }[] {
    const missing = [...this.#drawing].map(([contextId, payload]) => ({ type: penUp, contextId, payload }));
    this.#drawing.clear();
    return missing;
  }
}

/** 2.3 says on which layer: bytes 1 to 3 of every stroke message, behind its flags. */
function penUpPayload(generation: Generation, stroke: Uint8Array): Uint8Array {
  const row = messageTables[generation].row(penUp);
  if (generation !== '4.25' || !row || stroke.length < 4) return Buffer.alloc(0);
  return encodePayload(row, { layer: asBuffer(stroke).readUIntBE(1, 3) });
}

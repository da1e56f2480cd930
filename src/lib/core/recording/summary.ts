// The summary of a recording: what is in it, who did how much, how long it plays, where it can be cut (dp rec info).

import { asBuffer } from '../bytes.js';
import { type Generation, messageTables } from '../protocol/messages.js';
import { type Compatibility, compatibilityOf, type HeaderValue, type RecordingHeader } from './header.js';
import type { Problem, RecordedMessage, RecordingFormat } from './items.js';
import { faultOf } from './message-fault.js';
import { type ReaderOptions, RecordingReader } from './reader.js';

export interface MessageCounts {
  type: number;
  name: string;
  count: number;
  /** Headers included, as in a binary recording. */
  bytes: number;
}

export interface UserCounts {
  id: number;
  /** '' while nobody has joined under the id. */
  name: string;
  messages: number;
  bytes: number;
  /** Pen-ups. */
  strokes: number;
  undos: number;
  redos: number;
}

/** A place where the history begins anew or is about to. */
export interface ResetPoint {
  /** Number of the message, from 1. */
  message: number;
  what: string;
}

export interface Summary {
  format: RecordingFormat;
  header: Record<string, HeaderValue>;
  protocol: string | undefined;
  compatibility: Compatibility;
  messages: number;
  bytes: number;
  /** Sum of the intervals; recordings of servers have none. */
  durationMs: number;
  byType: MessageCounts[];
  users: UserCounts[];
  resets: ResetPoint[];
  /** Numbers of the undo points' messages. */
  undoPoints: number[];
  /** Messages that are not what their version says, and lines that are none. */
  invalid: number;
  problems: Problem[];
  /** Problems beyond those that are listed. */
  moreProblems: number;
}

const listedProblems = 100;
const resetCommands: ReadonlySet<string> = new Set(['reset', 'sstart', 'caughtup']);

/** Fed the bytes of a recording. Throws a Refusal when it is none. */
export class Summarizer {
  readonly #reader: RecordingReader;
  #header: RecordingHeader = new Map();
  #messages = 0;
  #bytes = 0;
  #durationMs = 0;
  readonly #byType = new Map<number, MessageCounts>();
  readonly #users = new Map<string, UserCounts>();
  readonly #current = new Map<number, UserCounts>();
  readonly #resets: ResetPoint[] = [];
  readonly #undoPoints: number[] = [];
  #invalid = 0;
  readonly #problems: Problem[] = [];
  #moreProblems = 0;

  constructor(options: ReaderOptions = {}) {
    this.#reader = new RecordingReader(options);
  }

  read(chunk: Uint8Array): void {
    this.#take(this.#reader.read(chunk));
  }

  end(): Summary {
    this.#take(this.#reader.end());
    const version = this.#header.get('version');
    return {
      format: this.#reader.format ?? 'text',
      header: Object.fromEntries(this.#header),
      protocol: typeof version === 'string' ? version : undefined,
      compatibility: compatibilityOf(this.#header),
      messages: this.#messages,
      bytes: this.#bytes,
      durationMs: this.#durationMs,
      byType: [...this.#byType.values()].sort((a, b) => a.type - b.type),
      users: [...this.#users.values()].sort((a, b) => a.id - b.id || (a.name < b.name ? -1 : 1)),
      resets: this.#resets,
      undoPoints: this.#undoPoints,
      invalid: this.#invalid,
      problems: this.#problems,
      moreProblems: this.#moreProblems,
    };
  }

  #take(items: ReturnType<RecordingReader['read']>): void {
    for (const item of items) {
      if (item.kind === 'header') this.#header = item.header;
      else if (item.kind === 'message') this.#count(item, this.#reader.generation);
      else this.#report(item);
    }
  }

  #report(problem: Problem): void {
    if (problem.severity === 'error') this.#invalid++;
    if (this.#problems.length < listedProblems) this.#problems.push(problem);
    else this.#moreProblems++;
  }

  #count(message: RecordedMessage, generation: Generation | undefined): void {
    const { type, contextId, payload, position } = message;
    const bytes = payload.length + 4;
    this.#messages++;
    this.#bytes += bytes;
    const counts = this.#countsOf(type, generation);
    counts.count++;
    counts.bytes += bytes;
    const fault = generation && faultOf(generation, type, payload);
    if (fault !== undefined) {
      this.#report({
        kind: 'problem',
        severity: 'error',
        ...(this.#reader.format === 'binary' ? { offset: position } : { line: position }),
        message: fault,
      });
      return;
    }
    if (type === join) this.#addUser(contextId, nameOfJoin(payload));
    const user = this.#current.get(contextId) ?? this.#addUser(contextId, '');
    user.messages++;
    user.bytes += bytes;
    if (type === penUp) user.strokes++;
    else if (type === undo && payload[1]) user.redos++;
    else if (type === undo) user.undos++;
    else if (type === undoPoint) this.#undoPoints.push(this.#messages);
    else if (type === interval) this.#durationMs += asBuffer(payload).readUInt16BE(0);
    else if (type === softReset) this.#resets.push({ message: this.#messages, what: 'soft reset' });
    else if (type === command) this.#lookForReset(payload);
  }

  #countsOf(type: number, generation: Generation | undefined): MessageCounts {
    let counts = this.#byType.get(type);
    if (!counts) {
      const name = messageTables[generation ?? '4.25'].row(type)?.name ?? '(unknown)';
      counts = { type, name, count: 0, bytes: 0 };
      this.#byType.set(type, counts);
    }
    return counts;
  }

  #addUser(id: number, name: string): UserCounts {
    const key = `${id}:${name}`;
    const user = this.#users.get(key) ?? { id, name, messages: 0, bytes: 0, strokes: 0, undos: 0, redos: 0 };
    this.#users.set(key, user);
    this.#current.set(id, user);
    return user;
  }

  #lookForReset(payload: Uint8Array): void {
    let value: unknown;
    try {
      value = JSON.parse(asBuffer(payload).toString('utf8'));
    } catch {
      return;
    }
    const { type } = (typeof value === 'object' && value !== null ? value : {}) as { type?: unknown };
    if (typeof type === 'string' && resetCommands.has(type)) {
      this.#resets.push({ message: this.#messages, what: type });
    }
  }
}

const command = 0;
const join = 32;
const softReset = 37;
const interval = 64;
const undoPoint = 128;
const penUp = 140;
const undo = 255;

function nameOfJoin(payload: Uint8Array): string {
  return asBuffer(payload)
    .subarray(2, 2 + (payload[1] ?? 0))
    .toString('utf8');
}

// What a recording consists of for those who read and write it: a header, messages, and what is wrong with it.

import type { Buffer } from 'node:buffer';
import type { RecordingHeader } from './header.js';

/** `binary`: .dprec, `text`: .dptxt */
export type RecordingFormat = 'binary' | 'text';

export interface HeaderItem {
  readonly kind: 'header';
  readonly header: RecordingHeader;
  /** The metadata of a binary recording as it is written, where it is known and is that of `header`. */
  readonly metadata?: Buffer;
  /** Lines of the keys in a text recording. */
  readonly lines?: ReadonlyMap<string, number>;
  /** What in it is not UTF-8: its values are not what was meant. */
  readonly notUtf8?: Problem;
}

/** A message in the layout of the recording's generation. */
export interface RecordedMessage {
  readonly kind: 'message';
  readonly type: number;
  readonly contextId: number;
  /** Good until more is read: copy it to keep it. */
  readonly payload: Uint8Array;
  /** Byte offset in a binary recording, line (from 1) in a text recording. */
  readonly position: number;
}

/** Something that is not as it should be. Reading continues behind it, unless it `endsReading`. */
export interface Problem {
  readonly kind: 'problem';
  /** An error loses a message, a warning does not. */
  readonly severity: 'error' | 'warning';
  /** Byte offset from the start of a binary recording. */
  readonly offset?: number;
  /** Line of a text recording, from 1. */
  readonly line?: number;
  /** Column in that line, from 1. */
  readonly column?: number;
  readonly message: string;
  readonly endsReading?: true;
}

export type RecordingItem = HeaderItem | RecordedMessage | Problem;

/** Where a problem is, for people: `offset 120`, `line 3, column 7`. */
export function describePlace(problem: Pick<Problem, 'offset' | 'line' | 'column'>): string {
  if (problem.line === undefined) return `offset ${problem.offset ?? 0}`;
  return problem.column === undefined
    ? `line ${problem.line}`
    : `line ${problem.line}, column ${problem.column}`;
}

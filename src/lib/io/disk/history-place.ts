// The place of a history: its file and position, what it needs of the folder, and what it leaves there.
import type { Buffer } from 'node:buffer';
import type { AppendFile } from './append-file.js';
import type { StoredAt } from './block-cache.js';
import type { NewPrint } from './history-printer.js';

export type HistoryEnd = 'keep' | 'delete' | 'archive';

/** What a history needs of the folder in which its files are. */
export interface HistoryPlace {
  /** Makes the file for a reset, with its header. `fork`: for a streamed one, where it left the old file. */
  createNext(fork: number | undefined): Promise<AppendFile>;
  /** From now on this is the file of the session, even if the power fails. `firstIndex`: of its first message. */
  makeCurrent(file: AppendFile, firstIndex: number | undefined): Promise<void>;
  /** The file is no longer the session's: archived or deleted. */
  retire(file: AppendFile): void;
  /** The same for one that is not as it was written; so many bytes of that are nowhere any more. */
  retireDamaged(file: AppendFile, lostBytes: number): void;
  /** The intact messages in a part of a history that was overwritten. */
  salvage(bytes: Buffer): Buffer;
  /** What identifies the file. */
  printsOf(file: AppendFile): readonly NewPrint[];
  /** These identify the file later. */
  printed(file: AppendFile, prints: readonly NewPrint[]): void;
  /** Writing fails; undefined: no longer. */
  reportProblem(problem: Error | undefined): void;
  /** Messages cannot be read back now, it is tried again; undefined: they can. */
  unreadable(problem: Error | undefined): void;
  /** The session ended; its files are the folder's now. */
  ended(end: HistoryEnd, file: AppendFile | undefined, unsaved: Unsaved): void;
}

/** What could not be written at last. */
export interface Unsaved {
  bytes: number;
  /** What the file has: all but these bytes, what was before a full reset, or what somebody has left of it. */
  left: 'the rest' | 'before the reset' | { damaged: string };
}

/** Which file is the session's, and whether it has this history. */
export type Where =
  /** The file is yet to be made. */
  | { name: 'nowhere' }
  /** After a full reset, until the new file is safe: the session's file has what was before. */
  | { name: 'replaced'; old: AppendFile }
  | { name: 'stored'; at: StoredAt }
  /** It was cut, replaced, overwritten or taken away, `why`: read as far as that goes, and not written to any more. */
  | { name: 'damaged'; at: StoredAt; why: string };

/** What is known of the content. */
export type Content =
  /** The file was not read through yet. */
  { name: 'unread'; file: AppendFile; sizeBytes: number; headBytes: number } | { name: 'known' };

export type Phase =
  | { name: 'going on' }
  /** Closed, while something is still being written. */
  | { name: 'ending'; end: HistoryEnd }
  | { name: 'settled'; end: HistoryEnd };

/** `unwrittenBytes`: not in the file yet; `sizeBytes`: of the entire history. */
export function unsavedIn(where: Where, unwrittenBytes: number, sizeBytes: number): Unsaved {
  if (where.name === 'damaged') return { bytes: sizeBytes, left: { damaged: where.why } };
  return { bytes: unwrittenBytes, left: where.name === 'replaced' ? 'before the reset' : 'the rest' };
}

// Checks whether a history file is the one that was written for a session: its journal has prints, checksums of
// places in the file that never change. They reveal a file that was replaced by another, and one that was truncated
// and has grown since. A history without prints, as the originals leave them, is trusted.
import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import { type Reason, reason } from '../../core/errors/reason.js';
import { crc32 } from '../../core/session/journal-seals.js';
import type { HistoryPrint } from '../../core/session/saved.js';
import { openRegular } from '../files/regular-file.js';
import type { AppendFile } from './append-file.js';

/** A print is the sum of so many bytes before its place, or of all of them. */
const windowBytes = 4096;

export interface PrintCheck {
  /** Why this is not the history that was written; the end of a sentence. */
  problem: Reason | undefined;
  /** Set when the file is shorter than it was: its bytes then, and the last print that holds. */
  cut: { fromBytes: number; holds: HistoryPrint } | undefined;
}

/** Looks at the file; `prints` are those of its name, in the order of their places. Throws what the system says. */
export function checkPrints(path: string, prints: readonly HistoryPrint[]): PrintCheck {
  const last = prints.at(-1);
  if (last === undefined) return { problem: undefined, cut: undefined };
  const { descriptor, stats } = openRegular(path);
  try {
    let holds: HistoryPrint | undefined;
    for (const print of prints) {
      if (print.at > stats.size) break;
      const window = Buffer.alloc(Math.min(windowBytes, print.at));
      fs.readSync(descriptor, window, 0, window.length, print.at - window.length);
      if (crc32(window) !== print.sum) return { problem: otherThan(holds), cut: undefined };
      holds = print;
    }
    const fromBytes = last.at;
    if (fromBytes <= stats.size) return { problem: undefined, cut: undefined };
    if (holds) return { problem: undefined, cut: { fromBytes, holds } };
    return {
      problem: reason('history-truncated', { left: stats.size, bytes: fromBytes }),
      cut: undefined,
    };
  } finally {
    fs.closeSync(descriptor);
  }
}

const otherThan = (holds: HistoryPrint | undefined): Reason =>
  holds ? reason('history-differs-later', { bytes: holds.at }) : reason('history-differs');

/** The bytes that a print is of, in words. */
export function windowOf(at: number): string {
  return at <= windowBytes ? `its first ${at} bytes` : `its bytes ${at - windowBytes} to ${at - 1}`;
}

/** The place of the first print of a file that has so many bytes. */
export function firstPlace(sizeBytes: number): number {
  return Math.min(windowBytes, sizeBytes);
}

/** Reads a file that is open back for its prints at these places. */
export async function readPrints(
  file: AppendFile,
  places: readonly number[],
): Promise<Omit<HistoryPrint, 'file'>[]> {
  const prints: Omit<HistoryPrint, 'file'>[] = [];
  for (const at of places) {
    const window = Buffer.alloc(Math.min(windowBytes, at));
    await new Promise<void>((resolve, reject) => {
      file.read([window], at - window.length, (error) => (error ? reject(error) : resolve()));
    });
    prints.push({ at, sum: crc32(window) });
  }
  return prints;
}

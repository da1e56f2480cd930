// Reads settings files, and reports those that cannot be read or written.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Reason, reason } from '../../core/errors/reason.js';
import { type Fault, fault, Refusal, refusal } from '../../core/errors.js';
import type { TextEncoding } from '../../core/text.js';
import { openGuarded } from '../files/guarded-path.js';
import {
  diskFull,
  type OpenOptions,
  readOpened,
  reasonOf,
  sizeLimits,
  UnusableFile,
} from '../files/regular-file.js';
import { readStandardInput, requireText } from '../files/text-file.js';
import { stampOf } from '../files/watch.js';

/** Undefined: there is no such file. */
export function readNow(
  place: string,
  shown: string,
  options: OpenOptions = {},
): { text: string; encoding: TextEncoding; signature: string } | undefined {
  try {
    const { bytes, stats } = readOpened(openGuarded(place, options), sizeLimits.settings);
    const { text, encoding } = requireText(bytes);
    return { text, encoding, signature: stampOf(stats) };
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    if (cause instanceof UnusableFile) throw unusable(shown, cause);
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw fileFault(shown, 'read', cause);
    // Somebody wanted a file to be there.
    if (fs.lstatSync(place, { throwIfNoEntry: false })) {
      throw unusable(shown, new UnusableFile(reason('link-to-nowhere')));
    }
    return undefined;
  }
}

export function readInput(): string {
  try {
    return readStandardInput(sizeLimits.settings).text;
  } catch (cause) {
    if (cause instanceof UnusableFile) throw unusable('standard input', cause);
    throw fileFault('standard input', 'read', cause);
  }
}

/** `problems` where there is a file and what is in it is at fault. */
function unusable(file: string, { reason }: UnusableFile): Refusal {
  return refusal(reason.hint === undefined ? 'settings-unusable' : 'settings-unreadable', { file, reason });
}

export function fileFault(file: string, verb: 'read' | 'written', cause: unknown): Fault | Refusal {
  if (cause instanceof Refusal) return cause;
  const full = diskFull(file, cause);
  if (full) return full;
  const { code } = cause as NodeJS.ErrnoException;
  const why: Record<string, Reason> = {
    EACCES: reason('permission-denied-on-file', { file }),
    EPERM: reason('permission-denied-on-file', { file }),
    EROFS: reason('read-only'),
    ENOENT: reason('folder-of-file-missing-here', { folder: path.dirname(file) }),
    ENOTDIR: reason('path-through-file'),
  };
  const row = verb === 'read' ? 'settings-not-read' : 'settings-not-written';
  return fault(row, { file, reason: why[code ?? ''] ?? reasonOf(cause) }, cause);
}

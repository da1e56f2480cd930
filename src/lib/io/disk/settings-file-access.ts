// How a settings file is read, and what is reported of one that cannot be read or written.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Fault, fault, Refusal, refusal } from '../../core/errors.js';
import type { TextEncoding } from '../../core/text.js';
import { openGuarded } from '../files/guarded-path.js';
import {
  diskFull,
  type OpenOptions,
  plainReason,
  readOpened,
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
      throw unusable(shown, new UnusableFile('it is a link that leads nowhere'));
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
function unusable(file: string, { message, hint }: UnusableFile): Refusal {
  return hint === undefined
    ? refusal('settings-unusable', { file, reason: message })
    : refusal('settings-unreadable', { file, reason: message, advice: hint });
}

export function fileFault(file: string, verb: 'read' | 'written', cause: unknown): Fault | Refusal {
  if (cause instanceof Refusal) return cause;
  const full = diskFull(file, cause);
  if (full) return full;
  const { code } = cause as NodeJS.ErrnoException;
  const reasons: Record<string, [string, string]> = {
    EACCES: ['permission denied', `check its owner and mode with: ls -l ${file}`],
    EPERM: ['permission denied', `check its owner and mode with: ls -l ${file}`],
    EROFS: ['the file system is read-only', 'move the file to a writable file system'],
    ENOENT: ['its folder does not exist', `create it with: mkdir -p ${path.dirname(file)}`],
    ENOTDIR: ['a part of its path is not a folder', 'check the path'],
  };
  const [reason, advice] = reasons[code ?? ''] ?? [plainReason(cause)];
  const row = verb === 'read' ? 'settings-not-read' : 'settings-not-written';
  return fault(row, { file, reason, advice }, cause);
}

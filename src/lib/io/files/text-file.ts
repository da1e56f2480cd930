// Text files of operators: read completely, in an encoding that is certain, and written back in the same one.

import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import { reason } from '../../core/errors/reason.js';
import {
  type DecodedText,
  decodeText,
  describeTextProblem,
  isTextProblem,
  type TextEncoding,
} from '../../core/text.js';
import { type OpenOptions, readRegular, readRegularAsync, UnusableFile } from './regular-file.js';

/** A path that means standard input. */
export const standardInput = '-';

export interface TextFile {
  text: string;
  encoding: TextEncoding;
  stats: fs.Stats;
}

/** The text of a file. Throws UnusableFile, also for what is not text (with the place), or what the system says. */
export function readTextFile(path: string, bytesAtMost: number, options: OpenOptions = {}): TextFile {
  const { bytes, stats } = readRegular(path, bytesAtMost, options);
  return { ...requireText(bytes), stats };
}

/** The same off the event loop. */
export async function readTextFileAsync(
  path: string,
  bytesAtMost: number,
  options: OpenOptions = {},
): Promise<TextFile> {
  const { bytes, stats } = await readRegularAsync(path, bytesAtMost, options);
  return { ...requireText(bytes), stats };
}

/** Bytes as text. Throws UnusableFile with the place and the way out. */
export function requireText(bytes: Uint8Array): DecodedText {
  const decoded = decodeText(bytes);
  if (isTextProblem(decoded)) throw new UnusableFile(describeTextProblem(decoded));
  return decoded;
}

/** All of standard input. Waits for its end, as every filter does; a terminal is refused. */
export function readStandardInput(bytesAtMost: number): DecodedText {
  if (process.stdin.isTTY) throw new UnusableFile(reason('input-is-terminal'));
  const pieces: Buffer[] = [];
  let length = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(64 * 1024);
    let count: number;
    try {
      count = fs.readSync(0, piece);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') break;
      if (code !== 'EAGAIN') throw error;
      // A pipe that was made not to wait: nothing there yet.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      continue;
    }
    if (count === 0) break;
    length += count;
    if (length > bytesAtMost) throw new UnusableFile(reason('file-too-large', { bytes: bytesAtMost }));
    pieces.push(piece.subarray(0, count));
  }
  return requireText(Buffer.concat(pieces));
}

// Recordings as files, pipes and gzip: input and output for core/recording. formats.md §2.3

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, gunzipSync } from 'node:zlib';
import { Fault, fault, Refusal, refusal } from '../../core/errors.js';
import type { RecordingFormat } from '../../core/recording/items.js';
import {
  fileModes,
  openRegularAsync,
  readRegular,
  reasonOf,
  sizeLimits,
  UnusableFile,
} from '../files/regular-file.js';
import { standardStream, type WriteOptions, writeOutput } from './atomic-output.js';

export { standardStream } from './atomic-output.js';

const chunkBytes = 256 * 1024;

/** The format that a file name asks for, undefined when it asks for none. */
export function formatOfName(path: string): RecordingFormat | undefined {
  const name = path.toLowerCase().replace(/\.(gz|archived)$/, '');
  if (/\.dptxtz?$/.test(name)) return 'text';
  if (/\.dprecz?$/.test(name)) return 'binary';
  if (name.includes('.dprec')) return 'binary';
  return name.includes('.dptxt') ? 'text' : undefined;
}

export function isGzipName(path: string): boolean {
  return /\.(gz|dprecz|dptxtz)$/i.test(path);
}

export interface OpenedRecording {
  chunks: AsyncIterable<Buffer>;
  /** Bytes of the file as it is on disk; undefined for a pipe. */
  fileBytes: number | undefined;
  /** Bytes of the file that have been read so far. */
  readBytes(): number;
}

/**
 * Opens a recording, packed with gzip or not. Throws a Refusal for a missing file and for packing that Node cannot
 * undo (bzip2, xz), a Fault when reading fails.
 */
export async function openRecording(path: string, stdin: Readable = process.stdin): Promise<OpenedRecording> {
  let fileBytes: number | undefined;
  let source: Readable = stdin;
  if (path !== standardStream) {
    try {
      const { handle, stats } = await openRegularAsync(path);
      fileBytes = stats.size;
      source = handle.createReadStream({ highWaterMark: chunkBytes });
    } catch (error) {
      throw readingFailed(path, error);
    }
  }
  let count = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
        count += bytes.length;
        yield bytes;
      }
    } catch (error) {
      throw readingFailed(path, error);
    }
  }
  return { chunks: unpacked(path, counted()), fileBytes, readBytes: () => count };
}

/** An entire small recording at once, unpacked; throws like `openRecording`. */
export function readRecordingNow(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readRegular(path, sizeLimits.template).bytes;
  } catch (error) {
    throw readingFailed(path, error);
  }
  const packing = packingOf(bytes);
  if (packing === undefined) return bytes;
  if (packing !== 'gzip') throw packedOtherwise(path, packing);
  try {
    return gunzipSync(bytes);
  } catch {
    throw refusal('gzip-damaged', { file: path });
  }
}

/** Undoes gzip where the first bytes say so. */
async function* unpacked(path: string, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  // six bytes identify every kind of packing; pipes may give them one by one
  while (head.length < 6) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const packing = packingOf(head);
  if (packing === 'bzip2' || packing === 'xz') {
    await chunks.return(undefined);
    throw packedOtherwise(path, packing);
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      yield* chunks;
    } finally {
      // also when nobody wants more than the head
      await chunks.return(undefined);
    }
  }
  if (packing === undefined) {
    yield* all();
    return;
  }
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  const out = new PassThrough({ highWaterMark: chunkBytes });
  let unpackedBytes = 0;
  const flow = pipeline(all(), gunzip, out);
  flow.catch(() => {}); // it reaches the reader below through `out`
  try {
    for await (const chunk of out) {
      unpackedBytes += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    await flow;
  } catch (error) {
    if (error instanceof Refusal || error instanceof Fault) throw error;
    throw refusal('gzip-cut', { file: nameOf(path), bytes: unpackedBytes });
  }
}

const xzMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);

function packingOf(head: Buffer): 'gzip' | 'bzip2' | 'xz' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.subarray(0, 3).toString('latin1') === 'BZh') return 'bzip2';
  return head.subarray(0, xzMagic.length).equals(xzMagic) ? 'xz' : undefined;
}

function packedOtherwise(path: string, packing: 'bzip2' | 'xz'): Refusal {
  return refusal('packing-unknown', {
    file: nameOf(path),
    packing,
    command: `${packing} -dk ${path === standardStream ? '' : path}`.trim(),
  });
}

function nameOf(path: string): string {
  return path === standardStream ? 'the input' : path;
}

export function readingFailed(path: string, error: unknown): Error {
  if (error instanceof Refusal || error instanceof Fault) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return refusal('file-not-found', { file: path });
  if (code === 'EACCES') return refusal('file-refused', { file: path });
  if (error instanceof UnusableFile) {
    return refusal('recording-unusable', { file: path, reason: error.reason });
  }
  return fault('file-unreadable', { file: nameOf(path), reason: reasonOf(error) }, error);
}

/**
 * Writes a recording, packed with gzip when its name says so. A file appears under its name when it is complete;
 * after an error there is none. Throws a Refusal when it exists already or cannot be made, a Fault when writing fails.
 */
export async function writeRecording(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  options: WriteOptions = {},
): Promise<void> {
  if (path !== standardStream && /\.(bz2|xz)$/i.test(path)) {
    throw refusal('packing-unsupported', { file: path });
  }
  const packs = path !== standardStream && isGzipName(path);
  await writeOutput(path, pieces, {
    ...options,
    mode: fileModes.work,
    ...(packs ? { transform: createGzip } : {}),
  });
}

/** Whether two paths name one file, through links as well. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  if (a === standardStream || b === standardStream) return false;
  if (resolve(a) === resolve(b)) return true;
  const [first, second] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)));
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev;
}

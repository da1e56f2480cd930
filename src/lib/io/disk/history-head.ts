// The head of a history or recording file: magic and metadata (formats.md §2), as far as the server writes and needs
// them. core/recording reads and writes complete recordings.
import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Reason, reason } from '../../core/errors/reason.js';
import { parseVersion } from '../../core/protocol/version.js';
import { openRegular, reasonOf } from '../files/regular-file.js';

const magic = Buffer.from('DPREC\0', 'latin1');
const fixedBytes = magic.length + 2;
const firstReadBytes = 1024;

/** The head with this metadata, its keys in their order. */
export function makeHead(metadata: Readonly<Record<string, string | number>>): Buffer {
  const json = Buffer.from(JSON.stringify(metadata).replaceAll('/', '\\/'));
  const head = Buffer.alloc(fixedBytes + json.length);
  magic.copy(head);
  head.writeUInt16BE(json.length, magic.length);
  json.copy(head, fixedBytes);
  return head;
}

export interface HistoryHead {
  /** As it says in the file, e.g. `dp:4.25.1`. */
  protocol: string;
  headBytes: number;
  /** Size of the file. */
  sizeBytes: number;
  /** Whether there is at least one complete message. */
  hasMessage: boolean;
}

/** Reads the head of a file; a reason says what is wrong with it. Throws what the system says. */
export function readHead(path: string): HistoryHead | Reason {
  const { descriptor, stats } = openRegular(path);
  try {
    const sizeBytes = stats.size;
    let bytes = readStart(descriptor, firstReadBytes);
    if (!bytes.subarray(0, magic.length).equals(magic) || bytes.length < fixedBytes) {
      return reason('history-no-recording');
    }
    const headBytes = fixedBytes + bytes.readUInt16BE(magic.length);
    if (headBytes + 2 > bytes.length && sizeBytes > bytes.length)
      bytes = readStart(descriptor, headBytes + 2);
    if (headBytes > bytes.length) return reason('history-cut-in-header');
    let metadata: unknown;
    try {
      metadata = JSON.parse(bytes.toString('utf8', fixedBytes, headBytes));
    } catch (error) {
      return reason('history-header-unreadable', { message: (error as Error).message });
    }
    const protocol = (metadata as { version?: unknown } | null)?.version;
    if (typeof protocol !== 'string') return reason('history-header-without-version');
    const messageBytes = headBytes + 2 <= bytes.length ? 4 + bytes.readUInt16BE(headBytes) : 4;
    return { protocol, headBytes, sizeBytes, hasMessage: headBytes + messageBytes <= sizeBytes };
  } finally {
    fs.closeSync(descriptor);
  }
}

export function isHead(head: HistoryHead | Reason | string): head is HistoryHead {
  return typeof head !== 'string' && !(head instanceof Reason);
}

/** The head of a history that a session can continue with; a reason or a text says why it cannot. */
export function usableHead(
  { path, isForWriting }: { path: string; isForWriting: boolean },
  name: string,
): HistoryHead | Reason | string {
  const file = join(path, name);
  let head: HistoryHead | Reason;
  try {
    head = readHead(file);
    if (isForWriting) fs.accessSync(file, fs.constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? reason('history-not-there') : reasonOf(error);
  }
  if (head instanceof Reason) return head;
  const version = parseVersion(head.protocol);
  if (version?.namespace !== 'dp' || version.server !== 4) {
    return reason('history-of-other-protocol', { protocol: head.protocol });
  }
  return head.hasMessage ? head : reason('history-empty');
}

function readStart(descriptor: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = fs.readSync(descriptor, buffer, filled, length - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

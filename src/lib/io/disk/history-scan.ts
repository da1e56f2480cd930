// Reads a history file once: the number of messages, where blocks can begin, the users who joined and left, and
// where an incomplete last message begins. Large reads off the event loop; nothing is allocated per message.
import { Buffer } from 'node:buffer';
import {
  frameContextId,
  frameLength,
  frameType,
  headerBytes,
  messageType,
} from '../../core/protocol/frame.js';
import type { AppendFile } from './append-file.js';

const pieceBytes = 1024 * 1024;

export interface Scan {
  /** Messages and bytes of each block. */
  counts: number[];
  sizes: number[];
  /** All complete messages. */
  sizeBytes: number;
  /** Ids of users in the order in which they last left. */
  left: number[];
  /** Ids of users who joined and did not leave. */
  present: number[];
}

/** Reads the messages from `headBytes` to the end of the file. */
export async function scanHistory(file: AppendFile, headBytes: number, blockBytes: number): Promise<Scan> {
  const end = file.sizeBytes;
  const buffer = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(0, end - headBytes)));
  const result: Scan = { counts: [], sizes: [], sizeBytes: 0, left: [], present: [] };
  const left = new Set<number>();
  const present = new Set<number>();
  let position = headBytes;
  let blockCount = 0;
  let blockSize = 0;
  while (end - position >= headerBytes) {
    const length = Math.min(buffer.length, end - position);
    const piece = buffer.subarray(0, length);
    await new Promise<void>((resolve, reject) => {
      file.read([piece], position, (error) => (error ? reject(error) : resolve()));
    });
    let at = 0;
    while (length - at >= headerBytes) {
      const size = frameLength(piece, at);
      if (at + size > length) break;
      const type = frameType(piece, at);
      if (type === messageType.join) {
        const id = frameContextId(piece, at);
        present.add(id);
      } else if (type === messageType.leave) {
        const id = frameContextId(piece, at);
        present.delete(id);
        left.delete(id);
        left.add(id);
      }
      if (blockSize + size > blockBytes) {
        result.counts.push(blockCount);
        result.sizes.push(blockSize);
        blockCount = blockSize = 0;
      }
      blockCount++;
      blockSize += size;
      at += size;
    }
    // Nothing complete in what is left: the last message is torn.
    if (at === 0) break;
    position += at;
    result.sizeBytes += at;
  }
  if (blockCount > 0) {
    result.counts.push(blockCount);
    result.sizes.push(blockSize);
  }
  for (const id of present) left.delete(id);
  result.left = [...left];
  result.present = [...present];
  return result;
}

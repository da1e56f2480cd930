// Recovers messages of a history whose file was truncated or overwritten while its session was open: whether bytes
// that were read back can be the messages that were written, and otherwise which of them are intact.
import { Buffer } from 'node:buffer';
import { frameLength, frameType, headerBytes } from '../../core/protocol/frame.js';
import { headHeaderBytes, magic } from '../../core/recording/header.js';
import { isOfTransport, Salvage } from '../../core/recording/salvage.js';
import { FileTooShort } from './append-file.js';
import { makeHead } from './history-head.js';

/** Bytes that were read back are not the messages that were written there. */
export class NotAsWritten extends Error {
  constructor() {
    super('the content of the file differs from what was written');
  }
}

/** Whether trying again later can help: what is missing in the file or was overwritten does not come back. */
export const isLostForGood = (error: unknown): boolean =>
  error instanceof FileTooShort || error instanceof NotAsWritten;

export interface CompleteFrames {
  /** They end here. */
  bytes: number;
  count: number;
}

/** The complete frames from the start on, so many at most. No message is an empty one of type 0, as which zeros read. */
export function completeFrames(bytes: Uint8Array, countAtMost = Number.POSITIVE_INFINITY): CompleteFrames {
  let at = 0;
  let count = 0;
  while (bytes.length - at >= headerBytes && count < countAtMost) {
    const size = frameLength(bytes, at);
    if (at + size > bytes.length || (size === headerBytes && bytes[at + 2] === 0)) break;
    at += size;
    count++;
  }
  return { bytes: at, count };
}

/** Whether the bytes can be so many messages; undefined: any number. */
export function canBe(bytes: Uint8Array, count: number | undefined): boolean {
  const complete = completeFrames(bytes);
  return complete.bytes === bytes.length && (count === undefined || complete.count === count);
}

/** The messages that are intact in a part of a history that was overwritten. `protocol`: of the session. */
export function intactMessages(protocol: string, bytes: Uint8Array): Buffer {
  const salvage = new Salvage(() => {});
  const head = makeHead({ version: protocol });
  const kept = Buffer.concat([salvage.read(Buffer.concat([head, bytes])), salvage.end()]);
  const found = kept.subarray(headHeaderBytes + kept.readUInt16BE(magic.length));
  const frames: Buffer[] = [];
  for (let at = 0, end = 0; at < found.length; at = end) {
    end = at + frameLength(found, at);
    // Whoever joined would be disconnected by what only looks like a message.
    if (!isOfTransport(frameType(found, at))) frames.push(found.subarray(at, end));
  }
  return Buffer.concat(frames);
}

/** What there is of messages that could not be read back, or not as they were written. `search`: for intact ones. */
export function salvaged(bytes: Buffer, error: unknown, search: () => Buffer): Buffer {
  if (error instanceof FileTooShort) {
    const read = bytes.subarray(0, bytes.length - error.missingBytes);
    return read.subarray(0, completeFrames(read).bytes);
  }
  return isLostForGood(error) ? search() : bytes.subarray(0, 0);
}

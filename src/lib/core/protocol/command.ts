// The JSON that message 0 carries: commands of clients, replies of the server (protocol.md §5).
import { Buffer } from 'node:buffer';
import { headerBytes, maxPayloadBytes, messageType } from './frame.js';

export type JsonObject = { [key: string]: unknown };

/** A command of a client, in the shape that everyone may rely on. */
export interface ClientCommand {
  /** '' when there was no valid JSON, no object, or no name: an unknown command. protocol.md §5.1 */
  cmd: string;
  args: readonly unknown[];
  kwargs: JsonObject;
}

const deepest = 32;

/** Whether brackets nest deeper than any command does; strings are skipped. */
function isTooDeep(bytes: Uint8Array, start: number, end: number): boolean {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x22) {
      for (at++; at < end && bytes[at] !== 0x22; at++) if (bytes[at] === 0x5c) at++;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > deepest) return true;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
  return false;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the payload `bytes[start, end)`; never throws. */
export function parseCommand(bytes: Buffer, start: number, end: number): ClientCommand {
  const none: ClientCommand = { cmd: '', args: [], kwargs: {} };
  if (isTooDeep(bytes, start, end)) return none;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return none;
  }
  if (!isJsonObject(value)) return none;
  return {
    cmd: typeof value.cmd === 'string' ? value.cmd : '',
    args: Array.isArray(value.args) ? value.args : [],
    kwargs: isJsonObject(value.kwargs) ? value.kwargs : {},
  };
}

/** Frames a reply as a message of type 0; undefined when it does not fit into one. */
export function frameReply(reply: JsonObject, contextId = 0): Buffer | undefined {
  const text = JSON.stringify(reply);
  const length = Buffer.byteLength(text);
  if (length > maxPayloadBytes) return undefined;
  const bytes = Buffer.allocUnsafe(headerBytes + length);
  bytes[0] = length >> 8;
  bytes[1] = length & 0xff;
  bytes[2] = messageType.command;
  bytes[3] = contextId;
  bytes.write(text, headerBytes);
  return bytes;
}

// Missing or wrongly typed values read as "", 0 and false (protocol.md §5.1).

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A whole number; fractions are cut off, everything else is 0. */
export function integerOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : 0;
}

export function flagOf(value: unknown): boolean {
  return value === true;
}

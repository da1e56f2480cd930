// The shape of a row in the message tables, and encoding and decoding a payload by its row.

import { ByteReader, ByteWriter } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import { isRecords, type RecordsKind } from './dabs.js';
import { maxPayloadBytes } from './frame.js';
import type { Fields, FieldValue, Kind } from './kind.js';

/** protocol.md §3: who understands a message. Control and server meta are read by the server, the rest is opaque. */
export type MessageClass = 'control' | 'serverMeta' | 'clientMeta' | 'command';

/** Who sends a message to whom. `server`: from the server only; `client`: never relayed. */
export type MessageSender = 'server' | 'client' | 'both';

export interface Field {
  readonly name: string;
  readonly kind: Kind;
  /** Its key in key=value text, where it is not the name. */
  readonly key: string;
}

export interface MessageRow {
  readonly id: number;
  /** Its name in text recordings. */
  readonly name: string;
  readonly class: MessageClass;
  readonly sender: MessageSender;
  /** First client version that knows it. */
  readonly since: string;
  /** Accepted payload lengths. Above type 63 only clients enforce them. */
  readonly min: number;
  readonly max: number;
  /** In the order of the payload. */
  readonly fields: readonly Field[];
  /** By name, as JSON shows them; the dabs come last. */
  readonly fieldsByName: readonly Field[];
  /** The field with the dabs, if any; always the last one. */
  readonly records: (Field & { readonly kind: RecordsKind }) | undefined;
  /** Known number, but nothing may be sent under it. */
  readonly isReserved: boolean;
  /** A yes/no field that the name expresses in text: its name when true. */
  readonly trueName: { readonly field: string; readonly name: string } | undefined;
  /** Whether its text form may lose something of its binary form. */
  readonly isLossy: boolean;
}

export function classOf(id: number): MessageClass {
  if (id < 32) return 'control';
  if (id < 64) return 'serverMeta';
  return id < 128 ? 'clientMeta' : 'command';
}

const senders: Readonly<Record<number, MessageSender>> = {
  4: 'client',
  32: 'server',
  33: 'server',
  37: 'server',
  39: 'client',
};

export interface RowOptions {
  /** Accepted lengths, where they are not what the fields need. */
  lengths?: { min?: number; max?: number };
  keys?: Readonly<Record<string, string>>;
  trueName?: { field: string; name: string };
}

function byName(a: Field, b: Field): number {
  if (isRecords(a.kind)) return 1;
  if (isRecords(b.kind)) return -1;
  return a.name < b.name ? -1 : 1;
}

/** One row of a message table. Its lengths are those of its fields together. */
export function message(
  id: number,
  name: string,
  since: string,
  kinds: Readonly<Record<string, Kind>> = {},
  options: RowOptions = {},
): MessageRow {
  const fields = Object.entries(kinds).map(([fieldName, kind]) => ({
    name: fieldName,
    kind,
    key: options.keys?.[fieldName] ?? fieldName,
  }));
  let min = 0;
  let max = 0;
  for (const { kind } of fields) {
    min += kind.lengths.min;
    const { max: most, each } = kind.lengths;
    max += each === undefined ? most : Math.floor((maxPayloadBytes - max) / each) * each;
  }
  return {
    id,
    name,
    class: classOf(id),
    sender: senders[id] ?? 'both',
    since,
    min: options.lengths?.min ?? min,
    max: options.lengths?.max ?? Math.min(max, maxPayloadBytes),
    fields,
    fieldsByName: [...fields].sort(byName),
    records: fields.find((field): field is Field & { kind: RecordsKind } => isRecords(field.kind)),
    isReserved: false,
    trueName: options.trueName,
    isLossy: fields.some((field) => field.kind.isLossy),
  };
}

/** The row of a number that is known but not in use. */
export function reserved(id: number, name: string, since = '2.1'): MessageRow {
  return { ...message(id, name, since), isReserved: true };
}

/** Takes a payload apart. Throws a ProtocolError when its length or its content is not what the row says. */
export function decodePayload(row: MessageRow, payload: Uint8Array): Fields {
  checkLength(row, payload.length);
  const reader = new ByteReader(payload);
  const values: Record<string, FieldValue> = {};
  for (const field of row.fields) values[field.name] = field.kind.read(reader);
  if (reader.left > 0) throw new ProtocolError('bytes-left', { message: row.name, count: reader.left });
  return values;
}

const scratch = new ByteWriter(1024);

/** Puts a payload together; fields that are not given have their kind's default. Throws like `decodePayload`. */
export function encodePayload(row: MessageRow, fields: Fields): Uint8Array {
  scratch.clear();
  for (const field of row.fields) field.kind.write(scratch, fields[field.name] ?? field.kind.none);
  checkLength(row, scratch.length);
  return scratch.take();
}

function checkLength(row: MessageRow, length: number): void {
  if (row.isReserved) throw new ProtocolError('message-reserved', { message: row.name, type: row.id });
  if (length < row.min || length > row.max) {
    const allowed = row.min === row.max ? `${row.min}` : `${row.min} to ${row.max}`;
    const code = row.records && length < row.min ? 'message-without-dabs' : 'message-length';
    throw new ProtocolError(code, { message: row.name, length, allowed });
  }
}

// The messages of every generation by number and by name; the rows are in message-table.ts.

import { ProtocolError } from '../errors.js';
import { makeFrame } from './frame.js';
import type { Generation } from './generations.js';
import type { Fields } from './kind.js';
import { classOf, encodePayload, type MessageRow } from './message-row.js';
import { messagesOf } from './message-table.js';

export type { Generation } from './generations.js';
export type { Field, MessageClass, MessageRow, MessageSender } from './message-row.js';
export { classOf, decodePayload, encodePayload } from './message-row.js';

export interface MessageTable {
  readonly generation: Generation;
  /** The version that clients of this generation announce. */
  readonly protocol: string;
  readonly rows: readonly MessageRow[];
  row(id: number): MessageRow | undefined;
  /** By text name; some rows have a second name that sets a yes/no field. */
  named(name: string): NamedRow | undefined;
}

export interface NamedRow {
  readonly row: MessageRow;
  /** Fields that the name itself sets. */
  readonly fields: Fields;
}

function table(generation: Generation, protocol: string): MessageTable {
  const rows = messagesOf(generation);
  const byId: (MessageRow | undefined)[] = new Array(256).fill(undefined);
  const byName = new Map<string, NamedRow>();
  for (const row of rows) {
    byId[row.id] = row;
    if (row.isReserved) continue;
    byName.set(row.name, { row, fields: {} });
    if (row.trueName) byName.set(row.trueName.name, { row, fields: { [row.trueName.field]: true } });
  }
  return { generation, protocol, rows, row: (id) => byId[id], named: (name) => byName.get(name) };
}

export const messageTables: Readonly<Record<Generation, MessageTable>> = {
  '4.21': table('4.21', 'dp:4.21.2'),
  '4.24': table('4.24', 'dp:4.24.0'),
  '4.25': table('4.25', 'dp:4.25.1'),
};

/** The generation whose layout a version uses; undefined: unknown or too old. protocol.md §1 */
export function generationOf(version: {
  namespace: string;
  server: number;
  major: number;
}): Generation | undefined {
  if (version.namespace !== 'dp' || version.server !== 4) return undefined;
  if (version.major === 20 || version.major === 21) return '4.21';
  if (version.major >= 22 && version.major <= 24) return '4.24';
  return version.major === 25 ? '4.25' : undefined;
}

/** Whether recordings of clients keep it: everything but control messages (protocol.md §3). */
export function isRecordable(id: number): boolean {
  return classOf(id) !== 'control';
}

/**
 * One complete frame as on TCP: length, type, context id, payload. Fields that are not given have their default.
 * Throws a ProtocolError when the name is unknown or the payload does not fit.
 */
export function encodeMessage(
  generation: Generation,
  name: string,
  contextId: number,
  fields: Fields = {},
): Uint8Array {
  const named = messageTables[generation].named(name);
  if (!named) throw new ProtocolError('message-unknown', { generation, message: name });
  return makeFrame(named.row.id, contextId, encodePayload(named.row, { ...named.fields, ...fields }));
}

// The JSON text dialect of 2.3 (formats.md §4): one message to its line and back. Ours keeps what the original loses
// (unknown bits, bytes that are no UTF-8) under a separate key, unless asked to write as the original does.

import { asBuffer } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import type { Fields, FieldValue } from '../protocol/kind.js';
import { decodePayload, encodePayload, type MessageRow, type MessageTable } from '../protocol/messages.js';
import type { Problem, RecordedMessage } from './items.js';
import { jsonErrorAt } from './json-place.js';
import { unknownMessage } from './key-value.js';
import { parseRaw, rawKey, rawText, type TextStyle, unknownName } from './message-text.js';

const recordsKey = '_';

/** The line of one message with its end; empty when the original would leave it out. */
export function showJsonLine(
  table: MessageTable,
  message: Pick<RecordedMessage, 'type' | 'contextId' | 'payload'>,
  style: TextStyle,
): string {
  const { type, contextId, payload } = message;
  const row = table.row(type);
  let fields: Fields;
  try {
    if (!row) throw new ProtocolError('message-type-unknown', { type });
    fields = decodePayload(row, payload);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (style.isOriginal) return '';
    return `${contextId} ${unknownName} {"${rawKey}":"${rawText(payload)}","type":${type}}\n`;
  }
  const body = showBody(row, fields);
  const shown = `${contextId} ${row.name}${body === '' ? '' : ` {${body}}`}\n`;
  if (!row.isLossy || style.isOriginal) return shown;
  const back = parseJsonLine(table, shown.trimEnd(), 1, () => {});
  if (back && asBuffer(back.payload).equals(payload)) return shown;
  return `${contextId} ${row.name} {${body}${body === '' ? '' : ','}"${rawKey}":"${rawText(payload)}"}\n`;
}

function showBody(row: MessageRow, fields: Fields): string {
  let body = '';
  for (const field of row.fieldsByName) {
    const value = field.kind.showJson(fields[field.name] as FieldValue);
    if (value === undefined) continue;
    const key = field === row.records ? recordsKey : field.name;
    body += `${body === '' ? '' : ','}"${key}":${value}`;
  }
  return body;
}

/** Reads a line that is neither blank nor a comment; undefined after an error. */
export function parseJsonLine(
  table: MessageTable,
  text: string,
  line: number,
  emit: (problem: Problem) => void,
): RecordedMessage | undefined {
  const problem = (severity: Problem['severity'], message: string, index?: number): void => {
    emit({
      kind: 'problem',
      severity,
      line,
      ...(index === undefined || index < 0 ? {} : { column: index + 1 }),
      message,
    });
  };
  const head = /^\s*(\S+)(\s+)?(\S+)?\s*/.exec(text);
  const context = head?.[1] ?? '';
  const name = head?.[3] ?? '';
  if (!/^\d{1,3}$/.test(context) || Number(context) > 255) {
    problem('error', 'a message begins with a user id of 0 to 255', text.search(/\S/));
    return undefined;
  }
  if (name === '') {
    problem('error', 'the name of the message is missing');
    return undefined;
  }
  const contextId = Number(context);
  const nameAt = text.indexOf(name, text.indexOf(context) + context.length);
  const row = table.named(name)?.row;
  if (!row && name !== unknownName) {
    problem('error', unknownMessage(name, table), nameAt);
    return undefined;
  }
  const bodyAt = head?.[0].length ?? 0;
  const body = bodyAt < text.length ? parseBody(text, bodyAt, problem) : {};
  if (!body) return undefined;
  const warn = (key: string, message: string): void =>
    problem('warning', `${key}: ${message}`, text.indexOf(`"${key}"`, bodyAt));

  const raw = body[rawKey];
  const payload = typeof raw === 'string' ? parseRaw(raw) : undefined;
  if (raw !== undefined && !payload) {
    problem('error', `${rawKey} is not base64 of a payload`, text.indexOf(`"${rawKey}"`, bodyAt));
    return undefined;
  }
  if (!row) {
    const { type } = body;
    if (payload && typeof type === 'number' && Number.isInteger(type) && type >= 0 && type <= 255) {
      return { kind: 'message', type, contextId, payload, position: line };
    }
    problem('error', `${unknownName} needs "type" (0 to 255) and "${rawKey}" (base64)`, nameAt);
    return undefined;
  }
  if (payload) return { kind: 'message', type: row.id, contextId, payload, position: line };

  const fields: Record<string, FieldValue> = {};
  let used = 0;
  for (const field of row.fields) {
    const key = field === row.records ? recordsKey : field.name;
    const value = Object.hasOwn(body, key) ? body[key] : undefined;
    if (value !== undefined) used++;
    fields[field.name] = field.kind.parseJson(value, key, warn);
  }
  if (used < Object.keys(body).length) {
    for (const key of Object.keys(body)) {
      if (!row.fields.some((field) => (field === row.records ? recordsKey : field.name) === key)) {
        warn(key, `${row.name} has no such key, it is ignored`);
      }
    }
  }
  try {
    return {
      kind: 'message',
      type: row.id,
      contextId,
      payload: encodePayload(row, fields),
      position: line,
    };
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    problem('error', cause.message, nameAt);
    return undefined;
  }
}

function parseBody(
  text: string,
  at: number,
  problem: (severity: Problem['severity'], message: string, index?: number) => void,
): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.slice(at));
  } catch {
    const errorAt = jsonErrorAt(text.slice(at));
    const index = at + Math.max(0, errorAt);
    const found =
      index >= text.length ? 'the line ends too early' : `${JSON.stringify(text[index])} cannot stand here`;
    problem('error', `the part behind the name is not JSON: ${found}`, index);
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problem('error', 'the part behind the name is not a JSON object', at);
    return undefined;
  }
  return value as Record<string, unknown>;
}

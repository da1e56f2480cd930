// The key=value text dialects of 2.1 (formats.md §3) and 2.2 (protocol.md §8.3): one message to its lines and back.
// Ours keeps what the originals lose (quarters, control messages, unknown bits) unless asked to write as they do.

import { asBuffer } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import type { Fields, FieldValue, KeyValueIn } from '../protocol/kind.js';
import {
  decodePayload,
  encodePayload,
  type MessageRow,
  type MessageTable,
  messageTables,
  type NamedRow,
} from '../protocol/messages.js';
import type { Problem, RecordedMessage } from './items.js';
import { parseRaw, rawKey, rawText, type TextStyle, unknownName } from './message-text.js';

/** The lines of one message with their ends. `offset`: where it was, for a comment on an undecodable one. */
export function showKeyValue(
  table: MessageTable,
  message: Pick<RecordedMessage, 'type' | 'contextId' | 'payload' | 'position'>,
  style: TextStyle,
): string {
  const { type, contextId, payload } = message;
  if (style.isOriginal && table.generation === '4.21') {
    const comment = commentOf21(table, message);
    if (comment !== undefined) return comment;
  }
  const row = table.row(type);
  let fields: Fields;
  try {
    if (!row) throw new ProtocolError('message-type-unknown', { type });
    fields = decodePayload(row, payload);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (style.isOriginal) return unrecognized(message);
    return withPairs(`${contextId} ${unknownName}`, [
      [rawKey, rawText(payload)],
      ['type', String(type)],
    ]);
  }
  const shown = showMessage(table, row, contextId, fields, style);
  if (!row.isLossy || style.isOriginal) return shown;
  // Text of users and unusual bits: only what reads back as it was may stand without its bytes.
  const back = new KeyValueParser(table).parseText(shown);
  if (back && asBuffer(back.payload).equals(payload)) return shown;
  return showMessage(table, row, contextId, fields, style, rawText(payload));
}

function showMessage(
  table: MessageTable,
  row: MessageRow,
  contextId: number,
  fields: Fields,
  style: TextStyle,
  raw?: string,
): string {
  const pairs = new Map<string, string>();
  const out = {
    fields,
    isOriginal: style.isOriginal,
    add(key: string, value: string): void {
      const before = pairs.get(key);
      pairs.set(key, before === undefined ? value : `${before},${value}`);
    },
  };
  for (const field of row.fields) field.kind.showKeyValue(fields[field.name] as FieldValue, field.key, out);
  if (raw !== undefined) pairs.set(rawKey, raw);
  const name = row.trueName && fields[row.trueName.field] === true ? row.trueName.name : row.name;
  const head = `${contextId} ${name}`;
  if (row.records) {
    const isOf21 = table.generation === '4.21';
    const keys = isOf21 ? [...pairs] : sortedPairs(pairs);
    const lines = row.records.kind.showLines(fields[row.records.name] as readonly number[], style.isOriginal);
    const indent = isOf21 ? '\t' : '    ';
    return `${head}${keys.map(([key, value]) => ` ${key}=${value}`).join('')} {\n${lines
      .map((line) => `${indent}${line}\n`)
      .join('')}${isOf21 ? '\t' : ''}}\n`;
  }
  const text = withPairs(head, sortedPairs(pairs), table.generation === '4.21' ? '\t' : '    ');
  return row.id === undoPoint && table.generation === '4.21' ? `${text}\n` : text;
}

const undoPoint = 128;
const filtered = 72;

function sortedPairs(pairs: ReadonlyMap<string, string>): [string, string][] {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Values with whitespace go to a block behind the line. */
function withPairs(head: string, pairs: readonly (readonly [string, string])[], indent = '\t'): string {
  let line = head;
  let block = '';
  for (const [key, value] of pairs) {
    if (!/[\s\u0085]/.test(value)) line += ` ${key}=${value}`;
    else for (const part of value.split('\n')) block += `${indent}${key}=${part}\n`;
  }
  return block === '' ? `${line}\n` : `${line} {\n${block}}\n`;
}

/** What the 2.1 programs write as a comment only: control messages and filtered ones (formats.md §3). */
function commentOf21(
  table: MessageTable,
  message: Pick<RecordedMessage, 'type' | 'contextId' | 'payload' | 'position'>,
): string | undefined {
  const { type, payload } = message;
  if (type === 0) return '# Command\n';
  if (type === 1) return `# Disconnected: ${asBuffer(payload.subarray(1)).toString('utf8')}\n`;
  if (type === 2) return '# ping\n';
  if (type !== filtered) return undefined;
  const inner = payload[0];
  if (inner === undefined) return unrecognized(message);
  const row = table.row(inner);
  try {
    if (!row || row.class === 'control') throw new ProtocolError('message-type-unknown', { type: inner });
    const fields = decodePayload(row, payload.subarray(1));
    const shown = showMessage(table, row, message.contextId, fields, { isOriginal: true }).trimEnd();
    return `# FILTERED: ${shown.replaceAll('\n', '\n# ')}\n`;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `# FILTERED: undecodable message type #${inner} of length ${payload.length - 1}\n`;
  }
}

function unrecognized(message: Pick<RecordedMessage, 'type' | 'payload' | 'position'>): string {
  // the original prints the offset in decimal behind 0x (formats.md §3)
  return `# WARNING: Unrecognized message type ${message.type} of length ${message.payload.length} at offset 0x${message.position}\n`;
}

interface OpenMessage {
  /** Undefined: the line was wrong, its block is skipped. */
  readonly named: NamedRow | undefined;
  readonly isUnknown: boolean;
  readonly contextId: number;
  readonly pairs: Map<string, string>;
  readonly records: number[] | undefined;
  /** The line that began it. */
  readonly line: number;
  readonly text: string;
}

/** Reads lines of a key=value dialect; what they mean is passed to `emit`. */
export class KeyValueParser {
  readonly #table: MessageTable;
  #open: OpenMessage | undefined;

  constructor(table: MessageTable) {
    this.#table = table;
  }

  /** One line without its end; `number` counts from 1. */
  take(text: string, number: number, emit: (item: RecordedMessage | Problem) => void): void {
    const trimmed = text.trim();
    if (this.#open) this.#takeBlockLine(text, trimmed, number, emit);
    else if (trimmed !== '' && !trimmed.startsWith('#')) this.#takeMessageLine(text, trimmed, number, emit);
  }

  /** The end of the recording. */
  end(emit: (item: RecordedMessage | Problem) => void): void {
    const open = this.#open;
    this.#open = undefined;
    if (open) emit(error(open.line, undefined, 'the block that begins here is not closed with }'));
  }

  /** The one message of these lines, or undefined. */
  parseText(text: string): RecordedMessage | undefined {
    const found: RecordedMessage[] = [];
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      this.take(line, index + 1, (item) => {
        if (item.kind === 'message') found.push(item);
      });
    }
    return found.length === 1 && !this.#open ? found[0] : undefined;
  }

  #takeMessageLine(
    text: string,
    trimmed: string,
    line: number,
    emit: (item: RecordedMessage | Problem) => void,
  ): void {
    const tokens = trimmed.split(' ').filter((token) => token !== '');
    const brace = tokens.indexOf('{', 2);
    const fail = (message: string, token?: string): void => {
      const column = token === undefined ? undefined : columnOf(text, token);
      emit(error(line, column, message));
      // what belongs to a wrong message is wrong as well, and not reported one by one
      if (brace >= 0) this.#open = { ...nothingOpen, line, text };
    };
    const [context = '', name = ''] = tokens;
    if (!/^\d{1,3}$/.test(context) || Number(context) > 255) {
      fail('a message begins with a user id of 0 to 255', context);
      return;
    }
    if (name === '') {
      fail('the name of the message is missing');
      return;
    }
    const isUnknown = name === unknownName;
    const named = this.#table.named(name);
    if (!named && !isUnknown) {
      fail(unknownMessage(name, this.#table), name);
      return;
    }
    const pairs = new Map<string, string>();
    for (const token of tokens.slice(2, brace < 0 ? undefined : brace)) {
      const equals = token.indexOf('=');
      if (equals < 1) {
        fail(`"${token}" is not key=value`, token);
        return;
      }
      addPair(pairs, token.slice(0, equals), token.slice(equals + 1));
    }
    if (brace >= 0 && brace !== tokens.length - 1) {
      fail('nothing may follow a {', tokens[brace + 1]);
      return;
    }
    const open: OpenMessage = {
      named,
      isUnknown,
      contextId: Number(context),
      pairs,
      records: named?.row.records ? [] : undefined,
      line,
      text,
    };
    if (brace >= 0) this.#open = open;
    else this.#finish(open, emit);
  }

  #takeBlockLine(
    text: string,
    trimmed: string,
    line: number,
    emit: (item: RecordedMessage | Problem) => void,
  ): void {
    const open = this.#open as OpenMessage;
    if (trimmed === '}') {
      this.#open = undefined;
      if (open.named || open.isUnknown) this.#finish(open, emit);
      return;
    }
    if (open.records) {
      const values = open.named?.row.records?.kind.parseLine(trimmed);
      if (values) {
        for (const value of values) open.records.push(value);
        return;
      }
    }
    const looksLikeMessage = /^\d{1,3} +[a-z]+( |$)/.test(trimmed);
    if (looksLikeMessage) {
      // a forgotten }: the rest of the file is not to be lost with it
      this.#open = undefined;
      if (open.named || open.isUnknown) {
        emit(error(open.line, undefined, 'the block that begins here is not closed with }'));
      }
      this.#takeMessageLine(text, trimmed, line, emit);
      return;
    }
    if (!open.named && !open.isUnknown) return;
    const fail = (message: string): void => {
      emit(error(line, text.length - text.trimStart().length + 1, message));
      this.#open = { ...nothingOpen, line: open.line, text: open.text };
    };
    if (open.records) {
      fail(`"${trimmed}" is not a dab: ${describeRecord(open.named?.row)}`);
      return;
    }
    // Blanks at the end belong to the value: trimming them, as the originals do, would lose them.
    const pair = text.trimStart();
    const equals = pair.indexOf('=');
    if (trimmed === '' || trimmed.startsWith('#')) fail('blank lines and comments may not stand in a block');
    else if (equals < 1) fail(`"${trimmed}" is not key=value`);
    else addPair(open.pairs, pair.slice(0, equals), pair.slice(equals + 1));
  }

  #finish(open: OpenMessage, emit: (item: RecordedMessage | Problem) => void): void {
    const { pairs, line, contextId } = open;
    const warn = (key: string, message: string): void => {
      emit({
        kind: 'problem',
        severity: 'warning',
        line,
        ...columnAt(open.text, `${key}=`),
        message: `${key}: ${message}`,
      });
    };
    const raw = pairs.get(rawKey);
    const payload = raw === undefined ? undefined : parseRaw(raw);
    if (raw !== undefined && !payload) {
      emit(error(line, columnOf(open.text, `${rawKey}=`), `${rawKey} is not base64 of a payload`));
      return;
    }
    if (open.isUnknown) {
      const type = Number(pairs.get('type') ?? Number.NaN);
      if (!payload || !Number.isInteger(type) || type < 0 || type > 255) {
        emit(error(line, undefined, `${unknownName} needs type=0…255 and ${rawKey}=base64`));
      } else {
        emit({ kind: 'message', type, contextId, payload, position: line });
      }
      return;
    }
    const { row, fields: named } = open.named as NamedRow;
    if (payload) {
      emit({ kind: 'message', type: row.id, contextId, payload, position: line });
      return;
    }
    const from: KeyValueIn = { get: (key) => pairs.get(key), warn };
    const fields: Record<string, FieldValue> = {};
    const known = new Set<string>();
    for (const field of row.fields) {
      fields[field.name] = named[field.name] ?? field.kind.parseKeyValue(field.key, from);
      for (const key of field.kind.keys(field.key)) known.add(key);
    }
    if (row.records) fields[row.records.name] = open.records ?? [];
    for (const key of pairs.keys()) {
      if (!known.has(key)) warn(key, `${row.name} has no such key, it is ignored`);
    }
    try {
      emit({ kind: 'message', type: row.id, contextId, payload: encodePayload(row, fields), position: line });
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      emit(error(line, undefined, cause.message));
    }
  }
}

const nothingOpen = {
  named: undefined,
  isUnknown: false,
  contextId: 0,
  pairs: new Map(),
  records: undefined,
};

function addPair(pairs: Map<string, string>, key: string, value: string): void {
  const before = pairs.get(key);
  pairs.set(key, before === undefined ? value : `${before}\n${value}`);
}

function describeRecord(row: MessageRow | undefined): string {
  const parts = row?.records?.kind.parts ?? [];
  return `it needs ${parts.length} numbers with one blank between (${parts.map(({ name }) => name).join(' ')})`;
}

/** The text for a name that this dialect does not know, with the dialect that does. */
export function unknownMessage(name: string, table: MessageTable): string {
  const elsewhere = Object.values(messageTables).find((other) => other !== table && other.named(name));
  const hint = elsewhere ? `; ${elsewhere.protocol} has one` : '';
  return `${table.protocol} has no message "${name.slice(0, 40)}"${hint}`;
}

function error(line: number, column: number | undefined, message: string): Problem {
  return { kind: 'problem', severity: 'error', line, ...(column === undefined ? {} : { column }), message };
}

function columnOf(text: string, token: string): number | undefined {
  const index = text.indexOf(token);
  return index < 0 ? undefined : index + 1;
}

function columnAt(text: string, token: string): { column?: number } {
  const column = columnOf(text, token);
  return column === undefined ? {} : { column };
}

// Makes recordings for tests: every message of a generation with the least, the most and odd values in every field.

import { isRecords } from '../../src/lib/core/protocol/dabs.js';
import type { Fields, FieldValue, Kind } from '../../src/lib/core/protocol/kind.js';
import {
  encodePayload,
  type Generation,
  type MessageRow,
  messageTables,
} from '../../src/lib/core/protocol/messages.js';

export interface TestMessage {
  type: number;
  contextId: number;
  payload: Uint8Array;
}

/** A small generator of numbers that are the same in every run: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const texts = [
  'plain',
  '',
  'two words',
  ' blanks at both ends  ',
  'tab\there',
  'lines\n\nand = {braces} }\n}\n# no comment\n',
  '\n',
  '"quotes" \\ / \u0000\u0001\u001f\u007f',
  'ünïcödé 画 🎨 \u00a0\u2028\u2029\ufeff',
  'cr\r\nlf\r',
  '1 resize top=1',
  '!key=value',
  '{',
  'x'.repeat(200),
];

const numberEdges: Record<string, readonly number[]> = {
  u8: [0, 1, 127, 128, 254, 255],
  u16: [0, 1, 0x0102, 0x7fff, 0x8000, 0xffff],
  u24: [0, 1, 0x010203, 0x7fffff, 0x800000, 0xffffff],
  u32: [0, 1, 0x7fffffff, 0x80000000, 0xffffffff],
  i32: [0, 1, -1, 2, 3, -2, -3, 41, -82, 0x7fffffff, -0x80000000],
  argb32: [0, 0xff000000, 0xffffffff, 0x80aabbcc, 0x00ffffff, 1],
};

function valuesOf(kind: Kind, random: () => number): readonly FieldValue[] {
  const { title } = kind;
  if (isRecords(kind)) {
    const edge = (pick: (least: number, most: number) => number) =>
      kind.parts.map(({ bytes, isSigned }) => {
        const span = 2 ** (bytes * 8);
        return isSigned ? pick(-span / 2, span / 2 - 1) : pick(0, span - 1);
      });
    const any = () => edge((least, most) => Math.floor(least + random() * (most - least + 1)));
    return [
      edge((least) => least),
      edge((_, most) => most),
      any(),
      [...any(), ...any(), ...edge((least) => least), ...edge((_, most) => most)],
      Array.from({ length: 600 }, any).flat(),
    ];
  }
  if (title === 'bool') return [false, true];
  if (title === 'flags' || title === 'blend mode')
    return Array.from({ length: title === 'flags' ? 32 : 256 }, (_, i) =>
      title === 'flags' ? i * 8 + (i % 8) : i,
    );
  if (title === 'utf8') return texts;
  if (title === 'utf8 with length') return [...texts, 'y'.repeat(255)];
  if (title === 'bytes') {
    return [0, 1, 2, 3, 4, 5, 51, 52, 53, 54, 1000].map((length) =>
      Uint8Array.from({ length }, () => Math.floor(random() * 256)),
    );
  }
  if (title.endsWith('[]')) {
    const edges = numberEdges[title.slice(0, -2)] ?? [];
    return [[], edges.slice(0, 1), edges, [...edges, ...edges], [...edges, ...edges, ...edges].slice(0, 9)];
  }
  return numberEdges[title] ?? [];
}

/** Every message of the generation with extreme values in one field after the other. */
export function everyMessage(generation: Generation, seed = 1): TestMessage[] {
  const random = seededRandom(seed);
  const messages: TestMessage[] = [];
  for (const row of messageTables[generation].rows) {
    if (row.isReserved) continue;
    const choices = row.fields.map((field) => valuesOf(field.kind, random));
    const rounds = Math.max(1, ...choices.map((values) => values.length));
    for (let round = 0; round < rounds * 2; round++) {
      const fields: Record<string, FieldValue> = {};
      for (const [index, field] of row.fields.entries()) {
        const values = choices[index] ?? [];
        const at = round < rounds ? round % values.length : Math.floor(random() * values.length);
        fields[field.name] = values[at] as FieldValue;
      }
      add(messages, row, fields, [0, 1, 255, 7][round % 4] as number);
    }
    // odd bytes that are still well-formed as far as lengths go
    for (const fill of [0, 1, 2, 0x80, 0xff]) {
      for (const length of new Set([
        row.min,
        Math.min(row.max, row.min + 12),
        Math.min(row.max, row.min + 60),
      ])) {
        messages.push({ type: row.id, contextId: fill, payload: new Uint8Array(length).fill(fill) });
      }
    }
    if (row.max > row.min) {
      messages.push({ type: row.id, contextId: 1, payload: new Uint8Array(row.max).fill(0x41) });
    }
  }
  return messages;
}

function add(messages: TestMessage[], row: MessageRow, fields: Fields, contextId: number): void {
  try {
    messages.push({ type: row.id, contextId, payload: encodePayload(row, fields) });
  } catch {
    // these values are outside what the row allows: not a message of this generation
  }
}

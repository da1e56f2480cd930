// Plain arithmetic of fields: widths, ranges, rounding, and decimal text.

import type { ByteReader, ByteWriter } from '../bytes.js';

/** Bytes of a number. */
export type Width = 1 | 2 | 3 | 4;

/** A decimal number; NaN: it is none. */
export function parseDecimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Half away from zero. */
export function roundAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** The least and the greatest number of a width. */
export function rangeOf(bytes: Width, isSigned: boolean): readonly [number, number] {
  const span = 2 ** (bytes * 8);
  return isSigned ? [-span / 2, span / 2 - 1] : [0, span - 1];
}

/** The lowest bytes of a number that may be too large for them. */
export function cut(value: number, bytes: Width, isSigned: boolean): number {
  if (value >= 0 && value < 128) return value;
  const span = 2 ** (bytes * 8);
  if (!Number.isFinite(value)) return 0;
  const rest = ((value % span) + span) % span;
  return isSigned && rest >= span / 2 ? rest - span : rest;
}

/** value / 4 with one decimal, half away from zero; ours keeps the quarters (formats.md §3). */
export function showQuarter(value: number, isOriginal: boolean): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (!isOriginal && size % 2 === 1) return sign + (size / 4).toFixed(2);
  const tenths = Math.floor(size * 2.5 + 0.5);
  return `${sign}${Math.floor(tenths / 10)}.${tenths % 10}`;
}

export const numberReaders = {
  signed: {
    1: (from: ByteReader) => from.i8(),
    2: (from: ByteReader) => (from.u16() << 16) >> 16,
    3: (from: ByteReader) => (from.u24() << 8) >> 8,
    4: (from: ByteReader) => from.i32(),
  },
  unsigned: {
    1: (from: ByteReader) => from.u8(),
    2: (from: ByteReader) => from.u16(),
    3: (from: ByteReader) => from.u24(),
    4: (from: ByteReader) => from.u32(),
  },
} as const;

export const numberWriters = {
  1: (to: ByteWriter, value: number) => void to.u8(value),
  2: (to: ByteWriter, value: number) => void to.u16(value),
  3: (to: ByteWriter, value: number) => void to.u24(value),
  4: (to: ByteWriter, value: number) => void to.u32(value),
} as const;

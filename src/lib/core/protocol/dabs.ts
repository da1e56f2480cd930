// Records that fill the rest of a payload: the dabs of a stroke, kept as one flat list of numbers.

import type { ByteWriter } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import { type Kind, noText } from './kind.js';
import { cut, numberWriters, rangeOf, roundAway, showQuarter } from './numbers.js';

/** Records that fill the rest of a payload: the dabs of a stroke, as one flat list of numbers. */
export interface RecordsKind extends Kind<readonly number[]> {
  readonly parts: readonly RecordPart[];
  /** One line per record for the key=value dialects. */
  showLines(values: readonly number[], isOriginal: boolean): string[];
  /** Undefined when a line has not exactly one number per part. */
  parseLine(line: string): number[] | undefined;
}

export interface RecordPart {
  readonly name: string;
  readonly bytes: 1 | 2 | 3;
  readonly isSigned: boolean;
  /** Text shows value / scale. */
  readonly scale: number;
  /** One decimal, as 2.1 writes it. */
  readonly isQuarter: boolean;
}

export function isRecords(kind: Kind): kind is RecordsKind {
  return 'parts' in kind;
}

/** `x`, `y`: signed bytes; the rest as in the fields. Text shows value / scale. */
export function part(
  name: string,
  bytes: 1 | 2 | 3,
  options: { isSigned?: boolean; scale?: number; isQuarter?: boolean } = {},
): RecordPart {
  return {
    name,
    bytes,
    isSigned: options.isSigned ?? false,
    scale: options.scale ?? 1,
    isQuarter: options.isQuarter ?? false,
  };
}

export function records(parts: readonly RecordPart[], options: { isOf21?: boolean } = {}): RecordsKind {
  const recordBytes = parts.reduce((sum, each) => sum + each.bytes, 0);
  const ranges = parts.map((each) => rangeOf(each.bytes, each.isSigned));
  const width = parts.length;
  const sizes = parts.map((each) => each.bytes);
  const signed = parts.map((each) => each.isSigned);
  const scales = parts.map((each) => each.scale);
  const jsonKeys = parts.map((each, index) => `${index === 0 ? '{' : ','}"${each.name}":`);
  const writers = parts.map((each) => numberWriters[each.bytes]);
  const inRange = (value: number, index: number): number | undefined => {
    const [least, most] = ranges[index] as readonly [number, number];
    return value >= least && value <= most ? value + 0 : undefined;
  };
  return {
    title: 'records',
    // 2.1 takes strokes without a dab.
    lengths: { min: options.isOf21 ? 0 : recordBytes, max: Number.POSITIVE_INFINITY, each: recordBytes },
    none: [],
    isLossy: false,
    parts,
    read(from) {
      const data = from.rest();
      if (data.length % recordBytes !== 0)
        throw new ProtocolError('dabs-incomplete', { count: data.length, each: recordBytes });
      const values: number[] = [];
      for (let at = 0; at < data.length; ) {
        for (let index = 0; index < width; index++) {
          const size = sizes[index] as number;
          let value = data[at++] as number;
          if (size > 1) value = (value << 8) | (data[at++] as number);
          if (size > 2) value = (value << 8) | (data[at++] as number);
          values.push(signed[index] ? (value << (32 - size * 8)) >> (32 - size * 8) : value);
        }
      }
      return values;
    },
    write(to, values) {
      for (let at = 0; at < values.length; at++) {
        (writers[at % width] as (to: ByteWriter, value: number) => void)(to, values[at] as number);
      }
    },
    ...noText,
    parseKeyValue: () => [],
    showLines(values, isOriginal) {
      const lines: string[] = [];
      for (let at = 0; at < values.length; at += width) {
        let line = '';
        for (let index = 0; index < width; index++) {
          const each = parts[index] as RecordPart;
          const value = values[at + index] as number;
          if (index > 0) line += ' ';
          line += each.isQuarter ? showQuarter(value, isOriginal) : String(value / each.scale);
        }
        lines.push(line);
      }
      return lines;
    },
    parseLine(line) {
      // one look at the complete line, so that Number() below can only meet decimal numbers
      if (!/^[-+.\deE ]+$/.test(line)) return undefined;
      const items = line.split(' ');
      if (items.length !== width) return undefined;
      const values: number[] = [];
      for (let index = 0; index < width; index++) {
        const item = items[index] as string;
        const number = item === '' ? Number.NaN : Number(item);
        if (Number.isNaN(number)) return undefined;
        const each = parts[index] as RecordPart;
        const raw = each.isQuarter ? Math.trunc(number * 4) : roundAway(number * each.scale);
        const value =
          inRange(raw, index) ?? (options.isOf21 ? cut(raw, each.bytes, each.isSigned) : undefined);
        if (value === undefined) return undefined;
        values.push(value);
      }
      return values;
    },
    showJson(values) {
      if (values.length === 0) return undefined;
      let json = '[';
      for (let at = 0; at < values.length; at += width) {
        if (at > 0) json += ',';
        for (let index = 0; index < width; index++) {
          json += jsonKeys[index] as string;
          json += (values[at + index] as number) / (scales[index] as number);
        }
        json += '}';
      }
      return `${json}]`;
    },
    parseJson(value, key, warn) {
      if (value === undefined) return [];
      if (!Array.isArray(value)) {
        warn(key, 'is not a list of dabs, none is used');
        return [];
      }
      const values: number[] = [];
      for (const record of value as unknown[]) {
        const given = (typeof record === 'object' && record !== null ? record : {}) as Record<
          string,
          unknown
        >;
        for (const [index, each] of parts.entries()) {
          const item = given[each.name];
          const fitted = inRange(typeof item === 'number' ? roundAway(item * each.scale) : 0, index);
          if (fitted === undefined || (item !== undefined && typeof item !== 'number')) {
            warn(key, `dab ${values.length / width + 1}: ${each.name} is no number that fits, 0 is used`);
          }
          values.push(fitted ?? 0);
        }
      }
      return values;
    },
  };
}

// Kinds of message fields that are numbers, or lists of numbers up to the end of the payload.

import { ProtocolError } from '../errors.js';
import { brief, exactly, type Kind, type Warn } from './kind.js';
import {
  cut,
  numberReaders,
  numberWriters,
  parseDecimal,
  rangeOf,
  roundAway,
  type Width,
} from './numbers.js';

export interface NumberForm {
  show(value: number, isOriginal: boolean): string;
  /** NaN: not a number. */
  parse(text: string): number;
}

const decimalForm: NumberForm = {
  show: (value) => String(value),
  parse: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN),
};

/** `0x0101`; decimal is read as well (formats.md §3). */
export const hexForm: NumberForm = {
  show: (value) => `0x${value.toString(16).padStart(4, '0')}`,
  parse: (text) => (/^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN),
};

function scaledForm(scale: number): NumberForm {
  return {
    show: (value) => String(value / scale),
    parse: (text) => roundAway(parseDecimal(text) * scale),
  };
}

interface NumberOptions {
  scale?: number;
  form?: NumberForm;
  /** Key=value text leaves zero out. */
  omitsZero?: boolean;
  /** The value when the key is missing. */
  none?: number;
  /** A number that does not fit is cut to its width, as 2.1 does, instead of being zero. */
  wraps?: boolean;
  /** A negative number stands for its two's complement. */
  takesSigned?: boolean;
}

export function number(bytes: Width, isSigned: boolean, options: NumberOptions = {}): Kind<number> {
  const { scale = 1, omitsZero = false, none = 0, wraps = false, takesSigned = wraps } = options;
  const form = options.form ?? (scale === 1 ? decimalForm : scaledForm(scale));
  const [least, most] = rangeOf(bytes, isSigned);
  const inRange = (value: number, key: string, warn: Warn): number => {
    if (value >= least && value <= most) return value + 0; // -0 becomes 0
    if (takesSigned && value < 0 && value >= -(most + 1) / 2) return value + most + 1;
    const used = wraps ? cut(value, bytes, isSigned) : 0;
    warn(key, `${value / scale} is outside ${least / scale} to ${most / scale}, ${used / scale} is used`);
    return used;
  };
  return {
    title: `${isSigned ? 'i' : 'u'}${bytes * 8}`,
    lengths: exactly(bytes),
    none,
    isLossy: false,
    read: numberReaders[isSigned ? 'signed' : 'unsigned'][bytes],
    write: numberWriters[bytes],
    showKeyValue(value, key, out) {
      if (!(omitsZero && value === 0)) out.add(key, form.show(value, out.isOriginal));
    },
    parseKeyValue(key, from) {
      const text = from.get(key);
      if (text === undefined) return none;
      const value = form.parse(text);
      if (Number.isNaN(value)) {
        from.warn(key, `"${brief(text)}" is not a number, 0 is used`);
        return 0;
      }
      return inRange(value, key, from.warn);
    },
    keys: (key) => [key],
    showJson: (value) => String(value / scale),
    parseJson(value, key, warn) {
      if (value === undefined) return none;
      if (typeof value !== 'number') {
        warn(key, 'is not a number, 0 is used');
        return 0;
      }
      return inRange(roundAway(value * scale), key, warn);
    },
  };
}

export const u8 = number(1, false);
export const u16 = number(2, false);
export const u24 = number(3, false);
export const u32 = number(4, false);
export const i32 = number(4, true);
/** Coordinates in quarters of a pixel. */
export const i32Quarters = number(4, true, { scale: 4 });

/** Ids of 2.2: `0x0101`. */
export const hex8 = number(1, false, { form: hexForm });
export const hex16 = number(2, false, { form: hexForm });

/** A number with names for its values. The text forms write the number. */
export function choice(..._names: readonly string[]): Kind<number> {
  return u8;
}

export function list(
  bytesEach: Width,
  isSigned: boolean,
  isHex: boolean,
  omitsEmpty: boolean,
): Kind<readonly number[]> {
  const [least, most] = rangeOf(bytesEach, isSigned);
  const form = isHex ? hexForm : decimalForm;
  const read = numberReaders[isSigned ? 'signed' : 'unsigned'][bytesEach];
  const write = numberWriters[bytesEach];
  return {
    title: `${isSigned ? 'i' : 'u'}${bytesEach * 8}[]`,
    // Lists of bytes are of users, of whom there are 255 at most.
    lengths: { min: 0, max: bytesEach === 1 ? 255 : Number.POSITIVE_INFINITY },
    none: [],
    isLossy: false,
    read(from) {
      if (from.left % bytesEach !== 0)
        throw new ProtocolError('list-incomplete', { count: from.left, what: this.title });
      const values: number[] = [];
      while (from.left > 0) values.push(read(from));
      return values;
    },
    write(to, values) {
      for (const value of values) write(to, value);
    },
    showKeyValue(values, key, out) {
      if (values.length > 0 || !omitsEmpty)
        out.add(key, values.map((value) => form.show(value, true)).join(','));
    },
    parseKeyValue(key, from) {
      const text = from.get(key) ?? '';
      const values: number[] = [];
      for (const item of text === '' ? [] : text.split(',')) {
        const value = form.parse(item.trim());
        if (value >= least && value <= most) values.push(value);
        else from.warn(key, `"${brief(item)}" is no number of ${least} to ${most}, it is left out`);
      }
      return values;
    },
    keys: (key) => [key],
    showJson: (values) => (values.length > 0 ? `[${values.join(',')}]` : undefined),
    parseJson(value, key, warn) {
      if (value === undefined) return [];
      if (!Array.isArray(value)) {
        warn(key, 'is not a list, an empty one is used');
        return [];
      }
      return value.map((item: unknown) => {
        const rounded = typeof item === 'number' ? roundAway(item) : Number.NaN;
        if (rounded >= least && rounded <= most) return rounded + 0;
        warn(key, `holds something that is no number of ${least} to ${most}, 0 is used`);
        return 0;
      });
    },
  };
}

export const u8List = list(1, false, false, true);
export const u16List = list(2, false, false, true);
export const u32List = list(4, false, false, true);
export const i32List = list(4, true, false, true);
export const hex16List = list(2, false, true, true);

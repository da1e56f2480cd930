// The kinds of message fields: how each is read and written in binary, as key=value text (dialects 2.1 and 2.2)
// and as JSON text (dialect 2.3). formats.md §3 and §4, protocol.md §8. To add a kind: one function here.

import { Buffer } from 'node:buffer';
import { asBuffer, type ByteReader, type ByteWriter } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import { type BlendModes, blendModes22, blendModes23, normalBlendMode } from './blend-modes.js';
import {
  cut,
  numberReaders,
  numberWriters,
  parseDecimal,
  rangeOf,
  roundAway,
  type Width,
} from './numbers.js';

export type FieldValue = number | boolean | string | Uint8Array | readonly number[];

/** The values of one message by field name. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** Told of a text value that could not be taken as it stands; reading goes on with the kind's default. */
export type Warn = (key: string, message: string) => void;

/** Where a field puts its key=value pairs. A key that is added twice becomes one comma list. */
export interface KeyValueOut {
  /** All values of the message. */
  readonly fields: Fields;
  /** Write just what the original programs write, even where that loses something. */
  readonly isOriginal: boolean;
  add(key: string, value: string): void;
}

/** Where a field finds its key=value pairs. Lines of a repeated key are joined with a newline. */
export interface KeyValueIn {
  get(key: string): string | undefined;
  readonly warn: Warn;
}

/** How many bytes a field takes. */
export interface Lengths {
  readonly min: number;
  /** Infinity: up to the end of the payload. */
  readonly max: number;
  /** Whole items of so many bytes only. */
  readonly each?: number;
}

const exactly = (bytes: number): Lengths => ({ min: bytes, max: bytes });

export interface Kind<T extends FieldValue = FieldValue> {
  /** What the tables and messages to people call it. */
  readonly title: string;
  readonly lengths: Lengths;
  /** The value of a field that is not given. */
  readonly none: T;
  /** Whether its text form can lose something that its binary form can hold. */
  readonly isLossy: boolean;
  /** Throws a ProtocolError when there are too few bytes. */
  read(from: ByteReader): T;
  write(to: ByteWriter, value: T): void;
  showKeyValue(value: T, key: string, out: KeyValueOut): void;
  parseKeyValue(key: string, from: KeyValueIn): T;
  /** Every key that `showKeyValue` may use. */
  keys(key: string): readonly string[];
  /** JSON text, undefined: the key is left out. */
  showJson(value: T): string | undefined;
  parseJson(value: unknown, key: string, warn: Warn): T;
}

export const noText = { showKeyValue: () => {}, keys: () => [] };

// Numbers

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

// Yes and no

export const bool: Kind<boolean> = boolean(false);
export function boolean(omitsFalse: boolean): Kind<boolean> {
  return {
    title: 'bool',
    lengths: exactly(1),
    none: false,
    isLossy: true, // a byte of 2 is true as well
    read: (from) => from.u8() !== 0,
    write: (to, value) => void to.u8(value ? 1 : 0),
    showKeyValue(value, key, out) {
      if (value || !omitsFalse) out.add(key, String(value));
    },
    parseKeyValue(key, from) {
      const text = from.get(key);
      if (text !== undefined && text !== 'true' && text !== 'false') {
        from.warn(key, `"${brief(text)}" is neither true nor false, false is used`);
      }
      return text === 'true';
    },
    keys: (key) => [key],
    showJson: (value) => String(value),
    parseJson(value, key, warn) {
      if (value !== undefined && typeof value !== 'boolean')
        warn(key, 'is neither true nor false, false is used');
      return value === true;
    },
  };
}

// Text and bytes

export function text(title: string, omitsEmpty: boolean, hasLength: boolean): Kind<string> {
  return {
    title,
    lengths: hasLength ? { min: 1, max: 256 } : { min: 0, max: Number.POSITIVE_INFINITY },
    none: '',
    isLossy: true, // bytes that are no UTF-8
    read(from) {
      return (hasLength ? from.bytes(from.u8()) : from.rest()).toString('utf8');
    },
    write(to, value) {
      if (!hasLength) {
        to.text(value);
        return;
      }
      const bytes = Buffer.from(value, 'utf8');
      if (bytes.length > 255) throw new ProtocolError(`a text of ${bytes.length} bytes is longer than 255`);
      to.u8(bytes.length).bytes(bytes);
    },
    showKeyValue(value, key, out) {
      if (!(omitsEmpty && value === '')) out.add(key, value);
    },
    parseKeyValue: (key, from) => from.get(key) ?? '',
    keys: (key) => [key],
    showJson: (value) => JSON.stringify(value),
    parseJson(value, key, warn) {
      if (value !== undefined && typeof value !== 'string') warn(key, 'is not a text, "" is used');
      return typeof value === 'string' ? value : '';
    },
  };
}

/** UTF-8 up to the end of the payload. 2.2 leaves empty texts out, 2.1 does not. */
export const utf8 = text('utf8', true, false);
/** UTF-8 after one byte with its length. */
export const shortUtf8 = text('utf8 with length', true, true);

function fromBase64(value: string, key: string, warn: Warn): Buffer {
  const packed = value.includes('\n') ? value.replaceAll('\n', '') : value;
  if (packed.length % 4 === 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed))
    warn(key, 'is not base64, what can be read of it is used');
  return Buffer.from(packed, 'base64');
}

/** Bytes up to the end of the payload, base64 in text. */
export const bytes: Kind<Uint8Array> = {
  title: 'bytes',
  lengths: { min: 0, max: Number.POSITIVE_INFINITY },
  none: Buffer.alloc(0),
  isLossy: false,
  read: (from) => from.rest(),
  write: (to, value) => void to.bytes(value),
  showKeyValue(value, key, out) {
    if (value.length > 0) out.add(key, wrapBase64(asBuffer(value)));
  },
  parseKeyValue: (key, from) => fromBase64(from.get(key) ?? '', key, from.warn),
  keys: (key) => [key],
  showJson: (value) => (value.length === 0 ? undefined : `"${asBuffer(value).toString('base64')}"`),
  parseJson(value, key, warn) {
    if (value !== undefined && typeof value !== 'string') warn(key, 'is not a base64 text, nothing is used');
    return typeof value === 'string' ? fromBase64(value, key, warn) : Buffer.alloc(0);
  },
};

/** Base64 in lines of 70 characters, which makes it a value of several lines (formats.md §3). */
export function wrapBase64(value: Buffer): string {
  const packed = value.toString('base64');
  if (packed.length <= 70) return packed;
  const lines: string[] = [];
  for (let at = 0; at < packed.length; at += 70) lines.push(packed.slice(at, at + 70));
  return lines.join('\n');
}

// Colours, blend modes, flags

export function color(omitsZero: boolean, dropsAlpha: boolean): Kind<number> {
  const parse = (text: string, key: string, warn: Warn): number => {
    if (/^#[\da-f]{6}$/i.test(text)) return (0xff000000 | Number.parseInt(text.slice(1), 16)) >>> 0;
    if (/^#[\da-f]{8}$/i.test(text)) return Number.parseInt(text.slice(1), 16);
    warn(key, `"${brief(text)}" is not a colour like #rrggbb or #aarrggbb, 0 is used`);
    return 0;
  };
  return {
    title: 'argb32',
    lengths: exactly(4),
    none: 0,
    isLossy: dropsAlpha,
    read: (from) => from.u32(),
    write: (to, value) => void to.u32(value),
    showKeyValue(value, key, out) {
      if (omitsZero && value === 0) return;
      out.add(key, dropsAlpha ? showColor((value | 0xff000000) >>> 0) : showColor(value));
    },
    parseKeyValue(key, from) {
      const text = from.get(key);
      return text === undefined ? 0 : parse(text, key, from.warn);
    },
    keys: (key) => [key],
    showJson: (value) => `"${showColor(value)}"`,
    parseJson(value, key, warn) {
      if (value === undefined) return 0;
      return parse(typeof value === 'string' ? value : '', key, warn);
    },
  };
}

/** `#rrggbb` when opaque, else `#aarrggbb`. */
export function showColor(value: number): string {
  const hex = value.toString(16).padStart(8, '0');
  return hex.startsWith('ff') ? `#${hex.slice(2)}` : `#${hex}`;
}

export const argb32 = color(false, false);

function blend(modes: BlendModes): Kind<number> {
  const parse = (name: string, key: string, warn: Warn): number => {
    const mode = modes.numberOf(name);
    if (mode === undefined)
      warn(key, `"${brief(name)}" is no blend mode of this version, svg:src-over is used`);
    return mode ?? normalBlendMode;
  };
  const nameOf = (value: number): string => modes.nameOf(value) ?? '-dp-unknown';
  return {
    title: 'blend mode',
    lengths: exactly(1),
    none: normalBlendMode,
    isLossy: true, // modes without a name
    read: (from) => from.u8(),
    write: (to, value) => void to.u8(value),
    showKeyValue: (value, key, out) => out.add(key, nameOf(value)),
    parseKeyValue(key, from) {
      const name = from.get(key);
      return name === undefined ? normalBlendMode : parse(name, key, from.warn);
    },
    keys: (key) => [key],
    showJson: (value) => JSON.stringify(nameOf(value)),
    parseJson(value, key, warn) {
      if (value === undefined) return normalBlendMode;
      return parse(typeof value === 'string' ? value : '', key, warn);
    },
  };
}

export const blendOf22 = blend(blendModes22);
export const blendOf23 = blend(blendModes23);

/**
 * One byte of named bits, written in the order of `bits`. `names` of bits in text; bits without a name are kept in
 * binary only.
 */
export function flags(bits: Readonly<Record<string, number>>): Kind<number> {
  const known = Object.entries(bits);
  const names = (value: number): string[] =>
    known.filter(([, bit]) => (value & bit) === bit).map(([name]) => name);
  const parse = (given: readonly string[], key: string, warn: Warn, isShared: boolean): number => {
    let value = 0;
    for (const name of given) {
      const bit = bits[name];
      if (bit !== undefined) value |= bit;
      else if (!isShared) warn(key, `"${brief(name)}" is no flag here, it is left out`);
    }
    return value;
  };
  return {
    title: 'flags',
    lengths: exactly(1),
    none: 0,
    isLossy: true, // bits without a name
    read: (from) => from.u8(),
    write: (to, value) => void to.u8(value),
    showKeyValue(value, key, out) {
      const shown = names(value);
      if (shown.length > 0) out.add(key, shown.join(','));
    },
    parseKeyValue(key, from) {
      const text = from.get(key) ?? '';
      return parse(
        text === '' ? [] : text.split(',').map((name) => name.trim()),
        key,
        from.warn,
        key === sharedFlagsKey,
      );
    },
    keys: (key) => [key],
    showJson(value) {
      const shown = names(value);
      return shown.length > 0 ? JSON.stringify(shown) : undefined;
    },
    parseJson(value, key, warn) {
      if (value === undefined) return 0;
      if (!Array.isArray(value)) {
        warn(key, 'is not a list of flag names, none is used');
        return 0;
      }
      return parse(value.map(String), key, warn, false);
    },
  };
}

/** Chat of 2.1 puts two bytes of flags under one key, so neither knows all names. */
const sharedFlagsKey = 'flags';

// Lists up to the end of the payload

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
        throw new ProtocolError(`${from.left} bytes are no list of ${this.title}`);
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

export function brief(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

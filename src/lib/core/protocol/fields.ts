// The kinds of message fields: how each is read and written in binary, as key=value text (dialects 2.1 and 2.2)
// and as JSON text (dialect 2.3). formats.md §3 and §4, protocol.md §8. To add a kind: one function here.

import { Buffer, isUtf8 } from 'node:buffer';
import { asBuffer, type ByteReader, type ByteWriter } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import { type BlendModes, blendModes22, blendModes23, normalBlendMode } from './blend-modes.js';

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

export interface Kind<T extends FieldValue = FieldValue> {
  /** What the tables and messages to people call it. */
  readonly title: string;
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

const noText = { showKeyValue: () => {}, keys: () => [] };

// Numbers

type Width = 1 | 2 | 3 | 4;

interface NumberForm {
  show(value: number, isOriginal: boolean): string;
  /** NaN: not a number. */
  parse(text: string): number;
}

const decimalForm: NumberForm = {
  show: (value) => String(value),
  parse: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN),
};

/** `0x0101`; decimal is read as well (formats.md §3). */
const hexForm: NumberForm = {
  show: (value) => `0x${value.toString(16).padStart(4, '0')}`,
  parse: (text) => (/^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN),
};

const percentForm: NumberForm = {
  show: (value) => ((value * 100) / 255).toFixed(2),
  parse: (text) => {
    const percent = parseDecimal(text);
    return Number.isNaN(percent) ? percent : Math.min(255, Math.max(0, Math.round((percent / 100) * 255)));
  },
};

/** value / 4 with one decimal, half away from zero; ours keeps the quarters (formats.md §3). */
const quarterForm: NumberForm = {
  show: showQuarter,
  parse: (text) => Math.trunc(parseDecimal(text) * 4),
};

function showQuarter(value: number, isOriginal: boolean): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (!isOriginal && size % 2 === 1) return sign + (size / 4).toFixed(2);
  const tenths = Math.floor(size * 2.5 + 0.5);
  return `${sign}${Math.floor(tenths / 10)}.${tenths % 10}`;
}

function scaledForm(scale: number): NumberForm {
  return {
    show: (value) => String(value / scale),
    parse: (text) => roundAway(parseDecimal(text) * scale),
  };
}

function parseDecimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Half away from zero. */
function roundAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

function rangeOf(bytes: Width, isSigned: boolean): readonly [number, number] {
  const span = 2 ** (bytes * 8);
  return isSigned ? [-span / 2, span / 2 - 1] : [0, span - 1];
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

function number(bytes: Width, isSigned: boolean, options: NumberOptions = {}): Kind<number> {
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

function cut(value: number, bytes: Width, isSigned: boolean): number {
  if (value >= 0 && value < 128) return value;
  const span = 2 ** (bytes * 8);
  if (!Number.isFinite(value)) return 0;
  const rest = ((value % span) + span) % span;
  return isSigned && rest >= span / 2 ? rest - span : rest;
}

const numberReaders = {
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

const numberWriters = {
  1: (to: ByteWriter, value: number) => void to.u8(value),
  2: (to: ByteWriter, value: number) => void to.u16(value),
  3: (to: ByteWriter, value: number) => void to.u24(value),
  4: (to: ByteWriter, value: number) => void to.u32(value),
} as const;

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

/** The 2.1 forms of numbers. */
export const u8of21 = number(1, false, { wraps: true });
export const u16of21 = number(2, false, { wraps: true });
export const u32of21 = number(4, false, { takesSigned: true });
export const i32of21 = number(4, true, { wraps: true });
export const i32QuartersOf21 = number(4, true, { form: quarterForm });
export const percent = number(1, false, { form: percentForm });
/** Blend modes of 2.1 are plain numbers; a missing one is normal. */
export const modeOf21 = number(1, false, { none: normalBlendMode, wraps: true });

/** The same number, left out of key=value text when it is zero. */
export const omitted = {
  u8: number(1, false, { wraps: true, omitsZero: true }),
  u16: number(2, false, { wraps: true, omitsZero: true }),
  i32: number(4, true, { wraps: true, omitsZero: true }),
  hex16: number(2, false, { form: hexForm, omitsZero: true }),
} as const;

/** A number with names for its values. The text forms write the number. */
export function choice(..._names: readonly string[]): Kind<number> {
  return u8;
}

// Yes and no

export const bool: Kind<boolean> = boolean(false);
/** Left out of key=value text when false. */
export const omittedBool: Kind<boolean> = boolean(true);

function boolean(omitsFalse: boolean): Kind<boolean> {
  return {
    title: 'bool',
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

/** A flag that the name of the message tells: undo and redo, ping and pong in the 2.1 dialect. */
export const boolByName: Kind<boolean> = { ...bool, ...noText, parseKeyValue: () => false };

// Text and bytes

function text(title: string, omitsEmpty: boolean, hasLength: boolean): Kind<string> {
  return {
    title,
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
export const utf8of21 = text('utf8', false, false);
/** UTF-8 after one byte with its length. */
export const shortUtf8 = text('utf8 with length', true, true);
export const shortUtf8of21 = text('utf8 with length', false, true);

/** Whether these bytes are UTF-8, i.e. survive being text. */
export function isPlainUtf8(bytes: Uint8Array): boolean {
  return isUtf8(bytes);
}

function fromBase64(value: string, key: string, warn: Warn): Buffer {
  const packed = value.includes('\n') ? value.replaceAll('\n', '') : value;
  if (packed.length % 4 === 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed))
    warn(key, 'is not base64, what can be read of it is used');
  return Buffer.from(packed, 'base64');
}

/** Bytes up to the end of the payload, base64 in text. */
export const bytes: Kind<Uint8Array> = {
  title: 'bytes',
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

function color(omitsZero: boolean, dropsAlpha: boolean): Kind<number> {
  const parse = (text: string, key: string, warn: Warn): number => {
    if (/^#[\da-f]{6}$/i.test(text)) return (0xff000000 | Number.parseInt(text.slice(1), 16)) >>> 0;
    if (/^#[\da-f]{8}$/i.test(text)) return Number.parseInt(text.slice(1), 16);
    warn(key, `"${brief(text)}" is not a colour like #rrggbb or #aarrggbb, 0 is used`);
    return 0;
  };
  return {
    title: 'argb32',
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
export const omittedColor = color(true, false);
/** 2.1's laser: always written opaque. */
export const opaqueColor = color(false, true);

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

function list(
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
export const hex16ListOf21 = list(2, false, true, false);

// The 2.1 dialect's own ways

const tierNames = ['op', 'trusted', 'auth', 'guest'];

function parseTier(name: string | undefined, key: string, warn: Warn): number {
  if (name === undefined) return 0;
  const tier = tierNames.indexOf(name);
  if (tier < 0) warn(key, `"${brief(name)}" is none of ${tierNames.join(', ')}; op is used`);
  return Math.max(0, tier);
}

/** Locked bit and tier of a layer's access list; a canvas lock (layer 0) has no tier. */
export const layerAclFlagsOf21: Kind<number> = {
  ...u8,
  isLossy: true, // bits 3 to 6, tiers above 3
  showKeyValue(value, _key, out) {
    out.add('locked', String((value & 0x80) !== 0));
    if (out.fields.id !== 0) out.add('tier', tierNames[value & 7] ?? 'op');
  },
  parseKeyValue(_key, from) {
    return (bool.parseKeyValue('locked', from) ? 0x80 : 0) | parseTier(from.get('tier'), 'tier', from.warn);
  },
  keys: () => ['locked', 'tier'],
};

/** The list of a layer's access list, not written for a canvas lock. */
export const exclusiveOf21: Kind<readonly number[]> = {
  ...u8List,
  isLossy: true,
  showKeyValue(values, key, out) {
    if (out.fields.id !== 0) u8List.showKeyValue(values, key, out);
  },
};

const featureNames = [
  'putimage',
  'regionmove',
  'resize',
  'background',
  'editlayers',
  'ownlayers',
  'createannotation',
  'laser',
  'undo',
];

/** Nine tiers, one key each; operators only is not written. */
export const featureTiersOf21: Kind<readonly number[]> = {
  ...u8List,
  isLossy: true, // tiers above 3
  showKeyValue(tiers, _key, out) {
    for (const [feature, name] of featureNames.entries()) {
      const tier = tiers[feature] ?? 0;
      if (tier !== 0) out.add(name, tierNames[tier] ?? 'op');
    }
  },
  parseKeyValue: (_key, from) => featureNames.map((name) => parseTier(from.get(name), name, from.warn)),
  keys: () => featureNames,
};

/** `flags=protect` and `valign=center|bottom` of an annotation. */
export const annotationFlagsOf21: Kind<number> = {
  ...u8,
  isLossy: true,
  showKeyValue(value, _key, out) {
    if (value & 1) out.add('flags', 'protect');
    const align = value & 6;
    if (align === 6) out.add('valign', 'bottom');
    else if (align === 2) out.add('valign', 'center');
  },
  parseKeyValue(_key, from) {
    const protect = flags({ protect: 1 }).parseKeyValue('flags', from);
    const align = from.get('valign');
    if (align !== undefined && align !== 'center' && align !== 'bottom' && align !== 'top') {
      from.warn('valign', `"${brief(align)}" is neither center nor bottom, top is used`);
    }
    return protect | (align === 'bottom' ? 6 : align === 'center' ? 2 : 0);
  },
  keys: () => ['flags', 'valign'],
};

/** Four bytes are one colour (`color=`), more are an image (`img=`). */
export const tileOf21: Kind<Uint8Array> = {
  ...bytes,
  showKeyValue(value, _key, out) {
    if (value.length === 4) out.add('color', showColor(asBuffer(value).readUInt32BE(0)));
    else out.add('img', wrapBase64(asBuffer(value)));
  },
  parseKeyValue(_key, from) {
    if (from.get('color') === undefined) return bytes.parseKeyValue('img', from);
    const value = Buffer.alloc(4);
    value.writeUInt32BE(argb32.parseKeyValue('color', from));
    return value;
  },
  keys: () => ['color', 'img'],
};

// Records

/** `x`, `y`: signed bytes; the rest as told. Text shows value / scale. */
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
    none: [],
    isLossy: false,
    parts,
    read(from) {
      const data = from.rest();
      if (data.length % recordBytes !== 0)
        throw new ProtocolError(`${data.length} bytes are no whole dabs of ${recordBytes}`);
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
      // one look at the whole line, so that Number() below can only meet decimal numbers
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

function brief(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

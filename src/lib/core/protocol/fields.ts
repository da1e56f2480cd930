// Kinds of message fields that are not plain numbers (number-fields.ts has those): booleans, text, bytes, colours,
// blend modes, flags. To add a kind: one function here. formats.md §3 and §4, protocol.md §8.

import { Buffer } from 'node:buffer';
import { asBuffer } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import { type BlendModes, blendModes22, blendModes23, normalBlendMode } from './blend-modes.js';
import { brief, exactly, type Kind, type Warn } from './kind.js';

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
      if (bytes.length > 255) throw new ProtocolError('text-too-long', { count: bytes.length, most: 255 });
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

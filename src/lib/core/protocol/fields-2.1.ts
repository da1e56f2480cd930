// The kinds of fields that only the 2.1 dialect has (formats.md §3): values left out when zero, percents and quarters,
// several keys for one field and one key for several.

import { Buffer } from 'node:buffer';
import { asBuffer } from '../bytes.js';
import { normalBlendMode } from './blend-modes.js';
import { argb32, bool, boolean, bytes, color, flags, showColor, text, wrapBase64 } from './fields.js';
import { brief, type Kind, noText, type Warn } from './kind.js';
import { hexForm, list, type NumberForm, number, u8, u8List } from './number-fields.js';
import { parseDecimal, showQuarter } from './numbers.js';

const percentForm: NumberForm = {
  show: (value) => ((value * 100) / 255).toFixed(2),
  parse: (text) => {
    const percent = parseDecimal(text);
    return Number.isNaN(percent) ? percent : Math.min(255, Math.max(0, Math.round((percent / 100) * 255)));
  },
};

/** value / 4 with one decimal. */
const quarterForm: NumberForm = {
  show: showQuarter,
  parse: (text) => Math.trunc(parseDecimal(text) * 4),
};

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

/** Left out of key=value text when false. */
export const omittedBool: Kind<boolean> = boolean(true);

/** A flag that the name of the message expresses: undo and redo, ping and pong in the 2.1 dialect. */
export const boolByName: Kind<boolean> = { ...bool, ...noText, parseKeyValue: () => false };

/** Text is written even when it is empty. */
export const utf8of21 = text('utf8', false, false);
export const shortUtf8of21 = text('utf8 with length', false, true);

export const omittedColor = color(true, false);
/** The laser's colour: always written opaque. */
export const opaqueColor = color(false, true);

export const hex16ListOf21 = list(2, false, true, false);

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
  lengths: { min: 4, max: Number.POSITIVE_INFINITY },
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

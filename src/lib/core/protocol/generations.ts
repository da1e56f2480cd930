// The generations of the protocol and how each reads the same field: layer ids have two bytes or three, 2.1 has a
// separate text form. message-table.ts lists the fields of each message.
import { part, type RecordsKind, records } from './dabs.js';
import { blendOf22, blendOf23, shortUtf8, utf8 } from './fields.js';
import {
  hex16ListOf21,
  i32of21,
  i32QuartersOf21,
  modeOf21,
  shortUtf8of21,
  u8of21,
  u16of21,
  u32of21,
  utf8of21,
} from './fields-2.1.js';
import type { Kind } from './kind.js';
import {
  choice,
  hex8,
  hex16,
  hex16List,
  i32,
  i32Quarters,
  u8,
  u16,
  u16List,
  u24,
  u32,
} from './number-fields.js';

/** Server and major number of a protocol version: what decides the layout of messages. Oldest first. */
export const generations = ['4.21', '4.24', '4.25'] as const;
export type Generation = (typeof generations)[number];

/** The fields of one generation, by what they hold. */
export interface Kinds {
  readonly generation: Generation;
  readonly u8: Kind<number>;
  readonly u16: Kind<number>;
  readonly u32: Kind<number>;
  readonly i32: Kind<number>;
  /** Coordinates in quarters of a pixel. */
  readonly quarters: Kind<number>;
  readonly utf8: Kind<string>;
  readonly shortUtf8: Kind<string>;
  /** A number with names for its values. */
  readonly choice: (...names: readonly string[]) => Kind<number>;
  readonly layer: Kind<number>;
  /** A layer in an access list, and where only its visibility is meant. */
  readonly shownLayer: Kind<number>;
  readonly layers: Kind<readonly number[]>;
  /** Of annotations and tracks. */
  readonly id: Kind<number>;
  readonly ids: Kind<readonly number[]>;
  readonly byteId: Kind<number>;
  readonly blend: Kind<number>;
  /** Width or height of a selection. */
  readonly extent: Kind<number>;
  readonly softDabs: RecordsKind;
  readonly paintDabs: RecordsKind;
  readonly pixelDabs: RecordsKind;
}

const offset = { isSigned: true, scale: 4 };
const softDab = (sizeBytes: 2 | 3) => [
  part('x', 1, offset),
  part('y', 1, offset),
  part('size', sizeBytes, { scale: 256 }),
  part('hardness', 1),
  part('opacity', 1),
];
const paintDab = (sizeBytes: 2 | 3) => [...softDab(sizeBytes), part('angle', 1), part('aspect_ratio', 1)];
const pixelDab = (sizeBytes: 1 | 2) => [
  part('x', 1, { isSigned: true }),
  part('y', 1, { isSigned: true }),
  part('size', sizeBytes),
  part('opacity', 1),
];

const kinds425: Kinds = {
  generation: '4.25',
  u8,
  u16,
  u32,
  i32,
  quarters: i32Quarters,
  utf8,
  shortUtf8,
  choice,
  layer: u24,
  shownLayer: u24,
  layers: hex16List,
  id: u16,
  ids: u16List,
  byteId: u8,
  blend: blendOf23,
  extent: u32,
  softDabs: records(softDab(3)),
  paintDabs: records(paintDab(3)),
  pixelDabs: records(pixelDab(2)),
};

const kinds424: Kinds = {
  ...kinds425,
  generation: '4.24',
  layer: hex16,
  shownLayer: u16,
  id: hex16,
  ids: hex16List,
  byteId: hex8,
  blend: blendOf22,
  extent: u16,
  softDabs: records(softDab(2)),
  paintDabs: records(paintDab(2)),
  pixelDabs: records(pixelDab(1)),
};

const quarter = { isSigned: true, isQuarter: true };

const kinds421: Kinds = {
  ...kinds424,
  generation: '4.21',
  u8: u8of21,
  u16: u16of21,
  u32: u32of21,
  i32: i32of21,
  quarters: i32QuartersOf21,
  utf8: utf8of21,
  shortUtf8: shortUtf8of21,
  choice: () => u8of21,
  shownLayer: hex16,
  layers: hex16ListOf21,
  ids: hex16ListOf21,
  blend: modeOf21,
  softDabs: records(
    [part('x', 1, quarter), part('y', 1, quarter), part('size', 2), part('hardness', 1), part('opacity', 1)],
    { isOf21: true },
  ),
  pixelDabs: records(pixelDab(1), { isOf21: true }),
};

export const kindsOf: Readonly<Record<Generation, Kinds>> = {
  '4.21': kinds421,
  '4.24': kinds424,
  '4.25': kinds425,
};

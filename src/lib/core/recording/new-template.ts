// Makes a template from a few options: a canvas of a given size with layers.

import { initialFeatures } from '../canvas/access.js';
import type { Codecs } from '../canvas/needs.js';
import { refusal } from '../errors.js';
import type { Picture } from '../picture/picture.js';
import type { Fields, FieldValue } from '../protocol/kind.js';
import { encodePayload, type Generation, messageTables } from '../protocol/messages.js';
import type { HeaderValue } from './header.js';
import type { RecordingFormat } from './items.js';
import { tilesOfPicture } from './picture-tiles.js';
import { RecordingWriter } from './writer.js';

export interface NewTemplate {
  generation: Generation;
  format: RecordingFormat;
  widthPixels: number;
  heightPixels: number;
  /** Titles, the lowest layer first. */
  layers: readonly string[];
  /** Colour of the lowest layer, 0xAARRGGBB; 0: transparent. */
  fill: number;
  /** What is on the lowest layer, and how it is packed. */
  picture?: { readonly picture: Picture; readonly codecs: Codecs } | undefined;
  /** Header keys beside the version, as in formats.md §7. */
  settings: Readonly<Record<string, HeaderValue>>;
}

/** Layers carry the number of the user who made them: 0x0101 is the first one of user 1 in every generation. */
const layerId: Readonly<Record<Generation, (index: number) => number>> = {
  '4.21': (index) => 0x0101 + index,
  '4.24': (index) => 0x0101 + index,
  '4.25': (index) => ((index + 1) << 8) | 1,
};

const everybody = new Array<number>(12).fill(3);

/** The bytes of the template. Throws a Refusal when it cannot be made. */
export function makeTemplate(options: NewTemplate): Uint8Array {
  const { generation, widthPixels, heightPixels, layers } = options;
  if (layers.length < 1 || layers.length > 255) {
    throw refusal('template-layer-count', { layers: layers.length });
  }
  for (const size of [widthPixels, heightPixels]) {
    if (!Number.isInteger(size) || size < 1 || size > maxSidePixels) {
      throw refusal('template-size', { most: maxSidePixels, pixels: size });
    }
  }
  const table = messageTables[generation];
  const writer = new RecordingWriter({
    format: options.format,
    generation,
    header: new Map<string, HeaderValue>([['version', table.protocol], ...Object.entries(options.settings)]),
    isOriginal: false,
  });
  const say = (
    contextId: number,
    name: string,
    fields: Readonly<Record<string, FieldValue>> | Fields,
  ): void => {
    const row = table.named(name)?.row;
    if (row) writer.write({ type: row.id, contextId, payload: encodePayload(row, fields as Fields) });
  };
  // Clients filter what the maker of the layers may not do: 2.1 goes by the owner list, later ones by the tiers.
  if (generation === '4.21') say(0, 'owner', { users: [1] });
  else say(0, 'featureaccess', { feature_tiers: everybody });
  say(1, 'resize', { right: widthPixels, bottom: heightPixels });
  for (const [index, title] of layers.entries()) {
    say(1, generation === '4.21' ? 'newlayer' : 'layertreecreate', {
      id: layerId[generation](index),
      fill: index === 0 ? options.fill : 0,
      title,
    });
  }
  if (options.picture) {
    const { picture, codecs } = options.picture;
    // only operators may put tiles: user 1 is one in 2.1, later the server itself
    const user = generation === '4.21' ? 1 : 0;
    for (const tile of tilesOfPicture(picture, layerId[generation](0), codecs)) say(user, 'puttile', tile);
  }
  if (generation !== '4.21') say(0, 'featureaccess', { feature_tiers: initialFeatures });
  return writer.take();
}

/** What the clients can still draw on. */
const maxSidePixels = 32767;

// A picture as tiles for a layer: the PutTile messages that every generation knows, equal adjacent ones in one message.

import type { Codecs } from '../canvas/needs.js';
import { writeTile } from '../canvas/payloads.js';
import { c8to15, premultiply8 } from '../canvas/pixel.js';
import { TILE_LENGTH, TILE_SIDE, Tile } from '../canvas/tiles.js';
import type { Picture } from '../picture/picture.js';
import type { Fields } from '../protocol/kind.js';

const mostRepeats = 65535;

/** The fields of one message per run of tiles; what is transparent is left out. */
export function* tilesOfPicture(picture: Picture, layer: number, codecs: Codecs): Generator<Fields> {
  const columns = Math.ceil(picture.width / TILE_SIDE);
  const rows = Math.ceil(picture.height / TILE_SIDE);
  let run: { start: number; length: number; image: Uint8Array } | undefined;
  const fieldsOf = ({ start, length, image }: NonNullable<typeof run>): Fields => ({
    layer,
    col: start % columns,
    row: Math.floor(start / columns),
    repeat: length - 1,
    image,
  });
  for (let index = 0; index < columns * rows; index++) {
    const image = tileAt(picture, index % columns, Math.floor(index / columns), codecs);
    if (run && image && run.length <= mostRepeats && isEqual(run.image, image)) {
      run.length++;
      continue;
    }
    if (run) yield fieldsOf(run);
    run = image && { start: index, length: 1, image };
  }
  if (run) yield fieldsOf(run);
}

/** Undefined: nothing is to be seen in it. */
function tileAt(
  { width, height, rgba }: Picture,
  column: number,
  row: number,
  codecs: Codecs,
): Uint8Array | undefined {
  const pixels = new Uint16Array(TILE_LENGTH);
  const left = column * TILE_SIDE;
  const top = row * TILE_SIDE;
  let isSeen = false;
  for (let y = 0; y < TILE_SIDE && top + y < height; y++) {
    for (let x = 0; x < TILE_SIDE && left + x < width; x++) {
      const from = ((top + y) * width + left + x) * 4;
      const alpha = rgba[from + 3]!;
      if (alpha === 0) continue;
      isSeen = true;
      const to = (y * TILE_SIDE + x) * 4;
      pixels[to] = c8to15(premultiply8(rgba[from + 2]!, alpha));
      pixels[to + 1] = c8to15(premultiply8(rgba[from + 1]!, alpha));
      pixels[to + 2] = c8to15(premultiply8(rgba[from]!, alpha));
      pixels[to + 3] = c8to15(alpha);
    }
  }
  return isSeen ? writeTile('deflate', new Tile(pixels), codecs) : undefined;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

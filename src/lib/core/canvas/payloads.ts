// Compressed pixels of messages (2.2 to 2.4), read and written. What cannot be read is undefined: the message then
// has no effect. Sizes are checked before anything is decompressed.

import type { Codecs } from './needs.js';
import { Tile } from './tiles.js';

/** `deflate`: big endian, zlib, interleaved (146, 147, 136, 160, 165). `zstd`: little endian, planes of differences. */
export type Packing = 'deflate' | 'zstd';

/** PutTile and CanvasBackground. */
export function readTile(
  packing: Packing,
  payload: Uint8Array,
  codecs: Codecs,
  author: number,
): Tile | undefined {
  throw new Error(`not yet: ${[packing, payload, codecs, author, Tile]}`);
}

/** The payload for a tile: 4 bytes when it is of one colour. Channels go through 8 bits. */
export function writeTile(packing: Packing, tile: Tile, codecs: Codecs): Uint8Array {
  throw new Error(`not yet: ${[packing, tile, codecs]}`);
}

/** PutImage: width * height * 4 bytes, or undefined. */
export function readImage(
  packing: Packing,
  width: number,
  height: number,
  payload: Uint8Array,
  codecs: Codecs,
): Uint8Array | undefined {
  throw new Error(`not yet: ${[packing, width, height, payload, codecs]}`);
}

/** Masks of SelectionPut (zstd), MoveRect and TransformRegion (both): bytes; 'none' when the payload is empty. */
export function readMask(
  packing: Packing,
  width: number,
  height: number,
  payload: Uint8Array,
  codecs: Codecs,
): Uint8Array | 'none' | undefined {
  throw new Error(`not yet: ${[packing, width, height, payload, codecs]}`);
}

/** SyncSelectionTile: a tile, the shared opaque one, or 'absent' for an empty payload. */
export function readSelectionTile(
  payload: Uint8Array,
  codecs: Codecs,
  author: number,
): Tile | 'absent' | undefined {
  throw new Error(`not yet: ${[payload, codecs, author]}`);
}

/** The payload of SyncSelectionTile for a tile. */
export function writeSelectionTile(tile: Tile | undefined, codecs: Codecs): Uint8Array {
  throw new Error(`not yet: ${[tile, codecs]}`);
}

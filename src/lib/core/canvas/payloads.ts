// Compressed pixels of messages (pixels 2.2 to 2.4), read and written. What cannot be read is undefined: the message
// then has no effect. Sizes are checked before anything is decompressed.

import type { Codecs } from './needs.js';
import { argbToColor, c8to15, c15to8, premultiply, unpremultiply } from './pixel.js';
import { type OpaqueTileUse, opaqueTile, solidTile, TILE_LENGTH, Tile } from './tiles.js';

/** `deflate`: big endian, zlib, interleaved (146, 147, 136, 160, 165). `zstd`: little endian, planes of differences. */
export type Packing = 'deflate' | 'zstd';

/** Pictures of more bytes than this are refused: nobody has a canvas of that size. */
const mostImageBytes = 2 ** 31 - 1;

const TILE_PIXELS = TILE_LENGTH / 4;

function word(packing: Packing, payload: Uint8Array): number {
  const [a, b, c, d] = payload as unknown as [number, number, number, number];
  const number =
    packing === 'deflate' ? (a << 24) | (b << 16) | (c << 8) | d : (d << 24) | (c << 16) | (b << 8) | a;
  return number >>> 0;
}

function writeWord(packing: Packing, number: number): Uint8Array {
  const bytes = [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
  return Uint8Array.from(packing === 'deflate' ? bytes : bytes.reverse());
}

/** What follows the length word, decompressed; undefined unless it has exactly the length that the word announces. */
function unpack(
  packing: Packing,
  payload: Uint8Array,
  exactLength: number,
  codecs: Codecs,
): Uint8Array | undefined {
  if (payload.length < 4 || word(packing, payload) !== exactLength) return undefined;
  const packed = payload.subarray(4);
  const bytes =
    packing === 'deflate' ? codecs.inflate(packed, exactLength) : codecs.unzstd(packed, exactLength);
  return bytes?.length === exactLength ? bytes : undefined;
}

function pack(packing: Packing, bytes: Uint8Array, codecs: Codecs): Uint8Array {
  const packed = packing === 'deflate' ? codecs.deflate(bytes) : codecs.zstd(bytes);
  const payload = new Uint8Array(4 + packed.length);
  payload.set(writeWord(packing, bytes.length));
  payload.set(packed, 4);
  return payload;
}

/** Planes of differences to pixels of `channels` bytes. */
function fromPlanes(planes: Uint8Array, channels: number): Uint8Array {
  const count = planes.length / channels;
  const bytes = new Uint8Array(planes.length);
  for (let channel = 0, from = 0; channel < channels; channel++) {
    for (let at = channel, value = 0, end = channel + count * channels; at < end; at += channels, from++) {
      value = (value + planes[from]!) & 255;
      bytes[at] = value;
    }
  }
  return bytes;
}

function toPlanes(bytes: Uint8Array, channels: number): Uint8Array {
  const planes = new Uint8Array(bytes.length);
  let to = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let at = channel, last = 0; at < bytes.length; at += channels, to++) {
      planes[to] = bytes[at]! - last;
      last = bytes[at]!;
    }
  }
  return planes;
}

/** Colours that exceed their alpha are cut. */
function clampToAlpha(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length; at += 4) {
    const a = bytes[at + 3]!;
    if (bytes[at]! > a) bytes[at] = a;
    if (bytes[at + 1]! > a) bytes[at + 1] = a;
    if (bytes[at + 2]! > a) bytes[at + 2] = a;
  }
  return bytes;
}

/** PutTile and CanvasBackground. */
export function readTile(
  packing: Packing,
  payload: Uint8Array,
  codecs: Codecs,
  author: number,
): Tile | undefined {
  if (payload.length === 4) {
    return solidTile(...premultiply(argbToColor(word(packing, payload))), author);
  }
  const unpacked = unpack(packing, payload, TILE_LENGTH, codecs);
  if (unpacked === undefined) return undefined;
  const bytes = clampToAlpha(packing === 'zstd' ? fromPlanes(unpacked, 4) : unpacked.slice());
  const pixels = new Uint16Array(TILE_LENGTH);
  for (let at = 0; at < TILE_LENGTH; at++) pixels[at] = c8to15(bytes[at]!);
  return new Tile(pixels, author);
}

function isSolid(pixels: Uint16Array): boolean {
  for (let at = 4; at < TILE_LENGTH; at++) if (pixels[at] !== pixels[at & 3]) return false;
  return true;
}

/** The payload for a tile: 4 bytes when it is of one colour. Channels go through 8 bits. */
export function writeTile(packing: Packing, tile: Tile, codecs: Codecs): Uint8Array {
  const { pixels } = tile;
  if (isSolid(pixels)) {
    // stray colours exceed their alpha: they wrap around as in clients
    const [b, g, r, a] = unpremultiply([pixels[0]!, pixels[1]!, pixels[2]!, pixels[3]!]).map(
      (channel) => c15to8(channel) & 255,
    );
    return writeWord(packing, ((a! << 24) | (r! << 16) | (g! << 8) | b!) >>> 0);
  }
  const bytes = new Uint8Array(TILE_LENGTH);
  for (let at = 0; at < TILE_LENGTH; at++) bytes[at] = c15to8(pixels[at]!);
  return pack(packing, packing === 'zstd' ? toPlanes(bytes, 4) : bytes, codecs);
}

/** PutImage: width * height * 4 bytes, or undefined. Only `deflate` cuts colours to their alpha, as clients do. */
export function readImage(
  packing: Packing,
  width: number,
  height: number,
  payload: Uint8Array,
  codecs: Codecs,
): Uint8Array | undefined {
  const length = width * height * 4;
  if (!(length > 0 && length <= mostImageBytes)) return undefined;
  const unpacked = unpack(packing, payload, length, codecs);
  if (unpacked === undefined) return undefined;
  return packing === 'zstd' ? fromPlanes(unpacked, 4) : clampToAlpha(unpacked.slice());
}

/** Masks of SelectionPut (zstd), MoveRect and TransformRegion (both): bytes; 'none' when the payload is empty. */
export function readMask(
  packing: Packing,
  width: number,
  height: number,
  payload: Uint8Array,
  codecs: Codecs,
): Uint8Array | 'none' | undefined {
  if (payload.length === 0) return 'none';
  const length = width * height;
  if (!(length > 0 && length <= mostImageBytes)) return undefined;
  const unpacked = unpack(packing, payload, length, codecs);
  return unpacked && packing === 'zstd' ? fromPlanes(unpacked, 1) : unpacked;
}

/** SyncSelectionTile: a tile, the shared opaque one for a single byte 0, or 'absent' for an empty payload. */
export function readSelectionTile(
  payload: Uint8Array,
  codecs: Codecs,
  author: number,
  use?: OpaqueTileUse,
): Tile | 'absent' | undefined {
  if (payload.length === 0) return 'absent';
  if (payload.length === 1) {
    if (payload[0] !== 0) return undefined;
    if (use !== undefined) use.isMade = true;
    return opaqueTile;
  }
  const unpacked = unpack('zstd', payload, TILE_PIXELS, codecs);
  if (unpacked === undefined) return undefined;
  const alphas = fromPlanes(unpacked, 1);
  const pixels = new Uint16Array(TILE_LENGTH);
  for (let at = 0; at < TILE_PIXELS; at++) pixels[at * 4 + 3] = c8to15(alphas[at]!);
  return new Tile(pixels, author);
}

/** The payload of SyncSelectionTile for a tile. */
export function writeSelectionTile(tile: Tile | undefined, codecs: Codecs): Uint8Array {
  if (tile === undefined) return new Uint8Array(0);
  const alphas = new Uint8Array(TILE_PIXELS);
  for (let at = 0; at < TILE_PIXELS; at++) alphas[at] = c15to8(tile.pixels[at * 4 + 3]!);
  if (alphas.every((alpha) => alpha === 255)) return Uint8Array.of(0);
  return pack('zstd', toPlanes(alphas, 1), codecs);
}

// Tiles and the grids that hold them. This is the overview of the pixel half of the engine:
//
//   pixel.ts      15-bit numbers, profiles, conversions          tiles.ts     Tile, TileGrid (this file)
//   blend/        the table of modes and their loops              stamps/      masks of brushes
//   dabs.ts       one message of dabs painted into a grid         images.ts    PutImage, FillRect, moved regions
//   transform.ts  slanted and scaled regions                      selection.ts SelectionPut, masks
//   merge.ts      a grid merged into another, tint, censor        payloads.ts  compressed tiles, images, masks
//   needs.ts      the port for zlib and zstd
//
// A TILE is 64 x 64 pixels of four 16-bit channels (b, g, r, a, each 0 to 32768, multiplied by alpha). A GRID has a
// slot for every tile of a canvas; a slot is absent (transparent) or holds a tile. Tiles of the last column and row
// keep all their pixels: what lies beyond the canvas is real memory and comes to light when the canvas grows.
//
// Sharing. share() gives a second grid in no time; both go on sharing chunks and tiles until one of them writes.
// All writes go through writable(index), which copies what is shared, and only that. Tiles are never changed
// by anybody else, so an undo state costs the tiles that changed since.
//
// Giving back. Grids that follow each other from one undo state to the next are made with successor(): when one of them
// goes, releaseAllBut() gives back at once what the next one does not hold. That is safe because a tile that has an
// `owner` is in grids of one such line and nowhere else: share(), set() and fill() take the owner away, and the garbage
// collector reports when nobody holds such a tile any more.
//
// Blank tiles. A command that wrote in place ends with finish(): tiles that it left all zero become absent. Tiles
// replaced (set, fill) are not checked, they may stay zero. The commands of this folder (paintDabs, putImage,
// fillRect …) call finish() themselves.
//
// Do not keep `tile.pixels` beyond the next call that makes tiles: memory of tiles that are being painted may move.

import { type CanvasPart, isInPart } from './part.js';
import { firstNonZero, ONE } from './pixel.js';
import { bringIn, dropPixels, givePixels, leavePixels } from './tile-memory.js';

/** Pixels along one side of a tile. */
export const TILE_SIDE = 64;
/** Channels of a tile: 64 * 64 * 4. */
export const TILE_LENGTH = 16384;

/** Tiles in one chunk of a grid's slots: what a first write after share() copies. */
const CHUNK_BITS = 6;
const CHUNK = 1 << CHUNK_BITS;

/** Stands for whom a tile or a chunk may be changed by. A new one after every share(). */
interface Token {
  readonly isToken: true;
}

const noPixels = new Uint16Array(0);

const newToken = (): Token => ({ isToken: true });

/** 64 x 64 pixels with the user who changed them last. Shared by reference: only grids write into them. */
export class Tile {
  /** Row by row; blue, green, red, alpha of each pixel. */
  pixels: Uint16Array;
  /** Where the pixels are in the memory of the kernels; 0: they are not. */
  address = 0;
  /** User id of the last editor. It has no influence on pixels. */
  author: number;
  /** The grid that may change it in place, if it is still there. Undefined: the tile may be in unrelated grids too. */
  owner: Token | undefined;
  /** Whether the owner's present command has it in its list. */
  isTouched = false;
  /** Where a channel was not zero when somebody last looked. */
  nonZeroAt = 3;

  constructor(pixels: Uint16Array, author = 0, owner?: Token) {
    this.pixels = pixels;
    this.author = author;
    this.owner = owner;
  }

  /** Whether every channel of every pixel is 0. */
  isBlank(): boolean {
    if (this.pixels[this.nonZeroAt] !== 0) return false;
    const found = firstNonZero(this.pixels);
    if (found < 0) return true;
    this.nonZeroAt = found;
    return false;
  }
}

/** A tile of one colour (multiplied by alpha). */
export function solidTile(b: number, g: number, r: number, a: number, author = 0): Tile {
  const pixels = new Uint16Array(TILE_LENGTH);
  for (let at = 0; at < TILE_LENGTH; at += 4) {
    pixels[at] = b;
    pixels[at + 1] = g;
    pixels[at + 2] = r;
    pixels[at + 3] = a;
  }
  return new Tile(pixels, author);
}

/**
 * Whether this canvas has made the shared opaque tile yet. Desktop and browser clients make it when they start.
 * Programs of theirs without a window make it when the first message needs it, and until then take absent tiles of a
 * selection for opaque ones (pixels 3.9): recordings of the reference were made that way.
 */
export interface OpaqueTileUse {
  isMade: boolean;
}

/** The one tile of selections that is fully opaque. Clients compare by reference. */
export const opaqueTile: Tile = solidTile(0, 0, 0, ONE);

interface Chunk {
  readonly tiles: (Tile | undefined)[];
  readonly owner: Token;
}

export class TileGrid {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** How many slots there are: columns * rows. */
  readonly slots: number;
  /** Only its tiles are kept; undefined: all. */
  readonly part: CanvasPart | undefined;
  /** What a slot without a chunk holds. */
  #base: Tile | undefined;
  #chunks: (Chunk | undefined)[] = [];
  #ownsChunks = true;
  /** Whether a tile may have an owner. */
  #hasOwned = false;
  #token = newToken();
  #touched: number[] = [];

  constructor(width: number, height: number, part?: CanvasPart) {
    this.width = width;
    this.height = height;
    this.columns = Math.ceil(width / TILE_SIDE);
    this.rows = Math.ceil(height / TILE_SIDE);
    this.slots = this.columns * this.rows;
    this.part = part;
  }

  /** Whether what is written to a slot stays. */
  keeps(index: number): boolean {
    return this.part === undefined || isInPart(this.part, index % this.columns);
  }

  /** The tile in a slot, undefined when it is absent. Look, do not write. */
  get(index: number): Tile | undefined {
    const chunk = this.#chunks[index >> CHUNK_BITS];
    return chunk === undefined ? this.#base : chunk.tiles[index & (CHUNK - 1)];
  }

  /** Replaces a tile, or empties the slot. It is shared from now on, also when it is all zero. */
  set(index: number, tile: Tile | undefined): void {
    if (!this.keeps(index)) return;
    this.#put(index, tile);
  }

  /** A tile of another part, to look at the complete grid for a while; undefined: none is there any more. */
  lend(index: number, tile: Tile | undefined): void {
    if (!this.keeps(index)) this.#put(index, tile);
  }

  #put(index: number, tile: Tile | undefined): void {
    const before = this.get(index);
    if (index < 0 || index >= this.slots || before === tile) return;
    if (tile !== undefined) disown(tile);
    if (before?.owner === this.#token) dropPixels(before);
    this.#chunkToChange(index).tiles[index & (CHUNK - 1)] = tile;
  }

  /** Puts one tile into every slot, or empties the grid. */
  fill(tile: Tile | undefined): void {
    if (tile !== undefined) disown(tile);
    for (const chunk of this.#chunks) {
      if (chunk?.owner !== this.#token) continue;
      for (const each of chunk.tiles) if (each?.owner === this.#token) dropPixels(each);
    }
    this.#base = tile;
    this.#chunks = [];
    this.#ownsChunks = true;
  }

  /**
   * The tile in a slot, to change in place before the present command ends: copied if anybody else sees it, made of
   * zeros if it was absent.
   */
  writable(index: number, author: number): Tile {
    // of another part: it may be written to, in vain
    if (!this.keeps(index)) return new Tile(new Uint16Array(TILE_LENGTH), author);
    let tile = this.get(index);
    if (tile === undefined || tile.owner !== this.#token) {
      const made = new Tile(noPixels, author, this.#token);
      givePixels(made, tile?.pixels);
      if (tile !== undefined) made.nonZeroAt = tile.nonZeroAt;
      this.#chunkToChange(index).tiles[index & (CHUNK - 1)] = made;
      this.#hasOwned = true;
      tile = made;
    } else if (tile.address === 0) {
      bringIn(tile);
    }
    if (!tile.isTouched) {
      tile.isTouched = true;
      this.#touched.push(index);
    }
    tile.author = author;
    return tile;
  }

  /**
   * Ends a command: tiles that it changed in place and left blank become absent. In a selection tiles that it left
   * fully opaque become the shared opaque tile (`isSelection`), which is made now if `use` says it was not yet.
   */
  finish(isSelection = false, use?: OpaqueTileUse): void {
    for (const index of this.#touched) {
      const tile = this.get(index);
      if (tile === undefined || !tile.isTouched) continue;
      tile.isTouched = false;
      if (tile.isBlank()) {
        this.set(index, undefined);
      } else if (isSelection && isOpaque(tile)) {
        this.set(index, opaqueTile);
        if (use !== undefined) use.isMade = true;
      }
    }
    if (this.#touched.length > 0) this.#touched = [];
  }

  /** Nobody will use this grid again: tiles that are in no other one give their memory back at once. */
  release(): void {
    this.#touched = [];
    this.fill(undefined);
  }

  /**
   * This grid stays as it is in a state that is let go: gives back the memory of tiles that `other`, the next one in
   * the line of successors, does not hold.
   */
  releaseAllBut(other: TileGrid | undefined): void {
    this.#chunks.forEach((chunk, at) => {
      if (chunk === undefined || (other !== undefined && chunk === other.#chunks[at])) return;
      chunk.tiles.forEach((tile, slot) => {
        if (tile?.owner !== undefined && other?.get(at * CHUNK + slot) !== tile) dropPixels(tile);
      });
    });
  }

  /** A grid of the same tiles. Both can be written to afterwards; each sees only its own changes. */
  share(): TileGrid {
    this.finish();
    if (this.#hasOwned) {
      this.forEach(disown);
      this.#hasOwned = false;
    }
    return this.successor();
  }

  /** As share(), for the grid that replaces this one, which only stays in states for undo. */
  successor(): TileGrid {
    this.finish();
    const other = new TileGrid(this.width, this.height, this.part);
    other.#base = this.#base;
    other.#chunks = this.#chunks;
    other.#ownsChunks = false;
    other.#hasOwned = this.#hasOwned;
    this.#ownsChunks = false;
    this.#token = newToken();
    return other;
  }

  /** Whether no slot holds a tile with anything in it. */
  isBlank(): boolean {
    return !this.some((tile) => !tile.isBlank());
  }

  /** Visits every tile that is present, in the order of slots. */
  forEach(visit: (tile: Tile, index: number) => void): void {
    this.some((tile, index) => {
      visit(tile, index);
      return false;
    });
  }

  /** Whether a tile that is present passes; stops at the first one. */
  some(test: (tile: Tile, index: number) => boolean): boolean {
    for (let first = 0; first < this.slots; first += CHUNK) {
      const chunk = this.#chunks[first >> CHUNK_BITS];
      if (chunk === undefined && this.#base === undefined) continue;
      const end = Math.min(CHUNK, this.slots - first);
      for (let at = 0; at < end; at++) {
        const tile = chunk === undefined ? this.#base : chunk.tiles[at];
        if (tile !== undefined && test(tile, first + at)) return true;
      }
    }
    return false;
  }

  /** A grid of a new size with complete tiles moved. `left` and `top` are multiples of 64. Nothing is cut off. */
  movedByTiles(left: number, top: number, width: number, height: number): TileGrid {
    const moved = new TileGrid(width, height);
    const byColumns = left / TILE_SIDE;
    const byRows = top / TILE_SIDE;
    this.forEach((tile, index) => {
      const column = (index % this.columns) + byColumns;
      const row = Math.floor(index / this.columns) + byRows;
      if (column < 0 || row < 0 || column >= moved.columns || row >= moved.rows) return;
      moved.set(row * moved.columns + column, tile);
    });
    // they are in both grids now
    this.#token = newToken();
    return moved;
  }

  #chunkToChange(index: number): Chunk {
    if (!this.#ownsChunks) {
      this.#chunks = this.#chunks.slice();
      this.#ownsChunks = true;
    }
    const at = index >> CHUNK_BITS;
    const chunk = this.#chunks[at];
    if (chunk !== undefined && chunk.owner === this.#token) return chunk;
    const tiles =
      chunk === undefined ? new Array<Tile | undefined>(CHUNK).fill(this.#base) : chunk.tiles.slice();
    const own: Chunk = { tiles, owner: this.#token };
    this.#chunks[at] = own;
    return own;
  }
}

/** It may be in unrelated grids from here on: nobody knows when the last of them goes. */
function disown(tile: Tile): void {
  tile.owner = undefined;
  leavePixels(tile);
}

function isOpaque(tile: Tile): boolean {
  const { pixels } = tile;
  for (let at = 3; at < TILE_LENGTH; at += 4) if (pixels[at] !== ONE) return false;
  return true;
}

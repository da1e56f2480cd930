// Where the pixels of tiles live: in the memory of the kernels, so that brushes can paint them there. When all places are
// taken, those that were made first move out, into a separate array. A tile is the same before and after.
//
// Places are given back as soon as nobody can see a tile any more (dropPixels). Arrays would be left to the garbage
// collector; it needs a third of the time of a session in which every stroke copies some dozen tiles of 32 KiB.

import { activeKernels, machine } from './wasm/machine.js';

const length = 16384;

/** What has pixels: a tile. */
interface Holder {
  pixels: Uint16Array;
  /** Where they are in the memory of the kernels; 0: they are not. */
  address: number;
}

/** Tiles in the memory of the kernels. */
const places = Math.floor((machine.memory.byteLength - machine.reservedBytes) / (2 * length));

interface Place {
  readonly pixels: Uint16Array;
  /** Who has it. A tile that nobody answers for is not kept from the garbage collector. */
  tile: Holder | WeakRef<Holder> | undefined;
}

const ring: Place[] = [];
let next = 0;
/** Places by their addresses, and those that were given back. */
const byAddress = new Map<number, Place>();
const free: Place[] = [];

/** A tile that had to move out is about to be painted again. */
export function bringIn(tile: Holder): void {
  if (activeKernels() !== undefined) givePixels(tile, tile.pixels);
}

/** Gives a tile its pixels: a copy of `from`, or zeros. */
export function givePixels(tile: Holder, from: Uint16Array | undefined): void {
  if (activeKernels() === undefined) {
    tile.pixels = from === undefined ? new Uint16Array(length) : from.slice();
    return;
  }
  const place = free.pop() ?? takeNext();
  // what is copied may be the very tile that moves out: its array stays right, the place is written after that
  const source = moveOut(place, from);
  if (source === undefined) place.pixels.fill(0);
  else place.pixels.set(source);
  place.tile = tile;
  tile.pixels = place.pixels;
  tile.address = place.pixels.byteOffset;
}

/** This tile is never released: its place is free when the garbage collector has collected it. */
export function leavePixels(tile: Holder): void {
  const place = byAddress.get(tile.address);
  if (place?.tile !== tile) return;
  const left = new WeakRef(tile);
  place.tile = left;
  collected.register(tile, { place, left });
}

const collected = new FinalizationRegistry<{ place: Place; left: WeakRef<Holder> }>(({ place, left }) => {
  if (place.tile !== left) return;
  place.tile = undefined;
  free.push(place);
});

/** For tests and measurements: places that hold a tile. */
export function placesTaken(): number {
  return byAddress.size - free.length;
}

function takeNext(): Place {
  let place = ring[next];
  if (place === undefined) {
    place = { pixels: machine.takeU16(length), tile: undefined };
    ring[next] = place;
    byAddress.set(place.pixels.byteOffset, place);
  }
  next = (next + 1) % places;
  return place;
}

/** Takes the pixels of a tile that nobody will look at again: they need not move out. */
export function dropPixels(tile: Holder): void {
  const place = byAddress.get(tile.address);
  if (place?.tile !== tile) return;
  place.tile = undefined;
  tile.address = 0;
  tile.pixels = noPixels;
  free.push(place);
}

const noPixels = new Uint16Array(0);

/** Frees a place. Gives what `from` is now called. */
function moveOut(place: Place, from: Uint16Array | undefined): Uint16Array | undefined {
  const tile = place.tile instanceof WeakRef ? place.tile.deref() : place.tile;
  place.tile = undefined;
  if (tile === undefined) return from;
  tile.pixels = place.pixels.slice();
  tile.address = 0;
  return from === place.pixels ? tile.pixels : from;
}

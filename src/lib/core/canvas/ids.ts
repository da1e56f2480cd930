// Ids of layers and selections (canvas.md §1.1).

const selectionBit = 0x800000;

/** The id of a layer: not 0, bit 23 clear. */
export function isLayerId(id: number): boolean {
  return id > 0 && id < selectionBit;
}

/** Names a selection of a user where a message says "layer or selection". */
export function isSelectionLayerId(id: number): boolean {
  return (id & 0xff0000) === selectionBit;
}

/** The user whose layer it is by convention: who made it. */
export const ownerOf = (id: number): number => id & 0xff;

/** The number of a layer among those of its owner. */
export const elementOf = (id: number): number => (id >> 8) & 0x7fff;

export const layerIdOf = (element: number, owner: number): number => ((element & 0x7fff) << 8) | owner;

/** A selection's number, out of its id as a layer. */
export const selectionOf = (id: number): number => (id >> 8) & 0xff;

/** 128 and up: selections that members see of each other. */
export const firstRemoteSelection = 128;

// One of several parts of a canvas that are drawn at the same time, each by an engine that gets all messages but paints
// only its columns of tiles. Most messages change a tile by what was in the same tile before: then parts know nothing
// of each other and are together what one engine would have. For all others there is `needsComplete`.

import { fault } from '../errors.js';

export interface CanvasPart {
  /** From 0 on. */
  readonly index: number;
  readonly of: number;
  /**
   * So many columns of tiles are this part's, then those of the others follow. Strokes should stay within, as both parts make
   * the masks of dabs on their border.
   */
  readonly columns: number;
}

export function isInPart(part: CanvasPart | undefined, column: number): boolean {
  return part === undefined || Math.floor(column / part.columns) % part.of === part.index;
}

/** Stops a part before what depends on other tiles than those that it paints. What it has is of no use then. */
export function needsComplete(part: CanvasPart | undefined): void {
  if (part !== undefined) throw fault('canvas-not-divisible');
}

/** Types after which there may be something on a layer. */
const fillingTypes: ReadonlySet<number> = new Set([136, 137, 146, 148, 149, 150, 151, 152, 162, 178, 179]);
/** Moved regions, and selections. */
const movingTypes: ReadonlySet<number> = new Set([160, 165, 174, 177, 181, 182]);
const resizeType = 129;

/** Finds out from messages, all of which it is shown in their order, whether a canvas can be drawn in parts. */
export class DivisibleProbe {
  #isFilled = false;
  #isDivisible = true;

  get isDivisible(): boolean {
    return this.#isDivisible;
  }

  show(type: number): void {
    if (movingTypes.has(type) || (type === resizeType && this.#isFilled)) this.#isDivisible = false;
    if (fillingTypes.has(type)) this.#isFilled = true;
  }
}

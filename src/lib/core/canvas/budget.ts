// Bounds of what messages may make the canvas take. They are asked before anything is allocated.

import { type CanvasPart, needsComplete } from './part.js';

export interface BudgetLimits {
  /** Bytes of all tiles that the canvas and its savepoints hold. */
  readonly pixelBytes: number;
  /** Layers, groups included. */
  readonly layers: number;
  /** Groups within groups. */
  readonly depth: number;
  /** Pixels of one picture that a message carries, cuts out or moves. */
  readonly imagePixels: number;
}

export const tileBytes = 32768;

/** After a refusal it is measured again only with every so many further ones: measuring is slow. */
const refusalsPerMeasure = 32;

export class Budget {
  readonly limits: BudgetLimits;
  /** Bytes of pixels that are held now. Slow: called only when the estimate is near the limit. */
  readonly #measure: (limit: number) => number;
  /** What was held when last measured, with all that may have been made since. */
  #estimate = 0;
  #refusals = 0;
  readonly #part: CanvasPart | undefined;

  /** Of a part: it gets a share of the bytes, and stops where that is not enough, as the complete canvas may do it. */
  constructor(limits: BudgetLimits, measure: (limit: number) => number, part?: CanvasPart) {
    this.limits = part ? { ...limits, pixelBytes: limits.pixelBytes / part.of } : limits;
    this.#measure = measure;
    this.#part = part;
  }

  /** Whether as many more tiles may be made. Counts them as made. */
  takesTiles(count: number): boolean {
    if (this.#hasBytes(count)) return true;
    needsComplete(this.#part);
    return false;
  }

  #hasBytes(count: number): boolean {
    const wanted = count * tileBytes;
    if (wanted > this.limits.pixelBytes) return false;
    if (this.#estimate + wanted > this.limits.pixelBytes) {
      // what is held may be far less than the estimate, which only grows
      if (this.#refusals === 0) this.#estimate = this.#measure(this.limits.pixelBytes);
      if (this.#estimate + wanted > this.limits.pixelBytes) {
        this.#refusals = (this.#refusals + 1) % refusalsPerMeasure;
        return false;
      }
    }
    this.#refusals = 0;
    this.#estimate += wanted;
    return true;
  }

  /** Whether a picture of this size may be made for a while. */
  takesImage(width: number, height: number): boolean {
    return width * height <= this.limits.imagePixels;
  }
}

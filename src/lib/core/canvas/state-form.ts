// The state of a canvas as plain data with hashes: the form of the C engine's vectors, the same keys in the same
// order, so that anyone can compare.

import type { Canvas } from './canvas.js';

/** SHA-256 over what `update` was given. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Goes into JSON as it is. */
export type StateForm = Readonly<Record<string, unknown>>;

/** `sha256` makes a new hash each time. Costs the whole canvas and each of its layers. */
export function stateForm(canvas: Canvas, sha256: () => Sha256): StateForm {
  void canvas;
  void sha256;
  throw new Error('soon');
}

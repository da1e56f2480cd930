// The options of a canvas: layout, filter, bounds of what it may take.

import type { Generation } from '../protocol/messages.js';
import type { Codecs } from './needs.js';
import type { CanvasPart } from './part.js';
import type { Profile } from './pixel.js';

/** Which filter the messages pass first, canvas.md §4.8. `client`: what a member of the session sees. */
export type AccessFilter = 'none' | 'client' | 'playback';

/** Bounds of what one canvas may take; a message that would break them is refused like any that cannot be done. */
export interface CanvasLimits {
  /** Bytes of all tiles that the canvas and its savepoints hold. */
  readonly pixelBytes: number;
  /** Layers, groups included. */
  readonly layers: number;
  /** Groups within groups. */
  readonly depth: number;
  /** Pixels of one picture that a message carries, cuts out or moves. */
  readonly imagePixels: number;
  /** Bytes of messages that are kept for undo; beyond it the oldest undo points are forgotten. */
  readonly undoBytes: number;
}

export const defaultLimits: CanvasLimits = {
  pixelBytes: 2 ** 31,
  layers: 70_000,
  depth: 500,
  imagePixels: 2 ** 27,
  undoBytes: 2 ** 27,
};

export interface CanvasOptions {
  /** The layout of the messages. 4.21 is refused, see `canvasRefusal`. */
  readonly generation: Generation;
  /** `client` if not given. */
  readonly access?: AccessFilter | undefined;
  /** `portable` if not given. */
  readonly profile?: Profile | undefined;
  /**
   * Whether absent tiles of selections hide dabs from the first message on, as in clients with a window. If not given
   * it is as in the reference, which made the vectors: only after the first fully opaque tile (pixels 3.9).
   */
  readonly hasOpaqueTile?: boolean | undefined;
  readonly codecs: Codecs;
  /**
   * Whether a user's drawing is drawn (dabs, pictures, fills, moved regions); undefined: everybody's. Layers, tiles of
   * reset images, undo and rights are everybody's all the same.
   */
  readonly draws?: ((contextId: number) => boolean) | undefined;
  readonly limits?: Partial<CanvasLimits> | undefined;
  /** Draws only this part. Messages that need more throw a Fault `canvas-not-divisible`. */
  readonly part?: CanvasPart | undefined;
}

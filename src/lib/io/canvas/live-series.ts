// One picture after the other of the same canvas, as films want them: only what has changed since the last one is put
// together again, and nothing is scaled when nothing has changed.

import type { Canvas } from '../../core/canvas/canvas.js';
import { LivePicture } from '../../core/canvas/live-picture.js';
import type { Size } from '../../core/picture/picture.js';
import { scaled } from '../../core/picture/scale.js';
import type { PictureRequest } from './canvas-messages.js';

/** Larger canvases are made in strips each time: an entire picture of them would take too much memory. */
const mostPixels = 32 * 1024 * 1024;

export class LiveSeries {
  #key = '';
  #live: LivePicture | undefined;
  #last: Uint8Array | undefined;

  /** Whether a request can be answered here: the entire canvas, as it is. */
  static suits(canvas: Canvas, { crop, annotations }: PictureRequest): boolean {
    return crop === undefined && !annotations && canvas.width * canvas.height <= mostPixels;
  }

  /** The pixels in this size; the receiver may keep them. */
  next(canvas: Canvas, size: Size, { view }: PictureRequest): Uint8Array {
    const key = JSON.stringify([size, view]);
    if (!this.#live || key !== this.#key) {
      this.#live = new LivePicture(canvas, view);
      this.#key = key;
      this.#last = undefined;
    }
    const { picture, changed } = this.#live.update();
    if (changed || !this.#last) this.#last = new Uint8Array(scaled(picture, size).rgba);
    // what is sent is gone: a copy
    return new Uint8Array(this.#last);
  }
}

// Pictures with few colours, for GIF and for terminals that speak sixel.

import gifenc from 'gifenc';
import type { Picture } from '../../core/picture/picture.js';

/** Red, green, blue, each 0 to 255. */
export type Colour = [number, number, number];

export interface IndexedPicture {
  readonly palette: Colour[];
  /** One per pixel. */
  readonly indices: Uint8Array;
}

/** At most so many colours, up to 256; alpha is not looked at. */
export function withPalette(picture: Picture, colours: number): IndexedPicture {
  // the package reads the entire buffer, whatever part of it the array shows
  const rgba = new Uint8Array(picture.rgba);
  const palette = gifenc.quantize(rgba, colours);
  return { palette, indices: gifenc.applyPalette(rgba, palette) };
}

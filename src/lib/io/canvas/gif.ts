// Animated GIF: opaque frames, each only where it differs from the one before, with its own palette.

import { Buffer } from 'node:buffer';
import gifenc from 'gifenc';
import { changedArea, cropped, type Picture } from '../../core/picture/picture.js';
import type { AnimationFrame } from './apng.js';
import { withPalette } from './palette.js';

const mostColours = 256;
/** Bytes of the graphic control extension that stands before each image. */
const controlBytes = 8;
const imageSeparator = 0x2c;

/** Times are rounded to hundredths of a second, what is lost is carried on. */
export async function* gifPieces(frames: AsyncIterable<AnimationFrame>): AsyncGenerator<Buffer> {
  const encoder = gifenc.GIFEncoder();
  let before: Picture | undefined;
  let dueMs = 0;
  let shownMs = 0;
  for await (const { picture, ms } of frames) {
    dueMs += ms;
    // browsers take less than 20 ms for 100
    const delay = Math.max(20, Math.round((dueMs - shownMs) / 10) * 10);
    shownMs += delay;
    const full = { x: 0, y: 0, width: picture.width, height: picture.height };
    const area = before ? (changedArea(before, picture) ?? { ...full, width: 1, height: 1 }) : full;
    const { palette, indices } = withPalette(cropped(picture, area), mostColours);
    encoder.writeFrame(indices, area.width, area.height, {
      palette,
      delay,
      repeat: 0,
      dispose: 1,
    });
    const bytes = Buffer.from(encoder.bytes());
    encoder.stream.reset();
    // the package puts every image at 0, 0
    if (before) {
      if (bytes[controlBytes] !== imageSeparator) throw new Error('gifenc wrote something unexpected');
      bytes.writeUInt16LE(area.x, controlBytes + 1);
      bytes.writeUInt16LE(area.y, controlBytes + 3);
    }
    yield bytes;
    before = picture;
  }
  encoder.finish();
  yield Buffer.from(encoder.bytes());
}

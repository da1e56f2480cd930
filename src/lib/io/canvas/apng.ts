// Animated PNG: the frames of a timelapse, each only where it differs from the one before.

import { Buffer } from 'node:buffer';
import { deflateSync } from 'node:zlib';
import { type Area, changedArea, cropped, type Picture, type Size } from '../../core/picture/picture.js';
import { pngChunk, pngEnd, pngHeader, RowFilter } from './png.js';

export interface AnimationFrame {
  readonly picture: Picture;
  /** Milliseconds that it stays. */
  readonly ms: number;
}

/**
 * Every frame has `size`. The number of frames stands in front of them, so it has to be known; players stop after
 * that many.
 */
export async function* apngPieces(
  size: Size,
  frameCount: number,
  frames: AsyncIterable<AnimationFrame>,
): AsyncGenerator<Buffer> {
  yield pngHeader(size);
  const control = Buffer.alloc(8);
  control.writeUInt32BE(frameCount);
  yield pngChunk('acTL', control);
  let before: Picture | undefined;
  let sequence = 0;
  for await (const { picture, ms } of frames) {
    const area = areaOf(before, picture);
    yield pngChunk('fcTL', frameControl(sequence++, area, ms));
    const packed = deflateSync(new RowFilter(area.width).take(cropped(picture, area).rgba));
    if (before === undefined) {
      yield pngChunk('IDAT', packed);
    } else {
      const numbered = Buffer.alloc(packed.length + 4);
      numbered.writeUInt32BE(sequence++);
      numbered.set(packed, 4);
      yield pngChunk('fdAT', numbered);
    }
    before = picture;
  }
  yield pngEnd();
}

/** The first frame is complete; one without any change still is a frame, of one pixel. */
function areaOf(before: Picture | undefined, picture: Picture): Area {
  if (before === undefined) return { x: 0, y: 0, width: picture.width, height: picture.height };
  return changedArea(before, picture) ?? { x: 0, y: 0, width: 1, height: 1 };
}

function frameControl(sequence: number, area: Area, ms: number): Buffer {
  const control = Buffer.alloc(26);
  control.writeUInt32BE(sequence);
  control.writeUInt32BE(area.width, 4);
  control.writeUInt32BE(area.height, 8);
  control.writeUInt32BE(area.x, 12);
  control.writeUInt32BE(area.y, 16);
  control.writeUInt16BE(Math.max(1, Math.min(Math.round(ms), 65535)), 20);
  control.writeUInt16BE(1000, 22);
  // dispose 0: it stays; blend 0: it replaces what is there
  return control;
}

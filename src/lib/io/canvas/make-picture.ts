// Pictures of a canvas as files: the part, the size and the format that were asked for. Made in strips, so that PNG
// of any size needs little memory; formats that need the entire picture at once have a limit.

import type { Canvas } from '../../core/canvas/canvas.js';
import { type Refusal, refusal } from '../../core/errors.js';
import { type Area, intersection, type Picture, type Size } from '../../core/picture/picture.js';
import { fittedSize, RowScaler } from '../../core/picture/scale.js';
import { paintAnnotations } from './annotation-pictures.js';
import type { PictureFormat, PictureRequest } from './canvas-messages.js';
import { LiveSeries } from './live-series.js';
import { type DrawnCanvas, openRaster } from './open-raster.js';
import { encodeJpeg, encodeWebp, mostJpegSide, mostWebpSide } from './packed-pictures.js';
import { pngPieces } from './png.js';

/** Pixels of a picture that has to be completely in memory. */
const mostUnstripedPixels = 128 * 1024 * 1024;
/** Pixels of a strip, about. */
const stripPixels = 1024 * 1024;
const tileSide = 64;

interface Plan {
  readonly area: Area;
  readonly size: Size;
}

/** Sends the file piece by piece; returns the size of the picture. Throws a Refusal for what cannot be made. */
export async function makePicture(
  drawn: DrawnCanvas,
  request: PictureRequest,
  send: (piece: Uint8Array) => void,
): Promise<Size> {
  const { canvas } = drawn;
  const plan = planOf(canvas, request);
  const { size } = plan;
  const { format, quality } = request;
  if (format === 'png') {
    for await (const piece of pngPieces(size, strips(canvas, plan, request))) send(piece);
  } else if (format === 'ora') {
    for await (const piece of openRaster(
      drawn,
      plan.area,
      await fullPicture(canvas, plan, request),
      request,
    )) {
      send(piece);
    }
  } else if (format === 'rgba' && request.isNext && drawn.live && LiveSeries.suits(canvas, request)) {
    send(drawn.live.next(canvas, size, request));
  } else {
    const picture = await fullPicture(canvas, plan, request);
    if (format === 'jpg') send(await encodeJpeg(picture, quality));
    else if (format === 'webp') send(await encodeWebp(picture, quality));
    else send(picture.rgba);
  }
  return { width: size.width, height: size.height };
}

const mostSide: Readonly<Partial<Record<PictureFormat | 'rgba', number>>> = {
  jpg: mostJpegSide,
  webp: mostWebpSide,
};

function planOf(canvas: Canvas, { crop, box, format }: PictureRequest): Plan {
  const all = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  if (all.width === 0 || all.height === 0) {
    throw refusal('canvas-without-size');
  }
  const area = crop ? intersection(all, crop) : all;
  if (!area) {
    throw refusal('area-outside', { width: all.width, height: all.height });
  }
  const size = box ? fittedSize(area, box) : { width: area.width, height: area.height };
  const side = mostSide[format] ?? Number.POSITIVE_INFINITY;
  const isStriped = format === 'png';
  if (Math.max(size.width, size.height) > side) {
    throw tooLarge(size, `a ${format} file has at most ${side} pixels per side`);
  }
  if (!isStriped && size.width * size.height > mostUnstripedPixels) {
    throw tooLarge(size, `a ${format} file of more than ${mostUnstripedPixels / 1024 / 1024} megapixels`);
  }
  return { area, size };
}

function tooLarge({ width, height }: Size, limit: string): Refusal {
  return refusal('picture-too-large', { width, height, limit });
}

/** The rows of the picture in its final size, from the top. */
async function* strips(
  canvas: Canvas,
  { area, size }: Plan,
  { view, annotations }: PictureRequest,
): AsyncGenerator<Uint8Array> {
  const scaler = new RowScaler(area, size);
  const drawn = annotations ? canvas.inside.state.annotations : [];
  const rows = Math.max(1, Math.round(stripPixels / area.width / tileSide)) * tileSide;
  for (let y = area.y; y < area.y + area.height; ) {
    // strips end where tiles end, so that none is put together twice
    const end = Math.min(area.y + area.height, Math.ceil((y + 1) / rows) * rows);
    const strip = canvas.picture({ x: area.x, y, width: area.width, height: end - y }, view);
    paintAnnotations(strip, area.x, y, drawn);
    y = end;
    const scaledRows = scaler.take(strip.rgba);
    if (scaledRows.length > 0) yield scaledRows;
  }
}

async function fullPicture(canvas: Canvas, plan: Plan, request: PictureRequest): Promise<Picture> {
  const { width, height } = plan.size;
  const rgba = new Uint8Array(width * height * 4);
  let at = 0;
  for await (const rows of strips(canvas, plan, request)) {
    rgba.set(rows, at);
    at += rows.length;
  }
  return { width, height, rgba };
}

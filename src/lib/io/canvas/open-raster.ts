// OpenRaster (.ora): the layers with their names, opacities and blend modes, for Krita, GIMP, MyPaint and Drawpile.
// A ZIP file with the mime type first, stack.xml, a PNG per layer cut to what is on it, the entire picture and a thumbnail.

import { Buffer } from 'node:buffer';
import { blendModes } from '../../core/canvas/blend/modes.js';
import type { Canvas } from '../../core/canvas/canvas.js';
import { mergeGrid } from '../../core/canvas/merge.js';
import { c15to8, ONE, type Profile, unpremultiply } from '../../core/canvas/pixel.js';
import type { Content, LayerNode } from '../../core/canvas/state.js';
import { TILE_SIDE, type Tile, type TileGrid } from '../../core/canvas/tiles.js';
import {
  type Area,
  blankPicture,
  cropped,
  intersection,
  type Picture,
  visibleArea,
} from '../../core/picture/picture.js';
import { fittedSize, scaled } from '../../core/picture/scale.js';
import type { PictureRequest } from './canvas-messages.js';
import type { LiveSeries } from './live-series.js';
import { encodePng } from './png.js';
import { type ZipEntry, zipPieces } from './zip.js';

const thumbnailSide = 256;

/** A canvas, and whose pixels it has. */
export interface DrawnCanvas {
  readonly canvas: Canvas;
  readonly profile: Profile;
  /** For series of pictures. */
  readonly live?: LiveSeries | undefined;
}

/** `merged`: the entire picture as everybody sees it. Layers are not scaled: `area` is what the file shows of them. */
export function openRaster(
  canvas: DrawnCanvas,
  area: Area,
  merged: Picture,
  { view = {} }: PictureRequest,
): AsyncGenerator<Buffer> {
  return zipPieces(entries(canvas, area, merged, view.background ?? true));
}

async function* entries(
  { canvas, profile }: DrawnCanvas,
  area: Area,
  merged: Picture,
  hasBackground: boolean,
): AsyncGenerator<ZipEntry> {
  const stored = (name: string, bytes: Uint8Array): ZipEntry => ({ name, bytes, isStored: true });
  yield stored('mimetype', Buffer.from('image/openraster'));
  const { state } = canvas.inside;
  const lines: string[] = [];
  for (const step of topDown(state.layers.nodes)) {
    if (step.kind === 'end') {
      lines.push('</stack>');
    } else if (step.node.kind === 'group') {
      const isolation = step.node.isIsolated ? 'isolate' : 'auto';
      lines.push(`<stack ${attributesOf(step.node)} isolation="${isolation}">`);
    } else {
      const place = layerPicture(step.node.content, area, profile);
      const name = `data/layer-${step.node.id.toString(16).padStart(6, '0')}.png`;
      yield stored(name, encodePng(place.picture));
      lines.push(`<layer ${attributesOf(step.node)} src="${name}" x="${place.x}" y="${place.y}"/>`);
    }
  }
  if (state.background && hasBackground) {
    const name = 'data/background.png';
    yield stored(name, encodePng(backgroundPicture(state.background, area)));
    lines.push(
      `<layer name="Background" opacity="1" visibility="visible" composite-op="svg:src-over" src="${name}" x="0" y="0"/>`,
    );
  }
  const { dpiX, dpiY } = state.metadata;
  const stack = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<image version="0.0.3" w="${area.width}" h="${area.height}" xres="${dpiX}" yres="${dpiY}">`,
    '<stack>',
    ...lines,
    '</stack>',
    '</image>',
    '',
  ].join('\n');
  yield { name: 'stack.xml', bytes: Buffer.from(stack), isStored: false };
  yield stored('mergedimage.png', encodePng(merged));
  const isLarge = Math.max(merged.width, merged.height) > thumbnailSide;
  const box = fittedSize(merged, { width: thumbnailSide, height: thumbnailSide });
  yield stored('Thumbnails/thumbnail.png', encodePng(isLarge ? scaled(merged, box) : merged));
}

type Step = { kind: 'node'; node: LayerNode } | { kind: 'end' };

/** The topmost first, as the format wants it; groups may be nested deeper than calls can be. */
function* topDown(nodes: readonly LayerNode[]): Generator<Step> {
  // the last of the array is the next
  const waiting: Step[] = nodes.map((node) => ({ kind: 'node', node }));
  for (let step = waiting.pop(); step; step = waiting.pop()) {
    yield step;
    if (step.kind === 'end' || step.node.kind !== 'group') continue;
    waiting.push({ kind: 'end' });
    for (const node of step.node.children.nodes) waiting.push({ kind: 'node', node });
  }
}

function attributesOf({ title, opacity, blendMode, isClip }: LayerNode): string {
  const text = new TextDecoder().decode(title);
  // programs that know no clipping know this for the usual case
  const isPlain = blendMode === 1 || blendMode === 10;
  const operation = isClip && isPlain ? 'svg:src-atop' : (blendModes[blendMode]?.ora ?? 'svg:src-over');
  return [
    `name="${escaped(text)}"`,
    `opacity="${(opacity / ONE).toFixed(4).replace(/\.?0+$/, '')}"`,
    `visibility="${blendModes[blendMode] === undefined ? 'hidden' : 'visible'}"`,
    `composite-op="${operation}"`,
    ...(isClip ? ['alpha-preserve="true"'] : []),
  ].join(' ');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write them
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
      .replace(/[&<>"]/g, (character) => entities[character]!)
      .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}

interface PlacedPicture {
  readonly picture: Picture;
  readonly x: number;
  readonly y: number;
}

/** What is on a layer, without its own opacity, cut to what is visible; its place counts from the area's corner. */
function layerPicture(content: Content, area: Area, profile: Profile): PlacedPicture {
  let { grid } = content;
  if (content.sublayers.length > 0) {
    grid = grid.share();
    for (const { grid: stroke, mask, opacity, blendMode: mode } of content.sublayers) {
      if (blendModes[mode]) mergeGrid(grid, stroke, { profile, mode, opacity, mask, author: 0 });
    }
  }
  const bounds = tileBounds(grid);
  const shown = bounds && intersection(bounds, area);
  if (!shown) return { picture: blankPicture({ width: 1, height: 1 }), x: 0, y: 0 };
  const picture = gridPicture(grid, shown);
  const visible = visibleArea(picture) ?? { x: 0, y: 0, width: 1, height: 1 };
  return {
    picture: cropped(picture, visible),
    x: shown.x + visible.x - area.x,
    y: shown.y + visible.y - area.y,
  };
}

/** The area that present tiles cover. */
function tileBounds(grid: TileGrid): Area | undefined {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = -1;
  let bottom = -1;
  grid.forEach((_, index) => {
    const column = index % grid.columns;
    const row = Math.floor(index / grid.columns);
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
  });
  if (right < 0) return undefined;
  const [x, y] = [left * TILE_SIDE, top * TILE_SIDE];
  return { x, y, width: (right + 1) * TILE_SIDE - x, height: (bottom + 1) * TILE_SIDE - y };
}

function gridPicture(grid: TileGrid, area: Area): Picture {
  const picture = blankPicture(area);
  grid.forEach((tile, index) => {
    const x = (index % grid.columns) * TILE_SIDE;
    const y = Math.floor(index / grid.columns) * TILE_SIDE;
    drawTile(picture, tile, x - area.x, y - area.y);
  });
  return picture;
}

function backgroundPicture(tile: Tile, area: Area): Picture {
  const picture = blankPicture(area);
  for (let y = -(area.y % TILE_SIDE); y < area.height; y += TILE_SIDE) {
    for (let x = -(area.x % TILE_SIDE); x < area.width; x += TILE_SIDE) drawTile(picture, tile, x, y);
  }
  return picture;
}

/** pixels.md §5.5: single layers are divided by alpha before they become 8 bits, flat pictures after. */
function drawTile({ width, height, rgba }: Picture, { pixels }: Tile, left: number, top: number): void {
  for (let y = Math.max(0, -top); y < TILE_SIDE && top + y < height; y++) {
    for (let x = Math.max(0, -left); x < TILE_SIDE && left + x < width; x++) {
      const from = (y * TILE_SIDE + x) * 4;
      const alpha = pixels[from + 3]!;
      if (alpha === 0) continue;
      const [b, g, r, a] = unpremultiply([pixels[from]!, pixels[from + 1]!, pixels[from + 2]!, alpha]);
      const to = ((top + y) * width + left + x) * 4;
      rgba[to] = c15to8(r);
      rgba[to + 1] = c15to8(g);
      rgba[to + 2] = c15to8(b);
      rgba[to + 3] = c15to8(a);
    }
  }
}

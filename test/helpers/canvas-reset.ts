// What a reset image must give: the canvas with the documented loss (canvas.md §5.6) and nothing else. The loss is worked
// out here from the canvas itself, without any message.

import { Canvas } from '../../src/lib/core/canvas/canvas.js';
import type { AccessFilter } from '../../src/lib/core/canvas/canvas-options.js';
import type { Codecs } from '../../src/lib/core/canvas/needs.js';
import { argbToColor, c8to15, c15to8, premultiply, unpremultiply } from '../../src/lib/core/canvas/pixel.js';
import type { CanvasState, Content, LayerNode } from '../../src/lib/core/canvas/state.js';
import { type StateForm, stateForm } from '../../src/lib/core/canvas/state-form.js';
import { Tile, TileGrid } from '../../src/lib/core/canvas/tiles.js';
import { differences, sha256 } from './canvas-vectors.js';

/** Numbers of selections from here on belong to the session, those below to one client. */
const firstShared = 128;

/** What is not as it must be when the reset image of a canvas is played; empty: nothing. */
export function resetDifferences(canvas: Canvas, codecs: Codecs): string[] {
  const { access, defaultLayer, undoDepth } = canvas.inside;
  const copy = new Canvas({ generation: '4.25', access, codecs });
  for (const frame of canvas.resetImage({ generation: '4.25', isComplete: true })) copy.feed(frame);
  const { unreadable, rejected, filtered } = copy.counts;
  if (unreadable + rejected + filtered > 0) {
    return [`of the reset image ${unreadable} are unreadable, ${rejected} rejected, ${filtered} filtered`];
  }
  const wanted = new Canvas({ generation: '4.25', access, codecs });
  wanted.inside.state.restore(reduced(canvas.inside.freeze()));
  return differences(
    { ...formOf(wanted), defaultLayer, undoDepth, rights: rightsOf(canvas, access) },
    { ...formOf(copy), rights: rightsOf(copy, access) },
    'reset image',
  );
}

function formOf(canvas: Canvas): StateForm {
  const {
    messages: _,
    filtered: __,
    rejected: ___,
    aclState: ____,
    localView: _____,
    ...form
  } = stateForm(canvas, sha256);
  return JSON.parse(JSON.stringify(form)) as StateForm;
}

/** Operators and the like are the server's affair. */
function rightsOf(canvas: Canvas, access: AccessFilter): unknown {
  if (access === 'none') return undefined;
  const { features, limits, layers, locked } = canvas.inside.rights;
  const rights = {
    features,
    limits,
    locked: locked.list(),
    layers: [...layers].toSorted(([a], [b]) => a - b),
  };
  return JSON.parse(JSON.stringify(rights));
}

function reduced(state: CanvasState): CanvasState {
  const { width, height } = state;
  const grid = (from: TileGrid, change: (pixels: Uint16Array) => Uint16Array): TileGrid => {
    const to = new TileGrid(width, height);
    from.forEach((tile, index) => {
      to.set(index, new Tile(change(tile.pixels)));
    });
    return to;
  };
  const content = ({ edit, grid: main, sublayers }: Content): Content => ({
    edit,
    grid: grid(main, through8Bits),
    sublayers: sublayers
      .filter(({ id }) => id !== 0)
      .map((stroke) => ({ ...stroke, color: 0, mask: undefined, grid: grid(stroke.grid, through8Bits) })),
  });
  const node = (each: LayerNode): LayerNode =>
    each.kind === 'group'
      ? { ...each, children: { ...each.children, nodes: each.children.nodes.map(node) } }
      : { ...each, isIsolated: false, content: content(each.content) };
  return {
    ...state,
    background: state.background && new Tile(through8Bits(state.background.pixels)),
    layers: { ...state.layers, nodes: state.layers.nodes.map(node) },
    selections: state.selections
      .filter(({ id, content: { grid: main } }) => id >= firstShared && !main.isBlank())
      .map((each) => ({
        ...each,
        content: { edit: each.content.edit, grid: grid(each.content.grid, alphaThrough8Bits), sublayers: [] },
      })),
  };
}

/**
 * What exceeds 8 bits wraps around, and who reads a tile cuts colours to their alpha. Tiles of one colour travel as that
 * colour, not multiplied by alpha; others as channels that are.
 */
function through8Bits(pixels: Uint16Array): Uint16Array {
  const to = new Uint16Array(pixels.length);
  if (pixels.some((channel, at) => channel !== pixels[at & 3])) {
    for (let at = 0; at < pixels.length; at++) {
      to[at] = c8to15(Math.min(c15to8(pixels[at]!) & 255, c15to8(pixels[at | 3]!) & 255));
    }
    return to;
  }
  const one = unpremultiply([pixels[0]!, pixels[1]!, pixels[2]!, pixels[3]!]).map((c) => c15to8(c) & 255);
  const argb = ((one[3]! << 24) | (one[2]! << 16) | (one[1]! << 8) | one[0]!) >>> 0;
  const color = premultiply(argbToColor(argb));
  for (let at = 0; at < to.length; at++) to[at] = color[at & 3]!;
  return to;
}

function alphaThrough8Bits(pixels: Uint16Array): Uint16Array {
  const to = new Uint16Array(pixels.length);
  for (let at = 3; at < to.length; at += 4) to[at] = c8to15(c15to8(pixels[at]!));
  return to;
}

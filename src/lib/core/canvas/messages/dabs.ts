// Dabs (148 to 152): onto a layer or selection, or onto the user's stroke there. One by one at first; after undo
// adjacent messages are drawn in one go, which looks selections up at other times (canvas.md §2.6, §3.6).

import { isBlendMode } from '../blend/modes.js';
import { type PaintOptions, paintDabs, paintMyPaint } from '../dabs.js';
import { type DabsMessage, readDabs } from '../dabs-reader.js';
import { isSelectionLayerId, ownerOf, selectionOf } from '../ids.js';
import type { CanvasGeneration } from '../message-fields.js';
import { c8to15 } from '../pixel.js';
import { type Content, colorChanged, type Selection } from '../state.js';
import { TILE_SIDE, type TileGrid } from '../tiles.js';
import { isTargetId, type Target } from '../working-state.js';
import type { Tools } from './row.js';

/** Blend modes on a stroke's own pixels, by paint mode: at first, and once the colour has changed. */
const strokeModes = [
  [1, 1],
  [26, 78],
  [25, 77],
  [1, 1],
] as const;

const normalPaint = 3;

/** What a run of messages that are drawn in one go remembers. */
interface Run {
  /** Selections as they were before the run. */
  readonly selections: readonly Selection[];
  /** Whose stroke on which layer was looked up last. */
  layer: number;
  user: number;
  areSelectionsChanged: boolean;
}

/** One message by itself. False: it cannot be done. */
export function applyDabs(tools: Tools, contextId: number, message: DabsMessage): boolean {
  return draw(tools, contextId, message, undefined);
}

/** Neighbouring messages in one go. What cannot be done is left out. */
export function applyDabsRun(
  tools: Tools,
  generation: CanvasGeneration,
  messages: readonly { type: number; contextId: number; payload: Uint8Array }[],
): void {
  const { state } = tools;
  // what is drawn on selections is copied from here on, so that masks stay as they are now
  state.freeze();
  const run: Run = { selections: state.selections, layer: -1, user: -1, areSelectionsChanged: false };
  for (const { type, contextId, payload } of messages) {
    const message = readDabs(generation, type, payload);
    if (message) draw(tools, contextId, message, run);
  }
}

function draw(tools: Tools, contextId: number, message: DabsMessage, run: Run | undefined): boolean {
  const { state } = tools;
  const { layer, mode } = message;
  if (!isTargetId(layer) || !isBlendMode(mode) || !state.hasTarget(layer)) return false;
  const selections = run?.selections ?? state.selections;
  const mask = maskOf(selections, contextId, message.maskSelection);
  const flood = maskOf(selections, contextId, message.floodSelection);
  // with a selection that does not exist nothing is drawn, and that is not a failure
  if (mask === 'missing' || flood === 'missing') return true;
  if (!tools.budget.takesTiles(tilesOf(tools, message))) return false;
  const target = targetOf(tools, layer, run);
  const { grid } = target.content;
  const options: PaintOptions = {
    profile: tools.profile,
    author: contextId,
    flood: asBefore(flood, grid),
    isSelection: target.isSelection,
    opaque: tools.opaque,
  };
  if (run && run.layer !== layer) {
    run.layer = layer;
    run.user = -1;
  }
  if (message.paintMode === 0) {
    options.mask = asBefore(mask, grid);
    if (message.isMyPaint) paintMyPaint(grid, message, message.weights, options);
    else paintDabs(grid, message, mode, options);
    return true;
  }
  drawStroke(tools, contextId, message, target.content, mask, options, run);
  return true;
}

function drawStroke(
  tools: Tools,
  contextId: number,
  message: DabsMessage,
  content: Content,
  mask: TileGrid | undefined,
  options: PaintOptions,
  run: Run | undefined,
): void {
  const rgb = message.color & 0xffffff;
  const [baseMode, changedMode] = strokeModes[message.paintMode];
  const isNew = !content.sublayers.some((sublayer) => sublayer.id === contextId);
  const stroke = tools.state.ownSublayer(content, contextId);
  let mode: number = baseMode;
  if (isNew) {
    stroke.blendMode = message.mode;
    stroke.opacity = c8to15(message.color >>> 24);
    stroke.color = rgb;
  } else if (message.paintMode !== normalPaint) {
    if (stroke.color !== rgb) stroke.color = colorChanged;
    // message 151 stays with its mode
    if (stroke.color === colorChanged && !message.isMyPaint) mode = changedMode;
  }
  // in a run the stroke is looked up once, and with it its mask
  if (mask && !(run && run.user === contextId)) stroke.mask = mask.share();
  if (run) run.user = contextId;
  paintDabs(stroke.grid, message, mode, options);
}

function maskOf(
  selections: readonly Selection[],
  user: number,
  id: number,
): TileGrid | undefined | 'missing' {
  if (id === 0) return undefined;
  return (
    selections.find((selection) => selection.user === user && selection.id === id)?.content.grid ?? 'missing'
  );
}

/** A selection that is painted on while it masks: it masks as it was. */
function asBefore(mask: TileGrid | undefined, painted: TileGrid): TileGrid | undefined {
  return mask === painted ? mask.share() : mask;
}

function targetOf({ state }: Tools, layer: number, run: Run | undefined): Target {
  if (!run || !isSelectionLayerId(layer)) return state.target(layer)!;
  const content = state.ownSelection(ownerOf(layer), selectionOf(layer), run.areSelectionsChanged)!;
  run.areSelectionsChanged = true;
  return { content, isSelection: true };
}

/** How many tiles the rectangle around all dabs touches. */
function tilesOf({ state }: Tools, message: DabsMessage): number {
  const { items, shape, largest } = message;
  const width = shape === 'mypaint' ? 7 : shape === 'classic' ? 5 : 4;
  const unit = shape === 'mypaint' || shape === 'classic' ? 4 : 1;
  let x = message.x;
  let y = message.y;
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < items.length; at += width) {
    x += items[at]!;
    y += items[at + 1]!;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  const reach = Math.min(largest, 1000) / 2 + 3;
  const span = (from: number, to: number, limit: number) => {
    const first = Math.max(0, Math.floor((from / unit - reach) / TILE_SIDE));
    const last = Math.min(Math.ceil(limit / TILE_SIDE) - 1, Math.floor((to / unit + reach) / TILE_SIDE));
    return Math.max(0, last - first + 1);
  };
  return span(left, right, state.width) * span(top, bottom, state.height);
}

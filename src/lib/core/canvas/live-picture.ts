// A picture of a canvas that is kept up to date: only tiles whose content has changed since are put together again.
// For films of a recording, and for looking at a session that continues.
//
// What has changed is found by comparing the state of the last time with the one now: tiles are shared until they
// change, so looking at who holds which tile is enough, also after undo.

import type { Canvas } from './canvas.js';
import { type Picture, type Region, tilesOfView, updatePicture } from './region.js';
import type { Attributes, CanvasState, Content, LayerList, LayerNode } from './state.js';
import type { TileGrid } from './tiles.js';
import type { PictureView } from './views.js';

export class LivePicture {
  readonly #canvas: Canvas;
  readonly #view: PictureView;
  #state: CanvasState | undefined;
  #localRevision = -1;
  #picture: Picture | undefined;

  constructor(canvas: Canvas, view: PictureView = {}) {
    this.#canvas = canvas;
    this.#view = view;
  }

  /** The entire canvas as it is now. The picture is changed by the next call, so copy it to keep it. */
  update(): { readonly picture: Picture; readonly changed: Region | undefined } {
    const { inside } = this.#canvas;
    const { width, height } = this.#canvas;
    const state = inside.freeze();
    const dirty = this.#dirtySlots(state, inside.local.revision);
    const full = { x: 0, y: 0, width, height };
    let picture = this.#picture;
    if (picture?.width !== width || picture.height !== height) {
      picture = { ...full, rgba: new Uint8Array(width * height * 4) };
    }
    const changed = updatePicture(picture, tilesOfView(inside.view(this.#view)), dirty);
    this.#picture = picture;
    this.#state = state;
    this.#localRevision = inside.local.revision;
    return { picture, changed };
  }

  /** Undefined: all. */
  #dirtySlots(now: CanvasState, localRevision: number): Set<number> | undefined {
    const before = this.#state;
    if (!before || before.width !== now.width || before.height !== now.height) return undefined;
    if (before.background !== now.background) return undefined;
    if (this.#view.local && this.#localRevision !== localRevision) return undefined;
    if (this.#view.frame !== undefined || this.#view.local) {
      if (before.tracks !== now.tracks) return undefined;
    }
    const dirty = new Set<number>();
    return compareLists(before.layers, now.layers, dirty) ? dirty : undefined;
  }
}

/** False: so much is different that nothing can be said of single slots. */
function compareLists(before: LayerList, now: LayerList, dirty: Set<number>): boolean {
  if (before === now) return true;
  if (before.nodes.length !== now.nodes.length) return false;
  return before.nodes.every((node, at) => {
    const other = now.nodes[at];
    return other !== undefined && compareNodes(node, other, dirty);
  });
}

function compareNodes(before: LayerNode, now: LayerNode, dirty: Set<number>): boolean {
  if (before === now) return true;
  if (before.id !== now.id || !isAlike(before, now)) return false;
  if (before.kind === 'group') {
    return now.kind === 'group' && compareLists(before.children, now.children, dirty);
  }
  return now.kind === 'layer' && compareContents(before.content, now.content, dirty);
}

function isAlike(before: Attributes, now: Attributes): boolean {
  return (
    before.opacity === now.opacity &&
    before.blendMode === now.blendMode &&
    before.isCensored === now.isCensored &&
    before.isIsolated === now.isIsolated &&
    before.isClip === now.isClip
  );
}

function compareContents(before: Content, now: Content, dirty: Set<number>): boolean {
  if (before === now) return true;
  if (before.grid.width !== now.grid.width || before.grid.height !== now.grid.height) return false;
  compareGrids(before.grid, now.grid, dirty);
  const count = Math.max(before.sublayers.length, now.sublayers.length);
  for (let at = 0; at < count; at++) {
    const old = before.sublayers[at];
    const fresh = now.sublayers[at];
    if (old && fresh && old.id === fresh.id && old.mask === fresh.mask && isAlike(old, fresh)) {
      compareGrids(old.grid, fresh.grid, dirty);
      continue;
    }
    for (const each of [old, fresh]) {
      each?.grid.forEach((_, index) => {
        dirty.add(index);
      });
    }
  }
  return true;
}

function compareGrids(before: TileGrid, now: TileGrid, dirty: Set<number>): void {
  if (before === now) return;
  for (let index = 0; index < now.slots; index++) {
    if (before.get(index) !== now.get(index)) dirty.add(index);
  }
}

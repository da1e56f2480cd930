// The state that messages change. Keeping a state (`freeze`) costs nothing: from then on what is changed is copied
// first, lists and nodes on the way to it and tiles alone; the rest stays shared.

import { isLayerId, isSelectionLayerId, ownerOf, selectionOf } from './ids.js';
import { type CanvasPart, needsComplete } from './part.js';
import { keepContent, type Replaced, releaseReplaced, withGrids } from './replaced.js';
import {
  type Annotation,
  type CanvasState,
  type Content,
  type Edit,
  eachNode,
  type Group,
  initialMetadata,
  type Layer,
  type LayerList,
  type LayerNode,
  type Metadata,
  newEdit,
  type Selection,
  type Sublayer,
  type Track,
} from './state.js';
import { type Tile, TileGrid } from './tiles.js';

/** Where a node is. */
interface Place {
  node: LayerNode;
  /** Id of the group, 0: the root. */
  parent: number;
}

/** What a drawing message writes to. */
export interface Target {
  readonly content: Content;
  readonly isSelection: boolean;
}

function isContentBlank(content: Content): boolean {
  return content.grid.isBlank() && content.sublayers.every((sublayer) => sublayer.grid.isBlank());
}

export class WorkingState {
  width = 0;
  height = 0;
  offsetX = 0;
  offsetY = 0;
  background: Tile | undefined;
  /** Replaced, never changed. */
  annotations: readonly Annotation[] = [];
  tracks: readonly Track[] = [];
  metadata: Metadata = initialMetadata;
  #selections: readonly Selection[] = [];
  #layers: LayerList;
  #edit = newEdit();
  /** Built when it is asked for after another state was brought back. */
  #places: Map<number, Place> | undefined;
  /** Selections that the present message may have left blank. */
  #touched: Content[] = [];
  #replaced: Replaced[] = [];

  readonly part: CanvasPart | undefined;

  constructor(part?: CanvasPart) {
    this.part = part;
    this.#layers = { edit: this.#edit, nodes: [] };
  }

  get layers(): LayerList {
    return this.#layers;
  }

  get selections(): readonly Selection[] {
    return this.#selections;
  }

  /** All of them changed, such as by a resize. */
  replaceSelections(selections: readonly Selection[]): void {
    this.#selections = selections;
    this.#touched = selections.map((selection) => selection.content);
  }

  removeSelections(isRemoved: (selection: Selection) => boolean): void {
    for (const selection of this.#selections) if (isRemoved(selection)) this.#goes(selection.content);
    this.#selections = this.#selections.filter((selection) => !isRemoved(selection));
  }

  get edit(): Edit {
    return this.#edit;
  }

  /** Begins a list of contents that are replaced from here on: what the state that is kept now has, and later ones not. */
  listReplaced(): Replaced[] {
    this.#replaced = [];
    return this.#replaced;
  }

  /** The state as it is now, for others than the history: what they hold is not given back under their hands. */
  keep(): CanvasState {
    eachNode(this.#layers, (node) => {
      if (node.kind === 'layer') keepContent(node.content);
    });
    for (const { content } of this.#selections) keepContent(content);
    return this.freeze();
  }

  /** The state as it is now, as long as the history holds it. */
  freeze(): CanvasState {
    this.#edit = newEdit();
    return {
      width: this.width,
      height: this.height,
      offsetX: this.offsetX,
      offsetY: this.offsetY,
      background: this.background,
      layers: this.#layers,
      annotations: this.annotations,
      tracks: this.tracks,
      metadata: this.metadata,
      selections: this.#selections,
    };
  }

  restore(state: CanvasState): void {
    this.#edit = newEdit();
    this.#places = undefined;
    this.#touched = [];
    this.width = state.width;
    this.height = state.height;
    this.offsetX = state.offsetX;
    this.offsetY = state.offsetY;
    this.background = state.background;
    this.#layers = state.layers;
    this.annotations = state.annotations;
    this.tracks = state.tracks;
    this.metadata = state.metadata;
    this.#selections = state.selections;
  }

  /** Gives back the memory of all pixels. Another state must be brought back then. */
  release(): void {
    eachNode(this.#layers, (node) => {
      if (node.kind === 'layer') releaseReplaced(node.content, undefined);
    });
    for (const { content } of this.#selections) releaseReplaced(content, undefined);
  }

  /** Ends a message: selections without anything in them go. */
  settle(): void {
    if (this.#touched.length === 0) return;
    const blank = new Set(this.#touched.filter(isContentBlank));
    this.#touched = [];
    if (blank.size > 0) this.removeSelections(({ content }) => blank.has(content));
  }

  newGrid(): TileGrid {
    return new TileGrid(this.width, this.height, this.part);
  }

  newContent(): Content {
    return this.#comes({ edit: this.#edit, grid: this.newGrid(), sublayers: [] });
  }

  /** The same pixels and open strokes once more; both go their own ways from here. */
  copyContent(content: Content): Content {
    return this.#comes(withGrids(content, this.#edit, (grid) => grid.share()));
  }

  /** Another content, made from an old one that goes. */
  madeFrom(old: Content, grids: Omit<Content, 'edit'>): Content {
    this.#goes(old);
    return this.#comes({ edit: this.#edit, ...grids });
  }

  #comes(content: Content): Content {
    this.#replaced.push({ old: undefined, by: content });
    return content;
  }

  /** Only kept states have it from here on. */
  #goes(content: Content): void {
    this.#replaced.push({ old: content, by: undefined });
  }

  // Layers

  get layerCount(): number {
    return this.#index().size;
  }

  /** To look at. */
  node(id: number): LayerNode | undefined {
    return this.#index().get(id)?.node;
  }

  /** Id of the group that a node is in, 0: the root. */
  parentOf(id: number): number {
    return this.#index().get(id)?.parent ?? 0;
  }

  /** The siblings in a group, 0: the root; to look at. */
  list(parent: number): LayerList {
    return parent === 0 ? this.#layers : (this.node(parent) as Group).children;
  }

  /** How many groups are above the children of `parent`. */
  depthIn(parent: number): number {
    let depth = 0;
    for (let at = parent; at !== 0; at = this.parentOf(at)) depth++;
    return depth;
  }

  isInside(id: number, group: number): boolean {
    for (let at = id; at !== 0; at = this.parentOf(at)) if (at === group) return true;
    return false;
  }

  /** A node that is there, to change. */
  ownNode(id: number): LayerNode {
    const place = this.#index().get(id) as Place;
    if (place.node.edit === this.#edit) return place.node;
    const { nodes } = this.ownList(place.parent);
    const copy = { ...place.node, edit: this.#edit };
    nodes[nodes.indexOf(place.node)] = copy;
    place.node = copy;
    return copy;
  }

  /** The siblings in a group, to change. Nodes are added and removed with `insert` and `remove`. */
  ownList(parent: number): LayerList {
    if (parent === 0) {
      if (this.#layers.edit !== this.#edit) {
        this.#layers = { edit: this.#edit, nodes: this.#layers.nodes.slice() };
      }
      return this.#layers;
    }
    const group = this.ownNode(parent) as Group;
    if (group.children.edit !== this.#edit) {
      group.children = { edit: this.#edit, nodes: group.children.nodes.slice() };
    }
    return group.children;
  }

  /** Puts a node with all that is in it into a group; its place counts from the bottom. */
  insert(node: LayerNode, parent: number, at: number): void {
    const { nodes } = this.ownList(parent);
    nodes.splice(at, 0, node);
    const places = this.#index();
    places.set(node.id, { node, parent });
    if (node.kind === 'group') {
      eachNode(node.children, (child, within) => {
        places.set(child.id, { node: child, parent: within === 0 ? node.id : within });
      });
    }
  }

  /** Takes a node out with all that is in it, to put it elsewhere. */
  remove(id: number): LayerNode {
    const places = this.#index();
    const { node, parent } = places.get(id) as Place;
    const { nodes } = this.ownList(parent);
    nodes.splice(nodes.indexOf(node), 1);
    places.delete(id);
    if (node.kind === 'group') eachNode(node.children, (child) => places.delete(child.id));
    return node;
  }

  /** Takes a node out for good. */
  delete(id: number): void {
    const node = this.remove(id);
    if (node.kind === 'layer') this.#goes(node.content);
    else {
      eachNode(node.children, (child) => {
        if (child.kind === 'layer') this.#goes(child.content);
      });
    }
  }

  /** Puts another node of the same id in a node's place. */
  replace(node: LayerNode): void {
    const parent = this.parentOf(node.id);
    const at = this.list(parent).nodes.findIndex((each) => each.id === node.id);
    this.delete(node.id);
    this.insert(node, parent, at);
  }

  /** Puts another tree in the place of the old one, with the same ids in the same places. */
  replaceLayers(layers: LayerList): void {
    this.#layers = layers;
    this.#places = undefined;
  }

  // What is drawn on

  /** Pixels of a layer or selection that exists, to look at. Groups have none. */
  look(id: number): Content | undefined {
    if (isSelectionLayerId(id)) return this.selection(ownerOf(id), selectionOf(id))?.content;
    const node = this.node(id);
    return node?.kind === 'layer' ? node.content : undefined;
  }

  /** Whether `target` finds something to draw on. */
  hasTarget(id: number): boolean {
    if (isSelectionLayerId(id)) return selectionOf(id) > 0;
    return this.node(id)?.kind === 'layer';
  }

  /** Pixels of a layer or selection, to change. Selections that do not exist come into being. */
  target(id: number): Target | undefined {
    if (isSelectionLayerId(id)) {
      const content = this.ownSelection(ownerOf(id), selectionOf(id));
      return content && { content, isSelection: true };
    }
    const content = this.ownLayer(id)?.content;
    return content && { content, isSelection: false };
  }

  /** A layer whose content may be changed; undefined for groups and where there is none. */
  ownLayer(id: number): Layer | undefined {
    const seen = this.node(id);
    if (seen?.kind !== 'layer') return undefined;
    const layer = seen.edit === this.#edit ? seen : (this.ownNode(id) as Layer);
    if (layer.content.edit !== this.#edit) layer.content = this.#replace(layer.content);
    return layer;
  }

  /** To look at. */
  selection(user: number, id: number): Selection | undefined {
    return this.#selections.find((selection) => selection.user === user && selection.id === id);
  }

  /** A selection's content to change. `replacesLast`: a new one takes the last one's place (canvas.md §3.6, 4). */
  ownSelection(user: number, id: number, replacesLast = false): Content | undefined {
    if (id <= 0) return undefined;
    // whether anything is selected, and where a mask is opaque, is seen from everywhere
    needsComplete(this.part);
    const at = this.#selections.findIndex((selection) => selection.user === user && selection.id === id);
    const old = this.#selections[at];
    if (old?.content.edit === this.#edit) {
      this.#touched.push(old.content);
      return old.content;
    }
    const content = old ? this.#replace(old.content) : this.newContent();
    this.#touched.push(content);
    const selections = this.#selections.slice();
    const made = { user, id, content };
    const last = selections.at(-1);
    if (old) selections[at] = made;
    else if (replacesLast && last) {
      this.#goes(last.content);
      selections[selections.length - 1] = made;
    } else selections.push(made);
    this.#selections = selections;
    return content;
  }

  /** A content that kept states go on having, to change. */
  #replace(old: Content): Content {
    const by = withGrids(old, this.#edit, (grid) => grid.successor());
    this.#replaced.push({ old, by });
    return by;
  }

  /** A stroke on a content that may be changed, made when there is none. */
  ownSublayer(content: Content, id: number): Sublayer {
    const old = content.sublayers.find((sublayer) => sublayer.id === id);
    if (old) return old;
    const made: Sublayer = {
      id,
      opacity: 32768,
      blendMode: 1,
      isCensored: false,
      isIsolated: false,
      isClip: false,
      grid: this.newGrid(),
      mask: undefined,
      color: 0,
    };
    content.sublayers.push(made);
    return made;
  }

  #index(): Map<number, Place> {
    if (this.#places === undefined) {
      const places = new Map<number, Place>();
      eachNode(this.#layers, (node, parent) => places.set(node.id, { node, parent }));
      this.#places = places;
    }
    return this.#places;
  }
}

/** Whether a message may name it as what it draws on. */
export function isTargetId(id: number): boolean {
  return isLayerId(id) || isSelectionLayerId(id);
}

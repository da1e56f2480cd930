// What a canvas consists of (canvas.md §1), as data. Pixels are grids (tiles.ts); everything else is plain.
//
// Sharing. A state is frozen once somebody keeps it: lists, nodes and contents carry the `edit` in which they were
// made, and only the working state of the same edit changes them in place (working-state.ts). Whatever has no `edit`
// is never changed, only replaced.

import type { Tile, TileGrid } from './tiles.js';

/** Stands for whom something may be changed by; a new one each time that a state is kept. */
export interface Edit {
  readonly isEdit: true;
}

export const newEdit = (): Edit => ({ isEdit: true });

/** Pixels of a layer or selection, with the strokes that are being drawn on it. */
export interface Content {
  edit: Edit;
  grid: TileGrid;
  sublayers: Sublayer[];
}

/** What LayerAttributes sets: of layers, groups and sublayers. */
export interface Attributes {
  /** 0 to 32768. */
  opacity: number;
  /** As on the wire, also when there is no such mode. */
  blendMode: number;
  isCensored: boolean;
  /** Groups: the children are drawn by themselves first. Kept for layers too, without effect. */
  isIsolated: boolean;
  isClip: boolean;
}

/** A stroke that is being drawn, canvas.md §1.7. */
export interface Sublayer extends Attributes {
  /** The user. */
  readonly id: number;
  grid: TileGrid;
  /** Never written to. */
  mask: TileGrid | undefined;
  /** 0xRRGGBB of the message that began it; `colorChanged` once another colour came. */
  color: number;
}

/** Bits 24 to 31 set: the colour has changed within the stroke. */
export const colorChanged = 0xff000000;

export interface Layer extends Attributes {
  readonly kind: 'layer';
  edit: Edit;
  readonly id: number;
  title: Uint8Array;
  content: Content;
}

export interface Group extends Attributes {
  readonly kind: 'group';
  edit: Edit;
  readonly id: number;
  title: Uint8Array;
  children: LayerList;
}

export type LayerNode = Layer | Group;

/** Siblings, the bottom one first. */
export interface LayerList {
  edit: Edit;
  nodes: LayerNode[];
}

export interface Selection {
  readonly user: number;
  readonly id: number;
  readonly content: Content;
}

export type VerticalAlignment = 'top' | 'center' | 'bottom';

export interface Annotation {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 0xAARRGGBB, not multiplied. */
  readonly background: number;
  readonly isProtected: boolean;
  readonly isAlias: boolean;
  readonly isRasterized: boolean;
  readonly alignment: VerticalAlignment;
  readonly text: Uint8Array;
}

export interface KeyFrameLayer {
  readonly id: number;
  /** 1 hidden, 2 revealed; others are kept. */
  readonly flags: number;
}

export interface KeyFrame {
  readonly frame: number;
  /** 0: nothing is shown. */
  readonly layer: number;
  readonly title: Uint8Array;
  readonly layers: readonly KeyFrameLayer[];
}

export interface Track {
  readonly id: number;
  readonly title: Uint8Array;
  /** By frame. */
  readonly keyFrames: readonly KeyFrame[];
}

export interface Metadata {
  readonly dpiX: number;
  readonly dpiY: number;
  readonly framerate: number;
  /** Millionths. */
  readonly framerateFraction: number;
  readonly frameCount: number;
  readonly frameRangeFirst: number;
  readonly frameRangeLast: number;
}

export const initialMetadata: Metadata = {
  dpiX: 72,
  dpiY: 72,
  framerate: 24,
  framerateFraction: 0,
  frameCount: 24,
  frameRangeFirst: -1,
  frameRangeLast: -1,
};

/** Everything that undo brings back. */
export interface CanvasState {
  readonly width: number;
  readonly height: number;
  readonly offsetX: number;
  readonly offsetY: number;
  readonly background: Tile | undefined;
  readonly layers: LayerList;
  readonly annotations: readonly Annotation[];
  /** The topmost in the interface first. */
  readonly tracks: readonly Track[];
  readonly metadata: Metadata;
  readonly selections: readonly Selection[];
}

export const noText = new Uint8Array(0);

/** Every node, groups before their children, the bottom of each list first. Stops when `visit` returns false. */
export function eachNode(
  list: LayerList,
  visit: (node: LayerNode, parent: number, depth: number) => void,
): void {
  // no recursion: groups may be nested as deep as there are layers
  const stack: { nodes: readonly LayerNode[]; at: number; parent: number }[] = [
    { nodes: list.nodes, at: 0, parent: 0 },
  ];
  for (;;) {
    const top = stack.at(-1);
    if (top === undefined) return;
    const node = top.nodes[top.at++];
    if (node === undefined) {
      stack.pop();
      continue;
    }
    visit(node, top.parent, stack.length - 1);
    if (node.kind === 'group') stack.push({ nodes: node.children.nodes, at: 0, parent: node.id });
  }
}

/** Before the first message. */
export function emptyState(): CanvasState {
  return {
    width: 0,
    height: 0,
    offsetX: 0,
    offsetY: 0,
    background: undefined,
    layers: { edit: newEdit(), nodes: [] },
    annotations: [],
    tracks: [],
    metadata: initialMetadata,
    selections: [],
  };
}

// What is on a canvas, in short and for people.

import { asBuffer } from '../bytes.js';
import { eachNode } from './state.js';
import type { WorkingState } from './working-state.js';

export interface LayerSummary {
  readonly id: number;
  readonly title: string;
  readonly isGroup: boolean;
  /** How many groups it is in. */
  readonly depth: number;
  /** 0 to 1. */
  readonly opacity: number;
  readonly blendMode: number;
  readonly isCensored: boolean;
  readonly isIsolated: boolean;
  readonly isClip: boolean;
}

export interface CanvasSummary {
  readonly width: number;
  readonly height: number;
  /** Bottom first, groups before their children. */
  readonly layers: readonly LayerSummary[];
  readonly annotations: number;
  readonly tracks: number;
  readonly frames: number;
  /** Frames per second. */
  readonly framerate: number;
}

export function summaryOf({
  width,
  height,
  layers,
  annotations,
  tracks,
  metadata,
}: WorkingState): CanvasSummary {
  const found: LayerSummary[] = [];
  eachNode(layers, (node, _parent, depth) => {
    const { id, blendMode, isCensored, isIsolated, isClip } = node;
    found.push({
      id,
      title: asBuffer(node.title).toString('utf8'),
      isGroup: node.kind === 'group',
      depth,
      opacity: node.opacity / 32768,
      blendMode,
      isCensored,
      isIsolated,
      isClip,
    });
  });
  return {
    width,
    height,
    layers: found,
    annotations: annotations.length,
    tracks: tracks.length,
    frames: metadata.frameCount,
    framerate: metadata.framerate + metadata.framerateFraction / 1_000_000,
  };
}

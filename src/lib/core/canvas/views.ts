// What pictures show of a canvas: all of it, one layer, layers of some users, a frame of the timeline, with or
// without what a client hid for itself (canvas.md §6.6).

import { type Drawn, Flattener, type FlattenOptions, type Looks, plainLooks } from './flatten.js';
import { ownerOf } from './ids.js';
import type { LocalChanges } from './local-changes.js';
import { mul, ONE, type Profile } from './pixel.js';
import type { KeyFrame, LayerNode, Track } from './state.js';
import type { WorkingState } from './working-state.js';

/** What a picture shows. All of it is plain data. */
export interface PictureView {
  /** With the background; yes if not given. */
  readonly background?: boolean | undefined;
  /** With strokes that are still being drawn; yes if not given. */
  readonly openStrokes?: boolean | undefined;
  /** Only this layer or group (id), in normal mode with its own opacity. */
  readonly layer?: number | undefined;
  /** Only layers that these users own, by the ids of the layers. */
  readonly owners?: readonly number[] | undefined;
  /** A frame of the timeline, counted from 0. */
  readonly frame?: number | undefined;
  /** With local changes (type 76) of a client's recording: hidden layers and so on. */
  readonly local?: boolean | undefined;
}

export interface Viewed {
  readonly state: WorkingState;
  readonly local: LocalChanges;
  readonly profile: Profile;
}

const hidden: Looks = { ...plainLooks, isHidden: true };

/** Makes the tiles of a view. Good until the canvas changes. */
export function viewOf(viewed: Viewed, given: PictureView = {}): Flattener {
  const { state, local, profile } = viewed;
  const view = given.local ? { ...seenBy(viewed), ...given } : given;
  const looks = looksOf(local, view);
  const background = view.local ? (local.background ?? state.background) : state.background;
  const options: FlattenOptions = {
    profile,
    background: view.background === false ? undefined : background,
    hasOpenStrokes: view.openStrokes !== false,
    looks,
  };
  if (view.frame !== undefined) {
    const isShown = (track: Track) => view.local !== true || !local.isTrackHidden(track.id);
    const drawn = drawnInFrame(state, state.tracks.filter(isShown), view.frame, looks);
    return new Flattener(state, { ...options, drawn });
  }
  if (view.layer !== undefined) {
    const node = state.node(view.layer);
    const drawn = node ? [{ node, opacity: ONE, mode: 1, looks }] : [];
    return new Flattener(state, { ...options, drawn });
  }
  return new Flattener(state, options);
}

/** What the client that made the recording looked at. */
function seenBy({ state, local }: Viewed): PictureView {
  const { activeLayer, activeFrame } = local;
  const parent = state.parentOf(activeLayer);
  switch (local.viewMode) {
    case 'layer':
      return state.node(activeLayer) ? { layer: activeLayer } : {};
    case 'group':
      return parent === 0 ? {} : { layer: parent };
    case 'frame':
      return { frame: activeFrame };
    default:
      return {};
  }
}

function looksOf(local: LocalChanges, view: PictureView): (id: number) => Looks {
  const { owners } = view;
  const looks = view.local ? (id: number): Looks => local.layer(id) : () => plainLooks;
  if (!owners) return looks;
  return (id) => (owners.includes(ownerOf(id)) ? looks(id) : hidden);
}

function drawnInFrame(
  state: WorkingState,
  tracks: readonly Track[],
  frame: number,
  looks: (id: number) => Looks,
): Drawn[] {
  return tracks.flatMap((track) => {
    const keyFrame = track.keyFrames.findLast((each) => each.frame <= frame);
    const node = keyFrame && keyFrame.layer !== 0 ? state.node(keyFrame.layer) : undefined;
    if (!keyFrame || !node) return [];
    let opacity = ONE;
    for (let at = state.parentOf(node.id); at !== 0; at = state.parentOf(at)) {
      opacity = mul(opacity, state.node(at)?.opacity ?? ONE);
    }
    const isHidden = hiddenIn(keyFrame, node);
    return [{ node, opacity, looks: (id: number) => (isHidden.has(id) ? hidden : looks(id)) }];
  });
}

const hiddenFlag = 1;
const revealedFlag = 2;

/** Layers that a key frame leaves out. Groups stay as long as anything in them does. */
function hiddenIn(keyFrame: KeyFrame, top: LayerNode): Set<number> {
  const flagsOf = new Map(keyFrame.layers.map((each) => [each.id, each.flags]));
  const found = new Set<number>();
  const visit = (node: LayerNode, isParentHidden: boolean): boolean => {
    const flags = flagsOf.get(node.id) ?? 0;
    const isHidden = (flags & hiddenFlag) !== 0 || (isParentHidden && (flags & revealedFlag) === 0);
    let isShown = !isHidden;
    if (node.kind === 'group') {
      for (const child of node.children.nodes) if (visit(child, isHidden)) isShown = true;
    }
    if (!isShown) found.add(node.id);
    return isShown;
  };
  if (flagsOf.size > 0) visit(top, false);
  return found;
}

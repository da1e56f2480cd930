// Key frames of the timeline: set (170), renamed (171), their hidden layers (172), deleted or moved (173).
// canvas.md §2.9

import { isLayerId } from '../ids.js';
import { type KeyFrame, type KeyFrameLayer, noText, type Track } from '../state.js';
import type { WorkingState } from '../working-state.js';
import { command, keep } from './row.js';

interface KeyFrameSet {
  readonly track_id: number;
  readonly frame_index: number;
  readonly source_id: number;
  readonly source_index: number;
  readonly source: number;
}

interface Place {
  readonly track_id: number;
  readonly frame_index: number;
}

const ofLayer = 0;
const ofKeyFrame = 1;

function trackOf(state: WorkingState, id: number): Track | undefined {
  return id === 0 ? undefined : state.tracks.find((track) => track.id === id);
}

function keyFrameOf(track: Track | undefined, frame: number): KeyFrame | undefined {
  return track?.keyFrames.find((each) => each.frame === frame);
}

/** Puts a key frame in, over the one that is there; or takes the one at `frame` out. */
function put(state: WorkingState, id: number, frame: number, keyFrame: KeyFrame | undefined): void {
  state.tracks = state.tracks.map((track) => {
    if (track.id !== id) return track;
    const keyFrames = track.keyFrames.filter((each) => each.frame !== frame);
    if (keyFrame) {
      const at = keyFrames.findIndex((each) => each.frame > frame);
      keyFrames.splice(at < 0 ? keyFrames.length : at, 0, { ...keyFrame, frame });
    }
    return { ...track, keyFrames };
  });
}

export const keyFrameSet = command<KeyFrameSet>(170, ({ state }, _contextId, message) => {
  const { track_id: trackId, frame_index: frame, source_id: sourceId, source_index: sourceFrame } = message;
  const track = trackOf(state, trackId);
  if (!track || frame >= state.metadata.frameCount) return false;
  const old = keyFrameOf(track, frame);
  switch (message.source) {
    case ofLayer:
      // nobody looks whether there is such a layer
      if (sourceId !== 0 && !isLayerId(sourceId)) return false;
      put(state, trackId, frame, { ...(old ?? { frame, title: noText, layers: [] }), layer: sourceId });
      return true;
    case ofKeyFrame: {
      if (sourceId === trackId && sourceFrame === frame) return false;
      const source = sourceId > 0xffff ? undefined : keyFrameOf(trackOf(state, sourceId), sourceFrame);
      if (!source) return false;
      put(state, trackId, frame, source);
      return true;
    }
    default:
      return false;
  }
});

/** False: there is no key frame there. */
function change(state: WorkingState, place: Place, changed: Partial<KeyFrame>): boolean {
  const { track_id: trackId, frame_index: frame } = place;
  const old = keyFrameOf(trackOf(state, trackId), frame);
  if (!old) return false;
  put(state, trackId, frame, { ...old, ...changed });
  return true;
}

export const keyFrameRetitle = command<Place & { raw: Uint8Array }>(171, ({ state }, _contextId, message) =>
  change(state, message, { title: keep(message.raw) }),
);

export const keyFrameLayerAttributes = command<Place & { layer_flags: readonly number[] }>(
  172,
  ({ state }, _contextId, message) => {
    const layers = new Map<number, KeyFrameLayer>();
    for (const packed of message.layer_flags) {
      const id = packed & 0xffffff;
      const flags = packed >>> 24;
      if (flags !== 0 && !layers.has(id) && state.node(id)) layers.set(id, { id, flags });
    }
    return change(state, message, { layers: [...layers.values()] });
  },
);

interface KeyFrameDelete extends Place {
  readonly move_track_id: number;
  readonly move_frame_index: number;
}

export const keyFrameDelete = command<KeyFrameDelete>(173, ({ state }, _contextId, message) => {
  const {
    track_id: trackId,
    frame_index: frame,
    move_track_id: toTrack,
    move_frame_index: toFrame,
  } = message;
  const old = keyFrameOf(trackOf(state, trackId), frame);
  if (!old || (trackId === toTrack && frame === toFrame)) return false;
  if (toTrack !== 0 && (!trackOf(state, toTrack) || toFrame >= state.metadata.frameCount)) return false;
  put(state, trackId, frame, undefined);
  if (toTrack !== 0) put(state, toTrack, toFrame, old);
  return true;
});

// SetMetadataInt (161): numbers of the document. canvas.md §1.10, §2.8

import type { Metadata } from '../state.js';
import { command } from './row.js';

/** TABLE: which number a field sets, and which values it takes. */
const fields: readonly ((value: number) => Partial<Metadata>)[] = [
  (value) => ({ dpiX: Math.max(1, value) }),
  (value) => ({ dpiY: Math.max(1, value) }),
  (value) => ({ framerate: Math.max(0, value) }),
  (value) => ({ frameCount: Math.max(1, value) }),
  (value) => ({ framerateFraction: Math.max(0, value) }),
  (value) => ({ frameRangeFirst: value }),
  (value) => ({ frameRangeLast: Math.min(2147483646, value) }),
];

const frameCountField = 3;
const offsetXField = 7;
const offsetYField = 8;

export const setMetadataInt = command<{ field: number; value: number }>(
  161,
  ({ state }, _contextId, message) => {
    const { field, value } = message;
    if (field === offsetXField) state.offsetX = value;
    else if (field === offsetYField) state.offsetY = value;
    else {
      const set = fields[field];
      if (!set) return false;
      state.metadata = { ...state.metadata, ...set(value) };
    }
    if (field === frameCountField) {
      // by what the message says, also where that is not a count
      state.tracks = state.tracks.map((track) => {
        const keyFrames = track.keyFrames.filter(({ frame }) => frame < value);
        return keyFrames.length === track.keyFrames.length ? track : { ...track, keyFrames };
      });
    }
    return true;
  },
);

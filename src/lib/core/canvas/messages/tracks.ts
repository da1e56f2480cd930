// Tracks of the timeline: made (166), renamed (167), deleted (168), put in order (169). canvas.md §2.9

import type { Track } from '../state.js';
import { command, keep } from './row.js';

interface TrackCreate {
  readonly id: number;
  readonly insert_id: number;
  readonly source_id: number;
  readonly raw: Uint8Array;
}

export const trackCreate = command<TrackCreate>(166, ({ state }, _contextId, message) => {
  const { id, insert_id: insertId, source_id: sourceId, raw } = message;
  const find = (wanted: number) => state.tracks.findIndex((track) => track.id === wanted);
  const before = insertId === 0 ? -1 : find(insertId);
  const source = sourceId === 0 ? -1 : find(sourceId);
  if (id === 0 || find(id) >= 0) return false;
  if ((insertId !== 0 && before < 0) || (sourceId !== 0 && source < 0)) return false;
  const track: Track = { id, title: keep(raw), keyFrames: state.tracks[source]?.keyFrames ?? [] };
  const tracks = state.tracks.slice();
  tracks.splice(before + 1, 0, track);
  state.tracks = tracks;
  return true;
});

export const trackRetitle = command<{ id: number; raw: Uint8Array }>(
  167,
  ({ state }, _contextId, message) => {
    const { id, raw } = message;
    if (id === 0 || !state.tracks.some((track) => track.id === id)) return false;
    state.tracks = state.tracks.map((track) => (track.id === id ? { ...track, title: keep(raw) } : track));
    return true;
  },
);

export const trackDelete = command<{ id: number }>(168, ({ state }, _contextId, { id }) => {
  if (id === 0 || !state.tracks.some((track) => track.id === id)) return false;
  state.tracks = state.tracks.filter((track) => track.id !== id);
  return true;
});

/** The ones that it names first, the others behind them as they were. */
export const trackOrder = command<{ tracks: readonly number[] }>(169, ({ state }, _contextId, { tracks }) => {
  const left = new Map(state.tracks.map((track) => [track.id, track]));
  const ordered: Track[] = [];
  for (const id of tracks) {
    const track = left.get(id);
    if (track) ordered.push(track);
    left.delete(id);
  }
  state.tracks = [...ordered, ...left.values()];
  return true;
});

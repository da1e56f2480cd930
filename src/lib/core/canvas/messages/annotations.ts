// Annotations: made (141), moved (142), changed (143), deleted (144). canvas.md §2.9

import { type Annotation, noText, type VerticalAlignment } from '../state.js';
import type { WorkingState } from '../working-state.js';
import { command, keep } from './row.js';

interface Shape {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Edit {
  readonly id: number;
  readonly bg: number;
  readonly flags: number;
  readonly raw: Uint8Array;
}

/** False: there is none with this id. */
function change(state: WorkingState, id: number, changed: Partial<Annotation>): boolean {
  const at = state.annotations.findIndex((annotation) => annotation.id === id);
  const old = state.annotations[at];
  if (!old) return false;
  const annotations = state.annotations.slice();
  annotations[at] = { ...old, ...changed };
  state.annotations = annotations;
  return true;
}

/** Both bits are no alignment of 2.3: top. */
function alignmentOf(flags: number): VerticalAlignment {
  const bits = flags & 6;
  return bits === 2 ? 'center' : bits === 4 ? 'bottom' : 'top';
}

export const annotationCreate = command<Shape>(141, ({ state }, _contextId, { id, x, y, w, h }) => {
  if (state.annotations.some((annotation) => annotation.id === id)) return false;
  const made: Annotation = {
    id,
    x,
    y,
    width: w,
    height: h,
    background: 0,
    isProtected: false,
    isAlias: false,
    isRasterized: false,
    alignment: 'top',
    text: noText,
  };
  state.annotations = [...state.annotations, made];
  return true;
});

export const annotationReshape = command<Shape>(142, ({ state }, _contextId, { id, x, y, w, h }) =>
  change(state, id, { x, y, width: w, height: h }),
);

export const annotationEdit = command<Edit>(143, ({ state }, _contextId, { id, bg, flags, raw }) =>
  change(state, id, {
    background: bg,
    isProtected: (flags & 1) !== 0,
    isAlias: (flags & 8) !== 0,
    isRasterized: (flags & 16) !== 0,
    alignment: alignmentOf(flags),
    text: keep(raw),
  }),
);

export const annotationDelete = command<{ id: number }>(144, ({ state }, _contextId, { id }) => {
  const left = state.annotations.filter((annotation) => annotation.id !== id);
  const isGone = left.length < state.annotations.length;
  if (isGone) state.annotations = left;
  return isGone;
});

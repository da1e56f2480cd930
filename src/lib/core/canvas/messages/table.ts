// TABLE of what messages do to the canvas, by type. To add one: a row in a file of this folder, and here.
// Dabs (148 to 152) are drawn by dabs.ts, undo (128, 255) is the history's (undo.ts).

import { annotationCreate, annotationDelete, annotationEdit, annotationReshape } from './annotations.js';
import { fillRect, putImage, putImageZstd } from './images.js';
import { keyFrameDelete, keyFrameLayerAttributes, keyFrameRetitle, keyFrameSet } from './key-frames.js';
import { layerAttributes, layerRetitle } from './layer-attributes.js';
import { layerTreeCreate } from './layer-create.js';
import { layerTreeDelete } from './layer-delete.js';
import { layerTreeMove } from './layer-move.js';
import { setMetadataInt } from './metadata.js';
import { penUp } from './pen-up.js';
import { moveRect, moveRectZstd, transform, transformZstd } from './regions.js';
import { resize } from './resize.js';
import { type CommandRow, command } from './row.js';
import { selectionClear, selectionPut, syncSelectionTile } from './selections.js';
import { background, backgroundZstd, putTile, putTileZstd } from './tiles.js';
import { trackCreate, trackDelete, trackOrder, trackRetitle } from './tracks.js';

/** What a client sends to itself through the server: nothing. */
const localMatch = command(176, () => true);

const rows: readonly CommandRow[] = [
  resize,
  layerAttributes,
  layerRetitle,
  putImage,
  fillRect,
  penUp,
  annotationCreate,
  annotationReshape,
  annotationEdit,
  annotationDelete,
  putTile,
  background,
  moveRect,
  setMetadataInt,
  layerTreeCreate,
  layerTreeMove,
  layerTreeDelete,
  transform,
  trackCreate,
  trackRetitle,
  trackDelete,
  trackOrder,
  keyFrameSet,
  keyFrameRetitle,
  keyFrameLayerAttributes,
  keyFrameDelete,
  selectionPut,
  selectionClear,
  localMatch,
  syncSelectionTile,
  putImageZstd,
  putTileZstd,
  backgroundZstd,
  moveRectZstd,
  transformZstd,
];

const byType: (CommandRow | undefined)[] = new Array(256).fill(undefined);
for (const row of rows) byType[row.type] = row;

export function commandRow(type: number): CommandRow | undefined {
  return byType[type];
}

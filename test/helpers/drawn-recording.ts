// A small recording in text form whose pictures are easy to tell: 100 × 80 pixels, white paper, a red square by user 1
// on the layer "Red", a blue one by user 2 on the layer "Blue", waiting times in between, and a text.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { tempFolder } from './temp-folder.js';

export const redLayer = 0x101;
export const blueLayer = 0x102;

const lines = [
  '0 resize {"right":100,"bottom":80}',
  '0 background {"image":"/////w=="}',
  `0 layertreecreate {"id":${redLayer},"title":"Red"}`,
  `0 layertreecreate {"id":${blueLayer},"title":"Blue"}`,
  '1 undopoint',
  `1 fillrect {"layer":${redLayer},"mode":"svg:src-over","x":10,"y":10,"w":40,"h":40,"color":"#ffff0000"}`,
  '1 interval {"msecs":2000}',
  '2 undopoint',
  `2 fillrect {"layer":${blueLayer},"mode":"svg:src-over","x":30,"y":30,"w":40,"h":40,"color":"#ff0000ff"}`,
  '2 interval {"msecs":60000}',
  '1 newannotation {"id":1,"x":60,"y":0,"w":40,"h":20}',
  '1 editannotation {"id":1,"bg":"#ff00ff00","text":"Hi"}',
];

/** Messages of the recording. */
export const drawnMessages = lines.length;

export function drawnText(more: readonly string[] = []): string {
  return ['!version=dp:4.25.1', ...lines, ...more, ''].join('\n');
}

/** In a folder of its own. */
export function drawnRecording(
  t: ExecutionContext,
  more: readonly string[] = [],
): { file: string; folder: string } {
  const folder = tempFolder(t);
  const file = join(folder, 'drawn.dptxt');
  writeFileSync(file, drawnText(more));
  return { file, folder };
}

export const white = [255, 255, 255, 255] as const;
export const red = [255, 0, 0, 255] as const;
export const blue = [0, 0, 255, 255] as const;
export const green = [0, 255, 0, 255] as const;
export const nothing = [0, 0, 0, 0] as const;

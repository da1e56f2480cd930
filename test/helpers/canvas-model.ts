// Prints a canvas after each message in the form of test/vectors/canvas/model/*.out.
import type { Canvas } from '../../src/lib/core/canvas/canvas.js';
import { pixels15, tilesOfView } from '../../src/lib/core/canvas/region.js';
import type { Annotation, Content, LayerNode } from '../../src/lib/core/canvas/state.js';
import type { TileGrid } from '../../src/lib/core/canvas/tiles.js';
import type { Recording } from './canvas-vectors.js';

/** FNV-1a, 32 bits. */
function fnv(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
const to8 = (c: number) => (c * 255 + 16384) >> 15;

function grid(tiles: TileGrid, indent: string): string {
  let line = `${indent}content ${tiles.width}x${tiles.height} tiles:`;
  tiles.forEach(({ pixels, author }, index) => {
    const isUniform = pixels.every((channel, at) => channel === pixels[at % 4]);
    const shown = isUniform
      ? `(${pixels[2]},${pixels[1]},${pixels[0]},${pixels[3]})`
      : `#${fnv(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))}`;
    line += ` ${index}=${shown}c${author}`;
  });
  return line;
}

function content({ grid: tiles, sublayers }: Content, indent: string): string[] {
  return [
    grid(tiles, indent),
    ...sublayers.flatMap((sublayer) => [
      `${indent}sub id ${sublayer.id} opa ${sublayer.opacity} blend ${sublayer.blendMode} tint ${hex(sublayer.color)}`,
      grid(sublayer.grid, `${indent}  `),
      ...(sublayer.mask ? [`${indent}  mask:`, grid(sublayer.mask, `${indent}    `)] : []),
    ]),
  ];
}

function node(each: LayerNode, indent: string): string[] {
  const flags = `${each.isIsolated ? ' iso' : ''}${each.isClip ? ' clip' : ''}${each.isCensored ? ' cens' : ''}`;
  const line = `${indent}${each.kind} ${each.id} '${text(each.title)}' opa ${each.opacity} blend ${each.blendMode}${flags}`;
  const inside =
    each.kind === 'group'
      ? each.children.nodes.flatMap((child) => node(child, `${indent}  `))
      : content(each.content, `${indent}  `);
  return [line, ...inside];
}

const alignments = ['top', 'center', 'bottom'];

function annotation(each: Annotation): string {
  const { id, x, y, width, height, background } = each;
  const flag = (value: boolean) => (value ? 1 : 0);
  return ` ann ${id} ${x},${y} ${width}x${height} bg ${hex(background)} prot ${flag(each.isProtected)} alias ${flag(each.isAlias)} rast ${flag(each.isRasterized)} val ${alignments.indexOf(each.alignment)}`;
}

/** What is on the canvas. */
export function modelState(canvas: Canvas): string[] {
  const { state, view } = { state: canvas.inside.state, view: canvas.inside.view({}) };
  const { metadata, background } = state;
  const behind = background ? [2, 1, 0, 3].map((channel) => background.pixels[channel]).join(',') : 'none';
  const region = { x: 0, y: 0, width: state.width, height: state.height };
  const flat = Uint8Array.from(pixels15(region, Math.ceil(state.width / 64), tilesOfView(view)), to8);
  const [b = 0, g = 0, r = 0, a = 0] = flat;
  return [
    `canvas ${state.width}x${state.height} off ${state.offsetX},${state.offsetY} bg ${behind}`,
    ...state.layers.nodes.flatMap((each) => node(each, ' ')),
    ...state.annotations.map(annotation),
    ...state.tracks.map((track) => {
      const frames = track.keyFrames.map(
        ({ frame, layer, layers }) =>
          ` ${frame}->${layer}${layers.map((each) => `[${each.id}:${each.flags}]`).join('')}`,
      );
      return ` track ${track.id}:${frames.join('')}`;
    }),
    ` meta dpi ${metadata.dpiX},${metadata.dpiY} fps ${metadata.framerate}.${metadata.framerateFraction} frames ${metadata.frameCount} range ${metadata.frameRangeFirst}..${metadata.frameRangeLast}`,
    ...state.selections.flatMap(({ user, id, content: selected }) => [
      ` sel user ${user} id ${id}`,
      ...content(selected, '   '),
    ]),
    ...(flat.length > 0
      ? [` flat #${fnv(flat)} px0 ${hex(((a << 24) | (r << 16) | (g << 8) | b) >>> 0)}`]
      : []),
  ];
}

/** After each message what came of it and the state, and the state once more at the end. */
export function modelLines(canvas: Canvas, recording: Recording): string[] {
  const lines: string[] = [];
  recording.messages.forEach(({ type, contextId, payload }, index) => {
    const before = canvas.counts;
    canvas.message(type, contextId, payload);
    const { filtered, rejected } = canvas.counts;
    if (filtered > before.filtered) lines.push(`${index + 1}: type ${type} FILTERED`);
    else if (type >= 128) {
      lines.push(`${index + 1}: type ${type} ${rejected > before.rejected ? 'ERR' : 'ok'}`);
      lines.push(...modelState(canvas));
    }
  });
  lines.push(...modelState(canvas));
  return lines;
}

// A canvas as messages: what somebody plays to come to it (canvas.md §5). Pixels go through 8 bits, and some things
// cannot be said at all (§5.6). Frames are made one at a time, so that a large canvas is never twice in memory.
//
// It says more than the images that clients make: they lose alias, rasterize and the bottom alignment of annotations.

import { makeFrame, maxPayloadBytes } from '../protocol/frame.js';
import type { Fields } from '../protocol/kind.js';
import { swapId } from '../protocol/layout-of-22.js';
import { encodePayload, messageTables } from '../protocol/messages.js';
import type { Access } from './access.js';
import { elementOf, firstRemoteSelection, layerIdOf, ownerOf } from './ids.js';
import type { CanvasGeneration } from './message-fields.js';
import type { Codecs } from './needs.js';
import { writeSelectionTile, writeTile } from './payloads.js';
import { c15to8 } from './pixel.js';
import {
  type Annotation,
  type Attributes,
  type CanvasState,
  eachNode,
  initialMetadata,
  type LayerNode,
  type Track,
} from './state.js';
import type { Tile, TileGrid } from './tiles.js';

export interface ResetOptions {
  /** The layout; that of the canvas if not given. */
  readonly generation?: CanvasGeneration | undefined;
  /** Context id of every message; 0 if not given. */
  readonly contextId?: number | undefined;
  /** With undo depth, default layer and rights (canvas.md §5.1); no if not given: the image alone. */
  readonly isComplete?: boolean | undefined;
}

export interface ResetSource {
  /** Not changed while frames are made. */
  readonly state: CanvasState;
  readonly codecs: Codecs;
  readonly undoDepth: number;
  readonly defaultLayer: number;
  readonly rights: Access;
}

export function* resetFrames(
  source: ResetSource,
  generation: CanvasGeneration,
  contextId: number,
  isComplete: boolean,
): Generator<Uint8Array> {
  const maker =
    generation === '4.25' ? new Maker(source, contextId) : new Maker24(source, contextId, source.state);
  if (isComplete) yield maker.frame(74, { depth: source.undoDepth });
  yield* maker.image();
  if (isComplete) yield* maker.rights();
}

/** Makes the frames of 4.25. */
class Maker {
  protected readonly source: ResetSource;
  protected readonly contextId: number;
  protected readonly generation: CanvasGeneration = '4.25';

  constructor(source: ResetSource, contextId: number) {
    this.source = source;
    this.contextId = contextId;
  }

  /** `text` goes behind the fields as it is. */
  frame(type: number, fields: Fields, text: Uint8Array = new Uint8Array(0)): Uint8Array {
    const row = messageTables[this.generation].row(type);
    if (row === undefined) throw new RangeError(`message of the unknown type ${type}`);
    const fixed = encodePayload(row, fields);
    const payload = new Uint8Array(Math.min(maxPayloadBytes, fixed.length + text.length));
    payload.set(fixed);
    payload.set(text.subarray(0, payload.length - fixed.length), fixed.length);
    return makeFrame(type, this.contextId, payload);
  }

  *image(): Generator<Uint8Array> {
    const { state } = this.source;
    const { width, height } = state;
    const isSized = width > 0 && height > 0;
    if (isSized) yield this.frame(129, { top: 0, right: width, bottom: height, left: 0 });
    yield* this.metadata(state);
    if (state.background) yield this.background(state.background);
    const nodes: { node: LayerNode; parent: number }[] = [];
    eachNode(state.layers, (node, parent) => nodes.push({ node, parent }));
    for (const { node, parent } of nodes) yield* this.node(node, parent);
    if (isSized) yield* this.selections(state);
    for (const annotation of state.annotations) yield* this.annotation(annotation);
    // each is put in front of the others
    for (const track of state.tracks.toReversed()) yield* this.track(track);
  }

  *rights(): Generator<Uint8Array> {
    const { rights, defaultLayer } = this.source;
    if (defaultLayer !== 0) yield this.frame(71, { id: this.id(defaultLayer) });
    for (const [id, entry] of rights.layers) {
      const flags =
        (entry.isContentLocked ? 0x80 : 0) |
        (entry.isMoveLocked ? 0x40 : 0) |
        (entry.isPropsLocked ? 0x20 : 0) |
        entry.tier;
      yield this.frame(69, {
        id: this.id(id),
        flags: this.accessFlags(flags),
        exclusive: entry.exclusive ?? [],
      });
    }
    yield this.frame(70, { feature_tiers: rights.features });
    yield* this.limits(rights.limits);
    yield this.frame(68, { users: rights.locked.list() });
  }

  // What differs between the generations

  protected id(id: number): number {
    return id;
  }

  protected smallId(id: number): number {
    return id;
  }

  protected accessFlags(flags: number): number {
    return flags;
  }

  protected *limits(limits: readonly number[]): Generator<Uint8Array> {
    yield this.frame(77, { limits });
  }

  protected *metadata(state: CanvasState): Generator<Uint8Array> {
    for (const [field, value] of changedMetadata(state)) yield this.frame(161, { field, value });
  }

  protected background(tile: Tile): Uint8Array {
    return this.frame(180, { image: writeTile('zstd', tile, this.source.codecs) });
  }

  protected attributeFlags(attributes: Attributes, isGroup: boolean): number {
    return (
      (attributes.isCensored ? 1 : 0) |
      (isGroup && attributes.isIsolated ? 4 : 0) |
      (attributes.isClip ? 8 : 0)
    );
  }

  protected tilePayload(tile: Tile): Uint8Array {
    return writeTile('zstd', tile, this.source.codecs);
  }

  protected putTile(fields: Fields): Uint8Array {
    return this.frame(179, fields);
  }

  protected *selections(state: CanvasState): Generator<Uint8Array> {
    const { codecs } = this.source;
    for (const { user, id, content } of state.selections) {
      if (id < firstRemoteSelection) continue;
      const { grid } = content;
      for (const [index, tile] of presentTiles(grid)) {
        const row = Math.floor(index / grid.columns);
        const col = index % grid.columns;
        const mask = writeSelectionTile(tile, codecs);
        yield this.frame(177, { user, selection_id: id, col, row, mask });
      }
    }
  }

  protected annotationFlags(annotation: Annotation): number {
    return (
      (annotation.isProtected ? 1 : 0) |
      (annotation.alignment === 'center' ? 2 : annotation.alignment === 'bottom' ? 4 : 0) |
      (annotation.isAlias ? 8 : 0) |
      (annotation.isRasterized ? 16 : 0)
    );
  }

  protected layerFlags(layers: readonly { id: number; flags: number }[]): Fields {
    return { layer_flags: layers.map(({ id, flags }) => ((flags << 24) | id) >>> 0) };
  }

  // What is the same

  *node(node: LayerNode, parent: number): Generator<Uint8Array> {
    const isGroup = node.kind === 'group';
    const id = this.id(node.id);
    const flags = (isGroup ? 1 : 0) | (parent === 0 ? 0 : 2);
    const target = parent === 0 ? 0 : this.id(parent);
    yield this.frame(162, { id, source: 0, target, fill: 0, flags }, node.title);
    yield this.attributes(id, 0, node, isGroup);
    if (isGroup) return;
    yield* this.tiles(id, 0, node.content.grid);
    for (const sublayer of node.content.sublayers) {
      // strokes of user 0 have no separate number
      if (sublayer.id === 0) continue;
      yield this.attributes(id, sublayer.id, sublayer, false);
      yield* this.tiles(id, sublayer.id, sublayer.grid);
    }
  }

  protected attributes(id: number, sublayer: number, attributes: Attributes, isGroup: boolean): Uint8Array {
    return this.frame(131, {
      id,
      sublayer,
      flags: this.attributeFlags(attributes, isGroup),
      opacity: c15to8(attributes.opacity),
      blend: attributes.blendMode,
    });
  }

  /** Neighbouring slots of the same pixels go into one message. */
  protected *tiles(layer: number, sublayer: number, grid: TileGrid): Generator<Uint8Array> {
    for (const { first, count, tile, image } of runs(grid, (each) => this.tilePayload(each))) {
      const row = Math.floor(first / grid.columns);
      const col = first % grid.columns;
      yield this.putTile({ user: tile.author, layer, sublayer, col, row, repeat: count - 1, image });
    }
  }

  protected *annotation(annotation: Annotation): Generator<Uint8Array> {
    const { x, y, width: w, height: h, background: bg, text } = annotation;
    const id = this.smallId(annotation.id);
    yield this.frame(141, { id, x, y, w, h });
    yield this.frame(143, { id, bg, flags: this.annotationFlags(annotation), border: 0 }, text);
  }

  protected *track(track: Track): Generator<Uint8Array> {
    const id = this.smallId(track.id);
    yield this.frame(166, { id, insert_id: 0, source_id: 0 }, track.title);
    for (const { frame, layer, title, layers } of track.keyFrames) {
      const place = { track_id: id, frame_index: frame };
      const source = layer === 0 ? 0 : this.id(layer);
      yield this.frame(170, { ...place, source_id: source, source_index: 0, source: 0 });
      if (title.length > 0) yield this.frame(171, place, title);
      if (layers.length > 0) yield this.frame(172, { ...place, ...this.layerFlags(layers) });
    }
  }
}

/** Makes the frames of 4.24: owner and number of ids change places, and what 2.2 does not know is left out. */
class Maker24 extends Maker {
  protected override readonly generation = '4.24' as const;
  /** Layers whose number is too large for 16 bits. */
  readonly #renamed = new Map<number, number>();

  constructor(source: ResetSource, contextId: number, state: CanvasState) {
    super(source, contextId);
    const used = new Set<number>();
    const tooLarge: number[] = [];
    eachNode(state.layers, ({ id }) => {
      if (elementOf(id) > 255) tooLarge.push(id);
      else used.add(id);
    });
    for (const id of tooLarge) {
      const free = freeId(ownerOf(id), used);
      used.add(free);
      this.#renamed.set(id, free);
    }
  }

  protected override id(id: number): number {
    return swapId((this.#renamed.get(id) ?? id) & 0xffff);
  }

  protected override smallId(id: number): number {
    return swapId(id);
  }

  protected override accessFlags(flags: number): number {
    return flags & 0x83;
  }

  protected override *limits(): Generator<Uint8Array> {}

  protected override *metadata(state: CanvasState): Generator<Uint8Array> {
    for (const [field, value] of changedMetadata(state)) {
      if (field <= 3) yield this.frame(161, { field, value });
    }
  }

  protected override background(tile: Tile): Uint8Array {
    return this.frame(147, { image: writeTile('deflate', tile, this.source.codecs) });
  }

  protected override attributeFlags(attributes: Attributes, isGroup: boolean): number {
    return super.attributeFlags(attributes, isGroup) & 5;
  }

  protected override tilePayload(tile: Tile): Uint8Array {
    return writeTile('deflate', tile, this.source.codecs);
  }

  protected override putTile({ user: _, ...fields }: Fields): Uint8Array {
    return this.frame(146, fields);
  }

  protected override *selections(): Generator<Uint8Array> {}

  protected override annotationFlags(annotation: Annotation): number {
    return super.annotationFlags(annotation) & 7;
  }

  protected override layerFlags(layers: readonly { id: number; flags: number }[]): Fields {
    return { layers: layers.flatMap(({ id, flags }) => [this.id(id), flags]) };
  }
}

/** An id that no layer has: of the same owner if there is one. */
function freeId(owner: number, used: ReadonlySet<number>): number {
  for (let tries = 0; tries < 65536; tries++) {
    const id = layerIdOf(tries & 0xff, (owner + (tries >> 8)) & 0xff);
    if (id !== 0 && !used.has(id)) return id;
  }
  return layerIdOf(0, owner);
}

/** Fields of SetMetadataInt that are not what they are at first. */
function changedMetadata({ metadata, offsetX, offsetY }: CanvasState): [field: number, value: number][] {
  const values: readonly (readonly [number, number])[] = [
    [metadata.dpiX, initialMetadata.dpiX],
    [metadata.dpiY, initialMetadata.dpiY],
    [metadata.framerate, initialMetadata.framerate],
    [metadata.frameCount, initialMetadata.frameCount],
    [metadata.framerateFraction, initialMetadata.framerateFraction],
    [metadata.frameRangeFirst, initialMetadata.frameRangeFirst],
    [metadata.frameRangeLast, initialMetadata.frameRangeLast],
    [offsetX, 0],
    [offsetY, 0],
  ];
  return values.flatMap(([value, initial], field) => (value === initial ? [] : [[field, value]]));
}

function presentTiles(grid: TileGrid): [number, Tile][] {
  const found: [number, Tile][] = [];
  grid.forEach((tile, index) => {
    found.push([index, tile]);
  });
  return found;
}

interface Run {
  readonly first: number;
  count: number;
  readonly tile: Tile;
  readonly image: Uint8Array;
}

const longestRun = 65_536;

function* runs(grid: TileGrid, pack: (tile: Tile) => Uint8Array): Generator<Run> {
  let run: Run | undefined;
  for (const [index, tile] of presentTiles(grid)) {
    const isNext = run !== undefined && run.first + run.count === index && run.count < longestRun;
    if (run && isNext && run.tile === tile) {
      run.count++;
      continue;
    }
    const image = pack(tile);
    if (run && isNext && run.tile.author === tile.author && isSame(run.image, image)) {
      run.count++;
      continue;
    }
    if (run) yield run;
    run = { first: index, count: 1, tile, image };
  }
  if (run) yield run;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

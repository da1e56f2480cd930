// The state of a canvas as plain data with hashes: the form of the C engine's vectors, the same keys in the same
// order, so that anyone can compare.

import { asBuffer } from '../bytes.js';
import type { Canvas } from './canvas.js';
import { pixels15, type Region, type TileSource, tilesOfGrid, tilesOfView, toRgba8 } from './region.js';
import type { Annotation, Content, LayerNode, Track } from './state.js';
import { TILE_SIDE, type Tile, type TileGrid } from './tiles.js';
import type { PictureView } from './views.js';

/** SHA-256 over what `update` was given. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Goes into JSON as it is. */
export type StateForm = Readonly<Record<string, unknown>>;

/** So many frames of the timeline are hashed at most. */
const maxFrames = 24;

/** `sha256` makes a new hash each time. Costs the entire canvas and each of its layers. */
export function stateForm(canvas: Canvas, sha256: () => Sha256): StateForm {
  const { inside } = canvas;
  const { state, local } = inside;
  const { metadata, background } = state;
  const hashes = new Hashes(state.width, state.height, sha256);
  const flat = (view: PictureView) => hashes.of(tilesOfView(inside.view(view)));
  const isSized = state.width > 0 && state.height > 0;
  const isClient = inside.access === 'client';
  return {
    messages: canvas.counts.messages,
    acl: inside.access,
    width: state.width,
    height: state.height,
    offsetX: state.offsetX,
    offsetY: state.offsetY,
    background: background ? backgroundForm(background, hashes) : null,
    layers: state.layers.nodes.map((node) => layerForm(node, hashes)),
    annotations: state.annotations.map(annotationForm),
    metadata: {
      dpix: metadata.dpiX,
      dpiy: metadata.dpiY,
      framerate: metadata.framerate,
      framerateFraction: metadata.framerateFraction,
      frameCount: metadata.frameCount,
      frameRangeFirst: metadata.frameRangeFirst,
      frameRangeLast: metadata.frameRangeLast,
    },
    tracks: state.tracks.map(trackForm),
    selections: state.selections.map(({ user, id, content }) => ({
      user,
      id,
      ...contentForm(content, hashes),
    })),
    defaultLayer: inside.defaultLayer,
    undoDepth: inside.undoDepth,
    ...(isSized && {
      flat: {
        sha256: flat({}),
        noBackgroundSha256: flat({ background: false }),
        noSublayersSha256: flat({ openStrokes: false }),
        rgba8Sha256: hashes.ofPicture(tilesOfView(inside.view({}))),
      },
    }),
    ...(isSized &&
      state.tracks.length > 0 && {
        frameSha256: Array.from({ length: Math.min(maxFrames, metadata.frameCount) }, (_, frame) =>
          flat({ frame }),
        ),
      }),
    ...(isSized && local.revision > 0 && { localView: { flatSha256: flat({ local: true }) } }),
    ...(isClient && { aclState: accessForm(canvas) }),
    filtered: inside.filtered,
    rejected: inside.rejected,
  };
}

/** Hashes of pictures as large as the canvas, a row of tiles at a time. */
class Hashes {
  readonly #width: number;
  readonly #height: number;
  readonly #sha256: () => Sha256;
  readonly #band: Uint16Array;
  readonly #bandBytes: Uint8Array;

  constructor(width: number, height: number, sha256: () => Sha256) {
    this.#width = width;
    this.#height = height;
    this.#sha256 = sha256;
    this.#band = new Uint16Array(width * Math.min(height, TILE_SIDE) * 4);
    this.#bandBytes = new Uint8Array(this.#band.buffer);
  }

  of(tiles: TileSource): string {
    const hash = this.#sha256();
    this.#eachBand(tiles, (pixels) => hash.update(this.#bandBytes.subarray(0, pixels * 8)));
    return hash.hex();
  }

  ofPicture(tiles: TileSource): string {
    const hash = this.#sha256();
    const rgba = new Uint8Array(this.#band.length);
    this.#eachBand(tiles, (pixels) => {
      toRgba8(this.#band, 0, rgba, 0, pixels);
      hash.update(rgba.subarray(0, pixels * 4));
    });
    return hash.hex();
  }

  ofTile(tile: Tile): string {
    const { buffer, byteOffset, byteLength } = tile.pixels;
    const hash = this.#sha256();
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    return hash.hex();
  }

  /** Whether no pixel on the canvas is anything but transparent. */
  isBlank(tiles: TileSource): boolean {
    let isBlank = true;
    this.#eachBand(tiles, () => {
      isBlank &&= this.#band.every((channel) => channel === 0);
    });
    return isBlank;
  }

  #eachBand(tiles: TileSource, visit: (pixels: number) => void): void {
    const columns = Math.ceil(this.#width / TILE_SIDE);
    for (let y = 0; y < this.#height; y += TILE_SIDE) {
      const region: Region = { x: 0, y, width: this.#width, height: Math.min(TILE_SIDE, this.#height - y) };
      pixels15(region, columns, tiles, this.#band);
      visit(region.width * region.height);
    }
  }
}

const text = (bytes: Uint8Array): string => asBuffer(bytes).toString('utf8');

function backgroundForm(tile: Tile, hashes: Hashes) {
  const { pixels } = tile;
  let isOpaque = true;
  let isUniform = true;
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] !== 32768) isOpaque = false;
    for (let channel = 0; channel < 4; channel++) {
      if (pixels[at + channel] !== pixels[channel]) isUniform = false;
    }
  }
  return {
    sha256: hashes.ofTile(tile),
    opaque: isOpaque,
    ...(isUniform && { bgra15: pixels.subarray(0, 4).join(',') }),
  };
}

function gridForm(grid: TileGrid, hashes: Hashes) {
  const tiles = tilesOfGrid(grid);
  return { sha256: hashes.of(tiles), blank: hashes.isBlank(tiles) };
}

function contentForm(content: Content, hashes: Hashes) {
  return {
    ...gridForm(content.grid, hashes),
    ...(content.sublayers.length > 0 && {
      sublayers: content.sublayers.map((sublayer) => ({
        id: sublayer.id,
        opacity: sublayer.opacity,
        blendMode: sublayer.blendMode,
        strokeColor: sublayer.color,
        ...gridForm(sublayer.grid, hashes),
        ...(sublayer.mask && { maskSha256: hashes.of(tilesOfGrid(sublayer.mask)) }),
      })),
    }),
  };
}

function layerForm(node: LayerNode, hashes: Hashes): StateForm {
  return {
    id: node.id,
    title: text(node.title),
    group: node.kind === 'group',
    opacity: node.opacity,
    blendMode: node.blendMode,
    censored: node.isCensored,
    isolated: node.isIsolated,
    clip: node.isClip,
    ...(node.kind === 'group'
      ? { children: node.children.nodes.map((child) => layerForm(child, hashes)) }
      : contentForm(node.content, hashes)),
  };
}

function annotationForm(annotation: Annotation): StateForm {
  return {
    id: annotation.id,
    x: annotation.x,
    y: annotation.y,
    w: annotation.width,
    h: annotation.height,
    background: annotation.background.toString(16).padStart(8, '0'),
    protect: annotation.isProtected,
    alias: annotation.isAlias,
    rasterize: annotation.isRasterized,
    valign: annotation.alignment,
    text: text(annotation.text),
  };
}

function trackForm({ id, title, keyFrames }: Track): StateForm {
  return {
    id,
    title: text(title),
    keyFrames: keyFrames.map(({ frame, title: frameTitle, layer, layers }) => ({
      frame,
      title: text(frameTitle),
      layer,
      layerFlags: layers.map((each) => ({ layer: each.id, flags: each.flags })),
    })),
  };
}

function accessForm(canvas: Canvas): StateForm {
  const { rights } = canvas.inside;
  return {
    operators: rights.operators.list(),
    trusted: rights.trusted.list(),
    authenticated: rights.authenticated.list(),
    locked: rights.locked.list(),
    allLocked: rights.isSessionLocked,
    features: rights.features,
    limits: rights.limits,
    layers: [...rights.layers].map(([id, entry]) => ({
      id,
      contentLocked: entry.isContentLocked,
      moveLocked: entry.isMoveLocked,
      propsLocked: entry.isPropsLocked,
      tier: entry.tier,
      exclusive: entry.exclusive ?? null,
    })),
  };
}

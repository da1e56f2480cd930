// The picture of a canvas, one tile at a time (canvas.md §6.2, pixels.md §5): background, layers from the bottom up,
// strokes that are being drawn, groups by themselves or passed through, clipping, censoring.

import { blendTile } from './blend/blend.js';
import { preservingMode } from './blend/modes.js';
import { censorTile, maskTile, tintPixels } from './merge.js';
import { clippedBy } from './merge-tree.js';
import { mul, ONE, type Profile } from './pixel.js';
import type { CanvasState, Content, LayerNode } from './state.js';
import { TILE_LENGTH, type Tile } from './tiles.js';

type Pixels = Uint16Array;

/** How a node is shown, other than its attributes say. */
export interface Looks {
  readonly isHidden: boolean;
  readonly isCensored: boolean;
  /** Replaces the layer's, 0: none. */
  readonly sketchOpacity: number;
  readonly sketchTint: number;
}

/** A node that is drawn at the top level, with what its groups would do to it. */
export interface Drawn {
  readonly node: LayerNode;
  readonly opacity: number;
  /** Replaces the layer's. */
  readonly mode?: number;
  readonly looks: (id: number) => Looks;
}

export interface FlattenOptions {
  readonly profile: Profile;
  /** What is behind everything; undefined: nothing. */
  readonly background: Tile | undefined;
  readonly hasOpenStrokes: boolean;
  /** Undefined: the entire tree as it is. */
  readonly looks?: ((id: number) => Looks) | undefined;
  /** In place of the tree: these, in this order. */
  readonly drawn?: readonly Drawn[] | undefined;
}

export const plainLooks: Looks = { isHidden: false, isCensored: false, sketchOpacity: 0, sketchTint: 0 };

/** What comes down to an entry from the groups above it. */
interface Inherited {
  readonly opacity: number;
  readonly isCensored: boolean;
  readonly isClipped: boolean;
  readonly tint: number;
}

const nothing: Inherited = { opacity: ONE, isCensored: false, isClipped: false, tint: 0 };

/** What is drawn onto: nothing until the first entry with a tile here. */
interface Ground {
  pixels: Pixels | undefined;
}

export class Flattener {
  readonly #state: Pick<CanvasState, 'layers'>;
  readonly #options: FlattenOptions;
  #looks: (id: number) => Looks;
  #index = 0;
  /** Buffers that are lent out and come back in turn. */
  readonly #spare: Pixels[] = [];

  constructor(state: Pick<CanvasState, 'layers'>, options: FlattenOptions) {
    this.#state = state;
    this.#options = options;
    this.#looks = options.looks ?? (() => plainLooks);
  }

  /** The pixels of a slot, undefined: nothing is there. Good until the next tile; not to be written to. */
  tile(index: number): Pixels | undefined {
    const { background, drawn } = this.#options;
    this.#index = index;
    const ground: Ground = { pixels: undefined };
    if (background) {
      ground.pixels = this.#take();
      ground.pixels.set(background.pixels);
    }
    if (drawn) this.#drawChosen(ground, drawn);
    else this.#drawList(ground, this.#state.layers.nodes, nothing, true);
    // it is read before the next tile takes it again
    this.#give(ground.pixels);
    return ground.pixels;
  }

  #drawChosen(ground: Ground, drawn: readonly Drawn[]): void {
    for (const { node, opacity, mode, looks } of drawn) {
      this.#looks = looks;
      const shown = mode === undefined ? node : { ...node, blendMode: mode };
      this.#drawEntry(ground, shown, { ...nothing, opacity });
    }
  }

  #drawList(ground: Ground, nodes: readonly LayerNode[], inherited: Inherited, isRoot: boolean): void {
    for (let at = 0; at < nodes.length; ) {
      const count = clippedBy(nodes, at, isRoot);
      if (count === 0) this.#drawEntry(ground, nodes[at]!, inherited);
      else this.#drawClipGroup(ground, nodes, at, count, inherited);
      at += count + 1;
    }
  }

  #drawEntry(ground: Ground, node: LayerNode, inherited: Inherited): void {
    const looks = this.#looks(node.id);
    const own = looks.sketchOpacity || node.opacity;
    if (looks.isHidden || own === 0 || inherited.opacity === 0) return;
    const opacity = mul(inherited.opacity, own);
    const tint = ownTint(looks) || inherited.tint;
    const isCensored = inherited.isCensored || node.isCensored || looks.isCensored;
    if (node.kind === 'group' && !node.isIsolated) {
      const { isClipped } = inherited;
      this.#drawList(ground, node.children.nodes, { opacity, isCensored, isClipped, tint }, false);
      return;
    }
    const mode = inherited.isClipped ? preservingMode(node.blendMode) : node.blendMode;
    this.#drawAlone(node, (pixels, mayChange) => {
      const shown = isCensored
        ? censorTile.pixels
        : tint === 0
          ? pixels
          : this.#tinted(pixels, mayChange, tint);
      blendTile(this.#options.profile, mode, this.#groundOf(ground), shown, opacity);
      if (shown !== pixels && !isCensored) this.#give(shown);
    });
  }

  /** A layer with its strokes, or an isolated group's children; nothing is drawn where there is no tile. */
  #drawAlone(node: LayerNode, draw: (pixels: Pixels, mayChange: boolean) => void): void {
    if (node.kind === 'layer') {
      this.#contentOf(node.content, draw);
      return;
    }
    const inner: Ground = { pixels: undefined };
    this.#drawList(inner, node.children.nodes, nothing, false);
    if (inner.pixels === undefined) return;
    draw(inner.pixels, true);
    this.#give(inner.pixels);
  }

  #drawClipGroup(
    ground: Ground,
    nodes: readonly LayerNode[],
    at: number,
    count: number,
    inherited: Inherited,
  ): void {
    const base = nodes[at]!;
    const looks = this.#looks(base.id);
    const own = looks.sketchOpacity || base.opacity;
    if (looks.isHidden || own === 0 || inherited.opacity === 0) return;
    this.#drawAlone(base, (pixels, mayChange) => {
      const clipped: Ground = { pixels: mayChange ? pixels : this.#copyOf(pixels) };
      for (let each = at + 1; each <= at + count; each++) {
        this.#drawEntry(clipped, nodes[each]!, { ...nothing, isClipped: true });
      }
      const shown = clipped.pixels!;
      const tint = ownTint(looks);
      if (tint !== 0) tintPixels(shown, tint);
      const isCensored = base.isCensored || looks.isCensored;
      blendTile(
        this.#options.profile,
        base.blendMode,
        this.#groundOf(ground),
        isCensored ? censorTile.pixels : shown,
        mul(inherited.opacity, own),
      );
      if (shown !== pixels) this.#give(shown);
    });
  }

  #contentOf(content: Content, draw: (pixels: Pixels, mayChange: boolean) => void): void {
    const tile = content.grid.get(this.#index);
    let mixed: Pixels | undefined;
    if (this.#options.hasOpenStrokes) {
      for (const { grid, mask, opacity, blendMode } of content.sublayers) {
        const stroke = grid.get(this.#index);
        if (stroke === undefined || opacity === 0) continue;
        const through = mask?.get(this.#index);
        if (mask && through === undefined) continue;
        mixed ??= tile ? this.#copyOf(tile.pixels) : this.#take();
        const seen = through ? maskTile(stroke.pixels, through.pixels) : stroke.pixels;
        blendTile(this.#options.profile, blendMode, mixed, seen, opacity);
      }
    }
    if (mixed) {
      draw(mixed, true);
      this.#give(mixed);
    } else if (tile) draw(tile.pixels, false);
  }

  #tinted(pixels: Pixels, mayChange: boolean, tint: number): Pixels {
    const tinted = mayChange ? pixels : this.#copyOf(pixels);
    tintPixels(tinted, tint);
    return tinted;
  }

  #groundOf(ground: Ground): Pixels {
    ground.pixels ??= this.#take();
    return ground.pixels;
  }

  #take(): Pixels {
    const pixels = this.#spare.pop();
    if (!pixels) return new Uint16Array(TILE_LENGTH);
    pixels.fill(0);
    return pixels;
  }

  #copyOf(pixels: Pixels): Pixels {
    const copy = this.#spare.pop() ?? new Uint16Array(TILE_LENGTH);
    copy.set(pixels);
    return copy;
  }

  #give(pixels: Pixels | undefined): void {
    if (pixels) this.#spare.push(pixels);
  }
}

function ownTint(looks: Looks): number {
  return looks.sketchOpacity !== 0 && looks.sketchTint >>> 24 !== 0 ? looks.sketchTint : 0;
}

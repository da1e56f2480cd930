// What a client hid or tinted for itself only: LocalChange (76), found in its own recordings. It is not a part of the
// shared canvas (canvas.md §1.13).

import { ByteReader } from '../bytes.js';
import { ProtocolError } from '../errors.js';
import type { Codecs } from './needs.js';
import { readTile } from './payloads.js';
import type { Tile } from './tiles.js';

export interface LocalLayer {
  readonly isHidden: boolean;
  readonly isCensored: boolean;
  /** 0: the layer's own. */
  readonly sketchOpacity: number;
  /** 0xAARRGGBB, used with a sketch opacity only. */
  readonly sketchTint: number;
}

const untouched: LocalLayer = { isHidden: false, isCensored: false, sketchOpacity: 0, sketchTint: 0 };

const change = {
  layerVisibility: 0,
  background: 1,
  viewMode: 2,
  activeLayer: 3,
  activeFrame: 4,
  trackVisibility: 6,
  sketch: 8,
  censored: 10,
} as const;

/** What a client looks at, by the number of the message. */
export const viewModes = ['normal', 'layer', 'group', 'frame'] as const;
export type ViewMode = (typeof viewModes)[number];

/** More layers than that are not kept. */
const maxEntries = 100_000;

export class LocalChanges {
  readonly #layers = new Map<number, LocalLayer>();
  readonly #hiddenTracks = new Set<number>();
  /** In place of the shared one. */
  background: Tile | undefined;
  viewMode: ViewMode = 'normal';
  activeLayer = 0;
  activeFrame = 0;
  /** Grows with every change. */
  revision = 0;

  layer(id: number): LocalLayer {
    return this.#layers.get(id) ?? untouched;
  }

  isTrackHidden(id: number): boolean {
    return this.#hiddenTracks.has(id);
  }

  /** A new layer has nothing of one with the same id before. */
  forgetLayer(id: number): void {
    if (this.#layers.delete(id)) this.revision++;
  }

  forgetTrack(id: number): void {
    if (this.#hiddenTracks.delete(id)) this.revision++;
  }

  clear(): void {
    this.revision++;
    this.#layers.clear();
    this.#hiddenTracks.clear();
    this.background = undefined;
    this.viewMode = 'normal';
    this.activeLayer = 0;
    this.activeFrame = 0;
  }

  /** What cannot be read changes nothing. */
  apply(type: number, body: Uint8Array, codecs: Codecs): void {
    this.revision++;
    try {
      this.#read(type, body, codecs);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #read(type: number, body: Uint8Array, codecs: Codecs): void {
    const reader = new ByteReader(body);
    switch (type) {
      case change.background:
        this.background =
          body.length === 0 ? undefined : (readTile('deflate', body, codecs, 0) ?? this.background);
        break;
      case change.viewMode:
        this.viewMode = viewModes[reader.i32()] ?? 'normal';
        break;
      case change.activeLayer:
        this.activeLayer = reader.i32();
        break;
      case change.activeFrame:
        this.activeFrame = reader.i32();
        break;
      case change.layerVisibility:
        this.#set(reader.i32(), { isHidden: reader.u8() !== 0 });
        break;
      case change.censored:
        this.#set(reader.i32(), { isCensored: reader.u8() !== 0 });
        break;
      case change.sketch:
        this.#set(reader.i32(), { sketchOpacity: Math.min(reader.u16(), 32768), sketchTint: reader.u32() });
        break;
      case change.trackVisibility: {
        const id = reader.i32();
        if (reader.u8() === 0) this.#hiddenTracks.delete(id);
        else if (this.#hiddenTracks.size < maxEntries) this.#hiddenTracks.add(id);
        break;
      }
      default:
    }
  }

  #set(id: number, changed: Partial<LocalLayer>): void {
    if (!this.#layers.has(id) && this.#layers.size >= maxEntries) return;
    this.#layers.set(id, { ...this.layer(id), ...changed });
  }
}

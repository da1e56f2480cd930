// The canvas of a session: fed with framed messages, it tells state, pictures and reset images (canvas.md).
// Runs on one thread and never throws because of what a message says: what can't be done is counted and skipped.

import type { Generation } from '../protocol/messages.js';
import type { Codecs } from './needs.js';
import type { Profile } from './pixel.js';

/** Which filter the messages pass first, canvas.md §4.8. `client`: what a member of the session sees. */
export type AccessFilter = 'none' | 'client' | 'playback';

/** Bounds of what one canvas may take; a message that would break them is refused like any that can't be done. */
export interface CanvasLimits {
  /** Bytes of all tiles that the canvas, its savepoints and one message in work hold. */
  readonly pixelBytes: number;
  /** Layers, groups included. */
  readonly layers: number;
  /** Messages that are kept for undo. Beyond it the oldest undo points are forgotten. */
  readonly undoBytes: number;
}

export interface CanvasOptions {
  /** The layout of the messages. 4.21 is refused, see `canvasRefusal`. */
  readonly generation: Generation;
  /** `client` if not given. */
  readonly access?: AccessFilter | undefined;
  /** `portable` if not given. */
  readonly profile?: Profile | undefined;
  readonly codecs: Codecs;
  /** Whether a user's drawing is drawn; undefined: everybody's. Layers, undo and rights are everybody's all the same. */
  readonly draws?: ((contextId: number) => boolean) | undefined;
  readonly limits?: Partial<CanvasLimits> | undefined;
}

/** What has become of the messages so far. */
export interface CanvasCounts {
  /** All that were fed, unreadable ones included. */
  readonly messages: number;
  readonly unreadable: number;
  /** Taken out by the access filter. */
  readonly filtered: number;
  /** Could not be done: nothing changed. */
  readonly rejected: number;
  /** Drawn by users that `draws` leaves out. */
  readonly leftOut: number;
}

/** What a picture shows. All of it is plain data. */
export interface PictureView {
  /** With the background; yes if not given. */
  readonly background?: boolean | undefined;
  /** With strokes that are still being drawn; yes if not given. */
  readonly openStrokes?: boolean | undefined;
  /** Only this layer or group (id), as a client's layer view. */
  readonly layer?: number | undefined;
  /** Only layers that users with these ids own, by the ids of the layers. */
  readonly owners?: readonly number[] | undefined;
  /** A frame of the timeline, counted from 0. */
  readonly frame?: number | undefined;
  /** With local changes (type 76) of a client's recording: hidden layers and so on. */
  readonly local?: boolean | undefined;
}

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Rows of R, G, B, A, not multiplied by alpha: what goes into a PNG. */
export interface Picture extends Region {
  readonly rgba: Uint8Array;
}

export type ResetGeneration = '4.25' | '4.24';

export interface ResetOptions {
  /** The layout; that of the canvas if not given. */
  readonly generation?: ResetGeneration | undefined;
  /** Context id of every message; 0 if not given. */
  readonly contextId?: number | undefined;
  /** With undo depth, default layer and rights (canvas.md §5.1); no if not given: the image alone. */
  readonly isWhole?: boolean | undefined;
}

export interface LayerSummary {
  readonly id: number;
  readonly title: string;
  readonly isGroup: boolean;
  /** How many groups it is in. */
  readonly depth: number;
  /** 0 to 1. */
  readonly opacity: number;
  readonly blendMode: number;
  readonly isCensored: boolean;
  readonly isIsolated: boolean;
  readonly isClip: boolean;
}

export interface CanvasSummary {
  readonly width: number;
  readonly height: number;
  /** Bottom first, groups before their children. */
  readonly layers: readonly LayerSummary[];
  readonly annotations: number;
  readonly tracks: number;
  readonly frames: number;
  /** Frames per second. */
  readonly framerate: number;
}

/** Why a canvas of this generation can't be shown; undefined: it can. */
export function canvasRefusal(generation: Generation | undefined): string | undefined {
  if (generation === '4.24' || generation === '4.25') return undefined;
  if (generation === '4.21') {
    return 'sessions of 2.1 (dp:4.21) compute their pixels with 8 bits in another way, which is not built yet';
  }
  return 'the version of its protocol is unknown';
}

export class Canvas {
  /** Throws a Refusal for a generation that can't be shown. */
  constructor(options: CanvasOptions) {
    void options;
  }

  /** Takes the next bytes of a stream of frames, cut anywhere. They are not kept. */
  feed(bytes: Uint8Array, start = 0, end = bytes.length): void {
    void bytes;
    void start;
    void end;
  }

  /** Takes one message. The payload is not kept. */
  message(type: number, contextId: number, payload: Uint8Array): void {
    void type;
    void contextId;
    void payload;
  }

  /** The server's full reset: empty canvas, default rights; users and their rights stay (canvas.md §3.7, §4.3). */
  fullReset(): void {}

  get counts(): CanvasCounts {
    throw new Error('soon');
  }

  get width(): number {
    throw new Error('soon');
  }

  get height(): number {
    throw new Error('soon');
  }

  /** Grows by one with everything that may have changed the picture. */
  get revision(): number {
    throw new Error('soon');
  }

  /** Bytes that tiles and kept messages take, about. */
  get heldBytes(): number {
    throw new Error('soon');
  }

  summary(): CanvasSummary {
    throw new Error('soon');
  }

  /** The part of the canvas, cut to its bounds. Costs the tiles that it touches. */
  picture(region: Region, view?: PictureView): Picture {
    void region;
    void view;
    throw new Error('soon');
  }

  /** Frames that give this canvas to whoever plays them. */
  resetImage(options?: ResetOptions): Iterable<Uint8Array> {
    void options;
    throw new Error('soon');
  }
}

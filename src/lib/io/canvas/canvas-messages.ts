// What a program and its canvas threads say to each other. Everything here survives a structured clone.

import type { MessagePort } from 'node:worker_threads';
import type { CanvasCounts, CanvasSummary, PictureView, ResetOptions } from '../../core/canvas/canvas.js';
import type { AccessFilter, CanvasLimits } from '../../core/canvas/canvas-options.js';
import type { CanvasPart } from '../../core/canvas/part.js';
import type { Profile } from '../../core/canvas/pixel.js';
import type { StateForm } from '../../core/canvas/state-form.js';
import type { ClonedError } from '../../core/errors.js';
import type { Area, Size } from '../../core/picture/picture.js';
import type { Generation } from '../../core/protocol/messages.js';

/** How a canvas is made, as plain data. */
export interface CanvasSettings {
  readonly generation: Generation;
  readonly access?: AccessFilter | undefined;
  readonly profile?: Profile | undefined;
  /** Only what these users draw is drawn; undefined: everybody's. */
  readonly onlyUsers?: readonly number[] | undefined;
  readonly withoutUsers?: readonly number[] | undefined;
  readonly limits?: Partial<CanvasLimits> | undefined;
  /** Set by the pool: which part of a canvas that is drawn by several threads. */
  readonly part?: CanvasPart | undefined;
}

export const pictureFormats = ['png', 'jpg', 'webp', 'ora'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

export interface PictureRequest {
  /** `rgba`: the bare pixels, in one piece. */
  readonly format: PictureFormat | 'rgba';
  readonly view?: PictureView | undefined;
  /** The part of the canvas; undefined: all of it. What lies outside of the canvas is left out. */
  readonly crop?: Area | undefined;
  /** Fitted into this box; undefined: one pixel for each of the canvas. */
  readonly box?: { readonly width?: number | undefined; readonly height?: number | undefined } | undefined;
  readonly annotations?: boolean | undefined;
  /** `rgba` of the entire canvas: the next of a series. Only what has changed since the last one is put together. */
  readonly isNext?: boolean | undefined;
  /** JPEG and WebP: 1 to 100. */
  readonly quality?: number | undefined;
}

/** What can be asked for, with the answer. Pictures and reset images come in pieces before it. */
export interface Questions {
  summary: { input: undefined; answer: CanvasSummary };
  counts: { input: undefined; answer: CanvasCounts };
  state: { input: undefined; answer: StateForm };
  picture: { input: PictureRequest; answer: Size };
  reset: { input: ResetOptions; answer: undefined };
  /** The server's full reset: the canvas begins anew. */
  restart: { input: undefined; answer: undefined };
  /** To a part: its tiles go to its partner, which has been asked for something. */
  lend: { input: undefined; answer: undefined };
}

export type QuestionName = keyof Questions;

export type ToCanvasThread =
  | {
      readonly type: 'open';
      readonly canvas: number;
      readonly settings: CanvasSettings;
      /** Of a part: leads to the other one. */
      readonly partner?: MessagePort | undefined;
    }
  /** Frames, cut anywhere. */
  | { readonly type: 'feed'; readonly canvas: number; readonly bytes: Uint8Array }
  /** Answered when everything before it is done. */
  | {
      readonly type: 'ask';
      readonly canvas: number;
      readonly id: number;
      readonly name: QuestionName;
      readonly input: unknown;
    }
  | { readonly type: 'close'; readonly canvas: number };

export type FromCanvasThread =
  /** All code is there. */
  | { readonly type: 'loaded' }
  /**
   * So many bytes of what was fed are drawn; `heldBytes`: what the canvas takes now. `hasFailed`: nothing is drawn any
   * more, questions are answered with the reason.
   */
  | {
      readonly type: 'drawn';
      readonly canvas: number;
      readonly bytes: number;
      readonly heldBytes: number;
      readonly hasFailed: boolean;
    }
  | { readonly type: 'piece'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: ClonedError };

export interface CanvasThreadData {
  /** Share of one processor that the thread may take, 0 to 1. */
  readonly share: number;
  /** Runs behind everything else on this machine. */
  readonly isNice: boolean;
}

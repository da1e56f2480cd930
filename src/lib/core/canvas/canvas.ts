// The canvas of a session: fed with framed messages, it provides state, pictures and reset images (canvas.md).
// Runs on one thread and never throws because of what a message says: what cannot be done is counted and skipped.
//
// A message's way: read (message-fields.ts, dabs-reader.ts) → filter (access.ts) → history (undo.ts) → done
// (messages/) on the working state (working-state.ts), whose pixels are grids (tiles.ts).

import { Buffer } from 'node:buffer';
import { type Reason, reason } from '../errors/reason.js';
import { refusal } from '../errors.js';
import { frameContextId, frameLength, frameType, headerBytes, messageType } from '../protocol/frame.js';
import type { Fields } from '../protocol/kind.js';
import type { Generation } from '../protocol/messages.js';
import { Access } from './access.js';
import { Budget } from './budget.js';
import { type AccessFilter, type CanvasOptions, defaultLimits } from './canvas-options.js';
import { type DabsMessage, firstDabs, lastDabs, readDabs } from './dabs-reader.js';
import type { Flattener } from './flatten.js';
import { pixelBytes } from './held.js';
import { isLayerId } from './ids.js';
import { borrowTiles, giveTilesBack, type LentTiles, lentTiles } from './lent-tiles.js';
import { LocalChanges } from './local-changes.js';
import { type CanvasGeneration, readFields } from './message-fields.js';
import { applyDabs, applyDabsRun } from './messages/dabs.js';
import type { Tools } from './messages/row.js';
import { commandRow } from './messages/table.js';
import type { Profile } from './pixel.js';
import { cutRegion, type Picture, pictureOf, type Region, tilesOfView } from './region.js';
import { type ResetOptions, resetFrames } from './reset-image.js';
import type { CanvasState } from './state.js';
import { type CanvasSummary, summaryOf } from './summary.js';
import { History, type HistoryMessage } from './undo.js';
import { type PictureView, viewOf } from './views.js';
import { WorkingState } from './working-state.js';

export type { Picture, Region } from './region.js';
export type { ResetOptions } from './reset-image.js';
export type { CanvasSummary, LayerSummary } from './summary.js';
export type { PictureView } from './views.js';

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

/** What state-form.ts and tests look at. */
export interface CanvasInside {
  readonly state: WorkingState;
  readonly local: LocalChanges;
  readonly rights: Access;
  readonly access: AccessFilter;
  readonly defaultLayer: number;
  readonly undoDepth: number;
  /** Numbers of messages, counted from 1. */
  readonly filtered: readonly number[];
  readonly rejected: readonly number[];
  /** The state as it is now, to keep. */
  freeze(): CanvasState;
  view(view: PictureView): Flattener;
  /** Lets go of savepoints, as it does by itself when memory is short. False: there are none to spare. */
  thin(): boolean;
}

/** As many numbers of filtered and rejected messages are kept. */
const maxListed = 1_000_000;

/** Why a canvas of this generation cannot be shown; undefined: it can. */
export function canvasRefusal(generation: Generation | undefined): Reason | undefined {
  if (generation === '4.24' || generation === '4.25') return undefined;
  if (generation === '4.21') {
    return reason('canvas-of-8-bits');
  }
  return reason('canvas-version-unknown');
}

export class Canvas {
  readonly #options: CanvasOptions;
  readonly #generation: CanvasGeneration;
  readonly #access: AccessFilter;
  readonly #profile: Profile;
  readonly #state: WorkingState;
  readonly #rights = new Access();
  readonly #local = new LocalChanges();
  readonly #tools: Tools;
  readonly #history: History;
  #defaultLayer = 0;
  #revision = 0;
  #messages = 0;
  #unreadable = 0;
  #filtered = 0;
  #rejected = 0;
  #leftOut = 0;
  readonly #filteredNumbers: number[] = [];
  readonly #rejectedNumbers: number[] = [];
  /** The start of a frame whose rest has not come. */
  #rest: Uint8Array | undefined;

  /** Throws a Refusal for a generation that cannot be shown. */
  constructor(options: CanvasOptions) {
    const refused = canvasRefusal(options.generation);
    if (refused !== undefined) throw refusal('canvas-not-drawable', { reason: refused });
    const limits = { ...defaultLimits, ...options.limits };
    this.#options = options;
    this.#state = new WorkingState(options.part);
    this.#generation = options.generation as CanvasGeneration;
    this.#access = options.access ?? 'client';
    this.#profile = options.profile ?? 'portable';
    if (this.#access === 'playback') this.#rights.openToAll();
    this.#tools = {
      state: this.#state,
      codecs: options.codecs,
      profile: this.#profile,
      opaque: { isMade: options.hasOpaqueTile ?? false },
      budget: new Budget(limits, (bytes) => this.#relieve(bytes), options.part),
    };
    this.#history = new History(
      {
        state: this.#state,
        perform: (message) => this.#performAgain(message),
        performRun: (messages) => this.#performRun(messages),
      },
      limits.undoBytes,
    );
  }

  /** Takes the next bytes of a stream of frames, cut anywhere. They are not kept. */
  feed(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let from = bytes;
    let at = start;
    let to = end;
    if (this.#rest) {
      from = Buffer.concat([this.#rest, bytes.subarray(start, end)]);
      at = 0;
      to = from.length;
      this.#rest = undefined;
    }
    while (to - at >= headerBytes) {
      const next = at + frameLength(from, at);
      if (next > to) break;
      this.message(frameType(from, at), frameContextId(from, at), from.subarray(at + headerBytes, next));
      at = next;
    }
    if (at < to) this.#rest = new Uint8Array(from.subarray(at, to));
  }

  /** Takes one message. The payload is not kept. */
  message(type: number, contextId: number, payload: Uint8Array): void {
    this.#messages++;
    if (type >= firstDabs && type <= lastDabs) {
      const dabs = readDabs(this.#generation, type, payload);
      if (!dabs) this.#unreadable++;
      else if (this.#passes(this.#rights.passesDabs(type, contextId, dabs))) {
        this.#drawing(type, contextId, payload, dabs, undefined);
      }
      return;
    }
    const fields = readFields(this.#generation, type, payload);
    if (!fields) this.#unreadable++;
    else if (this.#passes(this.#rights.passes(type, contextId, fields))) {
      this.#route(type, contextId, payload, fields);
    }
  }

  /** The server's full reset: empty canvas, default rights; users and their rights stay (canvas.md §3.7, §4.3). */
  fullReset(): void {
    this.#rights.fullReset();
    this.#history.clear();
    this.#local.clear();
    this.#defaultLayer = 0;
    this.#revision++;
  }

  /** Gives back the memory of all pixels. The canvas and what it has given must not be used afterwards. */
  close(): void {
    this.#history.clear();
  }

  get counts(): CanvasCounts {
    return {
      messages: this.#messages,
      unreadable: this.#unreadable,
      filtered: this.#filtered,
      rejected: this.#rejected,
      leftOut: this.#leftOut,
    };
  }

  get width(): number {
    return this.#state.width;
  }

  get height(): number {
    return this.#state.height;
  }

  /** Grows with everything that may have changed the picture. */
  get revision(): number {
    return this.#revision;
  }

  /** Bytes that tiles, savepoints and kept messages take, about. Walks over all of them. */
  get heldBytes(): number {
    return pixelBytes([this.#state, ...this.#history.states()]) + this.#history.bytes;
  }

  /** For state-form.ts and tests. */
  get inside(): CanvasInside {
    return {
      state: this.#state,
      local: this.#local,
      rights: this.#rights,
      access: this.#access,
      defaultLayer: this.#defaultLayer,
      undoDepth: this.#history.depth,
      filtered: this.#filteredNumbers,
      rejected: this.#rejectedNumbers,
      freeze: () => this.#state.keep(),
      view: (view) => this.#view(view),
      thin: () => this.#history.thin(),
    };
  }

  summary(): CanvasSummary {
    return summaryOf(this.#state);
  }

  /** The part of the canvas, cut to its bounds. Costs the tiles that it touches. */
  picture(region: Region, view: PictureView = {}): Picture {
    const { width, height } = this.#state;
    const columns = this.#state.newGrid().columns;
    return pictureOf(cutRegion(region, width, height), columns, tilesOfView(this.#view(view)));
  }

  /** Frames that give this canvas as it is now when they are played. */
  resetImage(options: ResetOptions = {}): Iterable<Uint8Array> {
    const source = {
      state: this.#state.keep(),
      codecs: this.#options.codecs,
      undoDepth: this.#history.depth,
      defaultLayer: this.#defaultLayer,
      rights: this.#rights,
    };
    const { generation = this.#generation, contextId = 0, isComplete = false } = options;
    return resetFrames(source, generation, contextId, isComplete);
  }

  /** Of a part: the tiles that it paints, as they are now, for another part. */
  lentTiles(): Iterable<LentTiles> {
    return lentTiles(this.#state);
  }

  /** Of a part: takes tiles of another one, until `giveBack` is called. Nothing may be fed in between. */
  borrow(lent: LentTiles): void {
    borrowTiles(this.#state, lent);
  }

  /** Lets go of everything that is borrowed. */
  giveBack(): void {
    giveTilesBack(this.#state);
  }

  #view(view: PictureView): Flattener {
    return viewOf({ state: this.#state, local: this.#local, profile: this.#profile }, view);
  }

  #passes(isAllowed: boolean): boolean {
    if (isAllowed || this.#access === 'none') return true;
    this.#filtered++;
    if (this.#filteredNumbers.length < maxListed) this.#filteredNumbers.push(this.#messages);
    return false;
  }

  #route(type: number, contextId: number, payload: Uint8Array, fields: Fields): void {
    switch (type) {
      case messageType.softReset:
        this.#history.reset();
        return;
      case 71: {
        const id = fields.id as number;
        if (id === 0 || isLayerId(id)) this.#defaultLayer = id;
        return;
      }
      case 74:
        this.#history.setDepth(fields.depth as number);
        return;
      case 76:
        this.#local.apply(fields.type as number, fields.body as Uint8Array, this.#options.codecs);
        return;
      case 255:
        this.#revision++;
        if (!this.#history.undo(contextId, fields.override_user as number, fields.redo === true)) {
          this.#reject();
        }
        return;
      default:
        if (type >= messageType.firstDrawing) this.#drawing(type, contextId, payload, undefined, fields);
    }
  }

  #drawing(
    type: number,
    contextId: number,
    payload: Uint8Array,
    dabs: DabsMessage | undefined,
    fields: Fields | undefined,
  ): void {
    if (!this.#history.add(type, contextId, payload) || type === 128) return;
    this.#revision++;
    // what a client did to one with the same id before is not done to this one
    if (type === 162) this.#local.forgetLayer(fields?.id as number);
    else if (type === 166) this.#local.forgetTrack(fields?.id as number);
    if (this.#isLeftOut(type, contextId)) this.#leftOut++;
    else if (!(dabs ? this.#applyDabs(contextId, dabs) : this.#apply(type, contextId, fields!)))
      this.#reject();
  }

  #applyDabs(contextId: number, dabs: DabsMessage): boolean {
    const isDone = applyDabs(this.#tools, contextId, dabs);
    this.#state.settle();
    return isDone;
  }

  #apply(type: number, contextId: number, fields: Fields): boolean {
    const isDone = commandRow(type)?.apply(this.#tools, contextId, fields) ?? false;
    this.#state.settle();
    return isDone;
  }

  #reject(): void {
    this.#rejected++;
    if (this.#rejectedNumbers.length < maxListed) this.#rejectedNumbers.push(this.#messages);
  }

  #performAgain({ type, contextId, payload }: HistoryMessage): void {
    if (this.#isLeftOut(type, contextId)) return;
    if (type >= firstDabs && type <= lastDabs) {
      this.#applyDabs(contextId, readDabs(this.#generation, type, payload)!);
    } else this.#apply(type, contextId, readFields(this.#generation, type, payload)!);
  }

  #performRun(messages: readonly HistoryMessage[]): void {
    const drawn = this.#options.draws
      ? messages.filter(({ type, contextId }) => !this.#isLeftOut(type, contextId))
      : messages;
    applyDabsRun(this.#tools, this.#generation, drawn);
    this.#state.settle();
  }

  /** Whether it is drawing of a user who is not drawn. */
  #isLeftOut(type: number, contextId: number): boolean {
    const { draws } = this.#options;
    return draws !== undefined && isDrawnByUser(type) && !draws(contextId);
  }

  /** Lets go of savepoints when memory is short; returns what pixels take then. */
  #relieve(limit: number): number {
    let bytes = pixelBytes([this.#state, ...this.#history.states()]);
    while (bytes > limit * 0.75 && this.#history.thin())
      bytes = pixelBytes([this.#state, ...this.#history.states()]);
    return bytes;
  }
}

/** Dabs, pictures, fills and moved regions: what a user draws. */
export function isDrawnByUser(type: number): boolean {
  switch (type) {
    case 136:
    case 137:
    case 160:
    case 165:
    case 178:
    case 181:
    case 182:
      return true;
    default:
      return type >= firstDabs && type <= lastDabs;
  }
}

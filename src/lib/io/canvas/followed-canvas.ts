// A canvas in a thread, as its program sees it.

import type { CanvasCounts, CanvasSummary, ResetOptions } from '../../core/canvas/canvas.js';
import type { StateForm } from '../../core/canvas/state-form.js';
import { type Fault, fault } from '../../core/errors.js';
import type { Picture, Size } from '../../core/picture/picture.js';
import type { PictureRequest, QuestionName, Questions } from './canvas-messages.js';

/** Fed bytes that may wait in a thread before `feed` makes its caller wait. */
const waitingBytes = 4 * 1024 * 1024;

/** Where it is. */
export interface Link {
  readonly feed: (bytes: Uint8Array) => void;
  readonly ask: (
    name: QuestionName,
    input: unknown,
    takePiece?: (bytes: Uint8Array) => void,
  ) => Promise<unknown>;
  readonly close: () => void;
}

/** A canvas in a thread. It grows with what it is fed; questions see everything that was fed before them. */
export class FollowedCanvas {
  readonly #link: Link;
  #fed = 0;
  #drawn = 0;
  #held = 0;
  #fault: Fault | undefined;
  #whenDrawn: (() => void)[] = [];
  #listener: ((drawnBytes: number) => void) | undefined;
  #hasFailed = false;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Bytes that wait to be drawn. */
  get ahead(): number {
    return this.#fed - this.#drawn;
  }

  /** Bytes that have been drawn. */
  get drawn(): number {
    return this.#drawn;
  }

  /** Its thread has given up drawing it: questions are answered with the reason. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get heldBytes(): number {
    return this.#held;
  }

  /**
   * Takes the next frames, cut anywhere. An array that fills its ArrayBuffer moves to the thread and cannot be used
   * any more; one over a SharedArrayBuffer is read there and must stay as it is. Resolves when the thread wants more.
   */
  async feed(bytes: Uint8Array): Promise<void> {
    if (this.#fault) throw this.#fault;
    if (bytes.length === 0) return;
    this.#fed += bytes.length;
    this.#link.feed(bytes);
    while (this.ahead > waitingBytes && !this.#fault) {
      await new Promise<void>((resolve) => this.#whenDrawn.push(resolve));
    }
    if (this.#fault) throw this.#fault;
  }

  /** Called with all bytes that have been drawn so far, after each slice. */
  onDrawn(listener: (drawnBytes: number) => void): void {
    this.#listener = listener;
  }

  summary(): Promise<CanvasSummary> {
    return this.ask('summary', undefined);
  }

  counts(): Promise<CanvasCounts> {
    return this.ask('counts', undefined);
  }

  state(): Promise<StateForm> {
    return this.ask('state', undefined);
  }

  /** The server's full reset. */
  async restart(): Promise<void> {
    await this.ask('restart', undefined);
  }

  /** The file of a picture; its size is known when all pieces were taken. Refusal for what the format cannot hold. */
  pictureFile(request: PictureRequest): { pieces: AsyncIterable<Uint8Array>; size(): Size } {
    let size: Size = { width: 0, height: 0 };
    const pieces = pieceStream(async (take) => {
      size = await this.ask('picture', request, take);
    });
    return { pieces, size: () => size };
  }

  /** The pixels of a picture. */
  async pixels(request: Omit<PictureRequest, 'format'>): Promise<Picture> {
    const pieces: Uint8Array[] = [];
    const size = await this.ask(
      'picture',
      { ...request, format: 'rgba' },
      (piece) => void pieces.push(piece),
    );
    const [rgba = new Uint8Array()] = pieces;
    return { ...size, rgba };
  }

  /** Frames that produce this canvas when they are played. */
  resetImage(options: ResetOptions = {}): AsyncIterable<Uint8Array> {
    return pieceStream(async (take) => {
      await this.ask('reset', options, take);
    });
  }

  /** Gives up the canvas and what waits for it in the thread. */
  close(): void {
    this.#link.close();
    this.lose(fault('canvas-closed'));
  }

  /** The thread has drawn so many bytes more. */
  tookBytes(bytes: number, heldBytes: number, hasFailed: boolean): void {
    this.#hasFailed ||= hasFailed;
    this.#drawn += bytes;
    this.#held = heldBytes;
    this.#listener?.(this.#drawn);
    this.#wake();
  }

  lose(fault: Fault): void {
    this.#fault ??= fault;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#whenDrawn.splice(0)) resolve();
  }

  ask<Name extends QuestionName>(
    name: Name,
    input: Questions[Name]['input'],
    takePiece?: (bytes: Uint8Array) => void,
  ): Promise<Questions[Name]['answer']> {
    if (this.#fault) return Promise.reject(this.#fault);
    return this.#link.ask(name, input, takePiece) as Promise<Questions[Name]['answer']>;
  }
}

/** What is sent piece by piece, to be taken as it comes. Ends, or throws, with `start`. */
async function* pieceStream(
  start: (take: (piece: Uint8Array) => void) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let isDone = false;
  let wake = (): void => {};
  const sending = start((piece) => {
    waiting.push(piece);
    wake();
  }).finally(() => {
    isDone = true;
    wake();
  });
  sending.catch(() => {}); // it is thrown below
  while (!isDone || waiting.length > 0) {
    const piece = waiting.shift();
    if (piece) {
      yield piece;
      continue;
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  await sending;
}

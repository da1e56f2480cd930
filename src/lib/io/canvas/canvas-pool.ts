// Canvases in separate threads: drawing never delays relaying. A pool has a bounded number of threads,
// each with a bounded share of a processor and bounded memory; a thread that breaks takes only its canvases along.

import { Worker } from 'node:worker_threads';
import type { CanvasCounts, CanvasSummary, ResetOptions } from '../../core/canvas/canvas.js';
import type { StateForm } from '../../core/canvas/state-form.js';
import { type Fault, fault, restoreError } from '../../core/errors.js';
import type { Picture, Size } from '../../core/picture/picture.js';
import type {
  CanvasSettings,
  CanvasThreadData,
  FromCanvasThread,
  PictureRequest,
  QuestionName,
  Questions,
  ToCanvasThread,
} from './canvas-messages.js';

export interface PoolOptions {
  /** 1 if not given. They start when they are needed. */
  readonly threads?: number | undefined;
  /** Share of one processor per thread, above 0 to 1; 1 if not given. */
  readonly share?: number | undefined;
  /** Behind everything else on the machine; no if not given. */
  readonly isNice?: boolean | undefined;
  /** JavaScript objects per thread; pixels are bounded by the limits of each canvas. */
  readonly heapMegabytes?: number | undefined;
}

/** Fed bytes that may wait in a thread before `feed` makes its caller wait. */
const waitingBytes = 4 * 1024 * 1024;
const usualHeapMegabytes = 1024;

export class CanvasPool {
  readonly #options: PoolOptions;
  readonly #threads: CanvasThread[] = [];
  /** One after the other: a canvas that comes while a thread starts counts that one. */
  #opening: Promise<unknown> = Promise.resolve();
  #hasStopped = false;

  constructor(options: PoolOptions = {}) {
    this.#options = options;
  }

  /** What the pixels of all canvases take, about. */
  get heldBytes(): number {
    return this.#threads.reduce((sum, thread) => sum + thread.heldBytes, 0);
  }

  /** A canvas on the thread that has the fewest. Whether its settings can be met shows with the first question. */
  open(settings: CanvasSettings): Promise<FollowedCanvas> {
    const opened = this.#opening.then(async () => (await this.#thread()).open(settings));
    this.#opening = opened.catch(() => {});
    return opened;
  }

  async #thread(): Promise<CanvasThread> {
    if (this.#hasStopped) throw fault('canvas-threads-stopped');
    const { threads = 1, share = 1, isNice = false, heapMegabytes = usualHeapMegabytes } = this.#options;
    const alive = this.#threads.filter((thread) => !thread.hasEnded);
    this.#threads.splice(0, this.#threads.length, ...alive);
    const [idlest] = alive.sort((a, b) => a.canvases - b.canvases);
    if (idlest && (alive.length >= threads || idlest.canvases === 0)) return idlest;
    const thread = await CanvasThread.start({ share, isNice }, heapMegabytes);
    if (this.#hasStopped) {
      await thread.stop();
      throw fault('canvas-threads-stopped');
    }
    this.#threads.push(thread);
    return thread;
  }

  /** Ends all threads; pending requests get a Fault. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    await Promise.all(this.#threads.splice(0).map((thread) => thread.stop()));
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly takePiece: ((bytes: Uint8Array) => void) | undefined;
}

class CanvasThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #canvases = new Map<number, FollowedCanvas>();
  #lastId = 0;
  #end: Fault | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromCanvasThread) => this.#receive(message));
    worker.on('error', (cause) => this.#fail(cause));
    worker.on('exit', () => this.#fail(undefined));
    // while somebody waits, `#ask` and `feed` keep the process alive
    worker.unref();
  }

  static async start(data: CanvasThreadData, heapMegabytes: number): Promise<CanvasThread> {
    const worker = new Worker(new URL('./canvas-worker.js', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', (cause) => reject(threadFault(cause)));
    });
    return new CanvasThread(worker);
  }

  get canvases(): number {
    return this.#canvases.size;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get heldBytes(): number {
    let sum = 0;
    for (const { heldBytes } of this.#canvases.values()) sum += heldBytes;
    return sum;
  }

  open(settings: CanvasSettings): FollowedCanvas {
    if (this.#end) throw this.#end;
    const id = ++this.#lastId;
    const canvas = new FollowedCanvas({
      feed: (bytes) => {
        const own = ownBytes(bytes);
        this.#post({ type: 'feed', canvas: id, bytes: own }, transferable(own));
      },
      ask: (name, input, takePiece) => this.#ask(id, name, input, takePiece),
      close: () => {
        this.#canvases.delete(id);
        if (!this.#end) this.#post({ type: 'close', canvas: id });
      },
    });
    this.#canvases.set(id, canvas);
    this.#post({ type: 'open', canvas: id, settings });
    return canvas;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
    this.#fail(undefined);
  }

  #ask(
    canvas: number,
    name: QuestionName,
    input: unknown,
    takePiece: ((bytes: Uint8Array) => void) | undefined,
  ): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    const id = ++this.#lastId;
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, takePiece });
      this.#post({ type: 'ask', canvas, id, name, input });
    });
  }

  #post(message: ToCanvasThread, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#end) throw this.#end;
    if (message.type === 'feed') this.#worker.ref();
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromCanvasThread): void {
    switch (message.type) {
      case 'loaded':
        return;
      case 'drawn':
        this.#canvases.get(message.canvas)?.tookBytes(message.bytes, message.heldBytes);
        break;
      case 'piece':
        this.#waiting.get(message.id)?.takePiece?.(message.bytes);
        return;
      case 'answer':
        this.#settle(message.id)?.resolve(message.value);
        break;
      case 'failed':
        this.#settle(message.id)?.reject(restoreError(message.error));
        break;
    }
    const isBusy = this.#waiting.size > 0 || [...this.#canvases.values()].some(({ ahead }) => ahead > 0);
    if (!isBusy) this.#worker.unref();
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(cause: unknown): void {
    this.#end ??= threadFault(cause);
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
    for (const canvas of this.#canvases.values()) canvas.lose(this.#end);
    this.#canvases.clear();
  }
}

function threadFault(cause: unknown): Fault {
  const { code } = (cause ?? {}) as { code?: string };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return fault('canvas-out-of-memory', {}, cause);
  }
  return fault('canvas-thread-ended', {}, cause);
}

/** A view of a part is copied, else all that is around it would go along. Shared memory stays where it is. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const isPart = bytes.buffer.byteLength !== bytes.byteLength;
  return isPart && bytes.buffer instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
}

function transferable({ buffer }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}

interface Link {
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

  constructor(link: Link) {
    this.#link = link;
  }

  /** Bytes that wait to be drawn. */
  get ahead(): number {
    return this.#fed - this.#drawn;
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
    return this.#ask('summary', undefined);
  }

  counts(): Promise<CanvasCounts> {
    return this.#ask('counts', undefined);
  }

  state(): Promise<StateForm> {
    return this.#ask('state', undefined);
  }

  /** The server's full reset. */
  async restart(): Promise<void> {
    await this.#ask('restart', undefined);
  }

  /** The file of a picture; its size is known when all pieces were taken. Refusal for what the format cannot hold. */
  pictureFile(request: PictureRequest): { pieces: AsyncIterable<Uint8Array>; size(): Size } {
    let size: Size = { width: 0, height: 0 };
    const pieces = pieceStream(async (take) => {
      size = await this.#ask('picture', request, take);
    });
    return { pieces, size: () => size };
  }

  /** The pixels of a picture. */
  async pixels(request: Omit<PictureRequest, 'format'>): Promise<Picture> {
    const pieces: Uint8Array[] = [];
    const size = await this.#ask(
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
      await this.#ask('reset', options, take);
    });
  }

  /** Gives up the canvas and what waits for it in the thread. */
  close(): void {
    this.#link.close();
    this.lose(fault('canvas-closed'));
  }

  /** The thread has drawn so many bytes more. */
  tookBytes(bytes: number, heldBytes: number): void {
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

  #ask<Name extends QuestionName>(
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

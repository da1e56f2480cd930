// Canvases in separate threads: drawing never delays relaying. A pool has a bounded number of threads,
// each with a bounded share of a processor and bounded memory; a thread that breaks takes only its canvases along.

import { MessageChannel, type MessagePort, type TransferListItem, Worker } from 'node:worker_threads';
import { type Fault, fault, restoreError } from '../../core/errors.js';
import type {
  CanvasSettings,
  CanvasThreadData,
  FromCanvasThread,
  QuestionName,
  ToCanvasThread,
} from './canvas-messages.js';
import { divided } from './divided-canvas.js';
import { FollowedCanvas } from './followed-canvas.js';

export { FollowedCanvas } from './followed-canvas.js';

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

const usualHeapMegabytes = 1024;
/** Of the tiles of canvases that are divided: few dabs are on a border, and both threads get some of what lies in the middle. */
const columnsTogether = 8;

export class CanvasPool {
  readonly #options: PoolOptions;
  /** Those that canvases are distributed among. */
  readonly #threads: CanvasThread[] = [];
  readonly #all = new Set<CanvasThread>();
  /** One after the other: a canvas that comes while a thread starts counts that one. */
  #opening: Promise<unknown> = Promise.resolve();
  #hasStopped = false;

  constructor(options: PoolOptions = {}) {
    this.#options = options;
  }

  /** What the pixels of all canvases take, about. */
  get heldBytes(): number {
    return [...this.#all].reduce((sum, thread) => sum + thread.heldBytes, 0);
  }

  /** A canvas on the thread that has the fewest. Whether its settings can be met shows with the first question. */
  open(settings: CanvasSettings): Promise<FollowedCanvas> {
    const opened = this.#opening.then(async () => (await this.#thread()).open(settings));
    this.#opening = opened.catch(() => {});
    return opened;
  }

  /**
   * A canvas that two threads draw, which no other canvas is given to: about twice as quick. Where messages turn out to need
   * more than a part of it, one thread begins anew; so it is for canvases of which that is not expected.
   */
  async openDivided(settings: CanvasSettings): Promise<FollowedCanvas> {
    const [first, second] = await Promise.all([this.#startThread(), this.#startThread()]);
    const { port1, port2 } = new MessageChannel();
    const part = (index: number) => ({ ...settings, part: { index, of: 2, columns: columnsTogether } });
    return divided(first.open(part(0), port1), second.open(part(1), port2), () => this.open(settings));
  }

  async #thread(): Promise<CanvasThread> {
    if (this.#hasStopped) throw fault('canvas-threads-stopped');
    const { threads = 1 } = this.#options;
    const alive = this.#threads.filter((thread) => !thread.hasEnded);
    this.#threads.splice(0, this.#threads.length, ...alive);
    for (const thread of this.#all) if (thread.hasEnded) this.#all.delete(thread);
    const [idlest] = alive.sort((a, b) => a.canvases - b.canvases);
    if (idlest && (alive.length >= threads || idlest.canvases === 0)) return idlest;
    const thread = await this.#startThread();
    this.#threads.push(thread);
    return thread;
  }

  async #startThread(): Promise<CanvasThread> {
    const { share = 1, isNice = false, heapMegabytes = usualHeapMegabytes } = this.#options;
    const thread = await CanvasThread.start({ share, isNice }, heapMegabytes);
    this.#all.add(thread);
    if (!this.#hasStopped) return thread;
    await thread.stop();
    throw fault('canvas-threads-stopped');
  }

  /** Ends all threads; pending requests get a Fault. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#threads.length = 0;
    await Promise.all([...this.#all].map((thread) => thread.stop()));
    this.#all.clear();
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

  /** `partner`: of a part, leads to the other one. */
  open(settings: CanvasSettings, partner?: MessagePort): FollowedCanvas {
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
    this.#post({ type: 'open', canvas: id, settings, partner }, partner ? [partner] : []);
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

  #post(message: ToCanvasThread, transfer: readonly TransferListItem[] = []): void {
    if (this.#end) throw this.#end;
    if (message.type === 'feed') this.#worker.ref();
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromCanvasThread): void {
    switch (message.type) {
      case 'loaded':
        return;
      case 'drawn':
        this.#canvases.get(message.canvas)?.tookBytes(message.bytes, message.heldBytes, message.hasFailed);
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

// A thread that holds canvases: draws what it is fed in short slices, one canvas after the other, rests as long as its
// share of a processor demands, and answers questions in their order.

import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Canvas } from '../../core/canvas/canvas.js';
import type { Profile } from '../../core/canvas/pixel.js';
import { type Sha256, stateForm } from '../../core/canvas/state-form.js';
import { cloneError, Fault, fault } from '../../core/errors.js';
import type {
  CanvasSettings,
  CanvasThreadData,
  FromCanvasThread,
  PictureRequest,
  QuestionName,
  Questions,
  ToCanvasThread,
} from './canvas-messages.js';
import { loadCodecs } from './codecs.js';
import { Partner } from './lending.js';
import { LiveSeries } from './live-series.js';
import { makePicture } from './make-picture.js';

if (parentPort === null) throw new TypeError('this module runs in a worker');
const port = parentPort;
const { share, isNice } = workerData as CanvasThreadData;

/** What is drawn before the clock is looked at: some milliseconds of dabs. */
const stepBytes = 8 * 1024;
/** Then the next canvas has its turn, and questions are answered. */
const sliceMs = 40;
const niceness = 10;

type Work =
  | { readonly kind: 'feed'; readonly bytes: Uint8Array; done: number }
  | { readonly kind: 'ask'; readonly id: number; readonly name: QuestionName; readonly input: unknown };

interface Open {
  readonly id: number;
  /** Undefined: it could not be made, and every question gets to know why. */
  canvas: Canvas | undefined;
  readonly partner: Partner | undefined;
  readonly profile: Profile;
  readonly live: LiveSeries;
  fault: unknown;
  readonly queue: Work[];
  /** What it takes, when that was found out, and how long it took. */
  readonly held: { bytes: number; at: number; tookMs: number };
}

const open = new Map<number, Open>();
/** A picture of them may be under way. */
const closing: (Canvas | undefined)[] = [];
const codecs = await loadCodecs();
let isWorking = false;

function send(message: FromCanvasThread, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

port.on('message', (message: ToCanvasThread) => {
  switch (message.type) {
    case 'open':
      open.set(message.canvas, opened(message.canvas, message.settings, message.partner));
      return;
    case 'close':
      closing.push(open.get(message.canvas)?.canvas);
      open.get(message.canvas)?.partner?.close();
      open.delete(message.canvas);
      if (!isWorking) closeAll();
      return;
    case 'feed':
      open.get(message.canvas)?.queue.push({ kind: 'feed', bytes: message.bytes, done: 0 });
      break;
    case 'ask': {
      const { id, name, input } = message;
      open.get(message.canvas)?.queue.push({ kind: 'ask', id, name, input });
      break;
    }
  }
  if (!isWorking) void work();
});

function opened(id: number, settings: CanvasSettings, port: MessagePort | undefined): Open {
  const { onlyUsers, withoutUsers, ...options } = settings;
  const { profile = 'portable' } = settings;
  const only = onlyUsers && new Set(onlyUsers);
  const without = new Set(withoutUsers);
  const draws =
    only || without.size > 0
      ? (user: number): boolean => (only?.has(user) ?? true) && !without.has(user)
      : undefined;
  const open: Open = {
    id,
    profile,
    partner: port && new Partner(port),
    live: new LiveSeries(),
    canvas: undefined,
    fault: undefined,
    queue: [],
    held: { bytes: 0, at: Number.NEGATIVE_INFINITY, tookMs: 0 },
  };
  try {
    open.canvas = new Canvas({ ...options, codecs, draws });
  } catch (fault) {
    open.fault = fault;
  }
  return open;
}

/** One slice of each canvas in turn until nothing is left to do. */
async function work(): Promise<void> {
  isWorking = true;
  for (let isIdle = false; !isIdle; ) {
    isIdle = true;
    for (const each of [...open.values()]) {
      if (each.queue.length === 0 || !open.has(each.id)) continue;
      isIdle = false;
      const started = performance.now();
      await slice(each);
      closeAll();
      await rest(performance.now() - started);
    }
  }
  isWorking = false;
}

function closeAll(): void {
  for (const canvas of closing.splice(0)) canvas?.close();
}

/** Lets messages in; takes a break after work as the share demands. */
function rest(workedMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (share >= 1) setImmediate(resolve);
    else setTimeout(resolve, workedMs * (1 / share - 1));
  });
}

async function slice(each: Open): Promise<void> {
  const [work] = each.queue;
  if (!work) return;
  if (work.kind === 'ask') {
    each.queue.shift();
    await answer(each, work);
    return;
  }
  const { bytes } = work;
  const from = work.done;
  const until = performance.now() + sliceMs;
  while (work.done < bytes.length && performance.now() < until) {
    const end = Math.min(bytes.length, work.done + stepBytes);
    feed(each, bytes, work.done, end);
    work.done = end;
  }
  if (work.done === bytes.length) each.queue.shift();
  send({
    type: 'drawn',
    canvas: each.id,
    bytes: work.done - from,
    heldBytes: heldBytesOf(each),
    hasFailed: each.canvas === undefined,
  });
}

/** Walking over all tiles must not take more than a small share of the time. */
const heldShare = 0.02;

function heldBytesOf({ canvas, held }: Open): number {
  const now = performance.now();
  if (now - held.at >= held.tookMs / heldShare) {
    held.bytes = canvas?.heldBytes ?? 0;
    held.at = performance.now();
    held.tookMs = held.at - now;
  }
  return canvas === undefined ? 0 : held.bytes;
}

/** A part may have to give up; every other canvas takes all messages, and what it throws is a fault of the program. */
function feed(each: Open, bytes: Uint8Array, start: number, end: number): void {
  try {
    each.canvas?.feed(bytes, start, end);
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'canvas-not-divisible')) throw error;
    each.canvas?.close();
    each.canvas = undefined;
    each.fault = error;
  }
}

async function answer(each: Open, { id, name, input }: Work & { kind: 'ask' }): Promise<void> {
  const { canvas, fault } = each;
  try {
    if (!canvas) throw fault;
    const pieces: Pieces = (bytes) => {
      // a view of something larger would be transferred completely
      const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
      send({ type: 'piece', id, bytes: own }, [own.buffer as ArrayBuffer]);
    };
    const value = await answers[name](canvas, input as never, pieces, each);
    send({ type: 'answer', id, value });
  } catch (error) {
    send({ type: 'failed', id, error: cloneError(error) });
  }
}

/** Takes the next bytes of an answer. They are passed on: the caller must not use them afterwards. */
type Pieces = (bytes: Uint8Array) => void;

/** Calls `use` when the canvas has all its tiles. */
function complete<Result>(
  partner: Partner | undefined,
  canvas: Canvas,
  use: () => Result | Promise<Result>,
): Result | Promise<Result> {
  return partner === undefined ? use() : partner.borrow(canvas, use);
}

type Answers = {
  readonly [Name in QuestionName]: (
    canvas: Canvas,
    input: Questions[Name]['input'],
    send: Pieces,
    about: Pick<Open, 'profile' | 'live' | 'partner'>,
  ) => Questions[Name]['answer'] | Promise<Questions[Name]['answer']>;
};

const answers: Answers = {
  summary: (canvas) => canvas.summary(),
  counts: (canvas) => ({ ...canvas.counts }),
  state: (canvas, _input, _send, { partner }) => complete(partner, canvas, () => stateForm(canvas, sha256)),
  picture: (canvas, request: PictureRequest, send, { profile, live, partner }) =>
    complete(partner, canvas, () => makePicture({ canvas, profile, live }, request, send)),
  reset: (canvas, options, send, { partner }) =>
    complete(partner, canvas, () => {
      for (const frame of canvas.resetImage(options)) send(new Uint8Array(frame));
      return undefined;
    }),
  lend(canvas, _input, _send, { partner }) {
    partner?.lend(canvas);
    return undefined;
  },
  restart(canvas) {
    canvas.fullReset();
    return undefined;
  },
};

function sha256(): Sha256 {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

/** Linux knows priorities of threads; elsewhere the share alone holds it back. */
function lowerPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread > 0 && thread !== process.pid) setPriority(thread, niceness);
  } catch {
    // not Linux, or not allowed
  }
}

if (isNice) lowerPriority();
if (!(share > 0)) throw fault('canvas-without-share');
send({ type: 'loaded' });

// A recording that is played onto a canvas in a separate thread, from position to position.

import { canvasRefusal, isDrawnByUser } from '../core/canvas/canvas.js';
import { DivisibleProbe } from '../core/canvas/part.js';
import { refusal } from '../core/errors.js';
import type { Generation } from '../core/protocol/messages.js';
import type { CutPoint } from '../core/recording/cut.js';
import { FrameBatch } from '../core/recording/frame-batch.js';
import type { RecordingHeader } from '../core/recording/header.js';
import type { Problem, RecordedMessage, RecordingItem } from '../core/recording/items.js';
import { intervalMs } from '../core/recording/pace.js';
import { RecordingReader } from '../core/recording/reader.js';
import { RightsProbe } from '../core/recording/rights-probe.js';
import type { CanvasSettings } from '../io/canvas/canvas-messages.js';
import type { CanvasPool, FollowedCanvas } from '../io/canvas/canvas-pool.js';

/** Messages that are read ahead to find out whether the recording contains permissions. */
const mostProbed = { messages: 100_000, bytes: 32 * 1024 * 1024 };
/** And whether two threads can share the canvas. */
const mostProbedForParts = { messages: 400_000, bytes: 128 * 1024 * 1024 };
/** A shorter recording is drawn before a second thread has begun. */
const leastBytesOfParts = 1024 * 1024;

/** Where to stop: before the message of which it says so. */
export type StopBefore = (message: RecordedMessage, number: number) => boolean;

export interface PlaybackOptions {
  /** `access`: undefined: found out. */
  readonly settings: Omit<CanvasSettings, 'generation'>;
  readonly report: (problem: Problem) => void;
  /** Only messages that it lets through are drawn; all are counted. */
  readonly draws?: ((message: RecordedMessage) => boolean) | undefined;
  /** Two threads may draw it, each a part. Every picture costs more then. */
  readonly divides?: boolean | undefined;
}

export class Playback {
  readonly canvas: FollowedCanvas;
  readonly generation: Generation;
  readonly header: RecordingHeader;
  readonly #source: AsyncGenerator<unknown>;
  readonly #messages: AsyncGenerator<RecordedMessage>;
  readonly #draws: (message: RecordedMessage) => boolean;
  readonly #batch = new FrameBatch();
  #next: RecordedMessage | undefined;
  #played = 0;
  readonly #drawers = new Set<number>();

  private constructor(
    canvas: FollowedCanvas,
    found: { generation: Generation; header: RecordingHeader },
    source: AsyncGenerator<unknown>,
    messages: AsyncGenerator<RecordedMessage>,
    draws: (message: RecordedMessage) => boolean,
  ) {
    this.#source = source;
    this.canvas = canvas;
    this.generation = found.generation;
    this.header = found.header;
    this.#messages = messages;
    this.#draws = draws;
  }

  /** Throws a Refusal for what is not a recording, or one whose canvas cannot be drawn. */
  static async open(
    pool: Pick<CanvasPool, 'open' | 'openDivided'>,
    chunks: AsyncIterable<Uint8Array>,
    { settings, report, draws, divides = false }: PlaybackOptions,
  ): Promise<Playback> {
    const reader = new RecordingReader();
    const items = itemsOf(reader, chunks, report);
    const first = await items.next();
    const header: RecordingHeader =
      !first.done && first.value.kind === 'header' ? first.value.header : new Map();
    const { generation } = reader;
    const reason = canvasRefusal(generation);
    if (generation === undefined || reason !== undefined) {
      await items.return(undefined);
      throw refusal('canvas-not-drawable', { reason: reason ?? '' });
    }
    const messages = messagesOf(items);
    const probed = await probe(messages, settings.access === undefined, divides);
    const open = probed.isDivisible ? 'openDivided' : 'open';
    const canvas = await pool[open]({
      ...settings,
      generation,
      access: settings.access ?? (probed.statesRights ? 'client' : 'none'),
    });
    return new Playback(
      canvas,
      { generation, header },
      items,
      chained(probed.messages, messages),
      draws ?? (() => true),
    );
  }

  /** Closes the recording and gives up the canvas. */
  async close(): Promise<void> {
    this.canvas.close();
    await this.#messages.return(undefined);
    // generators that were never asked for anything do not pass it on
    await this.#source.return(undefined);
  }

  /** Messages that have been played. */
  get played(): number {
    return this.#played;
  }

  /** Ids of the users who have drawn anything in what has been played. */
  get drawers(): ReadonlySet<number> {
    return this.#drawers;
  }

  /** Plays until `stop` says so; false: the recording has ended. */
  async play(stop: StopBefore = () => false): Promise<boolean> {
    for (;;) {
      this.#next ??= await this.#read();
      if (!this.#next || stop(this.#next, this.#played + 1)) break;
      const message = this.#next;
      this.#next = undefined;
      this.#played++;
      if (isDrawnByUser(message.type)) this.#drawers.add(message.contextId);
      if (!this.#draws(message)) continue;
      this.#batch.add(message.type, message.contextId, message.payload);
      if (this.#batch.isFull) await this.#flush();
    }
    await this.#flush();
    return this.#next !== undefined;
  }

  /** The messages from here on, which are not drawn any more, until `stop` says so. */
  async *rest(stop: StopBefore = () => false): AsyncGenerator<RecordedMessage> {
    for (;;) {
      this.#next ??= await this.#read();
      const message = this.#next;
      if (!message || stop(message, this.#played + 1)) return;
      this.#next = undefined;
      this.#played++;
      yield message;
    }
  }

  async #read(): Promise<RecordedMessage | undefined> {
    const { value, done } = await this.#messages.next();
    return done ? undefined : value;
  }

  async #flush(): Promise<void> {
    if (this.#batch.length > 0) await this.canvas.feed(this.#batch.take());
  }
}

/** Stops behind a message of that number, or before more time has passed. */
export function stopAt(point: CutPoint): StopBefore {
  if ('message' in point) return (_, number) => number > point.message;
  let ms = 0;
  return (message) => {
    ms += intervalMs(message);
    return ms > point.ms;
  };
}

async function* itemsOf(
  reader: RecordingReader,
  chunks: AsyncIterable<Uint8Array>,
  report: (problem: Problem) => void,
): AsyncGenerator<Exclude<RecordingItem, Problem>> {
  for await (const chunk of chunks) {
    for (const item of reader.read(chunk)) {
      if (item.kind === 'problem') report(item);
      else yield item;
    }
  }
  for (const item of reader.end()) {
    if (item.kind === 'problem') report(item);
    else yield item;
  }
}

async function* messagesOf(
  items: AsyncGenerator<Exclude<RecordingItem, Problem>>,
): AsyncGenerator<RecordedMessage> {
  for await (const item of items) if (item.kind === 'message') yield item;
}

/**
 * Reads until it is clear whether the recording contains permissions, and, if that matters, whether a canvas that is
 * divided would do; what was read is kept.
 */
async function probe(
  source: AsyncGenerator<RecordedMessage>,
  wantsRights: boolean,
  divides: boolean,
): Promise<{ messages: RecordedMessage[]; statesRights: boolean; isDivisible: boolean }> {
  const messages: RecordedMessage[] = [];
  const rights = new RightsProbe();
  const parts = new DivisibleProbe();
  let bytes = 0;
  const isWithin = (most: typeof mostProbed) => messages.length < most.messages && bytes < most.bytes;
  for (;;) {
    const isAboutRights = wantsRights && rights.statesRights === undefined && isWithin(mostProbed);
    const isAboutParts = divides && parts.isDivisible && isWithin(mostProbedForParts);
    if (!isAboutRights && !isAboutParts) break;
    const { value, done } = await source.next();
    if (done) break;
    if (isAboutRights) rights.show(value.type, value.contextId);
    parts.show(value.type);
    messages.push({ ...value, payload: new Uint8Array(value.payload) });
    bytes += value.payload.length;
  }
  return {
    messages,
    statesRights: rights.statesRights ?? false,
    isDivisible: divides && parts.isDivisible && bytes >= leastBytesOfParts,
  };
}

async function* chained(
  first: readonly RecordedMessage[],
  rest: AsyncGenerator<RecordedMessage>,
): AsyncGenerator<RecordedMessage> {
  try {
    yield* first;
    yield* rest;
  } finally {
    // also when it is closed within the first ones
    await rest.return(undefined);
  }
}

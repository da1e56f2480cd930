// A part of a recording that begins with a reset image instead of everything that was drawn before it.

import { type Refusal, refusal } from '../core/errors.js';
import { type CutCount, type CutPoint, OpenStrokes } from '../core/recording/cut.js';
import type { RecordedMessage, RecordingFormat } from '../core/recording/items.js';
import { Membership } from '../core/recording/membership.js';
import { intervalMs } from '../core/recording/pace.js';
import { resetWriter, writeFrame } from '../core/recording/reset-recording.js';
import type { Playback } from './playback.js';

export interface ResetCutOptions {
  /** The first message of the part. */
  readonly from: CutPoint;
  /** The last one; undefined: the last of all. */
  readonly to: CutPoint | undefined;
  readonly format: RecordingFormat;
}

const pieceBytes = 256 * 1024;

/** The recording piece by piece; `count` is complete at its end. Throws a Refusal when there is no such part. */
export async function* resetCut(
  playback: Playback,
  { from, to, format }: ResetCutOptions,
  count: CutCount,
): AsyncGenerator<Uint8Array> {
  const { generation, header, canvas } = playback;
  const membership = new Membership();
  const strokes = new OpenStrokes(generation);
  const clock = new Clock();
  const hasPart = await playback.play((message, number) => {
    const isThere = 'ms' in from ? clock.show(message, number) >= from.ms : number >= from.message;
    if (isThere) return true;
    clock.show(message, number);
    membership.show(message);
    strokes.show(message.type, message.contextId, message.payload);
    return false;
  });
  if (!hasPart) throw noPart(playback.played, from, clock);
  count.left = playback.played;
  const writer = resetWriter({ format, generation, header });
  for (const message of membership.messages()) {
    writer.write(message);
    count.before++;
  }
  for await (const frame of canvas.resetImage({ isComplete: true })) {
    writeFrame(writer, frame);
    count.before++;
    if (writer.waitingBytes > pieceBytes) yield writer.take();
  }
  const isBehind = (message: RecordedMessage, number: number): boolean => {
    const ms = clock.show(message, number);
    if (!to) return false;
    return 'ms' in to ? ms > to.ms : number > to.message;
  };
  for await (const message of playback.rest(isBehind)) {
    writer.write(message);
    count.part++;
    strokes.show(message.type, message.contextId, message.payload);
    if (writer.waitingBytes > pieceBytes) yield writer.take();
  }
  if (count.part === 0) throw noPart(playback.played, from, clock);
  for (const message of strokes.end()) {
    writer.write(message);
    count.added++;
  }
  yield writer.take();
}

/** Time since the start of the recording. A message may be shown again. */
class Clock {
  ms = 0;
  #last = 0;

  show(message: RecordedMessage, number: number): number {
    if (number > this.#last) this.ms += intervalMs(message);
    this.#last = number;
    return this.ms;
  }
}

function noPart(messages: number, from: CutPoint, { ms }: Clock): Refusal {
  if ('ms' in from && ms === 0) {
    return refusal('recording-without-times');
  }
  return refusal('recording-too-short', { messages: `${messages} messages` });
}

// Who draws where: names from the messages that contain them, places from the strokes. For captions of a timelapse.

import { asBuffer } from '../bytes.js';
import type { Generation } from '../protocol/messages.js';
import type { RecordedMessage } from './items.js';

const join = 32;
const leave = 33;
/** Dabs of every kind, and how many units make a pixel. */
const strokes: ReadonlyMap<number, number> = new Map([
  [148, 4],
  [149, 1],
  [150, 1],
  [151, 4],
  [152, 4],
]);

export interface DrawingUser {
  readonly id: number;
  readonly name: string;
  /** Pixels of the canvas. */
  readonly x: number;
  readonly y: number;
  /** The clock of `show` at the last stroke. */
  readonly at: number;
}

export class DrawingUsers {
  readonly #names = new Map<number, string>();
  readonly #users = new Map<number, DrawingUser>();
  /** Where the coordinates stand: behind flags and layer in 2.3, behind the layer before. */
  readonly #offset: number;

  constructor(generation: Generation) {
    this.#offset = generation === '4.25' ? 4 : 2;
  }

  /** `at`: any clock of the caller's. */
  show(
    { type, contextId, payload }: Pick<RecordedMessage, 'type' | 'contextId' | 'payload'>,
    at: number,
  ): void {
    const bytes = asBuffer(payload);
    if (type === join && bytes.length >= 2) {
      this.#names.set(contextId, bytes.toString('utf8', 2, 2 + bytes.readUInt8(1)));
    } else if (type === leave) {
      this.#users.delete(contextId);
    }
    const scale = strokes.get(type);
    if (scale === undefined || bytes.length < this.#offset + 8) return;
    this.#users.set(contextId, {
      id: contextId,
      name: this.#names.get(contextId) ?? `user ${contextId}`,
      x: bytes.readInt32BE(this.#offset) / scale,
      y: bytes.readInt32BE(this.#offset + 4) / scale,
      at,
    });
  }

  /** Those who drew since then, the last one last. */
  since(at: number): DrawingUser[] {
    return [...this.#users.values()].filter((user) => user.at >= at).sort((a, b) => a.at - b.at);
  }
}

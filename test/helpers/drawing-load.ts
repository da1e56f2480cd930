// People who draw all the time, each with numbered strokes, and a look at what everybody got: nothing may be missing, doubled
// or in another order, whatever happens to the server meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './client.js';
import { type Frame, frame } from './wire.js';

/** A type of drawing that a server relays without looking into it. */
const strokeType = 150;

function strokeOf(sender: number, number: number): Buffer {
  const payload = Buffer.alloc(24);
  payload.writeUInt32BE(sender, 0);
  payload.writeUInt32BE(number, 4);
  return frame(strokeType, 0, payload);
}

export class DrawingLoad {
  readonly #clients: readonly Client[];
  readonly #everyMs: number;
  readonly #strokesAtOnce: number;
  readonly #drawn: number[];
  #isOver = false;
  readonly #runs: Promise<void>[] = [];

  constructor(clients: readonly Client[], { everyMs = 20, strokesAtOnce = 2 } = {}) {
    this.#clients = clients;
    this.#everyMs = everyMs;
    this.#strokesAtOnce = strokesAtOnce;
    this.#drawn = clients.map(() => 0);
  }

  begin(): void {
    this.#isOver = false;
    for (const [sender, client] of this.#clients.entries()) this.#runs.push(this.#draw(sender, client));
  }

  async #draw(sender: number, client: Client): Promise<void> {
    while (!this.#isOver && !client.isClosed) {
      const strokes: Buffer[] = [];
      for (let i = 0; i < this.#strokesAtOnce; i++) {
        const number = this.#drawn[sender] ?? 0;
        strokes.push(strokeOf(sender, number));
        this.#drawn[sender] = number + 1;
      }
      client.send(...strokes);
      await sleep(this.#everyMs);
    }
  }

  get drawn(): number {
    return this.#drawn.reduce((sum, count) => sum + count, 0);
  }

  /** Stops drawing; everything that was drawn is on its way then. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#runs.splice(0));
  }

  /** Whether this client has got as much as everybody together has drawn. */
  hasAll(client: Client): boolean {
    return strokesIn(client.canvas).length >= this.drawn;
  }

  /** What is wrong with what a client got; undefined: it is exactly what was drawn, each sender's in order. */
  problemOf(client: Client): string | undefined {
    const next = this.#drawn.map(() => 0);
    for (const { sender, number } of strokesIn(client.canvas)) {
      if (number !== next[sender])
        return `${client.name}: stroke ${number} of ${sender} instead of ${next[sender]}`;
      next[sender] = number + 1;
    }
    const missing = next.findIndex((count, sender) => count !== this.#drawn[sender]);
    return missing < 0
      ? undefined
      : `${client.name}: ${next[missing]} of ${this.#drawn[missing]} strokes of ${missing}`;
  }
}

export function strokesIn(frames: readonly Frame[]): { sender: number; number: number }[] {
  return frames
    .filter(({ type }) => type === strokeType)
    .map(({ payload }) => ({ sender: payload.readUInt32BE(0), number: payload.readUInt32BE(4) }));
}

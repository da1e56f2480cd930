// How the parts of a canvas, each in its own thread, show each other their tiles.

import type { MessagePort } from 'node:worker_threads';
import type { Canvas } from '../../core/canvas/canvas.js';
import type { LentTiles } from '../../core/canvas/lent-tiles.js';
import { type Fault, fault } from '../../core/errors.js';

/** What goes from one part to the other; without tiles: that was all. */
interface Lent {
  readonly tiles: LentTiles | undefined;
}

/** The thread that draws the other part. */
export class Partner {
  readonly #port: MessagePort;
  /** Arrived, and not looked at yet: it may be ahead. */
  readonly #arrived: Lent[] = [];
  #end: Fault | undefined;
  #wake = (): void => {};

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (lent: Lent) => {
      this.#arrived.push(lent);
      this.#wake();
    });
    port.on('close', () => {
      this.#end = fault('canvas-thread-ended');
      this.#wake();
    });
  }

  close(): void {
    this.#port.close();
  }

  lend(canvas: Canvas): void {
    const send = (lent: Lent, transfer: ArrayBuffer[] = []): void => this.#port.postMessage(lent, transfer);
    for (const tiles of canvas.lentTiles()) send({ tiles }, [tiles.pixels.buffer as ArrayBuffer]);
    send({ tiles: undefined });
  }

  /** Calls `use` while the canvas has the tiles of both. */
  async borrow<Result>(canvas: Canvas, use: () => Result | Promise<Result>): Promise<Result> {
    try {
      canvas.giveBack();
      for (;;) {
        const { tiles } = await this.#next();
        if (tiles === undefined) break;
        canvas.borrow(tiles);
      }
      return await use();
    } finally {
      canvas.giveBack();
    }
  }

  async #next(): Promise<Lent> {
    for (;;) {
      const lent = this.#arrived.shift();
      if (lent !== undefined) return lent;
      if (this.#end !== undefined) throw this.#end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

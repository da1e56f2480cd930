// Inflates the zlib stream of a streamed reset with Node's own zlib, piece by piece and off the event loop.
import type { Buffer } from 'node:buffer';
import { createInflate, type Inflate } from 'node:zlib';
import type { Inflated, Inflater } from '../../core/session/needs.js';

export class ZlibInflater implements Inflater {
  readonly #inflate: Inflate = createInflate();
  #output: Buffer[] = [];
  #bytes = 0;
  #inputBytes = 0;
  #limit = Number.POSITIVE_INFINITY;
  #problem: string | undefined;
  #hasEnded = false;
  #whenSettled: (() => void) | undefined;

  constructor() {
    this.#inflate.on('data', (piece: Buffer) => {
      this.#bytes += piece.length;
      if (this.#bytes > this.#limit) this.#fail('the image exceeds the size limit of the session');
      else this.#output.push(piece);
    });
    this.#inflate.on('error', (error) => this.#fail(error.message));
    this.#inflate.on('end', () => {
      this.#hasEnded = true;
      this.#whenSettled?.();
    });
  }

  #fail(problem: string): void {
    this.#problem ??= problem;
    this.#output = [];
    this.#inflate.destroy();
    this.#whenSettled?.();
  }

  write(piece: Uint8Array, limit: number, done: (result: Inflated) => void): void {
    this.#limit = limit;
    this.#bytes = 0;
    this.#inputBytes += piece.length;
    const settle = this.#settle(done);
    if (this.#problem !== undefined) setImmediate(settle);
    else this.#inflate.write(piece, () => settle());
  }

  finish(done: (result: Inflated) => void): void {
    const settle = this.#settle((result) => {
      // zlib takes nothing of what follows the end of its stream.
      const isAllTaken = this.#inflate.bytesWritten === this.#inputBytes;
      done('error' in result || isAllTaken ? result : { error: 'bytes after the end of the stream' });
    });
    if (this.#problem !== undefined || this.#hasEnded) setImmediate(settle);
    else this.#inflate.end();
  }

  /** Calls back once, with the output so far or what went wrong. */
  #settle(done: (result: Inflated) => void): () => void {
    let isDone = false;
    const settle = () => {
      if (isDone) return;
      isDone = true;
      this.#whenSettled = undefined;
      const output = this.#output;
      this.#output = [];
      done(this.#problem === undefined ? { output } : { error: this.#problem });
    };
    this.#whenSettled = settle;
    return settle;
  }

  /** Who still waits for an answer gets one: somebody's later messages are held until then. */
  close(): void {
    this.#problem ??= 'streamed reset aborted';
    this.#output = [];
    this.#inflate.destroy();
    if (this.#whenSettled) setImmediate(this.#whenSettled);
  }
}

/** A fresh one for each reset. */
export function makeInflater(): Inflater {
  return new ZlibInflater();
}

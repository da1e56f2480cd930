// The process whose place this one takes: what it passes before this process has the data, and the document in which all of
// that is. successor.ts is the other side.
import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import net from 'node:net';
import { deserialize } from 'node:v8';
import { version } from './version.js';

/** Set for a process that takes the place of another one. */
export const versionVariable = 'DP_PREDECESSOR';
/** The document comes by this descriptor, and the word that this process serves goes back. */
export const handOverFd = 4;

export type ToSuccessor =
  | { readonly type: 'begin'; readonly begin: unknown }
  | { readonly type: 'listener'; readonly name: string }
  | { readonly type: 'socket'; readonly number: number }
  | { readonly type: 'ping'; readonly number: number };

export type SuccessorMessage =
  /** `version`: of the program. */
  | { readonly type: 'checked'; readonly version: string }
  | { readonly type: 'failed'; readonly problem: string }
  | { readonly type: 'arrived'; readonly number: number };

const headBytes = 8;

export class Predecessor {
  readonly listeners = new Map<string, object>();
  /** Connected sockets by their numbers. */
  readonly sockets = new Map<number, object>();
  /** What this process needs before it has the data. */
  readonly begin: Promise<unknown>;
  #pipe: net.Socket | undefined;

  constructor() {
    this.begin = new Promise((resolve) => {
      process.on('message', (message: ToSuccessor, handle: unknown) => {
        const passed = handle as object | undefined;
        if (message.type === 'listener' && passed) this.listeners.set(message.name, passed);
        else if (message.type === 'socket' && passed) this.sockets.set(message.number, passed);
        else if (message.type === 'ping') send({ type: 'arrived', number: message.number });
        else if (message.type === 'begin') resolve(message.begin);
      });
    });
    // With it gone before everything is here there is nothing to take over.
    process.once('disconnect', leave);
  }

  /** This process could serve; resolves with what it is to continue with. */
  document(): Promise<unknown> {
    return new Promise((resolve) => {
      const pipe = new net.Socket({ fd: handOverFd, readable: true, writable: true });
      this.#pipe = pipe;
      const pieces: Buffer[] = [];
      let have = 0;
      pipe.on('error', leave);
      pipe.on('end', leave);
      pipe.on('data', (piece: Buffer) => {
        pieces.push(piece);
        have += piece.length;
        const first = pieces[0];
        if (have < headBytes || !first) return;
        if (first.length < headBytes) pieces.splice(0, pieces.length, Buffer.concat(pieces));
        const wanted = (pieces[0] ?? first).readDoubleBE(0);
        if (have < headBytes + wanted) return;
        // What has come is read without another copy; the descriptor stays open for the answer.
        pipe.pause();
        resolve(deserialize(Buffer.concat(pieces).subarray(headBytes)));
      });
      send({ type: 'checked', version });
    });
  }

  /** From here on this process serves, and the other one ends. */
  serves(): void {
    process.off('disconnect', leave);
    this.#pipe
      ?.off('end', leave)
      .off('error', leave)
      .on('error', () => {});
    fs.writeSync(handOverFd, Buffer.of(1));
    this.#pipe?.destroy();
    if (process.connected) process.disconnect();
  }

  /** This process cannot serve: the other one continues. */
  failed(problem: string): void {
    if (process.connected) process.send?.({ type: 'failed', problem }, () => leave());
    else leave();
  }
}

function send(message: SuccessorMessage): void {
  process.send?.(message);
}

function leave(): void {
  process.exit(1);
}

/** The variable is taken out of `environment`, so that no child takes it for its predecessor. Undefined: there is none. */
export function takePredecessor(environment: NodeJS.ProcessEnv = process.env): Predecessor | undefined {
  const isSuccessor = environment[versionVariable] !== undefined && process.send !== undefined;
  delete environment[versionVariable];
  return isSuccessor ? new Predecessor() : undefined;
}

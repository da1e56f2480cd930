// A connection without sockets, for tests that make thousands: what one side writes, the other gets at the next turn
// of the event loop.

import type { Connection, ConnectionUser } from '../../src/lib/core/peer/needs.js';
import type { RunningServer } from '../../src/lib/server/start.js';
import type { ClientLink } from './client.js';

/** Connects a client to a server; the link is for the client. */
export function connectInMemory({ peers }: RunningServer): ClientLink {
  let link: ClientLink | undefined;
  peers.accept('127.0.0.1', (user) => {
    const connection = new MemoryConnection(user);
    link = connection.link;
    return connection;
  });
  if (link === undefined) {
    throw new Error('the server takes no more connections');
  }
  return link;
}

class MemoryConnection implements Connection {
  readonly ip = '127.0.0.1';
  readonly transport = 'tcp';
  readonly isBrowser = false;
  readonly canStartTls = false;
  readonly #user: ConnectionUser;
  readonly link: ClientLink;
  #toClient: Uint8Array[] = [];
  #first: Uint8Array[] = [];
  #toServer: Uint8Array[] = [];
  #isSending = false;
  #isReceiving = false;
  #isPaused = false;
  #sentBytes = 0;
  #isEnding = false;
  #isOver = false;
  #holds = 0;

  constructor(user: ConnectionUser) {
    this.#user = user;
    this.link = {
      write: (bytes) => this.#writeFromClient(bytes),
      end: () => this.#later(() => this.#close()),
      drop: () => this.#later(() => this.#close('the connection was reset')),
      pause: () => {
        this.#isPaused = true;
      },
      resume: () => {
        this.#isPaused = false;
        this.#deliverLater();
      },
      onData: () => undefined,
      onClose: () => undefined,
    };
  }

  get hasRoom(): boolean {
    return this.#toClient.length === 0 && this.#holds === 0 && !this.#isEnding && !this.#isOver;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get unsentBytes(): number {
    return this.#toClient.reduce((sum, { length }) => sum + length, 0);
  }

  send(frames: Uint8Array): void {
    this.#toClient.push(frames);
    this.#deliverLater();
  }

  flush(): void {
    if (!this.#isPaused) {
      this.#deliver();
    }
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.#deliverLater();
  }

  sendFirst(frame: Uint8Array): void {
    this.#first.push(frame);
    this.#deliverLater();
  }

  sendHistory(slice: Uint8Array): void {
    this.send(slice);
  }

  end(): void {
    this.#isEnding = true;
    this.#deliverLater();
  }

  abort(): void {
    this.#toClient = [];
    this.#first = [];
    this.#isEnding = true;
    this.#holds = 0;
    this.#later(() => this.#close());
  }

  startTls(): void {
    throw new Error('no TLS without a socket');
  }

  #later(run: () => void): void {
    setImmediate(run);
  }

  #deliverLater(): void {
    if (!this.#isSending && !this.#isPaused) {
      this.#isSending = true;
      this.#later(() => this.#deliver());
    }
  }

  #deliver(): void {
    this.#isSending = false;
    if (this.#isOver) {
      return;
    }
    const isHeld = this.#holds > 0;
    const bytes = Buffer.concat([...this.#first.splice(0), ...(isHeld ? [] : this.#toClient.splice(0))]);
    if (bytes.length > 0) {
      this.#sentBytes += bytes.length;
      this.link.onData(bytes);
    }
    if (isHeld) return;
    if (this.#isEnding) {
      this.#close();
    } else {
      this.#user.drained();
    }
  }

  #writeFromClient(bytes: Uint8Array): void {
    this.#toServer.push(bytes);
    if (!this.#isReceiving) {
      this.#isReceiving = true;
      this.#later(() => {
        this.#isReceiving = false;
        const all = Buffer.concat(this.#toServer.splice(0));
        if (!this.#isOver) {
          this.#user.received(all, 0, all.length);
        }
      });
    }
  }

  #close(problem?: string): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#user.closed(problem);
      this.link.onClose();
    }
  }
}

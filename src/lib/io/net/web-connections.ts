// Who is connected to a web listener, and who has to make room: nobody keeps others away by holding connections. What
// became a drawing connection counts elsewhere (core/peer/sources.ts).
import type net from 'node:net';
import { networkText } from '../../core/addresses.js';

export interface ConnectionLimits {
  /** Of all together. When there are more, the one that has been idle for longest goes. */
  connections: number;
  /** Of one network that is not a proxy. */
  perNetwork: number;
  /** That have not asked for anything yet; the oldest goes when there are more. */
  waiting: number;
  /** From the connect to the first request. */
  firstRequestMs: number;
}

interface Entry {
  readonly network: string | undefined;
  /** Until the first request. */
  timer: NodeJS.Timeout | undefined;
  /** Requests that are being answered. */
  requests: number;
}

export class WebConnections {
  readonly #limits: ConnectionLimits;
  /** The least recently busy one first. */
  readonly #entries = new Map<net.Socket, Entry>();
  readonly #networks = new Map<string, number>();
  #waiting = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Connections that have not said yet what they want. */
  get waitingCount(): number {
    return this.#waiting;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** False: there is no room for it. `isProxy`: many people may come from there. */
  add(socket: net.Socket, ip: string, isProxy: boolean): boolean {
    const { connections, perNetwork, waiting, firstRequestMs } = this.#limits;
    const network = isProxy ? undefined : networkText(ip);
    if (network !== undefined && (this.#networks.get(network) ?? 0) >= perNetwork) return false;
    if (this.#waiting >= waiting) this.#drop(({ timer }) => timer !== undefined);
    if (this.#entries.size >= connections && !this.#drop(({ requests }) => requests === 0)) return false;
    const timer = setTimeout(() => socket.destroy(), firstRequestMs);
    timer.unref();
    this.#waiting++;
    this.#entries.set(socket, { network, timer, requests: 0 });
    if (network !== undefined) this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1);
    socket.once('close', () => this.release(socket));
    return true;
  }

  /** Somebody waits for an answer, or gets one. */
  isBusy(socket: net.Socket): boolean {
    return (this.#entries.get(socket)?.requests ?? 0) > 0;
  }

  /** A request came. */
  began(socket: net.Socket): void {
    const entry = this.#entries.get(socket);
    if (!entry) return;
    this.#stopWaiting(entry);
    entry.requests++;
  }

  /** It has been answered, or nobody waits for the answer. */
  ended(socket: net.Socket): void {
    const entry = this.#entries.get(socket);
    if (!entry) return;
    entry.requests--;
    this.#entries.delete(socket);
    this.#entries.set(socket, entry);
  }

  /** It is gone, or somebody else's. */
  release(socket: net.Socket): void {
    const entry = this.#entries.get(socket);
    if (!entry) return;
    this.#stopWaiting(entry);
    this.#entries.delete(socket);
    const { network } = entry;
    if (network === undefined) return;
    const rest = (this.#networks.get(network) ?? 1) - 1;
    if (rest > 0) this.#networks.set(network, rest);
    else this.#networks.delete(network);
  }

  /** All that are still here. */
  destroyAll(): void {
    for (const socket of [...this.#entries.keys()]) socket.destroy();
  }

  #stopWaiting(entry: Entry): void {
    if (entry.timer === undefined) return;
    clearTimeout(entry.timer);
    entry.timer = undefined;
    this.#waiting--;
  }

  /** The first one that may go; false: there is none. */
  #drop(mayGo: (entry: Entry) => boolean): boolean {
    for (const [socket, entry] of this.#entries) {
      if (!mayGo(entry)) continue;
      this.release(socket);
      socket.destroy();
      return true;
    }
    return false;
  }
}

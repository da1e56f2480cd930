// The other side of hand-over.ts: what a process that takes the place of another one gets, and when.
import { reason } from '../core/errors/reason.js';
import { fault } from '../core/errors.js';
import { handOverVersion } from '../core/peer/hand-over.js';
import type { Log } from '../core/session/needs.js';
import type { SocketHandle } from '../io/net/socket-handle.js';
import type { DataLock } from '../io/sqlite/data-lock.js';
import { systemClock } from '../io/system/clock.js';
import type { Predecessor } from '../io/system/predecessor.js';
import type { AdminHandles } from './admin-listeners.js';
import type { ListenerHandles } from './listeners.js';
import type { Places } from './places.js';
import type { HandedProcess } from './start.js';

/** What a successor needs before it has the data. */
export interface HandedBegin {
  readonly version: number;
  /** Where the data lives: a process that is not root would look elsewhere. */
  readonly places: Places;
  /** The service manager opened the listeners: with nobody left the server stops. */
  readonly isSocketActivated: boolean;
}

/** Everything else, at the moment of the hand-over. */
export interface HandedDocument extends Omit<HandedProcess, 'sockets'> {
  readonly version: number;
  /** Numbers of the sockets. */
  readonly sockets: readonly number[];
  readonly from: HandedFrom;
}

/** `at`: when this process began to wait for its successor, milliseconds since 1970. */
export interface HandedFrom {
  readonly pid: number;
  readonly at: number;
}

/** What this process is to continue with, in the order in which it needs it. */
export interface TakeOver {
  readonly begin: HandedBegin;
  readonly handles: ListenerHandles & AdminHandles;
  /** Everything but the data is loaded: gets the data, and takes the locks. */
  take(locks: readonly (DataLock | undefined)[]): Promise<HandedProcess & { from: HandedFrom }>;
  /** All of it is loaded. From here on this process serves. */
  serves(): void;
}

/** Fault where the other process is of a version that this one does not know. */
export async function beginTakeOver(predecessor: Predecessor): Promise<TakeOver> {
  const begin = (await predecessor.begin) as HandedBegin;
  requireVersion(begin);
  return {
    begin,
    handles: Object.fromEntries(predecessor.listeners) as ListenerHandles & AdminHandles,
    async take(locks) {
      const document = (await predecessor.document()) as HandedDocument;
      requireVersion(document);
      for (const lock of locks) lock?.take();
      const sockets = document.sockets.map((number) => predecessor.sockets.get(number) as SocketHandle);
      return { ...document, sockets };
    },
    serves: () => predecessor.serves(),
  };
}

export function logTakeOver(log: Log, { from, server }: HandedProcess & { from: HandedFrom }): void {
  const time = systemClock.now();
  const what = `${server.peers.peers.length} connections, ${server.directory.sessions.length} sessions`;
  const message = `Process ${process.pid} takes over from process ${from.pid}: ${what}, ${time - from.at} ms`;
  log.write({ time, level: 'info', topic: 'Status', message });
}

function requireVersion({ version }: { readonly version: number }): void {
  if (version !== handOverVersion)
    throw fault('not-restarted', { reason: reason('successor-other-version') });
}

// `dp restart`: this process starts its successor, passes the sockets to it, waits for a moment in which everything is stored,
// and hands over the rest in that turn of the event loop (docs/decisions/0016). Until then nothing here has changed.
import type { PreparedRestart, RestartOptions } from '../admin/live.js';
import type { Stores } from '../admin/needs.js';
import { type Reason, reason } from '../core/errors/reason.js';
import { fault, refusal } from '../core/errors.js';
import { handOverVersion } from '../core/peer/hand-over.js';
import type { Peer } from '../core/peer/peer.js';
import { standardInput } from '../io/files/text-file.js';
import { OutboxConnection } from '../io/net/outbox-connection.js';
import type { DataLock } from '../io/sqlite/data-lock.js';
import { systemClock } from '../io/system/clock.js';
import { Successor } from '../io/system/successor.js';
import type { AdminListeners } from './admin-listeners.js';
import type { AuditTrail } from './audit-trail.js';
import type { Configuration } from './configuration.js';
import type { RunningServer } from './start.js';
import type { HandedBegin, HandedDocument } from './take-over.js';

export interface HandOverParts {
  server: RunningServer;
  admin: () => AdminListeners;
  configuration: Configuration;
  audit: AuditTrail;
  /** Of the data, in the order in which they were taken. */
  locks: readonly DataLock[];
  begin: HandedBegin;
  /** The process with this pid serves: this one ends, and touches nothing any more. */
  leave(pid: number): void;
}

/** So long a moment is waited for in which nothing is being written. */
const settlesWithinMs = 15_000;
const lookAgainMs = 5;
/** For those who are disconnected to take what they are sent. */
const closesWithinMs = 2_000;

export class HandOver {
  readonly #parts: HandOverParts;
  #isUnderWay = false;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** Resolves when the successor could serve. Refusal or Fault when it could not: then nothing has changed. */
  async prepare({ closesTls }: RestartOptions): Promise<PreparedRestart> {
    const { server, begin, admin } = this.#parts;
    if (this.#isUnderWay || server.isStopping) throw refusal('restart-under-way', {});
    if (begin.places.config === standardInput)
      throw refusal('restart-unsupported', { reason: reason('restart-standard-input') });
    this.#requireHandable(closesTls);
    this.#isUnderWay = true;
    const over = () => {
      this.#isUnderWay = false;
    };
    try {
      await this.#requireStored();
      const listeners = { ...server.listeners.handles, ...admin().handles };
      // As root this process may have begun with another folder than its successor would find.
      const { ownFolder } = begin.places;
      const environment = ownFolder === undefined ? {} : { DP_DATA: ownFolder };
      const successor = await Successor.start({ begin, listeners, environment });
      return {
        pid: successor.pid,
        version: successor.version,
        closes: this.#unhandable.length,
        finish: () => this.#finish(successor, closesTls).finally(over),
        cancel: () => {
          successor.end();
          over();
        },
      };
    } catch (error) {
      over();
      throw error;
    }
  }

  /** Connections that are more than their bytes, as with TLS, and who is left over from a session that has ended. */
  get #unhandable(): Peer[] {
    return [...this.#parts.server.peers.all].filter(
      (peer) => handleOf(peer) === undefined || peer.member?.session.isEnded === true,
    );
  }

  #requireHandable(closesTls: boolean): void {
    const count = this.#unhandable.filter((peer) => handleOf(peer) === undefined).length;
    if (count === 0 || closesTls) return;
    throw refusal('restart-closes-tls', {
      connections: count === 1 ? '1 connection' : `${count} connections`,
    });
  }

  /** What is in no file would be lost: refused, rather than that somebody was notified of it for nothing. */
  async #requireStored(): Promise<void> {
    if (await hasMoreThanFiles(this.#parts.configuration.stores))
      throw refusal('restart-unsupported', { reason: reason('restart-in-memory') });
  }

  async #finish(successor: Successor, closesTls: boolean): Promise<void> {
    try {
      const numbers = new Map<object, number>();
      const begun = systemClock.monotonic();
      for (;;) {
        this.#requireHandable(closesTls);
        for (const peer of this.#unhandable) {
          if (systemClock.monotonic() - begun > closesWithinMs) peer.abort('the server restarts');
          else peer.closeForRestart();
        }
        if (this.#passSockets(successor, numbers)) await successor.arrived();
        const isStored = await this.#parts.configuration.settle();
        // last: what came while the others were waited for counts
        await this.#requireStored();
        const document = isStored ? this.#document(numbers) : undefined;
        if (document) {
          this.#commit(successor, document);
          return;
        }
        if (systemClock.monotonic() - begun > settlesWithinMs)
          throw notRestarted(reason('restart-too-busy', { ms: settlesWithinMs }));
        await new Promise<void>((resolve) => systemClock.after(lookAgainMs, resolve));
      }
    } catch (error) {
      successor.end();
      throw error;
    }
  }

  /** Whether there was any that it did not have. */
  #passSockets(successor: Successor, numbers: Map<object, number>): boolean {
    const before = numbers.size;
    for (const peer of this.#parts.server.peers.all) {
      const handle = handleOf(peer);
      if (!handle || numbers.has(handle)) continue;
      successor.pass(numbers.size, handle);
      numbers.set(handle, numbers.size);
    }
    return numbers.size > before;
  }

  /** Undefined: somebody has just come, or something is under way that only this process can end. */
  #document(numbers: ReadonlyMap<object, number>): HandedDocument | undefined {
    const { server, audit, admin } = this.#parts;
    // What waits for the end of the turn belongs to what is handed over.
    systemClock.endTurn();
    const sockets: number[] = [];
    for (const peer of server.peers.all) {
      const number = numbers.get(handleOf(peer) ?? {});
      if (number === undefined) return undefined;
      sockets.push(number);
    }
    if (!audit.isIdle || admin().isBusy) return undefined;
    const handed = server.handOver();
    if (!handed || !audit.isIdle) return undefined;
    return {
      version: handOverVersion,
      ...handed,
      sockets,
      from: { pid: process.pid, at: systemClock.now() },
    };
  }

  #commit(successor: Successor, document: HandedDocument): void {
    const { locks, leave } = this.#parts;
    for (const lock of [...locks].reverse()) lock.release();
    const problem = successor.commit(document);
    if (problem === undefined) {
      leave(successor.pid);
      return;
    }
    // The successor has ended: nobody else has them.
    for (const lock of locks) lock.take();
    throw notRestarted(problem);
  }
}

/** Whether there is anything that only this process has; log-ins do not count, people log in again. */
async function hasMoreThanFiles(stores: Stores): Promise<boolean> {
  const { kind, settings, accounts, bans, listServers, grants, notes, reports } = stores;
  if (kind === 'database') return false;
  const beside = [
    ((await grants?.all()) ?? []).filter((grant) => grant.kind === 'token'),
    (await notes?.all()) ?? [],
    (await reports?.query({})) ?? [],
  ];
  const own =
    kind === 'file'
      ? []
      : [[...(await settings.all()).keys()], await accounts.all(), await bans.all(), await listServers.all()];
  return [...beside, ...own].some(({ length }) => length > 0);
}

function handleOf({ connection }: Peer): object | undefined {
  return connection instanceof OutboxConnection ? connection.handle : undefined;
}

function notRestarted(problem: Reason): Error {
  return fault('not-restarted', { reason: problem });
}

// The thread in which a server's database lives: nothing that happens to the file can stop the drawing. Work that
// meets someone else's lock is tried again; edits by others are noticed by data_version.

import * as fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { cloneError, fault } from '../../core/errors.js';
import type { LogEntry } from '../../core/session/needs.js';
import { ConfigDatabase, type ConfigSnapshot } from './config-database.js';
import { databaseFault, isBusy } from './faults.js';
import type { CallableStore, FromThread, ThreadData, ToThread } from './thread-messages.js';

const pollMs = 400;
const retryMs = 50;
/** The same after a full disk and the like. */
const failingRetryMs = 2_000;
/** Someone who waits for an answer waits this long at most for another program's lock. */
const answerWithinMs = 10_000;
/** The same at the end, for everything that is still to be written. */
const stopWithinMs = 5_000;
/** Entries that may wait for a lock to go away; then the oldest are lost. */
const waitingEntries = 100_000;

interface Call {
  message: Extract<ToThread, { type: 'call' }>;
  deadline: number;
}

if (parentPort === null) throw new TypeError('this module runs in a worker');
const port = parentPort;
const { file, waitMs } = workerData as ThreadData;
const send = (message: FromThread) => port.postMessage(message);

async function openFile(): Promise<void> {
  try {
    const database = await ConfigDatabase.open(file, { role: 'server', waitMs });
    // In this order: a change in between is noticed by the first look.
    const version = database.dataVersion();
    const snapshot = database.snapshot();
    // From here on nothing waits inside SQLite.
    database.waitForLocks(0);
    const owner = new DatabaseOwner(database, version, snapshot);
    send({ type: 'ready', snapshot });
    owner.start();
  } catch (error) {
    send({ type: 'failed', error: cloneError(error) });
    port.close();
  }
}

class DatabaseOwner {
  readonly #database: ConfigDatabase;
  #calls: Call[] = [];
  #entries: LogEntry[] = [];
  #lost = 0;
  #known: string;
  #version: number;
  #retry: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #stopBy: number | undefined;
  #isFailing = false;
  #inode: number | undefined = inodeOf(file);

  constructor(database: ConfigDatabase, version: number, snapshot: ConfigSnapshot) {
    this.#database = database;
    this.#known = fingerprint(snapshot);
    this.#version = version;
  }

  start(): void {
    port.on('message', (message: ToThread) => this.#receive(message));
    this.#poll = setInterval(() => this.#look(), pollMs);
  }

  #receive(message: ToThread): void {
    switch (message.type) {
      case 'call':
        this.#calls.push({ message, deadline: performance.now() + answerWithinMs });
        break;
      case 'log':
        this.#entries.push(...message.entries);
        if (this.#entries.length > waitingEntries) {
          const tooMany = this.#entries.length - waitingEntries;
          this.#entries.splice(0, tooMany);
          this.#lost += tooMany;
        }
        break;
      case 'open':
        return;
      case 'stop':
        this.#stopBy = performance.now() + stopWithinMs;
        break;
    }
    this.#work();
  }

  /** Does what can be done now; what meets a lock stays, in its order. */
  #work(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const now = performance.now();
    let isLocked = !this.#writeLog();
    const left: Call[] = [];
    for (const call of this.#calls) {
      const { message, deadline } = call;
      const isLook = looks.has(message.method);
      // A later write must not overtake an earlier one; looking may.
      if (isLocked && !isLook && now < deadline) {
        left.push(call);
        continue;
      }
      try {
        const value = this.#run(message);
        const isOfState = message.store === undefined || !outsideState.has(message.store);
        const snapshot = isLook || !isOfState ? undefined : this.#afterWrite();
        send({ type: 'answer', id: message.id, value, ...(snapshot ? { snapshot } : {}) });
      } catch (error) {
        if (isLockFault(error) && now < deadline) {
          left.push(call);
          if (!isLook) isLocked = true;
        } else {
          send({ type: 'answer', id: message.id, error: cloneError(error) });
        }
      }
    }
    this.#calls = left;
    const isDone = left.length === 0 && this.#entries.length === 0;
    if (this.#stopBy !== undefined && (isDone || now >= this.#stopBy)) this.#stop();
    else if (!isDone)
      this.#retry = setTimeout(() => this.#work(), this.#isFailing ? failingRetryMs : retryMs);
  }

  /** What is written is written, also when it cannot be read again at once. */
  #afterWrite(): ConfigSnapshot | undefined {
    try {
      return this.#fresh();
    } catch {
      this.#version = -1;
      return undefined;
    }
  }

  #run({ store, method, args }: Call['message']): unknown {
    const target = (store === undefined ? this.#database : this.#database[store]) as unknown as Record<
      string,
      (...given: readonly unknown[]) => unknown
    >;
    const run = target[method];
    if (run === undefined) throw new TypeError(`no method ${method}`);
    return run.call(target, ...args);
  }

  /** False: a lock is in the way. */
  #writeLog(): boolean {
    const entries = this.#entries;
    const [first] = entries;
    if (first === undefined) return true;
    const all: LogEntry[] =
      this.#lost === 0
        ? entries
        : [
            {
              time: first.time,
              level: 'warn',
              topic: 'Status',
              message: `${this.#lost} log entries before this one were lost: the database was locked for too long`,
            },
            ...entries,
          ];
    try {
      this.#database.log.append(all);
      this.#entries = [];
      this.#lost = 0;
      this.#reportRecovery();
      return true;
    } catch (error) {
      if (isLockFault(error)) return false;
      // Disk full and the like: said once, tried again with the next entries.
      this.#reportFailure(`cannot store the log: ${(error as Error).message}`);
      if (this.#stopBy !== undefined) this.#entries = [];
      return true;
    }
  }

  #reportFailure(message: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    send({ type: 'problem', message });
    send({ type: 'storing', problem: message });
  }

  #reportRecovery(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    send({ type: 'storing', problem: undefined });
  }

  #look(): void {
    this.#checkFile();
    try {
      const version = this.#database.dataVersion();
      if (version === this.#version) return;
      const snapshot = this.#fresh();
      // Only now: a look that failed half-way is made again.
      this.#version = version;
      if (snapshot) send({ type: 'snapshot', snapshot });
    } catch (error) {
      if (!isLockFault(error) && !isBusy(error)) this.#reportFailure(databaseFault(file, error).message);
    }
  }

  /** A file that was put in the place of ours, or taken away, is not seen by SQLite; nobody would know. */
  #checkFile(): void {
    const inode = inodeOf(file);
    if (inode === this.#inode) return;
    this.#inode = inode;
    const what = inode === undefined ? 'was deleted or moved' : 'was replaced by another file';
    send({
      type: 'problem',
      message: `the database ${file} ${what}: the server uses the old one until it is restarted`,
    });
  }

  /** What holds now, when it is not what was reported before. */
  #fresh(): ConfigSnapshot | undefined {
    const snapshot = this.#database.snapshot();
    const print = fingerprint(snapshot);
    if (print === this.#known) return undefined;
    this.#known = print;
    return snapshot;
  }

  #stop(): void {
    clearInterval(this.#poll);
    for (const { message } of this.#calls) {
      const error = cloneError(fault('database-locked-to-end', { database: file }));
      send({ type: 'answer', id: message.id, error });
    }
    if (this.#entries.length > 0) {
      send({
        type: 'problem',
        message: `${this.#entries.length} log entries were lost: the database is locked`,
      });
    }
    this.#database.close();
    port.close();
  }
}

function inodeOf(path: string): number | undefined {
  return fs.statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Not part of what a server looks up all the time. */
const outsideState: ReadonlySet<CallableStore> = new Set(['audit', 'grants', 'reports', 'notes']);

const looks: ReadonlySet<string> = new Set(['all', 'get', 'find', 'query', 'problems']);

function isLockFault(error: unknown): boolean {
  return isBusy((error as { cause?: unknown } | undefined)?.cause);
}

function fingerprint(snapshot: ConfigSnapshot): string {
  return JSON.stringify({ ...snapshot, settings: [...snapshot.settings] });
}

// Loads SQLite itself, which comes with the first database.
ConfigDatabase.load();
port.once('message', () => void openFile());
send({ type: 'loaded' });

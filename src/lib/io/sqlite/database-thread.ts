// A server's configuration database, seen from the event loop: the same stores, answering later, and the last
// known state for everything that has to be looked up at once. The file itself is opened by database-worker.ts.

import { Worker } from 'node:worker_threads';
import type { LogFilter, LogRow, StoredProblem, Stores } from '../../admin/needs.js';
import { type Fault, fault, restoreError } from '../../core/errors.js';
import type { Log, LogEntry } from '../../core/session/needs.js';
import type { ConfigDatabase, ConfigSnapshot } from './config-database.js';
import { loadSqlite } from './library.js';
import type { AdminLocks } from './locks-table.js';
import type { CallableStore, FromThread, ThreadData, ToThread } from './thread-messages.js';

const logBatchMs = 100;
const logBatchEntries = 500;

export interface ThreadOptions {
  onProblem: (message: string) => void;
  /** Someone else's lock at the start is waited for this long. */
  waitMs?: number;
}

type Method = (...args: never[]) => unknown;
/** The methods of a store of ConfigDatabase, answering with promises; what is wrong with it is asked for all of them. */
type Later<Store> = {
  readonly [Name in Exclude<keyof Store, 'problems'>]: Store[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : Store[Name];
};

export class DatabaseThread implements Stores, Log {
  readonly kind = 'database';
  readonly place: string;
  readonly #worker: Worker;
  #snapshot: ConfigSnapshot;
  #lastId = 0;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  #entries: LogEntry[] = [];
  #batch: NodeJS.Timeout | undefined;
  readonly #listeners = new Set<(snapshot: ConfigSnapshot) => void>();
  readonly #exited: Promise<void>;
  #end: Fault | undefined;
  #storingProblem: string | undefined;
  readonly #onProblem: (message: string) => void;

  private constructor(
    place: string,
    worker: Worker,
    snapshot: ConfigSnapshot,
    onProblem: (message: string) => void,
  ) {
    this.place = place;
    this.#worker = worker;
    this.#snapshot = snapshot;
    this.#onProblem = onProblem;
    worker.on('message', (message: FromThread) => this.#receive(message));
    worker.on('error', (error) => this.#fail(error));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#fail(undefined);
        resolve();
      });
    });
  }

  /** What cannot be stored at the moment; undefined: all can. */
  get problem(): string | undefined {
    return this.#storingProblem;
  }

  /**
   * Starts the thread and opens the file as a server does (config-database.ts). Fault or Refusal with the way out.
   *
   * @param onTrouble is notified of what goes wrong later without anyone waiting for it
   */
  static async open(place: string, options: ThreadOptions): Promise<DatabaseThread> {
    const open = await DatabaseThread.prepare(place, options);
    return open();
  }

  /** The same in two steps: the thread starts with all its code, the file is opened by the call of the answer. */
  static async prepare(place: string, options: ThreadOptions): Promise<() => Promise<DatabaseThread>> {
    // What keeps it from loading is said here: an error of the thread would have lost what it is.
    loadSqlite();
    const data: ThreadData = { file: place, waitMs: options.waitMs ?? 5000 };
    const worker = new Worker(new URL('./database-worker.js', import.meta.url), { workerData: data });
    await nextMessage(worker);
    // Until it has a file it keeps nobody waiting.
    worker.unref();
    return async () => {
      worker.ref();
      const opening = nextMessage(worker);
      worker.postMessage({ type: 'open' } satisfies ToThread);
      const first = await opening;
      if (first.type === 'ready') return new DatabaseThread(place, worker, first.snapshot, options.onProblem);
      await worker.terminate();
      if (first.type === 'failed') throw restoreError(first.error);
      throw fault('database-thread-unready', { message: first.type });
    };
  }

  /** The last known state: at most half a second old. */
  get snapshot(): ConfigSnapshot {
    return this.#snapshot;
  }

  /** Called with the new state after each change from any source. Returns a function that stops it. */
  subscribe(listener: (snapshot: ConfigSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly settings = this.#later<ConfigDatabase['settings']>('settings', ['all', 'change']);
  readonly accounts = this.#later<ConfigDatabase['accounts']>('accounts', ['all', 'add', 'change', 'remove']);
  readonly bans = this.#later<ConfigDatabase['bans']>('bans', ['all', 'add', 'change', 'remove'], {
    keepsDetails: true,
  });
  readonly listServers = this.#later<ConfigDatabase['listServers']>('listServers', ['all', 'replace'], {
    entries: 'patterns',
  });
  readonly disabledExternalBans = this.#later<ConfigDatabase['disabledExternalBans']>(
    'disabledExternalBans',
    ['all', 'set'],
  );
  readonly locks = this.#later<ConfigDatabase['locks']>('locks', ['get', 'set']);
  readonly audit = this.#later<ConfigDatabase['audit']>('audit', ['append', 'query', 'purge']);
  readonly grants = this.#later<ConfigDatabase['grants']>('grants', ['all', 'find', 'add', 'use', 'remove']);
  readonly reports = this.#later<ConfigDatabase['reports']>('reports', ['query', 'get', 'add', 'close']);
  readonly notes = this.#later<ConfigDatabase['notes']>('notes', ['all', 'add', 'remove']);
  readonly log = {
    query: (filter: LogFilter): Promise<readonly LogRow[]> => {
      this.#flush();
      return this.#call('log', 'query', [filter]) as Promise<readonly LogRow[]>;
    },
    // what was written before is there to be purged
    purge: (before: number): Promise<number> => {
      this.#flush();
      return this.#call('log', 'purge', [before]) as Promise<number>;
    },
  };

  problems(): Promise<readonly StoredProblem[]> {
    return this.#call(undefined, 'problems', []) as Promise<readonly StoredProblem[]>;
  }

  /** Never waits: entries are stored in batches. */
  write(entry: LogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= logBatchEntries) this.#flush();
    else this.#batch ??= setTimeout(() => this.#flush(), logBatchMs).unref();
  }

  /** Everything that was written so far is stored; false: there is more by now. */
  async settle(): Promise<boolean> {
    this.#flush();
    // Calls are answered in their order.
    await this.problems().catch(() => undefined);
    return this.#waiting.size === 0 && this.#entries.length === 0;
  }

  /** Stores what is left, closes the file and ends the thread. */
  async stop(): Promise<void> {
    this.#flush();
    if (!this.#end) {
      this.#worker.ref();
      this.#post({ type: 'stop' });
    }
    await this.#exited;
  }

  #flush(): void {
    clearTimeout(this.#batch);
    this.#batch = undefined;
    if (this.#entries.length === 0 || this.#end) return;
    const entries = this.#entries;
    this.#entries = [];
    this.#post({ type: 'log', entries });
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'answer': {
        // First the state, so that waiting callers see their changes.
        if (message.snapshot) this.#apply(message.snapshot);
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.error) waiting?.reject(restoreError(message.error));
        else waiting?.resolve(message.value);
        break;
      }
      case 'snapshot':
        this.#apply(message.snapshot);
        break;
      case 'storing':
        this.#storingProblem = message.problem;
        break;
      case 'problem':
        this.#onProblem(message.message);
        break;
    }
  }

  #apply(snapshot: ConfigSnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) listener(snapshot);
  }

  /** The thread is gone: with an error, which is a bug, or at the end. The last state continues to hold. */
  #fail(cause: unknown): void {
    if (!this.#end) {
      this.#end = fault('database-closed', { database: this.place }, cause);
      if (cause !== undefined) {
        this.#onProblem(
          `the database thread failed, settings cannot be changed until the server is restarted: ${String(cause)}`,
        );
      }
    }
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }

  #later<Store>(store: CallableStore, methods: readonly string[], facts: object = {}): Later<Store> {
    const calls = methods.map((method): [string, Method] => [
      method,
      (...args: unknown[]) => this.#call(store, method, args),
    ]);
    return { ...facts, ...Object.fromEntries(calls) } as Later<Store>;
  }

  #call(store: CallableStore | undefined, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve, reject });
      this.#post({ type: 'call', id: this.#lastId, store, method, args });
    });
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

function nextMessage(worker: Worker): Promise<FromThread> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    worker.once('error', failed);
    worker.once('message', (message: FromThread) => {
      worker.off('error', failed);
      resolve(message);
    });
  });
}

export type { AdminLocks, ConfigSnapshot };

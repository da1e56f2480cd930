// The process that takes the place of this one: starts it, passes sockets to it, and hands over everything else in one turn,
// in which this process stands still. So nothing has to be undone when it fails: this process continues with what it had.
import { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import type net from 'node:net';
import { serialize } from 'node:v8';
import { type Reason, reason } from '../../core/errors/reason.js';
import { fault } from '../../core/errors.js';
import { handOverFd, type SuccessorMessage, type ToSuccessor, versionVariable } from './predecessor.js';

/** From its start until it has loaded everything but the data. */
const checkedWithinMs = 60_000;
/** For the sockets that it has been passed since the last time. */
const passedWithinMs = 10_000;
/** For the turn in which this process stands still. */
const servesWithinMs = 1_800;
const pollMs = 1;

type Handle = Parameters<ChildProcess['send']>[1];

export interface SuccessorOptions {
  /** What it needs before it has the data. */
  begin: unknown;
  listeners: Readonly<Record<string, object>>;
  /** Variables over those of this process. */
  environment: Readonly<Record<string, string>>;
}

export class Successor {
  readonly #child: ChildProcess;
  readonly #fd: number;
  /** Of its program. */
  version = '';
  #failure: Reason | undefined;
  #pings = 0;
  readonly #answers = new Map<string, (message: SuccessorMessage) => void>();
  #whenFailed: () => void = () => {};

  private constructor(child: ChildProcess) {
    this.#child = child;
    const pipe = child.stdio[handOverFd] as net.Socket;
    pipe.on('error', () => {});
    this.#fd = (pipe as unknown as { _handle: { fd: number } })._handle.fd;
    child.on('message', (message: SuccessorMessage) => {
      if (message.type === 'failed') this.#fail(reason('successor-failed', { problem: message.problem }));
      else this.#answers.get(message.type)?.(message);
    });
    child.on('error', (error) => this.#fail(reason('successor-failed', { problem: error.message })));
    child.on('exit', (code, signal) =>
      this.#fail(reason('successor-ended', { how: signal ?? `status ${code}` })),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Starts the installed program as this one was started; resolves when it could serve. Fault when it cannot. */
  static async start({ begin, listeners, environment: more }: SuccessorOptions): Promise<Successor> {
    const { WATCHDOG_PID: _, ...environment } = process.env;
    const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc', 'pipe'],
      serialization: 'advanced',
      env: { ...environment, ...more, [versionVariable]: '1' },
    });
    const successor = new Successor(child);
    try {
      const isChecked = successor.#answer('checked', checkedWithinMs);
      for (const [name, handle] of Object.entries(listeners))
        successor.#send({ type: 'listener', name }, handle as Handle);
      successor.#send({ type: 'begin', begin });
      const checked = await isChecked;
      if (checked.type === 'checked') successor.version = checked.version;
      return successor;
    } catch (error) {
      successor.end();
      throw error;
    }
  }

  /** Passes a connected socket, under a number; both processes have it then. */
  pass(number: number, handle: object): void {
    this.#send({ type: 'socket', number }, handle as Handle);
  }

  /** Resolves when everything that was passed has arrived. */
  async arrived(): Promise<void> {
    const number = ++this.#pings;
    const isAnswered = this.#answer('arrived', passedWithinMs, (message) => message.number === number);
    this.#send({ type: 'ping', number });
    await isAnswered;
  }

  /**
   * Hands over the document and waits, in this very turn of the event loop, until the successor serves. A reason: why it
   * does not; it has ended then.
   */
  commit(document: unknown): Reason | undefined {
    const deadline = performance.now() + servesWithinMs;
    if (this.#failure) return this.#failure;
    const bytes = serialize(document);
    const head = Buffer.alloc(8);
    head.writeDoubleBE(bytes.length);
    try {
      const isServing =
        writeAll(this.#fd, head, deadline) &&
        writeAll(this.#fd, bytes, deadline) &&
        waitForByte(this.#fd, deadline);
      if (isServing) return undefined;
    } catch {
      // The other end is gone.
    }
    const isLate = performance.now() >= deadline;
    this.end();
    return isLate
      ? reason('successor-late', { ms: servesWithinMs })
      : reason('successor-ended', { how: 'EPIPE' });
  }

  /** It is not needed any more, or never will be. Returns when it has nothing any more that this process needs. */
  end(): void {
    this.#fail(reason('successor-ended', { how: 'SIGKILL' }));
    this.#child.kill('SIGKILL');
    // Its end of the pipe closes with the process, and so do its locks.
    try {
      waitForByte(this.#fd, performance.now() + 2_000);
    } catch {}
    if (this.#child.connected) this.#child.disconnect();
  }

  #send(message: ToSuccessor, handle?: Handle): void {
    if (this.#failure) return;
    this.#child.send(message, handle, { keepOpen: true }, (error) => {
      if (error) this.#fail(reason('successor-failed', { problem: error.message }));
    });
  }

  #fail(problem: Reason): void {
    this.#failure ??= problem;
    this.#whenFailed();
  }

  #answer(
    type: SuccessorMessage['type'],
    withinMs: number,
    isMeant: (message: { number?: number }) => boolean = () => true,
  ): Promise<SuccessorMessage> {
    return new Promise((resolve, reject) => {
      const over = () => {
        clearTimeout(timer);
        this.#answers.delete(type);
        this.#whenFailed = () => {};
      };
      const refuse = () => {
        over();
        const why = this.#failure ?? reason('successor-late', { ms: withinMs });
        reject(fault('not-restarted', { reason: why }));
      };
      const timer = setTimeout(refuse, withinMs);
      this.#whenFailed = refuse;
      this.#answers.set(type, (message) => {
        if (!isMeant(message as { number?: number })) return;
        over();
        resolve(message);
      });
      if (this.#failure) refuse();
    });
  }
}

const stillness = new Int32Array(new SharedArrayBuffer(4));

function isAgain(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}

/** False: it took too long. */
function writeAll(fd: number, bytes: Uint8Array, deadline: number): boolean {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      if (!isAgain(error)) throw error;
      if (performance.now() >= deadline) return false;
      Atomics.wait(stillness, 0, 0, pollMs);
    }
  }
  return true;
}

/** False: the other end closed it, or it took too long. */
function waitForByte(fd: number, deadline: number): boolean {
  const byte = Buffer.alloc(1);
  for (;;) {
    try {
      return fs.readSync(fd, byte) === 1;
    } catch (error) {
      if (!isAgain(error)) throw error;
      if (performance.now() >= deadline) return false;
      Atomics.wait(stillness, 0, 0, pollMs);
    }
  }
}

/**
 * Whether this process may end while its successor serves. As the first process of a container, the child of one, or the main
 * process of a systemd service that is not notified, its end would be taken for the end of the server.
 */
export function mayLeave(isManagerNotified: boolean, environment: NodeJS.ProcessEnv = process.env): boolean {
  const isMainOfService = environment.SYSTEMD_EXEC_PID === String(process.pid);
  return isManagerNotified || (process.pid !== 1 && process.ppid !== 1 && !isMainOfService);
}

// Notifying systemd of the state of this process: ready, status line, watchdog, stopping (sd_notify(3)). cli.md §3
// Sent by the process itself, so the service manager sees the right pid. Node has no Unix datagrams, so libc is
// called through koffi, which is loaded only when there is a service manager. koffi is optional: without it a server
// works, but systemd must not wait for its word (`Type=exec` instead of `Type=notify`, no `WatchdogSec=`).

import { createRequire } from 'node:module';
import type { Clock, Timer } from '../../core/session/needs.js';

export interface ServiceNotifier {
  /** Whether anybody listens. */
  readonly isActive: boolean;
  /** Once, after a successful start. The watchdog begins here. */
  ready(): void;
  /** The line that `systemctl status` shows; sent soon, and only when it changed. */
  status(text: string): void;
  stopping(): void;
  /** Another process is the service from now on. */
  handedTo(pid: number): void;
  close(): void;
}

/** Sends one datagram and never waits; what cannot be sent is lost, as with every notification. */
export type SendDatagram = (text: string) => void;

export interface NotifyEnvironment {
  NOTIFY_SOCKET?: string | undefined;
  WATCHDOG_USEC?: string | undefined;
  WATCHDOG_PID?: string | undefined;
}

const longestWatchdogMs = 60_000;
const statusDelayMs = 200;

/**
 * Connects to the service manager that `environment` names, else gives a notifier that does nothing. Loads native
 * code, so call it before giving up root. `problem` gets a text when there is a manager that cannot be reached.
 */
export async function openNotifier(
  clock: Clock,
  environment: NotifyEnvironment = process.env,
  problem: (text: string) => void = () => {},
  loadKoffi: () => Promise<Koffi> = loadInstalled,
): Promise<ServiceNotifier> {
  const address = environment.NOTIFY_SOCKET ?? '';
  if (address === '') return silentNotifier;
  if (!address.startsWith('/') && !address.startsWith('@')) {
    problem(`NOTIFY_SOCKET=${address} is not a Unix socket: the service manager is not notified`);
    return silentNotifier;
  }
  try {
    const { send, close } = await openDatagram(address, loadKoffi);
    return new SystemdNotifier(clock, send, watchdogMs(environment), close);
  } catch (error) {
    problem(`Cannot notify the service manager: ${(error as Error).message}`);
    return silentNotifier;
  }
}

/** How often to say that all is well: every half interval, at most 60 s. Undefined: nobody wants to know. */
export function watchdogMs(environment: NotifyEnvironment, pid = process.pid): number | undefined {
  const { WATCHDOG_USEC: interval = '', WATCHDOG_PID: wanted = '' } = environment;
  if (!/^\d+$/.test(interval) || (wanted !== '' && wanted !== String(pid))) return undefined;
  const half = Number(interval) / 2000;
  return half < 1 ? undefined : Math.min(half, longestWatchdogMs);
}

export class SystemdNotifier implements ServiceNotifier {
  readonly isActive = true;
  readonly #clock: Clock;
  readonly #send: SendDatagram;
  readonly #watchdogMs: number | undefined;
  readonly #close: () => void;
  #watchdog: Timer | undefined;
  #status: { sent: string; next: string; timer: Timer | undefined } = {
    sent: '',
    next: '',
    timer: undefined,
  };

  constructor(clock: Clock, send: SendDatagram, everyMs: number | undefined, close: () => void = () => {}) {
    this.#clock = clock;
    this.#send = send;
    this.#watchdogMs = everyMs;
    this.#close = close;
  }

  ready(): void {
    this.#flushStatus();
    this.#send(this.#status.sent === '' ? 'READY=1' : `READY=1\nSTATUS=${this.#status.sent}`);
    this.#beat();
  }

  status(text: string): void {
    this.#status.next = text.replaceAll('\n', ' ');
    // A hundred people who come in at once are one line, not a hundred.
    this.#status.timer ??= this.#clock.after(statusDelayMs, () => {
      this.#status.timer = undefined;
      this.#flushStatus();
    });
  }

  stopping(): void {
    this.#flushStatus();
    this.#send('STOPPING=1');
  }

  handedTo(pid: number): void {
    this.#send(`MAINPID=${pid}`);
  }

  close(): void {
    this.#watchdog?.cancel();
    this.#status.timer?.cancel();
    this.#close();
  }

  /**
   * A timer of the event loop, and then an entire turn of it: a loop that is stuck anywhere sends nothing, and systemd
   * starts the service anew.
   */
  #beat(): void {
    if (this.#watchdogMs === undefined) return;
    this.#send('WATCHDOG=1');
    this.#watchdog = this.#clock.after(this.#watchdogMs, () => this.#clock.endOfTurn(() => this.#beat()));
  }

  #flushStatus(): void {
    if (this.#status.next === this.#status.sent) return;
    this.#status.sent = this.#status.next;
    this.#send(`STATUS=${this.#status.sent}`);
  }
}

const silentNotifier: ServiceNotifier = {
  isActive: false,
  ready() {},
  status() {},
  stopping() {},
  handedTo() {},
  close() {},
};

const unixFamily = 1;
const datagram = 2;
const closeOnExec = 0x80000;
const doNotWait = 0x40;
const noSignal = 0x4000;
const pathLimitBytes = 107;

type Koffi = typeof import('koffi')['default'];

/** Whether a server of this installation can notify a service manager. */
export function canNotify(): boolean {
  try {
    createRequire(import.meta.url).resolve('koffi');
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

async function loadInstalled(): Promise<Koffi> {
  try {
    return (await import('koffi')).default;
  } catch (cause) {
    throw new Error(
      "the optional package koffi is missing: install it with 'npm install koffi', or set Type=exec and no WatchdogSec",
      { cause },
    );
  }
}

async function openDatagram(
  address: string,
  loadKoffi: () => Promise<Koffi>,
): Promise<{ send: SendDatagram; close: () => void }> {
  if (process.platform !== 'linux') throw new Error('this works on Linux only');
  const koffi = await loadKoffi();
  // The symbols of this very process: right for every libc.
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int family, int type, int protocol)');
  const close = libc.func('int close(int fd)');
  const sendto = libc.func(
    'long sendto(int fd, const void *text, unsigned long length, int flags, const void *to, unsigned int toLength)',
  );
  const to = socketAddress(address);
  const fd = socket(unixFamily, datagram | closeOnExec, 0) as number;
  if (fd < 0) throw new Error(`no socket (error ${koffi.errno()})`);
  let isOpen = true;
  return {
    send(text) {
      if (!isOpen) return;
      const bytes = Buffer.from(text, 'utf8');
      sendto(fd, bytes, bytes.length, doNotWait | noSignal, to, to.length);
    },
    close() {
      if (isOpen) close(fd);
      isOpen = false;
    },
  };
}

/** struct sockaddr_un; `@` in front means an abstract name, whose length counts. */
function socketAddress(address: string): Buffer {
  const path = Buffer.from(address, 'utf8');
  if (path.length > pathLimitBytes) throw new Error(`${address} is too long`);
  const isAbstract = path[0] === 0x40;
  if (isAbstract) path[0] = 0;
  const family = Buffer.from(new Uint16Array([unixFamily]).buffer);
  return Buffer.concat([family, path, ...(isAbstract ? [] : [Buffer.of(0)])]);
}

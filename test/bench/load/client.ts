// A minimal client made for load: it logs in as a guest, hosts or joins, and hands every run of session messages
// to its sink undecoded. Only control messages are parsed.

import { createHash } from 'node:crypto';
import { LoadSocket, type SocketEvents, type Target } from './socket.js';
import { command, frame, frameLength, headerBytes, messageTypes } from './wire.js';

const protocol = 'dp:4.24.0';
const answerTimeoutMs = 60_000;
const catchUpTimeoutMs = 120_000;

interface Reply {
  type?: string;
  state?: string;
  code?: string;
  message?: string;
  flags?: string[];
  join?: { id: string; uniqueId?: string; user: number };
  startTls?: boolean;
  cinfo?: unknown;
  lookup?: unknown;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** Takes runs of whole session messages; the bytes are valid only during the call. */
export interface SessionSink {
  take(bytes: Buffer, start: number, end: number): void;
}

export class LoadClient implements SocketEvents {
  readonly name: string;
  /** User id in the session; 0 before there is one. */
  id = 0;
  sessionId = '';
  pongs = 0;
  sink: SessionSink | undefined;
  readonly socket: LoadSocket;
  readonly #target: Target;
  #onError: (error: Error) => void;
  #onCaughtUp: (() => void) | undefined;
  #isCaughtUp = false;
  #isInSession = false;
  #inbox: Reply[] = [];
  #waiting: Waiting | undefined;

  /** `onError` is told of a failure that no call of this client is waiting for. */
  constructor(target: Target, name: string, onError: (error: Error) => void) {
    this.name = name;
    this.#target = target;
    this.#onError = onError;
    this.socket = new LoadSocket(target, this);
  }

  close(): void {
    this.socket.close();
  }

  send(messages: Buffer): void {
    this.socket.send(messages);
  }

  async sendAll(messages: Buffer): Promise<void> {
    if (!this.socket.send(messages)) await this.socket.drained();
  }

  ping(): void {
    this.send(frame(messageTypes.ping, 0, Buffer.from([0])));
  }

  /** From the connection to the choice between hosting and joining. */
  async login(sessionId?: string): Promise<void> {
    await this.socket.open();
    const { flags = [] } = await this.#reply((r) => r.type === 'login');
    if (this.#target.transport === 'tls') {
      if (!flags.includes('TLS')) throw new Error('the server does not offer TLS');
      this.send(command('startTls'));
      await this.#reply((r) => r.startTls === true);
      await this.socket.startTls();
    }
    if (flags.includes('CINFO')) {
      this.send(command('cinfo', [this.#target.host, this.#info()]));
      await this.#reply((r) => r.cinfo !== undefined);
    }
    if (flags.includes('LOOKUP')) {
      this.send(command('lookup', sessionId === undefined ? [] : [sessionId]));
      await this.#reply((r) => r.lookup !== undefined);
    }
    this.send(command('ident', [this.name]));
    await this.#reply((r) => r.state === 'identOk');
    await this.#reply((r) => r.type === 'login');
  }

  /** Opens a session as user 1. It can be joined after `completeInit`. */
  async openSession(): Promise<void> {
    await this.login();
    this.#isCaughtUp = true; // a host has nothing to catch up with
    this.send(command('host', [], { ...this.#info(), protocol, user_id: 1 }));
    await this.#reply((r) => r.state === 'host');
  }

  completeInit(): void {
    this.send(command('init-complete'));
  }

  /** Joins; resolves when the whole history has come. */
  async join(sessionId: string): Promise<void> {
    await this.login(sessionId);
    await this.enter(sessionId);
  }

  /** The last step of `join`, after `login`. */
  async enter(sessionId: string): Promise<void> {
    const outer = this.#onError;
    const caughtUp = new Promise<void>((resolve, reject) => {
      this.#onCaughtUp = resolve;
      this.#onError = reject;
    });
    const late = setTimeout(() => this.failed(new Error('the history does not end')), catchUpTimeoutMs);
    try {
      this.send(command('join', [sessionId], this.#info()));
      await Promise.all([caughtUp, this.#reply((r) => r.state === 'join')]);
    } finally {
      clearTimeout(late);
      this.#onError = outer;
    }
  }

  control(bytes: Buffer, start: number, end: number): void {
    switch (bytes[start + 2]) {
      case messageTypes.command:
        this.#replied(JSON.parse(bytes.toString('utf8', start + headerBytes, end)) as Reply);
        break;
      case messageTypes.ping:
        if (bytes[start + headerBytes] !== 0) this.pongs++;
        else this.send(frame(messageTypes.ping, 0, Buffer.from([1])));
        break;
      case messageTypes.disconnect:
        throw new Error(
          `disconnected by the server: ${bytes.toString('utf8', start + headerBytes + 1, end)}`,
        );
    }
  }

  session(bytes: Buffer, start: number, end: number): void {
    if (!this.#isCaughtUp) this.#lookForOwnJoin(bytes, start, end);
    this.sink?.take(bytes, start, end);
  }

  failed(error: Error): void {
    this.close();
    const named = new Error(`${this.name}: ${error.message}`, { cause: error });
    if (this.#waiting) this.#waiting.reject(named);
    else this.#onError(named);
  }

  #replied(reply: Reply): void {
    if (reply.type === 'error') throw new Error(`the server refused: ${reply.message} (${reply.code})`);
    if (this.#isInSession) return;
    if (reply.join) {
      // Noted at once: the session's first messages may be in the same buffer.
      this.#isInSession = true;
      this.id = reply.join.user;
      this.sessionId = reply.join.uniqueId ?? reply.join.id;
    }
    if (this.#waiting) this.#waiting.resolve(reply);
    else this.#inbox.push(reply);
  }

  async #reply(isWanted: (reply: Reply) => boolean): Promise<Reply> {
    for (;;) {
      const reply = this.#inbox.shift() ?? (await this.#nextReply());
      if (reply.type === 'error')
        throw new Error(`${this.name}: login error ${reply.code}: ${reply.message}`);
      if (isWanted(reply)) return reply;
    }
  }

  #nextReply(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.failed(new Error('no answer while logging in')), answerTimeoutMs);
      const done = (): void => {
        clearTimeout(late);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve(reply) {
          done();
          resolve(reply);
        },
        reject(error) {
          done();
          reject(error);
        },
      };
    });
  }

  /** Our own Join message ends the history: it says that the catch-up is complete. */
  #lookForOwnJoin(bytes: Buffer, start: number, end: number): void {
    for (let o = start; o < end; o += frameLength(bytes, o)) {
      if (bytes[o + 2] !== messageTypes.join || bytes[o + 3] !== this.id) continue;
      const nameAt = o + headerBytes + 2; // flags, length of the name
      if (bytes.toString('utf8', nameAt, nameAt + bytes[nameAt - 1]!) !== this.name) continue;
      this.#isCaughtUp = true;
      this.#onCaughtUp?.();
      return;
    }
  }

  #info(): object {
    return {
      app_version: '2.3.0',
      protocol_version: protocol,
      qt_version: '5',
      os: 'linux',
      s: createHash('md5').update(this.name).digest('hex'),
      m: '',
      capabilities: 'KEEPALIVE',
    };
  }
}

// A protocol client of all three generations (2.1, 2.2, 2.3) for tests and for the bench: it logs in, hosts, joins,
// draws, chats, commands and resets as a real client does, and keeps what it got. It shares no code with the server.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { deflateSync } from 'node:zlib';
import {
  chat,
  command,
  describe,
  type Frame,
  FrameCutter,
  frame,
  goodbye,
  type Json,
  type JsonObject,
  jsonOf,
  messageType,
  ping,
  pong,
  privateChat,
} from './wire.js';

/** What tells the generations apart on the wire (protocol.md §1, login.md §16). */
export const generations = {
  '2.1': { protocol: 'dp:4.21.2', appVersion: '', sendsClientInfo: false, looksUp: false, capabilities: '' },
  '2.2': {
    protocol: 'dp:4.24.0',
    appVersion: '2.2.2',
    sendsClientInfo: true,
    looksUp: true,
    capabilities: 'KEEPALIVE',
  },
  '2.3': {
    protocol: 'dp:4.25.1',
    appVersion: '2.3.1',
    sendsClientInfo: true,
    looksUp: true,
    capabilities: 'KEEPALIVE,THUMBNAIL',
  },
} as const;

export type Generation = keyof typeof generations;

export interface ClientOptions {
  host?: string;
  name?: string;
  generation?: Generation;
  /** What the client says it can do; that of its generation when left out. */
  capabilities?: string;
  /** System id, 32 hex digits; made from the name when left out. */
  sid?: string;
  password?: string;
  /** Milliseconds of real time after which a wait fails: as in until.ts for machines that are slow and busy. */
  patience?: number;
}

export interface HostOptions {
  userId?: number;
  protocol?: string;
  alias?: string;
  password?: string;
  title?: string;
  /** Frames of the canvas; a small one when left out. */
  image?: readonly Uint8Array[];
  settings?: JsonObject;
  /** False: stay in the upload. */
  complete?: boolean;
}

export interface JoinOptions {
  password?: string;
  hidx?: string;
  oldMinor?: boolean;
  invite?: string;
  extra?: JsonObject;
}

/** The transport under a client. */
export interface ClientLink {
  write(bytes: Uint8Array): void;
  /** Ends gracefully. */
  end(): void;
  /** Ends as a lost network does. */
  drop(): void;
  pause(): void;
  resume(): void;
  onData: (chunk: Buffer) => void;
  onClose: () => void;
  /** Begins the handshake; resolves when it is done. */
  startTls?(): Promise<TLSSocket>;
}

export class ClientError extends Error {
  override name = 'ClientError';
}

type Match = (message: Frame) => boolean;

interface Waiter {
  match: Match;
  resolve(message: Frame): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** A small canvas: its size, a background, a layer. The same bytes mean something in every generation's tests. */
export function smallImage(userId: number): Buffer[] {
  return [
    frame(messageType.resize, userId, Buffer.from('00000000000002580000019000000000', 'hex')),
    frame(147, userId, Buffer.from('ffffffff', 'hex')),
    frame(messageType.penUp, userId, Buffer.from([0, 0, userId])),
  ];
}

/** Whether the frame is a ServerCommand of this `type` with at least these keys. */
export function isReply(type: string, keys: JsonObject = {}): Match {
  return (message) => {
    const json = jsonOf(message);
    return json?.type === type && Object.entries(keys).every(([key, value]) => json[key] === value);
  };
}

export function isType(type: number): Match {
  return (message) => message.type === type;
}

export class Client {
  /** As clients do. */
  answersPings = true;
  /** By the server. */
  pingsAsked = 0;
  readonly name: string;
  readonly generation: Generation;
  readonly sid: string;
  readonly password: string | undefined;
  /** Everything received except pongs and keep-alives, in order. */
  readonly log: Frame[] = [];
  /** What the canvas is made of now: frames of types >= 64, cleared by a full reset. */
  canvas: Frame[] = [];
  userId = 0;
  sessionId = '';
  isClosed = false;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  /** Called for each received frame, after it was logged. */
  onFrame: ((message: Frame) => void) | undefined;
  /** The last history index that the server named. */
  lastIndex: string | undefined;
  /** Bytes received so far. */
  receivedBytes = 0;

  readonly #link: ClientLink;
  #isGreeted = false;
  readonly #capabilities: string | undefined;
  readonly #cutter = new FrameCutter();
  readonly #patience: number;
  #taken = 0;
  #waiters: Waiter[] = [];
  #pongsDue: Array<() => void> = [];

  constructor(link: ClientLink, options: ClientOptions = {}) {
    this.#link = link;
    this.name = options.name ?? 'someone';
    this.generation = options.generation ?? '2.3';
    this.sid = options.sid ?? sidFor(this.name);
    this.password = options.password;
    this.#capabilities = options.capabilities;
    this.#patience = options.patience ?? 60_000;
    this.closed = new Promise((resolve) => {
      link.onClose = () => {
        this.isClosed = true;
        for (const waiter of this.#waiters.splice(0)) {
          clearTimeout(waiter.timer);
          waiter.reject(
            new ClientError(`${this.name}: the connection closed while waiting; ${this.#tail()}`),
          );
        }
        for (const done of this.#pongsDue.splice(0)) {
          done();
        }
        resolve();
      };
    });
    link.onData = (chunk) => {
      this.receivedBytes += chunk.length;
      for (const message of this.#cutter.push(chunk)) {
        this.#receive(message);
      }
    };
  }

  /** Connects; the greeting is not awaited. */
  static async open(port: number, options: ClientOptions = {}): Promise<Client> {
    const socket = connect({ port, host: options.host ?? '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    let current: Socket = socket;
    const link: ClientLink = {
      write: (bytes) => void current.write(bytes),
      end: () => void current.end(),
      drop: () => void (current instanceof TLSSocket ? current.destroy() : current.resetAndDestroy()),
      pause: () => void current.pause(),
      resume: () => void current.resume(),
      onData: () => undefined,
      onClose: () => undefined,
      async startTls() {
        socket.removeAllListeners('data');
        const secure = connectTls({ socket, rejectUnauthorized: false });
        secure.on('data', (chunk) => link.onData(chunk));
        secure.on('error', () => undefined);
        current = secure;
        await once(secure, 'secureConnect');
        return secure;
      },
    };
    socket.on('data', (chunk) => link.onData(chunk));
    socket.on('close', () => link.onClose());
    socket.on('error', () => undefined);
    return new Client(link, options);
  }

  /** Goes over to TLS as clients do: asks, waits for the answer, begins the handshake (login.md §3). */
  async startTls(): Promise<TLSSocket> {
    await this.reply('login');
    this.#isGreeted = true;
    this.send(command('startTls'));
    await this.reply('result', { startTls: true });
    return this.#link.startTls!();
  }

  /** Connects and logs in as far as the session list. */
  static async inLobby(port: number, options: ClientOptions = {}): Promise<Client> {
    const client = await Client.open(port, options);
    await client.logIn();
    return client;
  }

  /** Connects, logs in and hosts a session. */
  static async host(port: number, options: ClientOptions & HostOptions = {}): Promise<Client> {
    const { password, ...rest } = options;
    const client = await Client.open(port, rest);
    await client.logIn('host');
    await client.host(options);
    return client;
  }

  /** Connects, logs in, joins, and waits until it has caught up. */
  static async join(
    port: number,
    session: string,
    options: ClientOptions & JoinOptions = {},
  ): Promise<Client> {
    const { password, ...rest } = options;
    const client = await Client.open(port, rest);
    await client.logIn('join', options.invite === undefined ? undefined : `${session}:${options.invite}`);
    await client.join(session, options);
    return client;
  }

  send(...frames: Uint8Array[]): void {
    if (!this.isClosed) {
      this.#link.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
    }
  }

  command(cmd: string, args: readonly Json[] = [], kwargs: JsonObject = {}): void {
    this.send(command(cmd, args, kwargs, this.generation === '2.1' ? this.userId : 0));
  }

  draw(payload: Uint8Array | string, type = 148): void {
    this.send(frame(type, this.userId, payload));
  }

  chat(text: string, options: { bypass?: boolean; flags?: number } = {}): void {
    this.send(chat(text, { ...options, context: this.userId }));
  }

  whisper(target: number, text: string): void {
    this.send(privateChat(target, text, this.userId));
  }

  setOwners(...ids: number[]): void {
    this.send(frame(messageType.owners, this.userId, Buffer.from(ids)));
  }

  setTrusted(...ids: number[]): void {
    this.send(frame(messageType.trusted, this.userId, Buffer.from(ids)));
  }

  /** Sends a ping; resolves at its pong, or when the connection closes. What was sent before is then processed. */
  ping(): Promise<void> {
    if (this.isClosed) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#pongsDue.push(resolve);
      this.send(ping);
    });
  }

  /** The next frame from the last one taken on that matches; those before it are passed over. */
  next(match: Match, what = 'a message'): Promise<Frame> {
    for (let at = this.#taken; at < this.log.length; at++) {
      const message = this.log[at]!;
      if (match(message)) {
        this.#taken = at + 1;
        return Promise.resolve(message);
      }
    }
    this.#taken = this.log.length;
    if (this.isClosed) {
      return Promise.reject(new ClientError(`${this.name}: closed, so ${what} never comes; ${this.#tail()}`));
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        match,
        resolve,
        reject,
        timer: setTimeout(() => {
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          reject(
            new ClientError(`${this.name}: ${what} did not come in ${this.#patience} ms; ${this.#tail()}`),
          );
        }, this.#patience),
      };
      this.#waiters.push(waiter);
    });
  }

  /** The next reply of this `type`, as JSON. */
  async reply(type: string, keys: JsonObject = {}): Promise<JsonObject> {
    return jsonOf(await this.next(isReply(type, keys), `a reply of type ${type} ${JSON.stringify(keys)}`))!;
  }

  /** Greeting, client info and look-up as the generation does it, ident, session list. */
  async logIn(intention: 'host' | 'join' = 'join', lookup = ''): Promise<JsonObject> {
    const style = generations[this.generation];
    if (!this.#isGreeted) await this.reply('login');
    if (this.generation === '2.3') {
      this.send(command('cinfo', ['127.0.0.1', this.clientInfo()]));
      await this.reply('result');
    }
    if (style.looksUp) {
      this.send(command('lookup', intention === 'host' ? [] : [lookup]));
      await this.#resultOrError('look-up');
    }
    this.send(command('ident', this.password === undefined ? [this.name] : [this.name, this.password]));
    const result = await this.#resultOrError('ident');
    if (result.state === 'identOk') {
      await this.next((message) => Array.isArray(jsonOf(message)?.sessions), 'the session list');
    }
    return result;
  }

  /** Hosts, uploads, and (unless told not to) completes. */
  async host(options: HostOptions = {}): Promise<JsonObject> {
    const style = generations[this.generation];
    const userId = options.userId ?? 1;
    const kwargs: JsonObject = {
      ...this.clientInfo(),
      protocol: options.protocol ?? style.protocol,
      user_id: userId,
    };
    if (options.alias !== undefined) {
      kwargs.alias = options.alias;
    }
    if (options.password !== undefined) {
      kwargs.password = options.password;
    }
    this.send(command('host', [], kwargs));
    const result = await this.#addUser('host');
    this.command('sessionconf', [], { title: options.title ?? 'A session', ...options.settings });
    this.send(...(options.image ?? smallImage(userId)));
    // The host never gets its own drawing back during the upload: what it sent is its canvas.
    this.canvas.push(
      ...(options.image ?? smallImage(userId)).map(toFrame).filter((message) => message.type >= 128),
    );
    if (options.complete !== false) {
      this.command('init-complete');
      await this.reply('status');
    }
    return result;
  }

  async join(session: string, options: JoinOptions = {}): Promise<JsonObject> {
    const kwargs: JsonObject = { ...this.clientInfo(), ...options.extra };
    if (options.password !== undefined) {
      kwargs.password = options.password;
    }
    if (options.hidx !== undefined) {
      kwargs.hidx = options.hidx;
    }
    if (options.oldMinor) {
      kwargs.oldv = true;
    }
    this.send(command('join', [session], kwargs));
    return this.#addUser('join');
  }

  /** Waits for the end of the catch-up that its join began. */
  async caughtUp(): Promise<void> {
    const start = await this.reply('catchup');
    if (typeof start.key === 'number') {
      await this.reply('caughtup', { key: start.key });
    }
  }

  /** A manual reset with this image; resolves when the new history has arrived. */
  async resetTo(image: readonly Uint8Array[], type?: 'current' | 'past' | 'external'): Promise<void> {
    this.command('reset-session', [], type === undefined ? {} : { type });
    await this.reply('reset', { state: 'init' });
    this.command('init-begin');
    this.send(...image);
    this.command('init-complete');
    await this.reply('reset', { state: 'reset' });
    await this.reply('caughtup', { key: 0 });
  }

  /** Answers an autoreset query; `streams`: as one that can do streamed resets. */
  answerAutoreset(payload: Json | undefined, streams: boolean): void {
    this.command('ready-to-autoreset', [], {
      capabilities: streams ? ['gzip1', 'net'] : ['net'],
      os: 'linux',
      net: 100,
      pings: [10],
      ...(payload === undefined ? {} : { payload }),
    });
  }

  /** Uploads a streamed reset image piece by piece, each after the answer to the one before (sessions.md §14.5). */
  async streamReset(correlator: Json, image: readonly Uint8Array[], pieceBytes = 4096): Promise<void> {
    this.command('stream-reset-start', [correlator]);
    await this.reply('sstart');
    const stream = deflateSync(Buffer.concat(image));
    for (let at = 0; at < stream.length; at += pieceBytes) {
      this.send(frame(messageType.resetStream, this.userId, stream.subarray(at, at + pieceBytes)));
      const progress = await this.reply('sprogress');
      if (progress.cancel !== false) {
        throw new ClientError(`${this.name}: the server cancelled the streamed reset`);
      }
    }
    this.command('stream-reset-finish', [image.length]);
  }

  /** Says goodbye, closes gracefully and waits for the end. */
  async leave(): Promise<void> {
    this.send(goodbye);
    this.#link.end();
    await this.closed;
  }

  /** Ends the connection as a lost network does. */
  async drop(): Promise<void> {
    this.#link.drop();
    await this.closed;
  }

  /** Stops and goes on reading, to be a slow client. */
  pauseReading(): void {
    this.#link.pause();
  }

  resumeReading(): void {
    this.#link.resume();
  }

  clientInfo(): JsonObject {
    const style = generations[this.generation];
    return style.sendsClientInfo
      ? {
          app_version: style.appVersion,
          protocol_version: style.protocol,
          qt_version: '6',
          os: 'test',
          s: this.sid,
          m: '',
          capabilities: this.#capabilities ?? style.capabilities,
        }
      : {};
  }

  async #resultOrError(step: string): Promise<JsonObject> {
    const answer = jsonOf(
      await this.next((message) => {
        const type = jsonOf(message)?.type;
        return type === 'result' || type === 'error' || message.type === messageType.disconnect;
      }, `the answer to ${step}`),
    );
    if (answer?.type !== 'result') {
      throw new ClientError(`${this.name}: ${step} refused: ${answer?.code ?? 'disconnected'}`);
    }
    return answer;
  }

  async #addUser(step: 'host' | 'join'): Promise<JsonObject> {
    const result = await this.#resultOrError(step);
    const seat = result.join as JsonObject;
    this.userId = seat.user as number;
    this.sessionId = (seat.uniqueId ?? seat.id) as string;
    return result;
  }

  #receive(message: Frame): void {
    if (message.type === messageType.ping) {
      if (message.payload[0] === 0) {
        this.pingsAsked++;
        if (this.answersPings) this.send(pong);
      } else {
        this.#pongsDue.shift()?.();
      }
      return;
    }
    if (message.type === messageType.keepAlive) {
      return;
    }
    this.log.push(message);
    this.#track(message);
    const at = this.#waiters.findIndex((waiter) => waiter.match(message));
    if (at >= 0) {
      const [waiter] = this.#waiters.splice(at, 1);
      clearTimeout(waiter!.timer);
      this.#taken = this.log.length;
      waiter!.resolve(message);
    }
    this.onFrame?.(message);
  }

  #track(message: Frame): void {
    if (message.type >= 64) {
      this.canvas.push(message);
      return;
    }
    const json = jsonOf(message);
    if (json === undefined) {
      return;
    }
    if (json.type === 'reset' && json.state === 'reset') {
      this.canvas = [];
    }
    const index = json.hidx ?? json['hid*'];
    if (typeof index === 'string') {
      this.lastIndex = index;
    }
  }

  #tail(): string {
    return `last received:\n  ${this.log.slice(-5).map(describe).join('\n  ')}`;
  }
}

/** A system id that belongs to a name. */
export function sidFor(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32);
}

function toFrame(bytes: Uint8Array): Frame {
  const all = Buffer.from(bytes);
  return { type: all[2]!, context: all[3]!, payload: all.subarray(4), bytes: all };
}

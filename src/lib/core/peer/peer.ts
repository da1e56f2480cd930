// One connected client: passes its frames first to the login, later to its session, answers pings, and closes the
// connection when it misbehaves. Bytes come from and go to a transport (io/net).
import { Buffer } from 'node:buffer';
import { type HandedLogin, Login, type LoginLink, type LoginNeeds } from '../login/login.js';
import { banText, findBan, findServerBan } from '../login/server-ban.js';
import { loginScript } from '../login/states.js';
import { parseCommand } from '../protocol/command.js';
import {
  FrameReader,
  type FrameRun,
  type FrameSink,
  frameType,
  headerBytes,
  makeFrame,
  messageType,
} from '../protocol/frame.js';
import { frameProblem } from '../protocol/validity.js';
import { heldBytesAtMost, type Member } from '../session/member.js';
import type { LogTopic } from '../session/needs.js';
import { replies, serverMessages } from '../session/replies.js';
import { texts } from '../session/texts.js';
import {
  type Connection,
  type ConnectionUser,
  type DisconnectReason,
  disconnectReasons,
  type HandedConnection,
} from './needs.js';

/** What all peers of a server share. */
export interface PeerNeeds extends LoginNeeds {
  /** The connection is gone. */
  peerClosed(peer: Peer): void;
}

/** What another process needs of a connected client. Times are milliseconds ago. */
export interface HandedPeer {
  readonly connection: HandedConnection;
  readonly uid: string;
  readonly login: HandedLogin | undefined;
  readonly member: { readonly session: string; readonly id: number } | undefined;
  readonly received: { readonly bytes: number; readonly messages: number };
  readonly deliveredBefore: number;
  readonly contextId: number;
  /** The start of a frame whose rest has not come. */
  readonly rest: Buffer;
  readonly isStopped: boolean;
  /** Frames that the login has yet to handle. */
  readonly waiting: readonly Buffer[];
  readonly receivedAgo: number;
  readonly sentAgo: number;
  readonly sessionlessAgo: number | undefined;
  readonly wasAskedToChoose: boolean;
}

type PeerState =
  | { name: 'login'; login: Login }
  | { name: 'member'; member: Member }
  /** A Disconnect was sent, or the connection is only to be ignored; input is thrown away. */
  | { name: 'leaving' }
  | { name: 'closed' };

const pong = makeFrame(messageType.ping, 0, Buffer.from([1]));
const ping = makeFrame(messageType.ping, 0, Buffer.from([0]));
const keepAlive = makeFrame(messageType.keepAlive, 0, Buffer.alloc(0));
const keepAliveMs = 30_000;
/** Per second; clients send one in 15 seconds. Each is answered by a separate write. */
const pingsAtMost = 500;

export class Peer implements ConnectionUser, LoginLink, FrameSink {
  readonly connection: Connection;
  readonly #needs: PeerNeeds;
  readonly #reader: FrameReader;
  #state: PeerState;
  receivedBytes = 0;
  receivedMessages = 0;
  /** Of the member that is gone. */
  #deliveredBefore = 0;
  #isPaused = false;
  #waiting: Buffer[] = [];
  /** The command for which the login waits while it is paused. */
  #underWay: Buffer | undefined;
  #waitingBytes = 0;
  #hasReceived = false;
  /** Since the last tick. */
  #pings = 0;
  #pingSent = 0;
  readonly #pingWaiting: ((ms: number | undefined) => void)[] = [];
  #lastReceived: number;
  #lastSent: number;
  #sentBytes = 0;
  readonly #timeoutMs: number;
  /** Since when it is in no session, by the monotonic clock; undefined while it is in one. */
  sessionlessSince: number | undefined;
  /** Was asked to leave because it is in no session. */
  wasAskedToChoose = false;
  #uid: string | undefined;

  /** `makeConnection` gets the user of the connection, i.e. this peer. `handed`: by a predecessor of this process. */
  constructor(needs: PeerNeeds, makeConnection: (user: ConnectionUser) => Connection, handed?: HandedPeer) {
    this.#needs = needs;
    this.#reader = new FrameReader(this);
    const now = needs.clock.monotonic();
    this.#lastReceived = this.#lastSent = this.sessionlessSince = now;
    this.#timeoutMs = needs.settings.get('clientTimeout') * 1000;
    this.connection = makeConnection(this);
    if (handed) {
      this.#state = { name: 'leaving' };
      this.#takeOver(handed);
      return;
    }
    const login = new Login(needs, this, loginScript);
    this.#state = { name: 'login', login };
    login.greet();
  }

  /** For a successor of this process; undefined: it is closed, or cannot be handed over. */
  handOver(): HandedPeer | undefined {
    const state = this.#state;
    const connection = this.connection.handOver?.();
    if (!connection || state.name === 'closed') return undefined;
    const now = this.#needs.clock.monotonic();
    const member =
      state.name === 'member' ? { session: state.member.session.id, id: state.member.id } : undefined;
    return {
      connection,
      uid: this.uid,
      login: state.name === 'login' ? state.login.handOver() : undefined,
      member,
      received: { bytes: this.receivedBytes, messages: this.receivedMessages },
      deliveredBefore: this.#deliveredBefore,
      contextId: this.#reader.contextId,
      rest: this.#reader.rest,
      isStopped: state.name === 'leaving',
      // What is being worked on for the login is begun again.
      waiting: [...(this.#isPaused && this.#underWay ? [this.#underWay] : []), ...this.#waiting],
      receivedAgo: this.#hasReceived ? 0 : now - this.#lastReceived,
      sentAgo: now - this.#lastSent,
      sessionlessAgo: this.sessionlessSince === undefined ? undefined : now - this.sessionlessSince,
      wasAskedToChoose: this.wasAskedToChoose,
    };
  }

  #takeOver(handed: HandedPeer): void {
    const now = this.#needs.clock.monotonic();
    this.#uid = handed.uid;
    this.receivedBytes = handed.received.bytes;
    this.receivedMessages = handed.received.messages;
    this.#deliveredBefore = handed.deliveredBefore;
    this.#lastReceived = now - handed.receivedAgo;
    this.#lastSent = now - handed.sentAgo;
    this.#sentBytes = this.connection.sentBytes;
    this.sessionlessSince = handed.sessionlessAgo === undefined ? undefined : now - handed.sessionlessAgo;
    this.wasAskedToChoose = handed.wasAskedToChoose;
    this.#reader.contextId = handed.contextId;
    this.#reader.read(handed.rest, 0, handed.rest.length);
    if (handed.isStopped) this.#reader.stop();
    if (!handed.login) return;
    const login = new Login(this.#needs, this, loginScript);
    login.takeOver(handed.login);
    this.#state = { name: 'login', login };
    this.#isPaused = handed.waiting.length > 0;
    this.#waiting = [...handed.waiting];
    this.#waitingBytes = handed.waiting.reduce((sum, { length }) => sum + length, 0);
  }

  /** Its connection cannot be handed over: users press Reconnect. Clients of 2.3 show a text of their language for an empty one. */
  closeForRestart(): void {
    const { member } = this;
    member?.send(replies.alert(texts.restarts));
    this.disconnect('shutdown', '');
    // As after a lost connection: the session waits for them, and so do their roles.
    member?.session.leave(member, 'lost');
  }

  /** After it was taken over: its member is there, or it has none. */
  resumed(member: Member | undefined): void {
    if (member) this.#state = { name: 'member', member };
    else if (this.#isPaused) this.resume();
  }

  get login(): Login | undefined {
    return this.#state.name === 'login' ? this.#state.login : undefined;
  }

  get member(): Member | undefined {
    return this.#state.name === 'member' ? this.#state.member : undefined;
  }

  /** Names the connection to administrators; says nothing about the process. */
  get uid(): string {
    this.#uid ??= Buffer.from(this.#needs.random.bytes(6)).toString('hex');
    return this.#uid;
  }

  /** History messages that were handed to it. */
  get deliveredMessages(): number {
    return this.#deliveredBefore + (this.member?.deliveredMessages ?? 0);
  }

  get isClosed(): boolean {
    return this.#state.name === 'closed' || this.#state.name === 'leaving';
  }

  // ---- input ----------------------------------------------------------------------------------------

  received(bytes: Buffer, start: number, end: number): void {
    this.#hasReceived = true;
    this.receivedBytes += end - start;
    this.#reader.read(bytes, start, end);
  }

  run(run: FrameRun): void {
    const state = this.#state;
    this.receivedMessages += run.count;
    if (state.name === 'member') state.member.receiveRun(run);
    else if (state.name === 'login') state.login.dropFrame(frameType(run.bytes, run.start), run.bytes);
  }

  single(type: number, bytes: Buffer, start: number, end: number): void {
    this.receivedMessages++;
    const problem = frameProblem(type, bytes, start, end);
    if (problem !== undefined) {
      this.#breach(problem.text);
      return;
    }
    if (type === messageType.ping) {
      if (++this.#pings > pingsAtMost) this.#breach('flood of pings');
      else if (bytes[start + headerBytes] === 0) this.connection.sendFirst(pong);
      else this.#pinged();
      return;
    }
    const state = this.#state;
    if (state.name === 'member') {
      state.member.receiveSingle(type, bytes, start, end);
    } else if (state.name === 'login') {
      if (this.#isPaused) this.#keep(bytes, start, end);
      else if (type === messageType.command) this.#receiveLogin(state.login, bytes, start, end);
      else state.login.dropFrame(type, bytes);
    }
  }

  #receiveLogin(login: Login, bytes: Buffer, start: number, end: number): void {
    const before: string = this.connection.transport;
    login.receive(parseCommand(bytes, start + headerBytes, end));
    // Its answer comes later: until then a successor of this process would have to ask again.
    if (this.#isPaused) this.#underWay = Buffer.from(bytes.subarray(start, end));
    // What came in the clear behind startTls was never meant to be trusted as if it had come encrypted.
    if (before === this.connection.transport) return;
    this.#reader.skipRest();
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Clients answer pings of a server as servers answer theirs. `done`: milliseconds; undefined: the connection is gone. */
  measurePing(done: (ms: number | undefined) => void): void {
    if (this.isClosed) {
      done(undefined);
      return;
    }
    this.#pingWaiting.push(done);
    if (this.#pingWaiting.length > 1) return;
    this.#pingSent = this.#needs.clock.monotonic();
    this.connection.sendFirst(ping);
  }

  /** Also pongs that nobody waits for. */
  #pinged(): void {
    const ms = this.#needs.clock.monotonic() - this.#pingSent;
    for (const done of this.#pingWaiting.splice(0)) done(ms);
  }

  /** Bytes that no client sends: the end, without a word (protocol.md §2.3). */
  #breach(problem: string): void {
    const { member } = this;
    if (member) {
      member.session.writeLog('warn', 'RuleBreak', `Sent a ${problem}`, member.logUser);
      member.abort(problem);
    } else {
      this.#writeLog('RuleBreak', `Sent a ${problem}`);
      this.abort(problem);
    }
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    this.#waitingBytes += end - start;
    if (this.#waitingBytes > heldBytesAtMost) {
      this.abort(`sent more than ${heldBytesAtMost} bytes while it was on hold`);
      return;
    }
    this.#waiting.push(Buffer.from(bytes.subarray(start, end)));
  }

  // ---- for the login and the session ------------------------------------------------------------------

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#underWay = undefined;
    while (!this.#isPaused && !this.isClosed) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#waitingBytes -= bytes.length;
      this.single(frameType(bytes, 0), bytes, 0, bytes.length);
    }
  }

  overwriteContextIds(id: number): void {
    this.#reader.contextId = id;
  }

  entered(member: Member): void {
    if (this.#state.name === 'login') this.#state = { name: 'member', member };
    this.sessionlessSince = undefined;
  }

  ignoreInput(): void {
    if (this.#state.name === 'login') this.#state = { name: 'leaving' };
    this.#reader.stop();
  }

  disconnect(reason: DisconnectReason, text: string): void {
    if (this.isClosed) return;
    this.#leave();
    this.connection.send(serverMessages.disconnect(disconnectReasons[reason], text));
    this.connection.end();
  }

  abort(problem: string): void {
    if (this.#state.name === 'closed') return;
    this.#writeLog('Leave', `Connection aborted: ${problem}`);
    this.#leave();
    this.connection.abort();
  }

  #leave(): void {
    const state = this.#state;
    this.#deliveredBefore = this.deliveredMessages;
    this.#state = { name: 'leaving' };
    this.#reader.stop();
    this.#waiting = [];
    if (state.name === 'login') state.login.close();
  }

  /** Bans changed: who is banned now leaves at once (those who have not said who they are, when they have). */
  leaveIfBanned(): void {
    const { member, login } = this;
    if (member) {
      const { ip, sid, flags } = member.userInfo;
      const ban = findBan(this.#needs.bans, { ip, sids: sid ? [sid] : [], externalUid: undefined, flags });
      if (!ban) return;
      member.session.writeLog('info', 'Ban', `Disconnected by ${ban.source}`, member.logUser);
      member.disconnect('error', banText(ban));
    } else if (login?.identity) {
      const ban = findServerBan(login);
      if (ban) login.disconnect('error', banText(ban));
    }
  }

  // ---- for the transport ------------------------------------------------------------------------------

  drained(): void {
    const state = this.#state;
    if (state.name === 'member') state.member.session.pump(state.member);
  }

  overflowed(): void {
    const { member } = this;
    const text = 'the client does not read the data sent to it';
    if (member) {
      member.session.writeLog('warn', 'RuleBreak', `Connection closed: ${text}`, member.logUser);
      member.abort(text, 'lost');
    } else {
      this.abort(text);
    }
  }

  closed(problem?: string): void {
    const state = this.#state;
    if (state.name === 'closed') return;
    this.#reader.stop();
    this.#deliveredBefore = this.deliveredMessages;
    this.#state = { name: 'closed' };
    for (const done of this.#pingWaiting.splice(0)) done(undefined);
    if (problem !== undefined) this.#writeLog('Leave', `Connection lost: ${problem}`);
    if (state.name === 'member')
      state.member.session.leave(state.member, state.member.hasSaidGoodbye ? 'gone' : 'lost');
    else if (state.name === 'login') state.login.close();
    this.#needs.peerClosed(this);
  }

  secured(): void {
    this.login?.secured();
  }

  // ---- time -------------------------------------------------------------------------------------------

  /** Leaves `ms` milliseconds out of every measurement of silence: the server itself could not receive. */
  passOver(ms: number): void {
    this.#lastReceived += ms;
    if (this.sessionlessSince !== undefined) this.sessionlessSince += ms;
  }

  /** Once a second: silence on either side (protocol.md §2.4). `now`: by the monotonic clock. */
  tick(now: number): void {
    if (this.#hasReceived && !this.isClosed) this.#lastReceived = now;
    this.#hasReceived = false;
    this.#pings = 0;
    if (this.#timeoutMs > 0 && now - this.#lastReceived >= this.#timeoutMs) {
      this.#timedOut();
      return;
    }
    const sent = this.connection.sentBytes;
    if (sent !== this.#sentBytes) {
      this.#sentBytes = sent;
      this.#lastSent = now;
    } else if (now - this.#lastSent >= keepAliveMs && this.member?.userInfo.capabilities.has('KEEPALIVE')) {
      this.#lastSent = now;
      this.connection.send(keepAlive);
    }
    const { member } = this;
    if (member?.session.isEnded && this.sessionlessSince === undefined) this.sessionlessSince = now;
  }

  #timedOut(): void {
    const { member } = this;
    if (member) {
      member.session.writeLog('warn', 'Status', 'Connection closed: timed out', member.logUser);
      member.abort('timed out', 'lost');
    } else this.abort('timed out');
  }

  #writeLog(topic: LogTopic, message: string): void {
    const { member } = this;
    this.#needs.log.write({
      time: this.#needs.clock.now(),
      level: topic === 'RuleBreak' ? 'warn' : 'info',
      topic,
      user: member?.logUser ?? { id: 0, ip: this.connection.ip, name: this.login?.identity?.name ?? '' },
      message,
    });
  }
}

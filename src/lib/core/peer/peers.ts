// All connected clients: their limits, and the time-outs of those that are silent or have not joined.
import type { PasswordThrottle } from '../login/password-throttle.js';
import type { Log, Timer } from '../session/needs.js';
import type { Connection, ConnectionUser } from './needs.js';
import { type HandedPeer, Peer, type PeerNeeds } from './peer.js';
import { limitLoginLog, Sources } from './sources.js';

const tickMs = 1000;
/** Those without a session are looked at as often as sessions are (sessions.md §23.3). */
const ticksPerSweep = 15;

/** What went through since the start. */
export interface Traffic {
  connections: number;
  refused: number;
  bytesIn: number;
  bytesOut: number;
  messagesIn: number;
  /** Of histories; what is for one person only is not counted. */
  messagesOut: number;
}

/** What another process needs of all connected clients. */
export interface HandedPeers {
  readonly peers: readonly HandedPeer[];
  readonly past: Traffic;
  readonly refusedLogins: ReadonlyMap<string, number>;
  readonly sources: ReturnType<Sources['handOver']>;
  readonly throttle: ReturnType<PasswordThrottle['handOver']>;
}

export class Peers {
  readonly #needs: PeerNeeds;
  readonly #connectionsAtMost: number;
  readonly #log: Log;
  readonly #sources: Sources;
  readonly #peers = new Set<Peer>();
  /** Of those who are gone. */
  readonly #past: Traffic = {
    connections: 0,
    refused: 0,
    bytesIn: 0,
    bytesOut: 0,
    messagesIn: 0,
    messagesOut: 0,
  };
  /** Logins that were refused, by the code of the refusal. */
  readonly refusedLogins = new Map<string, number>();
  #timer: Timer;
  #ticks = 0;
  #whenEmpty: (() => void) | undefined;
  /** Called when someone came or went. */
  onCountChange: (() => void) | undefined;

  constructor(needs: Omit<PeerNeeds, 'peerClosed' | 'loginRefused'>, connectionsAtMost: number) {
    this.#log = needs.log;
    this.#sources = new Sources(needs.settings, () => needs.clock.monotonic());
    this.#needs = {
      ...needs,
      log: limitLoginLog(needs.log, this.#sources),
      peerClosed: (peer) => this.#closed(peer),
      loginRefused: (code) => this.refusedLogins.set(code, (this.refusedLogins.get(code) ?? 0) + 1),
    };
    this.#connectionsAtMost = connectionsAtMost;
    this.#timer = this.#tickLater();
  }

  get count(): number {
    return this.#peers.size;
  }

  get traffic(): Traffic {
    const sum = { ...this.#past };
    for (const peer of this.#peers) add(sum, peer);
    return sum;
  }

  get all(): Iterable<Peer> {
    return this.#peers;
  }

  /** A connection came; false: there are too many, it is not taken. */
  accept(ip: string, makeConnection: (user: ConnectionUser) => Connection): boolean {
    const { clock } = this.#needs;
    const writeLog = (level: 'warn' | 'debug', message: string) =>
      this.#log.write({ time: clock.now(), level, topic: 'Status', user: { id: 0, ip, name: '' }, message });
    if (this.#peers.size >= this.#connectionsAtMost) {
      this.#past.refused++;
      if (this.#sources.mayLog('') !== 'no')
        writeLog('warn', `Connection refused: the server has ${this.#peers.size} connections, the maximum`);
      return false;
    }
    const problem = this.#sources.admit(ip);
    if (problem !== undefined) {
      this.#past.refused++;
      if (problem !== '') writeLog('warn', `Connections from this address are refused: ${problem}`);
      return false;
    }
    this.#past.connections++;
    writeLog('debug', 'New client connected');
    const peer = new Peer(this.#needs, makeConnection);
    this.#peers.add(peer);
    this.onCountChange?.();
    return true;
  }

  /** For a successor of this process; undefined: there is somebody who cannot be handed over. */
  handOver(): HandedPeers | undefined {
    const peers: HandedPeer[] = [];
    for (const peer of this.#peers) {
      const handed = peer.handOver();
      if (!handed) return undefined;
      peers.push(handed);
    }
    const { passwordThrottle, clock } = this.#needs;
    return {
      peers,
      past: this.#past,
      refusedLogins: this.refusedLogins,
      sources: this.#sources.handOver(),
      throttle: passwordThrottle.handOver(clock.monotonic()),
    };
  }

  /** `connect`: makes the connection of each in turn, by its place in the list. Returns them, in their order. */
  takeOver(
    handed: HandedPeers,
    connect: (place: number, user: ConnectionUser) => Connection,
  ): readonly Peer[] {
    const { passwordThrottle, clock } = this.#needs;
    Object.assign(this.#past, handed.past);
    for (const [code, count] of handed.refusedLogins) this.refusedLogins.set(code, count);
    this.#sources.takeOver(handed.sources);
    passwordThrottle.takeOver(handed.throttle, clock.monotonic());
    return handed.peers.map((each, place) => {
      const peer = new Peer(this.#needs, (user) => connect(place, user), each);
      this.#peers.add(peer);
      return peer;
    });
  }

  /** The bans of the server changed. */
  applyBans(): void {
    for (const peer of [...this.#peers]) peer.leaveIfBanned();
  }

  #closed(peer: Peer): void {
    if (!this.#peers.delete(peer)) return;
    this.#sources.released(peer.connection.ip);
    add(this.#past, peer);
    this.onCountChange?.();
    if (this.#peers.size === 0) this.#whenEmpty?.();
  }

  #tickLater(): Timer {
    const { clock } = this.#needs;
    const due = clock.monotonic() + tickMs;
    return clock.after(tickMs, () => {
      this.#timer = this.#tickLater();
      const now = clock.monotonic();
      // While the process stood still nothing could be received: what clients sent meanwhile is read after this tick.
      const lateMs = now - due;
      if (lateMs > tickMs) for (const peer of this.#peers) peer.passOver(lateMs);
      for (const peer of this.#peers) peer.tick(now);
      if (++this.#ticks % ticksPerSweep === 0) {
        this.#sources.sweep();
        this.#sweep(now);
      }
    });
  }

  #sweep(now: number): void {
    const linger = this.#needs.settings.get('sessionLessClientLingerTime');
    if (linger <= 0) return;
    for (const peer of this.#peers) {
      const since = peer.sessionlessSince;
      if (since === undefined || now - since < linger * 1000) continue;
      if (peer.wasAskedToChoose) {
        peer.abort('no session was joined');
      } else {
        peer.wasAskedToChoose = true;
        peer.disconnect('kick', 'You did not join a session in time');
      }
    }
  }

  /** Notifies everyone that the server stops; `done` when all are disconnected. */
  stop(text: string, done: () => void): void {
    for (const peer of [...this.#peers]) peer.disconnect('shutdown', text);
    this.#whenEmpty = () => {
      this.#timer.cancel();
      done();
    };
    if (this.#peers.size === 0) this.#whenEmpty();
  }

  /** Cuts off who is still there. */
  abort(): void {
    for (const peer of [...this.#peers]) peer.abort('the server stopped');
  }
}

function add(sum: Traffic, peer: Peer): void {
  sum.bytesIn += peer.receivedBytes;
  sum.bytesOut += peer.connection.sentBytes;
  sum.messagesIn += peer.receivedMessages;
  sum.messagesOut += peer.deliveredMessages;
}

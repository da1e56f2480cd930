// Everyone who is connected: how many may be, who has been silent or undecided for too long.
import type { Timer } from '../session/needs.js';
import type { Connection, ConnectionUser } from './needs.js';
import { Peer, type PeerNeeds } from './peer.js';

const tickMs = 1000;
/** Those without a session are looked at as often as sessions are (sessions.md §23.3). */
const ticksPerSweep = 15;

export class Peers {
  readonly #needs: PeerNeeds;
  readonly #connectionsAtMost: number;
  readonly #peers = new Set<Peer>();
  #timer: Timer;
  #ticks = 0;
  #whenEmpty: (() => void) | undefined;
  /** Called when someone came or went. */
  onCountChange: (() => void) | undefined;

  constructor(needs: Omit<PeerNeeds, 'peerClosed'>, connectionsAtMost: number) {
    this.#needs = { ...needs, peerClosed: (peer) => this.#closed(peer) };
    this.#connectionsAtMost = connectionsAtMost;
    this.#timer = this.#tickLater();
  }

  get count(): number {
    return this.#peers.size;
  }

  get all(): Iterable<Peer> {
    return this.#peers;
  }

  /** A connection came; false: there are too many, it is not taken. */
  accept(ip: string, makeConnection: (user: ConnectionUser) => Connection): boolean {
    const { log, clock } = this.#needs;
    const note = (level: 'warn' | 'debug', message: string) =>
      log.write({ time: clock.now(), level, topic: 'Status', user: { id: 0, ip, name: '' }, message });
    if (this.#peers.size >= this.#connectionsAtMost) {
      note('warn', `Connection refused: there are ${this.#peers.size} already`);
      return false;
    }
    note('debug', 'New client connected');
    const peer = new Peer(this.#needs, makeConnection);
    this.#peers.add(peer);
    this.onCountChange?.();
    return true;
  }

  /** The bans of the server changed. */
  applyBans(): void {
    for (const peer of [...this.#peers]) peer.leaveIfBanned();
  }

  #closed(peer: Peer): void {
    this.#peers.delete(peer);
    this.onCountChange?.();
    if (this.#peers.size === 0) this.#whenEmpty?.();
  }

  #tickLater(): Timer {
    return this.#needs.clock.after(tickMs, () => {
      this.#timer = this.#tickLater();
      const now = this.#needs.clock.now();
      for (const peer of this.#peers) peer.tick(now);
      if (++this.#ticks % ticksPerSweep === 0) this.#sweep(now);
    });
  }

  #sweep(now: number): void {
    const linger = this.#needs.settings.get('sessionLessClientLingerTime');
    if (linger <= 0) return;
    for (const peer of this.#peers) {
      const since = peer.sessionlessSince;
      if (since === undefined || now - since < linger * 1000) continue;
      if (peer.wasToldToChoose) {
        peer.abort('no session was chosen');
      } else {
        peer.wasToldToChoose = true;
        peer.disconnect('kick', 'You were in no session for too long');
      }
    }
  }

  /** Tells everyone who is left that the server stops; `done` when all are gone. */
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

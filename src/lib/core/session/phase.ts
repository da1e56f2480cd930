// The state of a session: one at a time, and all transitions. A transition that does not fit the state changes
// nothing and returns so.
import type { Buffer } from 'node:buffer';
import type { Member } from './member.js';
import type { FoundSession } from './needs.js';

/** The upload of a full reset as far as it has come, for a successor of this process. */
export interface HandedReset {
  /** Of the resetter. */
  readonly id: number;
  readonly frames: readonly Buffer[];
  readonly count: number;
  /** Milliseconds since the last message of it. */
  readonly activeAgo: number;
}

/** A full reset whose image is being uploaded. */
export interface ResetUnderWay {
  readonly resetter: Member;
  receive(bytes: Uint8Array, start: number, end: number, count: number): void;
  restart(): void;
  complete(): void;
  cancel(): void;
  drop(): void;
  /** For a successor of this process. */
  handOver?(): HandedReset;
}

export type SessionState =
  /** Found in the store; nobody has asked for it yet. */
  | {
      readonly name: 'stored';
      readonly found: FoundSession;
      readonly waiting: ((problem: string | undefined) => void)[];
    }
  /** The host uploads the first canvas; undefined when it was never there. */
  | { readonly name: 'initializing'; readonly host: Member | undefined }
  | { readonly name: 'running' }
  | { readonly name: 'resetting'; readonly reset: ResetUnderWay }
  | { readonly name: 'ended' };

export class Phase {
  #state: SessionState;

  constructor(found: FoundSession | undefined) {
    this.#state = found ? { name: 'stored', found, waiting: [] } : { name: 'initializing', host: undefined };
  }

  get state(): SessionState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state.name === 'running';
  }

  get isInitializing(): boolean {
    return this.#state.name === 'initializing';
  }

  get isEnded(): boolean {
    return this.#state.name === 'ended';
  }

  /** The member who uploads the first canvas. */
  get host(): Member | undefined {
    return this.#state.name === 'initializing' ? this.#state.host : undefined;
  }

  get reset(): ResetUnderWay | undefined {
    return this.#state.name === 'resetting' ? this.#state.reset : undefined;
  }

  /** The member that uploads a canvas now: the host at first, the resetter in a reset. */
  get uploader(): Member | undefined {
    return this.host ?? this.reset?.resetter;
  }

  /** The reset that this member uploads. */
  resetOf(member: Member): ResetUnderWay | undefined {
    const { reset } = this;
    return reset?.resetter === member ? reset : undefined;
  }

  hostArrived(host: Member): boolean {
    if (this.#state.name !== 'initializing') return false;
    this.#state = { name: 'initializing', host };
    return true;
  }

  /** Continues where a predecessor of this process was. */
  takeOver(state: SessionState): void {
    this.#state = state;
  }

  /** A stored session has been read through, or the first canvas is there. */
  begin(): boolean {
    if (this.#state.name !== 'stored' && this.#state.name !== 'initializing') return false;
    this.#state = { name: 'running' };
    return true;
  }

  beginReset(reset: ResetUnderWay): boolean {
    if (this.#state.name !== 'running') return false;
    this.#state = { name: 'resetting', reset };
    return true;
  }

  /** Returns to running after a reset, completed or cancelled. False: this reset or the session has ended already. */
  endReset(reset: ResetUnderWay): boolean {
    if (this.reset !== reset) return false;
    this.#state = { name: 'running' };
    return true;
  }

  end(): void {
    this.#state = { name: 'ended' };
  }
}

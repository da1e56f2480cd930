// Who is in a session at some point of its recording: the messages that say so, for a recording that begins there.

import type { RecordedMessage } from './items.js';

const join = 32;
const leave = 33;
/** Session owner and trusted users: each replaces the one before. */
const lists = [34, 36];

type Kept = Pick<RecordedMessage, 'type' | 'contextId' | 'payload'>;

export class Membership {
  readonly #joined = new Map<number, Kept>();
  readonly #lists = new Map<number, Kept>();

  show({ type, contextId, payload }: Kept): void {
    const kept = (): Kept => ({ type, contextId, payload: new Uint8Array(payload) });
    if (type === join) this.#joined.set(contextId, kept());
    else if (type === leave) this.#joined.delete(contextId);
    else if (lists.includes(type)) this.#lists.set(type, kept());
  }

  /** Joins first, then who may do what. */
  messages(): Kept[] {
    return [...this.#joined.values(), ...this.#lists.values()];
  }
}

// What people may do: follows a recording as clients do and decides which of its messages they would ignore
// (cli.md §5, --acl). Clients enforce this, servers do not. Since 2.2 the rules are those of the canvas, looked at from
// another side: 2.2 has its own layout, for which clients of 2.3 translate. 2.1 had other rules (access-of-21.ts).

import { Access } from '../canvas/access.js';
import { firstDabs, lastDabs, readDabs } from '../canvas/dabs-reader.js';
import { type CanvasGeneration, readFields } from '../canvas/message-fields.js';
import type { Generation } from '../protocol/messages.js';
import { AccessOf21 } from './access-of-21.js';

export interface AccessFilter {
  /**
   * Whether clients would take this message. Each message is to be shown once, in order. What cannot be decoded is not
   * checked here.
   */
  allows(type: number, user: number, payload: Uint8Array): boolean;
}

/** Playing a recording begins with user 1 as the only operator (cli.md §5). */
const firstOperators: readonly number[] = [1];

export function accessFilter(generation: Generation): AccessFilter {
  return generation === '4.21' ? new AccessOf21(firstOperators) : new AccessSince22(generation);
}

class AccessSince22 implements AccessFilter {
  readonly #generation: CanvasGeneration;
  readonly #rights = new Access();

  constructor(generation: CanvasGeneration) {
    this.#generation = generation;
    this.#rights.operators.set(firstOperators);
  }

  allows(type: number, user: number, payload: Uint8Array): boolean {
    if (type >= firstDabs && type <= lastDabs) {
      const dabs = readDabs(this.#generation, type, payload);
      return dabs === undefined || this.#rights.passesDabs(type, user, dabs);
    }
    const fields = readFields(this.#generation, type, payload);
    return fields === undefined || this.#rights.passes(type, user, fields);
  }
}

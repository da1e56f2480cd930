// The shape of a row in the table of commands: what one type of message does to the canvas.

import type { Fields } from '../../protocol/kind.js';
import type { Budget } from '../budget.js';
import type { Codecs } from '../needs.js';
import type { Profile } from '../pixel.js';
import type { OpaqueTileUse } from '../tiles.js';
import type { WorkingState } from '../working-state.js';

/** What a command works with besides its message. */
export interface Tools {
  readonly state: WorkingState;
  readonly codecs: Codecs;
  readonly profile: Profile;
  readonly budget: Budget;
  readonly opaque: OpaqueTileUse;
}

export interface CommandRow {
  readonly type: number;
  /**
   * Does what the message says. False: it cannot be done and nothing has changed. All checks come before the first
   * change.
   */
  apply(tools: Tools, contextId: number, fields: Fields): boolean;
}

/** A row whose fields are named by their type; they come out of the message table by the same names. */
export function command<T>(
  type: number,
  apply: (tools: Tools, contextId: number, fields: T) => boolean,
): CommandRow {
  return { type, apply: (tools, contextId, fields) => apply(tools, contextId, fields as unknown as T) };
}

/** A copy of bytes of a payload, which is not kept. */
export function keep(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

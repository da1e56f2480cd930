// TABLE of the places where dp means to differ from the recordings. A replay excuses a difference only by a row
// of this table: file, lines of the recording, the clause that says so, and what is expected instead.

import type { JsonObject } from '../helpers/wire.js';

export interface Difference {
  /** Path below test/vectors, without its ending. */
  file: string;
  /** Lines of the recording, from 1; `n-m` for a range. */
  lines: readonly (number | `${number}-${number}`)[];
  /** Where the specification says so. */
  clause: string;
  why: string;
  effect: Effect;
}

export type Effect =
  /** The recorded messages (or the recorded close) do not come. */
  | { kind: 'absent' }
  /** The recorded JSON differs in these keys; `undefined` as value: the key is not there. Dotted paths. */
  | { kind: 'instead'; keys: Readonly<Record<string, JsonObject[string] | undefined>> }
  /** These keys may be there or not, with any value. Dotted paths. */
  | { kind: 'ignored'; keys: readonly string[] }
  /** The recorded message comes with these bytes instead: hex of a whole frame. */
  | { kind: 'frame'; hex: string }
  /** After the recorded line the peer (as the recording names it) gets these as well. */
  | { kind: 'extra'; peer: string; messages: readonly (JsonObject | { hex: string } | { closed: true })[] }
  /** The client does not send the recorded message. */
  | { kind: 'unsent' };

export const differences: readonly Difference[] = [];

/** Whether a row of the table is about this line. */
export function isAbout(difference: Difference, line: number): boolean {
  return difference.lines.some((entry) => {
    if (typeof entry === 'number') {
      return entry === line;
    }
    const [from, to] = entry.split('-').map(Number);
    return line >= from! && line <= to!;
  });
}

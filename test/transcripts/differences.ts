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
  /** Another message comes in the place of the recorded one. */
  | { kind: 'becomes'; message: JsonObject | { hex: string } }
  /** After the recorded line the peer (as the recording names it) gets these as well; `hex`: a whole frame. */
  | { kind: 'extra'; peer: string; messages: readonly (JsonObject | { hex: string })[] }
  /** The recorded message comes to this peer (as the recording names it) as well. */
  | { kind: 'alsoTo'; peer: string }
  /** The client's messages of these lines are sent before another line. */
  | { kind: 'earlier'; before: number }
  /** The client does not send the recorded message. */
  | { kind: 'unsent' };

export const differences: readonly Difference[] = [
  {
    file: 'login/s21-newclient-commands',
    lines: [28],
    clause: 'login.md §5, §16',
    why: 'the look-up, which the 2.1 server does not know, is answered',
    effect: { kind: 'absent' },
  },
  {
    file: 'login/s21-wrong-session-password',
    lines: [9],
    clause: 'login.md §10, §16',
    why: 'a wrong session password may be tried again',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/05-op-commands',
    lines: [176, 180, 181],
    clause: 'sessions.md §29.12',
    why: 'the recorded server was blocked by a password check and then read all of alice before all of bob',
    effect: { kind: 'earlier', before: 168 },
  },
  {
    file: 'session/05-op-commands',
    lines: ['256-259'],
    clause: 'sessions.md §29.12',
    why: 'carol gets the history before she is kicked, which the blocked server had not sent yet',
    effect: { kind: 'alsoTo', peer: 'carol@2' },
  },
];

/** Whether a row of the table is about this line. */
export function isAbout(difference: Pick<Difference, 'lines'>, line: number): boolean {
  return difference.lines.some((entry) => {
    if (typeof entry === 'number') {
      return entry === line;
    }
    const [from, to] = entry.split('-').map(Number);
    return line >= from! && line <= to!;
  });
}

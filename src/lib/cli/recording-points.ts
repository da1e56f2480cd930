// Places in a recording as they are typed: the number of a message, or time since its start.

import { Refusal } from '../core/errors.js';
import type { CutPoint } from '../core/recording/cut.js';

export const pointHelp = 'message number (see dp rec info), or time like 1:30 or 90s';

/** Undefined: none was given. Throws a Refusal for anything else. */
export function readPoint(text: string | undefined, flag: string): CutPoint | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) > 0) return { message: Number(text) };
  const clock = /^(?:(\d+):)?(\d{1,4}):(\d{1,2}(?:\.\d+)?)$/.exec(text);
  if (clock) {
    const [, hours = '0', minutes = '0', seconds = '0'] = clock;
    return { ms: Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000) };
  }
  const plain = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (plain) {
    const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[plain[2] as 'ms' | 's' | 'm' | 'h'];
    return { ms: Math.round(Number(plain[1]) * unit) };
  }
  throw new Refusal('badInput', `${flag} ${text} is no place in a recording`, `A place is a ${pointHelp}.`);
}

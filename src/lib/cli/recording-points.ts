// Places in a recording as they are typed: the number of a message, or time since its start.

import { refusal } from '../core/errors.js';
import type { CutPoint } from '../core/recording/cut.js';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

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
    return { ms: Math.round(Number(plain[1]) * unitMs[plain[2] as keyof typeof unitMs]) };
  }
  throw refusal('flag-invalid', { flag, value: text, expected: `a ${pointHelp}`, example: '1:30' });
}

/** Milliseconds of `10s`, `1.5`, `2m`; 0 is allowed. Throws a Refusal for anything else. */
export function readMilliseconds(text: string, flag: string): number {
  const found = /^(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|m|h)?$/.exec(text.trim());
  if (!found) {
    throw refusal('flag-invalid', {
      flag,
      value: text,
      expected: 'a duration',
      example: `30s, ${flag} 1.5m`,
    });
  }
  return Math.round(Number(found[1]) * unitMs[(found[2] ?? 's') as keyof typeof unitMs]);
}

// When a certificate is renewed, and when a failed order is tried again. Moments in milliseconds since 1970.

import type { Random } from '../session/needs.js';
import { type CertificateFailure, failureRow } from './failures.js';
import type { CertificateFacts, RenewalWindow } from './needs.js';

/** How far a renewal may be from two thirds of the life, as a share of the life. */
const renewalSpread = 1 / 60;
/** How far a try may be from its time, as a share of the wait: servers that failed together do not come back together. */
const retrySpread = 0.1;
const doublingsAtMost = 20;

/** At least 0, less than 1. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0] = random.bytes(3);
  return (a * 65_536 + b * 256 + c) / 16_777_216;
}

/** At two thirds of the life, or a little before or after. */
export function renewalMoment({ validFrom, validUntil }: CertificateFacts, random: Random): number {
  const life = validUntil - validFrom;
  return Math.round(validFrom + (life * 2) / 3 + (fraction(random) * 2 - 1) * life * renewalSpread);
}

/** Some moment in the window, the same chance for each (RFC 9773 §4.2). */
export function momentInWindow({ start, end }: RenewalWindow, random: Random): number {
  return Math.round(start + fraction(random) * Math.max(0, end - start));
}

/**
 * How long to wait after this many failed orders in a row: twice as long after each, never less than the authority asks
 * for. The slowest of several failures decides.
 */
export function retryDelay(
  failures: readonly CertificateFailure[],
  attempts: number,
  random: Random,
): number {
  const doublings = Math.min(Math.max(0, attempts - 1), doublingsAtMost);
  return Math.max(
    ...failures.map(({ code, retryAfterMs = 0 }) => {
      const { firstMs, mostMs } = failureRow(code);
      const wait = Math.min(firstMs * 2 ** doublings, mostMs);
      return Math.max(
        Math.round(wait * (1 + (fraction(random) * 2 - 1) * retrySpread)),
        Math.round(retryAfterMs * (1 + fraction(random) * retrySpread)),
      );
    }),
  );
}

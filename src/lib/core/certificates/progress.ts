// What is remembered of renewals over a restart, so that a server that starts again and again asks no more often than one
// that runs; and how it is read back, whatever somebody wrote into its file.

import { type ChallengeKind, challengeKinds } from './challenges.js';
import { type FailureCode, isFailureCode } from './failures.js';

/** One failure as it was reported. */
export interface StoredFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Moments in milliseconds since 1970. */
export interface Progress {
  /** Whom it was ordered from. */
  readonly directory: string;
  /** When the certificate in use is to be renewed; undefined: not known. */
  readonly renewAt: number | undefined;
  /** The check that worked last. */
  readonly challenge: ChallengeKind | undefined;
  readonly renewedAt: number | undefined;
  /** Orders in a row that failed, or were begun and not ended. */
  readonly attempts: number;
  /** Of the last order; none: it succeeded. */
  readonly failures: readonly StoredFailure[];
  readonly failedAt: number | undefined;
  /** Not before this. */
  readonly retryAt: number | undefined;
}

export const noProgress: Omit<Progress, 'directory'> = {
  renewAt: undefined,
  challenge: undefined,
  renewedAt: undefined,
  attempts: 0,
  failures: [],
  failedAt: undefined,
  retryAt: undefined,
};

/** Undefined: this is no such file. Single values that make no sense are left out. */
export function readProgress(text: string): Progress | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
  const { directory, renewAt, challenge, renewedAt, attempts, failures, failedAt, retryAt } = read as Record<
    string,
    unknown
  >;
  if (typeof directory !== 'string') return undefined;
  return {
    directory,
    renewAt: momentOf(renewAt),
    challenge: challengeKinds.find((known) => known === challenge),
    renewedAt: momentOf(renewedAt),
    attempts: Number.isSafeInteger(attempts) && (attempts as number) >= 0 ? (attempts as number) : 0,
    failures: Array.isArray(failures) ? failures.flatMap(readFailure) : [],
    failedAt: momentOf(failedAt),
    retryAt: momentOf(retryAt),
  };
}

function momentOf(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15 ? value : undefined;
}

function readFailure(value: unknown): StoredFailure[] {
  if (typeof value !== 'object' || value === null) return [];
  const { code, message, hint } = value as Record<string, unknown>;
  if (typeof code !== 'string' || !isFailureCode(code) || typeof message !== 'string') return [];
  return [{ code, message, hint: typeof hint === 'string' ? hint : undefined }];
}

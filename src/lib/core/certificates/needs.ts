// What the renewal of a certificate needs from outside: an authority that issues it, and a place that keeps it.

import type { ChallengeKind } from './challenges.js';
import type { Progress } from './progress.js';

/** What is known of a certificate without its bytes. Moments in milliseconds since 1970. */
export interface CertificateFacts {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly validFrom: number;
  readonly validUntil: number;
  /** Fingerprint as clients show it. */
  readonly sha256: string;
  readonly isSelfSigned: boolean;
}

/** A certificate with its key. */
export interface KeyPair {
  readonly facts: CertificateFacts;
  /** PEM: the certificate, then those that vouch for it. */
  readonly chain: string;
  /** PEM. */
  readonly key: string;
}

export interface Order {
  readonly names: readonly string[];
  /** How the authority is to check that the names lead here. */
  readonly challenge: ChallengeKind;
  /** PEM of the key to keep; undefined: a new one. */
  readonly key: string | undefined;
  /** PEM of the certificate that is to be replaced, where the authority issued it. */
  readonly replaces: string | undefined;
}

/** When the authority would like a certificate to be renewed (RFC 9773). Milliseconds since 1970. */
export interface RenewalWindow {
  readonly start: number;
  readonly end: number;
  /** A page that explains why; undefined: none. */
  readonly explanation: string | undefined;
  /** From now until it is asked again. */
  readonly askAgainMs: number;
}

export interface Authority {
  /** Rejects with a CertificateFailure. */
  order(order: Order): Promise<KeyPair>;
  /** Undefined: the authority makes no suggestion. Rejects with a CertificateFailure. */
  renewalWindow(chain: string): Promise<RenewalWindow | undefined>;
  /** Ends what is under way. */
  stop(): void;
}

/** Every write is on disk, completely or not at all, when it resolves; rejects with a CertificateFailure. */
export interface CertificateStore {
  savePair(pair: KeyPair): Promise<void>;
  saveProgress(progress: Progress): Promise<void>;
}

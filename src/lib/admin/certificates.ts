// Operations on the server's certificate: its status, and renewing it now. The status of a stopped server is read
// from its folder in the same form.

import { failureRow } from '../core/certificates/failures.js';
import type { CertificateFacts } from '../core/certificates/needs.js';
import type { Progress } from '../core/certificates/progress.js';
import type { RenewalState } from '../core/certificates/renewal.js';
import { refusal } from '../core/errors.js';
import { type LiveCertificate, requireLive } from './live.js';
import { change, look } from './operation.js';
import {
  described,
  expiry,
  flag,
  integer,
  list,
  moment,
  nothing,
  object,
  oneWord,
  orNull,
  type Static,
  text,
} from './schema.js';

const instant = (words: string) => described(expiry, `milliseconds since 1970; null: ${words}`);

const failureShape = object({
  code: text,
  class: described(text, 'name, port, caa, rate-limit, terms, account, directory, clock, disk or other'),
  message: text,
  hint: orNull(text),
});

const renewalShape = object({
  directory: described(text, 'ACME directory of the authority'),
  state: described(
    oneWord('current', 'ordering', 'storing', 'failed', 'stopped'),
    'storing: issued, but the disk takes it not yet; stopped: the server does not run',
  ),
  challenge: described(orNull(text), 'how the authority checked the names last, or checks them now'),
  renewAt: instant('not known'),
  renewedAt: instant('never'),
  retryAt: instant('no order failed'),
  failedAt: instant('no order failed'),
  attempts: described(integer, 'orders in a row that failed'),
  failures: list(failureShape),
});

const certificateShape = object({
  names: list(text),
  issuer: text,
  isSelfSigned: flag,
  validFrom: moment,
  validUntil: moment,
  sha256: text,
  renewal: described(orNull(renewalShape), 'null: it is read from files and renewed by others'),
});
export type CertificateStatus = Static<typeof certificateShape>;
export type RenewalStatus = Static<typeof renewalShape>;

export const certificateStatus = orNull(certificateShape);

/** The same of a server that may not run, with what lies in its folder. */
export const certificateReport = object({
  certificate: certificateStatus,
  isRunning: flag,
  damaged: described(list(object({ file: text, reason: text })), 'files that cannot be used, and why'),
});

export const certificateOperations = {
  'certificate.status': look({
    summary: 'Show the TLS certificate and how its renewal goes',
    input: nothing,
    output: object({ certificate: certificateStatus }),
    run: async (needs) => ({ certificate: statusOfCertificate(requireLive(needs).certificate) }),
  }),
  'certificate.renew': change(undefined, {
    summary: 'Order a new TLS certificate now',
    input: object({}, { newKey: described(flag, 'make a new private key') }),
    output: object({ certificate: certificateStatus }),
    run: async (needs, { newKey = false }) => {
      const { certificate } = requireLive(needs);
      if (certificate?.renewal === undefined) throw refusal('certificate-not-automatic');
      certificate.renewal.renewNow({ newKey });
      return { certificate: statusOfCertificate(certificate) };
    },
  }),
};

export function statusOfCertificate(certificate: LiveCertificate | undefined): CertificateStatus | null {
  if (certificate === undefined) return null;
  const { facts, renewal, directory } = certificate;
  if (renewal === undefined) return { ...factsIn(facts), renewal: null };
  const { state, progress, retryAt } = renewal;
  return {
    ...factsIn(facts),
    renewal: {
      ...renewalOf({ ...progress, directory: directory ?? progress.directory }, facts),
      state: stateWord(state),
      renewAt: state.kind === 'waiting' ? state.renewAt : (progress.renewAt ?? null),
      retryAt: retryAt ?? null,
      ...(state.kind === 'ordering' && { challenge: state.challenge ?? null }),
    },
  };
}

/** Of a server that does not run: what its folder holds. */
export function storedStatus(
  facts: CertificateFacts,
  progress: Progress | undefined,
  directory: string,
): CertificateStatus {
  return {
    ...factsIn(facts),
    renewal: progress === undefined ? { ...unknown, directory } : renewalOf(progress, facts),
  };
}

const unknown: Omit<RenewalStatus, 'directory'> = {
  state: 'stopped',
  challenge: null,
  renewAt: null,
  renewedAt: null,
  retryAt: null,
  failedAt: null,
  attempts: 0,
  failures: [],
};

function factsIn({ names, issuer, isSelfSigned, validFrom, validUntil, sha256 }: CertificateFacts) {
  return { names, issuer, isSelfSigned, validFrom, validUntil, sha256 };
}

function renewalOf(progress: Progress, facts: CertificateFacts): RenewalStatus {
  const { directory, challenge, renewAt, renewedAt, retryAt, failedAt, attempts, failures } = progress;
  return {
    directory,
    state: 'stopped',
    challenge: challenge ?? null,
    renewAt: facts.isSelfSigned ? null : (renewAt ?? null),
    renewedAt: renewedAt ?? null,
    retryAt: failures.length === 0 ? null : (retryAt ?? null),
    failedAt: failedAt ?? null,
    attempts: failures.length === 0 ? 0 : attempts,
    failures: failures.map(({ code, message, hint }) => ({
      code,
      class: failureRow(code).class,
      message,
      hint: hint ?? null,
    })),
  };
}

function stateWord(state: RenewalState): RenewalStatus['state'] {
  return state.kind === 'waiting' ? 'current' : state.kind;
}

// TABLE of the reasons for which there is no new certificate: which class each belongs to, when it is worth another try,
// and what an authority's problem documents (RFC 8555 §6.7) mean. Their texts are in the catalogue of errors.

import type { Reason } from '../errors/reason.js';
import { type ErrorCode, type Fault, fault } from '../errors.js';
import { type ChallengeKind, challengePorts } from './challenges.js';

export const failureClasses = [
  'name',
  'port',
  'caa',
  'rate-limit',
  'terms',
  'account',
  'directory',
  'clock',
  'disk',
  'other',
] as const;
export type FailureClass = (typeof failureClasses)[number];

interface FailureRow {
  readonly class: FailureClass;
  /** Until the second try; doubled after each further one, up to `mostMs`. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** The other kind of check may succeed. */
  readonly isWorthOtherChallenge?: true;
  /** Costs nothing at the authority: a server that is started again tries at once, the operator may have repaired it. */
  readonly isFree?: true;
  /** Its hint is complete; after every other repair a new order gets further: `dp cert renew`. */
  readonly hasFullHint?: true;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Authorities allow five failed checks of a name in an hour: two kinds of check, now and after 20 and 60 minutes, are fewer. */
const checked = { firstMs: 20 * minute, mostMs: day } as const;

const rows = {
  'acme-name-unknown': { class: 'name', ...checked },
  'acme-name-elsewhere': { class: 'name', ...checked, isWorthOtherChallenge: true },
  'acme-name-refused': { class: 'name', firstMs: 6 * hour, mostMs: day },
  'acme-port-closed': { class: 'port', ...checked, isWorthOtherChallenge: true },
  'acme-challenge-not-offered': { class: 'port', ...checked, isWorthOtherChallenge: true },
  'acme-caa': { class: 'caa', firstMs: hour, mostMs: day },
  'acme-rate-limit': { class: 'rate-limit', firstMs: hour, mostMs: day, hasFullHint: true },
  'acme-terms': { class: 'terms', firstMs: day, mostMs: day, isFree: true, hasFullHint: true },
  'acme-terms-changed': { class: 'terms', firstMs: day, mostMs: day, isFree: true, hasFullHint: true },
  'acme-account-refused': { class: 'account', firstMs: 6 * hour, mostMs: day },
  'acme-directory-down': { class: 'directory', firstMs: minute, mostMs: hour, isFree: true },
  'acme-directory-untrusted': { class: 'directory', firstMs: 10 * minute, mostMs: 6 * hour, isFree: true },
  'acme-directory-wrong': { class: 'directory', firstMs: hour, mostMs: day, isFree: true },
  'acme-clock': { class: 'clock', firstMs: 5 * minute, mostMs: hour, isFree: true },
  'acme-disk': { class: 'disk', firstMs: minute, mostMs: hour, isFree: true },
  'acme-refused': { class: 'other', firstMs: hour, mostMs: day },
} as const satisfies Partial<Record<ErrorCode, FailureRow>>;

export type FailureCode = keyof typeof rows;

export function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(rows, text);
}

export function failureRow(code: FailureCode): FailureRow {
  return rows[code];
}

export const renewCommand = 'dp cert renew';

/** What to type after a repair, instead of waiting for the next try; undefined: the hints of the failures are complete. */
export function renewWhenRepaired(failures: readonly { readonly code: string }[]): string | undefined {
  const isComplete = ({ code }: { readonly code: string }) =>
    isFailureCode(code) && failureRow(code).hasFullHint === true;
  return failures.length > 0 && !failures.some(isComplete) ? renewCommand : undefined;
}

/** A request for a certificate that led to none. */
export class CertificateFailure extends Error {
  override name = 'CertificateFailure';
  readonly code: FailureCode;
  /** What people read. */
  readonly shown: Fault;
  /** For so long the authority accepts no other order. */
  readonly retryAfterMs: number | undefined;

  constructor(shown: Fault & { readonly code: FailureCode }, retryAfterMs?: number) {
    super(shown.message, { cause: shown });
    this.code = shown.code;
    this.shown = shown;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The failure of a row; parameters as `fault` takes them. */
export function failure<Code extends FailureCode>(
  code: Code,
  parameters: Parameters<typeof fault<Code>>[1],
  more: { retryAfterMs?: number | undefined; cause?: unknown } = {},
): CertificateFailure {
  const shown = (fault as (code: Code, parameters: unknown, cause: unknown) => Fault)(
    code,
    parameters,
    more.cause,
  );
  return new CertificateFailure(shown as Fault & { readonly code: Code }, more.retryAfterMs);
}

/** What an authority says that went wrong. */
export interface Problem {
  /** The last part of its type: `rateLimited`. */
  readonly type: string;
  readonly detail: string | Reason;
  readonly status: number;
  readonly retryAfterMs?: number | undefined;
  /** The page that it names for new terms. */
  readonly instance?: string | undefined;
  readonly subproblems?: readonly Problem[] | undefined;
  /** Of a subproblem: what it is about. */
  readonly name?: string | undefined;
}

/** What a problem was about. */
export interface ProblemContext {
  readonly directory: string;
  readonly names: readonly string[];
  /** The check that was under way; undefined: none was. */
  readonly challenge?: ChallengeKind | undefined;
}

export function failureOf(problem: Problem, context: ProblemContext): CertificateFailure {
  const sub = problem.type === 'compound' ? problem.subproblems?.[0] : undefined;
  if (sub !== undefined) {
    return failureOf({ retryAfterMs: problem.retryAfterMs, ...sub }, context);
  }
  const name = problem.name ?? context.names.join(', ');
  const reason = problem.detail === '' ? problem.type : problem.detail;
  const port = challengePorts[context.challenge ?? 'http-01'];
  const { retryAfterMs } = problem;
  const isCheck = context.challenge !== undefined;
  switch (isCheck ? typeOfCheck(problem) : problem.type) {
    case 'dns':
      return failure('acme-name-unknown', { name, reason }, { retryAfterMs });
    case 'connection':
    case 'tls':
      return failure('acme-port-closed', { name, port, reason }, { retryAfterMs });
    case 'incorrectResponse':
      return failure('acme-name-elsewhere', { name, port, reason }, { retryAfterMs });
    case 'unauthorized':
      // of a check: somebody else answered; of a request: the account
      return isCheck
        ? failure('acme-name-elsewhere', { name, port, reason }, { retryAfterMs })
        : failure('acme-account-refused', { reason }, { retryAfterMs });
    case 'caa':
      return failure('acme-caa', { name, reason }, { retryAfterMs });
    case 'rateLimited':
      return failure('acme-rate-limit', { reason }, { retryAfterMs });
    case 'userActionRequired':
      return failure('acme-terms-changed', { terms: problem.instance ?? reason }, { retryAfterMs });
    case 'rejectedIdentifier':
    case 'unsupportedIdentifier':
      return failure('acme-name-refused', { name, reason }, { retryAfterMs });
    case 'externalAccountRequired':
    case 'invalidContact':
    case 'unsupportedContact':
    case 'accountDoesNotExist':
      return failure('acme-account-refused', { reason }, { retryAfterMs });
    case 'serverInternal':
    case 'badNonce':
      return failure('acme-directory-down', { directory: context.directory, reason }, { retryAfterMs });
  }
  // An authority that is down for maintenance answers with what it likes; one that is busy with 429 or 503.
  if (problem.status === 429) return failure('acme-rate-limit', { reason }, { retryAfterMs });
  if (problem.status >= 500)
    return failure('acme-directory-down', { directory: context.directory, reason }, { retryAfterMs });
  return failure('acme-refused', { reason }, { retryAfterMs });
}

/** Authorities call a check that failed what they like; what they say of it is more exact. */
function typeOfCheck({ type, detail: said }: Problem): string {
  const detail = String(said);
  if (!['connection', 'unauthorized', 'incorrectResponse', 'malformed', ''].includes(type)) return type;
  if (/could not resolve|no valid (?:A|IP|AAAA)|NXDOMAIN|SERVFAIL|DNS problem|no such host/i.test(detail))
    return 'dns';
  if (/failed to connect|connection (?:refused|reset)|timed? ?out|timeout|no route|unreachable/i.test(detail))
    return 'connection';
  return type;
}

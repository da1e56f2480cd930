// The talk with an authority: its directory, requests with nonces, problems as failures (RFC 8555 §6, §7.1.1).

import { failure, failureOf, type Problem, type ProblemContext } from '../../core/certificates/failures.js';
import { type Reason, reason } from '../../core/errors/reason.js';
import type { Clock } from '../../core/session/needs.js';
import type { AccountKey } from './signed-request.js';

/** What sends the requests; io/outside/http-client.ts does. */
export interface AuthorityHttp {
  request(request: {
    method: 'GET' | 'POST';
    url: string;
    headers?: Readonly<Record<string, string>>;
    body?: unknown;
    isTrusted: boolean;
    timeLimitMs?: number;
    sizeLimitBytes?: number;
  }): Promise<AuthorityAnswer>;
}

export interface AuthorityAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly renewalInfo: string | undefined;
  readonly terms: string | undefined;
}

const timeLimitMs = 30_000;
const sizeLimitBytes = 512 * 1024;
/** An authority with several machines may forget a nonce; it is not asked for ever. */
const nonceTriesAtMost = 20;
/** Certificates are backdated by an hour, so that a clock may be wrong by that. */
const clockToleranceMs = 3_600_000;
const longestRetryMs = 30 * 24 * 3_600_000;

/** Who signs a request. */
export interface Signer {
  readonly key: AccountKey;
  /** Undefined: the account is to be made by this request. */
  readonly account: string | undefined;
}

export class AcmeClient {
  readonly #url: string;
  readonly #http: AuthorityHttp;
  readonly #clock: Clock;
  #nonce: string | undefined;

  constructor(url: string, http: AuthorityHttp, clock: Clock) {
    this.#url = url;
    this.#http = http;
    this.#clock = clock;
  }

  get url(): string {
    return this.#url;
  }

  /** Also looks whether the clock of this machine can be right. */
  async directory(): Promise<Directory> {
    const answer = await this.#send('GET', this.#url);
    const there = Date.parse(headerOf(answer, 'date') ?? '');
    const here = this.#clock.now();
    if (Math.abs(there - here) > clockToleranceMs) throw clockFailure(here, there);
    if (answer.status !== 200) throw this.#failureOf(answer, { names: [] });
    const read = objectOf(answer.text);
    const { newNonce, newAccount, newOrder, renewalInfo, meta } = read;
    if (!isText(newNonce) || !isText(newAccount) || !isText(newOrder)) {
      throw this.#wrong(reason('directory-incomplete'));
    }
    const terms = (meta as { termsOfService?: unknown } | undefined)?.termsOfService;
    return {
      newNonce,
      newAccount,
      newOrder,
      renewalInfo: isText(renewalInfo) ? renewalInfo : undefined,
      terms: isText(terms) ? terms : undefined,
    };
  }

  /** Without a signature. Undefined: there is no such thing. */
  async look(
    url: string,
  ): Promise<{ body: Record<string, unknown>; retryAfterMs: number | undefined } | undefined> {
    const answer = await this.#send('GET', url);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw this.#failureOf(answer, { names: [] });
    return { body: objectOf(answer.text), retryAfterMs: this.#retryAfter(answer) };
  }

  /** The answer, if it is not a problem. `payload` undefined: only looks. */
  async post(
    directory: Directory,
    url: string,
    signer: Signer,
    payload: object | undefined,
    context: Omit<ProblemContext, 'directory'>,
    accept?: string,
  ): Promise<{ answer: AuthorityAnswer; retryAfterMs: number | undefined }> {
    for (let tries = 1; ; tries++) {
      const nonce = await this.#takeNonce(directory);
      const body = signer.key.sign({ url, nonce, account: signer.account, payload });
      const answer = await this.#send('POST', url, body, accept);
      this.#nonce = headerOf(answer, 'replay-nonce');
      if (answer.status < 400) return { answer, retryAfterMs: this.#retryAfter(answer) };
      const isOldNonce = problemIn(answer.text)?.type === 'badNonce';
      if (!isOldNonce || tries >= nonceTriesAtMost) throw this.#failureOf(answer, context);
    }
  }

  async #takeNonce({ newNonce }: Directory): Promise<string> {
    const kept = this.#nonce;
    this.#nonce = undefined;
    if (kept !== undefined) return kept;
    const answer = await this.#send('GET', newNonce);
    const nonce = headerOf(answer, 'replay-nonce');
    if (nonce !== undefined) return nonce;
    throw answer.status >= 400
      ? this.#failureOf(answer, { names: [] })
      : this.#wrong(reason('directory-without-nonce'));
  }

  async #send(method: 'GET' | 'POST', url: string, body?: object, accept?: string): Promise<AuthorityAnswer> {
    try {
      return await this.#http.request({
        method,
        url,
        isTrusted: true,
        timeLimitMs,
        sizeLimitBytes,
        headers: {
          ...(body && { 'content-type': 'application/jose+json' }),
          ...(accept !== undefined && { accept }),
        },
        ...(body && { body }),
      });
    } catch (error) {
      throw this.#unreachable(error as Error);
    }
  }

  #unreachable(error: Error & { reason?: Reason | string }) {
    const code = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? '';
    const parameters = { directory: this.#url, reason: error.reason ?? error.message };
    // The names of OpenSSL for what is wrong with a certificate.
    if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') {
      return failure(
        'acme-clock',
        {
          here: moment(this.#clock.now()),
          there: reason('authority-certificate-not-valid', { message: error.message }),
        },
        { cause: error },
      );
    }
    const isUntrusted = /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|ALTNAME/.test(code);
    return failure(isUntrusted ? 'acme-directory-untrusted' : 'acme-directory-down', parameters, {
      cause: error,
    });
  }

  #wrong(why: string | Reason) {
    return failure('acme-directory-wrong', { directory: this.#url, reason: why });
  }

  #failureOf(answer: AuthorityAnswer, context: Omit<ProblemContext, 'directory'>) {
    const { status, text } = answer;
    const problem: Problem = problemIn(text) ?? {
      type: '',
      status,
      detail: reason('authority-status', { status }),
    };
    if (problem.type === '' && status >= 400 && status < 429) return this.#wrong(problem.detail);
    const retryAfterMs = this.#retryAfter(answer);
    return failureOf({ ...problem, status, retryAfterMs }, { directory: this.#url, ...context });
  }

  /** Seconds, or a date on the clock of who sent it. */
  #retryAfter(answer: AuthorityAnswer): number | undefined {
    const text = headerOf(answer, 'retry-after');
    if (text === undefined) return undefined;
    const ms = /^\d+$/.test(text)
      ? Number(text) * 1000
      : Date.parse(text) - (Date.parse(headerOf(answer, 'date') ?? '') || this.#clock.now());
    return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestRetryMs);
  }
}

function clockFailure(here: number, there: number) {
  return failure('acme-clock', { here: moment(here), there: moment(there) });
}

function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function headerOf({ headers }: AuthorityAnswer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** An answer as an object; what is none has no members. */
export function objectOf(text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function problemIn(text: string): Problem | undefined {
  const read = objectOf(text);
  return isText(read.type) ? problemOf(read) : undefined;
}

/** A problem document as an authority writes it into an answer or beside a check. */
export function problemOf(read: Readonly<Record<string, unknown>>): Problem {
  const { type, detail, status, instance, identifier, subproblems } = read;
  const name = (identifier as { value?: unknown } | undefined)?.value;
  return {
    type: String(type ?? '').replace(/^urn:ietf:params:acme:error:/, ''),
    detail: isText(detail) ? detail : '',
    status: typeof status === 'number' ? status : 0,
    instance: isText(instance) ? instance : undefined,
    name: isText(name) ? name : undefined,
    subproblems: Array.isArray(subproblems) ? subproblems.map((each) => problemOf(each ?? {})) : undefined,
  };
}

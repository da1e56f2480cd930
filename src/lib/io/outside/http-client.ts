// Every request that this server makes to others goes through here: an end in time, a limit on what is read,
// few redirects, and addresses from users only on the public internet.

import { lookup as systemLookup } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { type Reason, reason } from '../../core/errors/reason.js';
import type { Clock, Timer } from '../../core/session/needs.js';
import { isPublicAddress } from './private-networks.js';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface HttpRequest {
  method: HttpMethod;
  /** http or https; a user and password in it are sent only when the server asks for them. */
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON, under the content type of the headers if they have one. */
  body?: unknown;
  /** What the operator configured may lead anywhere; one from a user only to public addresses. */
  isTrusted: boolean;
  /** For everything together, name look-up and redirects included. Default 10 s. */
  timeLimitMs?: number | undefined;
  /** Longest answer that is read. Default 64 KiB. */
  sizeLimitBytes?: number | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** What went wrong on the way to an answer. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  /** A text is what the system says. */
  readonly reason: Reason | string;

  constructor(problem: Reason | string, options?: ErrorOptions) {
    super(String(problem), options);
    this.reason = problem;
  }
}

/** The connection ended before the entire answer was there: nobody knows whether the request was carried out. */
export class BrokenOff extends HttpProblem {
  override name = 'BrokenOff';
}

/** An address from a user leads to a private network: retrying is of no use. */
export class ForbiddenNetwork extends HttpProblem {
  override name = 'ForbiddenNetwork';

  constructor() {
    super(reason('request-private-network'));
  }
}

export interface HttpClientOptions {
  clock: Clock;
  /** `announceAllowPrivate`: addresses from users may lead to private networks too. */
  mayUsePrivate?: () => boolean;
  /** Name look-up; handed in by tests. */
  lookup?: LookupFunction;
  /** PEM of certificates that are trusted beside those of the system. */
  trusted?: string;
}

const defaultTimeLimitMs = 10_000;
const defaultSizeLimitBytes = 64 * 1024;
const redirectLimit = 2;
/** Look-ups occupy one of libuv's few threads each; slow names from users must not take all of them. */
const untrustedLookupLimit = 2;

interface Step {
  method: HttpMethod;
  url: URL;
  headers: Record<string, string>;
  body: Buffer | undefined;
  authorization: string | undefined;
  isTrusted: boolean;
  sizeLimitBytes: number;
}

/** A cut-off for one request with all its steps. */
interface Deadline {
  /** Calls `stop` when time is over; returns what takes that back. */
  onOver(stop: (problem: HttpProblem) => void): () => void;
}

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #open = new Set<(problem: HttpProblem) => void>();
  /** Made once: reading all root certificates takes longer than a request. */
  #secureContext: SecureContext | undefined;
  #untrustedLookups = 0;
  readonly #waitingLookups: (() => void)[] = [];

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  #trusting(trusted: string): SecureContext {
    // Named ones take the place of all others.
    this.#secureContext ??= createSecureContext({ ca: [...rootCertificates, trusted] });
    return this.#secureContext;
  }

  /** The final answer, whatever its status; redirects have been followed. Rejects with `HttpProblem` only. */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const url = parseHttpUrl(request.url);
    if (url === undefined)
      throw new HttpProblem(reason('request-address-invalid', { url: withoutCredentials(request.url) }));
    const credentials = credentialsOf(url);
    url.username = '';
    url.password = '';
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const step: Step = {
      method: request.method,
      url,
      headers: { ...(body && { 'content-type': 'application/json' }), ...request.headers },
      body,
      authorization: undefined,
      isTrusted: request.isTrusted,
      sizeLimitBytes: request.sizeLimitBytes ?? defaultSizeLimitBytes,
    };
    return this.#withDeadline(request.timeLimitMs ?? defaultTimeLimitMs, (deadline) =>
      this.#walk(step, credentials, deadline),
    );
  }

  /** Ends what is under way. */
  close(): void {
    for (const stop of this.#open) stop(new HttpProblem(reason('server-stopping')));
  }

  async #withDeadline<T>(limitMs: number, run: (deadline: Deadline) => Promise<T>): Promise<T> {
    const stops = new Set<(problem: HttpProblem) => void>();
    let over: HttpProblem | undefined;
    const stopAll = (problem: HttpProblem) => {
      over = problem;
      for (const stop of stops) stop(problem);
    };
    const timer: Timer = this.#options.clock.after(limitMs, () =>
      stopAll(new HttpProblem(reason('request-too-slow', { seconds: Math.round(limitMs / 1000) }))),
    );
    this.#open.add(stopAll);
    try {
      return await run({
        onOver(stop) {
          if (over) stop(over);
          stops.add(stop);
          return () => void stops.delete(stop);
        },
      });
    } finally {
      timer.cancel();
      this.#open.delete(stopAll);
    }
  }

  async #walk(first: Step, credentials: string | undefined, deadline: Deadline): Promise<HttpAnswer> {
    let step = first;
    for (let redirects = 0; ; ) {
      const answer = await this.#send(step, deadline);
      if (answer.status === 401 && credentials !== undefined && asksForBasic(answer)) {
        step = { ...step, authorization: credentials };
        credentials = undefined;
        continue;
      }
      const target = redirectTarget(answer, step);
      if (target === undefined) return answer;
      redirects += 1;
      if (redirects > redirectLimit) throw new HttpProblem(reason('redirects-too-many'));
      const isSameOrigin = target.origin === step.url.origin;
      if (!isSameOrigin) credentials = undefined;
      step = {
        ...step,
        url: target,
        authorization: isSameOrigin ? step.authorization : undefined,
        headers: isSameOrigin ? step.headers : withoutAuthorization(step.headers),
      };
    }
  }

  #send(step: Step, deadline: Deadline): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { url } = step;
      const isGuarded = !step.isTrusted && !(this.#options.mayUsePrivate?.() ?? false);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      // A literal address never gets to the look-up.
      if (isGuarded && isIP(host) !== 0 && !isPublicAddress(host)) throw new ForbiddenNetwork();

      const { trusted } = this.#options;
      const request = (url.protocol === 'https:' ? https : http).request(url, {
        method: step.method,
        agent: false,
        lookup: this.#lookup(isGuarded, !step.isTrusted),
        ...(trusted !== undefined && { secureContext: this.#trusting(trusted) }),
        headers: {
          ...step.headers,
          ...(step.body && { 'content-length': String(step.body.length) }),
          ...(step.authorization !== undefined && { authorization: step.authorization }),
          // Nothing is unpacked here, so nobody may send packed.
          'accept-encoding': 'identity',
          connection: 'close',
        },
      });
      let release = () => {};
      const finish = (run: () => void) => {
        release();
        request.destroy();
        run();
      };
      const fail = (problem: HttpProblem) => finish(() => reject(problem));
      release = deadline.onOver(fail);

      request.on('socket', (socket) => {
        socket.once('connect', () => {
          // Whatever the look-up said: this is where the bytes would go.
          if (isGuarded && !isPublicAddress(socket.remoteAddress ?? '')) fail(new ForbiddenNetwork());
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => fail(problemOf(error, url)));
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        let size = 0;
        response.on('data', (piece: Buffer) => {
          size += piece.length;
          if (size > step.sizeLimitBytes) {
            fail(new HttpProblem(reason('answer-too-large', { bytes: step.sizeLimitBytes })));
            return;
          }
          pieces.push(piece);
        });
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          finish(() => resolve({ status, headers, text: Buffer.concat(pieces).toString('utf8') }));
        });
        response.on('aborted', () => fail(new BrokenOff(reason('answer-cut'))));
      });
      request.end(step.body);
    });
  }

  #lookup(isGuarded: boolean, isUntrusted: boolean): LookupFunction {
    const ask = this.#options.lookup ?? (systemLookup as LookupFunction);
    return (host, options, answer) => {
      const run = () =>
        ask(host, { ...options, all: true }, (error, found) => {
          if (isUntrusted) this.#endUntrustedLookup();
          if (error) return answer(error, '', 0);
          const all = Array.isArray(found) ? found : [];
          const usable = isGuarded ? all.filter(({ address }) => isPublicAddress(address)) : all;
          const [first] = usable;
          if (first === undefined) return answer(new ForbiddenNetwork(), '', 0);
          if (options.all) answer(null, usable);
          else answer(null, first.address, first.family);
        });
      if (isUntrusted) this.#beginUntrustedLookup(run);
      else run();
    };
  }

  #beginUntrustedLookup(run: () => void): void {
    if (this.#untrustedLookups >= untrustedLookupLimit) {
      this.#waitingLookups.push(run);
      return;
    }
    this.#untrustedLookups += 1;
    run();
  }

  #endUntrustedLookup(): void {
    const next = this.#waitingLookups.shift();
    if (next) next();
    else this.#untrustedLookups -= 1;
  }
}

/** An http or https URL with a host, or undefined. */
export function parseHttpUrl(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  try {
    const url = new URL(text);
    return url.hostname === '' ? undefined : url;
  } catch {
    return undefined;
  }
}

/** The text of a URL with user and password taken out, as it may be shown to anybody. */
export function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}

function credentialsOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const text = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function asksForBasic(answer: HttpAnswer): boolean {
  return /\bbasic\b/i.test(String(answer.headers['www-authenticate'] ?? ''));
}

function withoutAuthorization(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}

const redirectStatuses = [301, 302, 303, 307, 308];

/** Where the answer sends us, or undefined when it is final. http.md §2.1 */
function redirectTarget(answer: HttpAnswer, step: Step): URL | undefined {
  const location = answer.headers.location;
  if (!redirectStatuses.includes(answer.status) || location === undefined) return undefined;
  const target = URL.canParse(location, step.url.href) ? new URL(location, step.url.href) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    throw new HttpProblem(reason('redirect-no-address'));
  }
  if (step.url.protocol === 'https:' && target.protocol !== 'https:') {
    throw new HttpProblem(reason('redirect-to-http'));
  }
  target.username = '';
  target.password = '';
  // Only 307 and 308 promise that the same request is meant; others would turn it into a GET.
  if (step.method !== 'GET' && answer.status !== 307 && answer.status !== 308) {
    throw new HttpProblem(reason('server-moved', { origin: target.origin }));
  }
  return target;
}

function problemOf(error: NodeJS.ErrnoException, url: URL): HttpProblem {
  if (error instanceof HttpProblem) return error;
  // Several addresses were tried: the first failure says as much as all of them.
  const [inner] = (error as { errors?: NodeJS.ErrnoException[] }).errors ?? [];
  const Problem = isBrokenOff(inner ?? error) ? BrokenOff : HttpProblem;
  return new Problem(whyFailed(inner ?? error, url), { cause: error });
}

function isBrokenOff({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** What the system says where there is no row for it. */
function whyFailed(error: NodeJS.ErrnoException, { hostname: host }: URL): Reason | string {
  const code = error.code ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return reason('connection-refused');
    case 'ECONNRESET':
    case 'EPIPE':
      return reason('connection-closed');
    case 'ENOTFOUND':
      return reason('host-not-found', { host });
    case 'EAI_AGAIN':
      return reason('host-not-looked-up', { host });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return reason('host-unreachable', { host });
    case 'ETIMEDOUT':
      return reason('connection-timed-out');
    case 'CERT_HAS_EXPIRED':
      return reason('certificate-of-host-expired', { host });
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return reason('certificate-of-other-host', { host });
  }
  if (code.startsWith('HPE_')) return reason('answer-not-http');
  return error.message === '' ? code : error.message;
}

// Which web pages may use the admin API. A browser sends what any page tells it to, from the operator's machine and
// with the operator's credentials; it says with Origin, Sec-Fetch-Site and Host for whom (Fetch standard §3.2, Fetch
// Metadata §2). Programs send none of these but Host, and are not held up.

import type { IncomingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import { parseAddress } from '../../core/addresses.js';
import { type Refusal, refusal } from '../../core/errors.js';

export interface WebPagesOptions {
  /** `--web-admin-allowed-origin`: origins with blanks or commas between, or `*`. */
  allowedOrigins: string | undefined;
  /** Names under which this server is reached, beside those of this machine and of the allowed origins. */
  names: readonly string[];
  /** A name and a password are needed: a page that pretends to be another server does not have them. */
  hasCredentials: boolean;
}

/** What a request is judged by. */
export interface PageRequest {
  method: string;
  headers: IncomingHttpHeaders;
  /** Below `/api/`, or `/metrics`: anything but a page of the web site. */
  isApi: boolean;
  /** A trusted proxy: its X-Forwarded-Host is believed. */
  isFromProxy: boolean;
}

export class WebPages {
  readonly #origins: readonly string[];
  readonly #names: ReadonlySet<string>;
  readonly #hasCredentials: boolean;

  constructor({ allowedOrigins, names, hasCredentials }: WebPagesOptions) {
    this.#origins = splitOrigins(allowedOrigins ?? '');
    this.#hasCredentials = hasCredentials;
    const known = [
      hostname(),
      ...names,
      ...this.#origins.map((origin) => origin.replace(/^[a-z]+:\/\//, '')),
    ];
    this.#names = new Set(known.map(nameOf));
  }

  /** Undefined: let it in. */
  problem(request: PageRequest): Refusal | undefined {
    return this.#hostProblem(request.headers) ?? this.#originProblem(request) ?? bodyProblem(request);
  }

  /** Headers that let an allowed page read the answer. */
  corsHeaders(origin: string | undefined): Readonly<Record<string, string>> {
    const [only] = this.#origins;
    if (only === undefined) return {};
    // One origin is sent to everybody, as by the originals (http.md §1.2).
    if (this.#origins.length === 1) return { 'access-control-allow-origin': only };
    const allowed = origin !== undefined && this.#allows(origin) ? origin : undefined;
    return { vary: 'Origin', ...(allowed !== undefined && { 'access-control-allow-origin': allowed }) };
  }

  /** A page can make its own name mean this machine (DNS rebinding), and is then of one origin with us. */
  #hostProblem({ host }: IncomingHttpHeaders): Refusal | undefined {
    if (host === undefined || this.#hasCredentials) return undefined;
    const name = nameOf(host);
    const isOurs = !name.includes('.') || parseAddress(name) !== undefined || name.endsWith('.localhost');
    if (isOurs || this.#names.has(name)) return undefined;
    return refusal('host-unknown', { host: name });
  }

  #originProblem({ method, headers, isApi, isFromProxy }: PageRequest): Refusal | undefined {
    const site = headers['sec-fetch-site'];
    const { origin } = headers;
    if (origin !== undefined && origin !== '' && this.#allows(origin)) return undefined;
    if (site !== undefined) {
      // The browser compares with the address that it knows, which a proxy may have changed on the way here.
      if (site === 'same-origin' || site === 'none') return undefined;
      const isLink = method === 'GET' && headers['sec-fetch-dest'] === 'document';
      if (isLink && !isApi) return undefined;
      return foreign(origin);
    }
    if (origin === undefined || origin === '') return undefined;
    const forwarded = isFromProxy ? [headers['x-forwarded-host']].flat() : [];
    const own = [headers.host, ...forwarded].some((host) => host !== undefined && isOriginOf(origin, host));
    return own ? undefined : foreign(origin);
  }

  #allows(origin: string): boolean {
    return this.#origins.includes('*') || this.#origins.includes(origin.toLowerCase());
  }
}

function foreign(origin: string | undefined): Refusal {
  return origin === undefined || origin === ''
    ? refusal('page-refused')
    : refusal('origin-refused', { origin: origin.slice(0, 200) });
}

/** What a form or a script can send without being asked first (`text/plain`) is not a request of a web interface. */
function bodyProblem({ headers }: PageRequest): Refusal | undefined {
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!isBrowser || !hasBody) return undefined;
  if (/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return undefined;
  return refusal('page-without-json');
}

/** Lower case, without the slash that is no part of an origin. */
export function splitOrigins(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((origin) => origin !== '')
    .map((origin) => origin.replace(/\/$/, ''));
}

/** `draw.example` of `draw.example.:443`, `::1` of `[::1]:80`. */
function nameOf(host: string): string {
  const text = host.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(text)?.[1];
  return bracketed ?? text.replace(/:\d*$/, '').replace(/\.$/, '');
}

/** Whether `host` is that of an origin; ports that need not be written are as good as none. */
function isOriginOf(origin: string, host: string): boolean {
  const match = /^(https?):\/\/(.+)$/.exec(origin.toLowerCase());
  if (!match) return false;
  const [, scheme, at] = match as unknown as [string, 'http' | 'https', string];
  const usual = scheme === 'http' ? '80' : '443';
  const plain = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replace(new RegExp(`:${usual}$`), '');
  return plain(at) === plain(host);
}

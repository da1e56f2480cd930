// Which web pages may use the admin API. A browser sends whatever a page requests, from the operator's machine and
// with the operator's credentials; it says with Origin, Sec-Fetch-Site and Host for whom (Fetch standard §3.2, Fetch
// Metadata §2). Programs send none of these but Host, and are not held up where they have the password.

import type { IncomingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import { parseAddress } from '../../core/addresses.js';
import { type Refusal, refusal } from '../../core/errors.js';

export interface WebPagesOptions {
  /** `--web-admin-allowed-origin`: origins with blanks or commas between, or `*`. */
  allowedOrigins: string | undefined;
  /** Names under which this server is reached, beside those of this machine and of the allowed origins; `*.` at the
   * start stands for one label. Asked each time: a certificate may be renewed. */
  names: () => readonly string[];
  /** A name and a password are needed: a program that has them may call us what it likes. */
  hasCredentials: boolean;
}

/** What a request is judged by. */
export interface PageRequest {
  method: string;
  headers: IncomingHttpHeaders;
  /** Below `/api/`, or `/metrics`: anything but a page of the web site. */
  isApi: boolean;
  /** A trusted proxy: its X-Forwarded-Host is trusted. */
  isFromProxy: boolean;
}

export class WebPages {
  readonly #origins: readonly string[];
  readonly #ownNames: readonly string[];
  readonly #names: () => readonly string[];
  readonly #hasCredentials: boolean;

  constructor({ allowedOrigins, names, hasCredentials }: WebPagesOptions) {
    this.#origins = splitOrigins(allowedOrigins ?? '');
    this.#hasCredentials = hasCredentials;
    this.#names = names;
    const ofOrigins = this.#origins.map((origin) => origin.replace(/^[a-z]+:\/\//, ''));
    this.#ownNames = [hostname(), ...ofOrigins].map(nameOf);
  }

  /** Undefined: let it in. */
  problem(request: PageRequest): Refusal | undefined {
    return this.hostProblem(request) ?? this.#originProblem(request) ?? bodyProblem(request);
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

  /**
   * A page can make its own name mean this machine (DNS rebinding), and is then of one origin with us. Where a password
   * is needed, only what comes from a browser is judged: programs have it, such a page does not, and a proxy that
   * passes the public name on says so.
   */
  hostProblem({ headers, isApi, isFromProxy }: Omit<PageRequest, 'method'>): Refusal | undefined {
    const { host, origin } = headers;
    if (host === undefined) return undefined;
    const name = nameOf(host);
    if (this.#isOurs(name)) return undefined;
    if (this.#hasCredentials) {
      if (!isOfBrowser(headers, isApi) || (origin !== undefined && this.#allows(origin))) return undefined;
      if (isFromProxy && forwardedHosts(headers).some((forwarded) => nameOf(forwarded) === name))
        return undefined;
    }
    return refusal('host-unknown', { host: name.slice(0, 200) });
  }

  #isOurs(name: string): boolean {
    if (!name.includes('.') || parseAddress(name) !== undefined || name.endsWith('.localhost')) return true;
    const anyOfDomain = `*${name.slice(name.indexOf('.'))}`;
    if (this.#ownNames.includes(name)) return true;
    return this.#names().some((known) => [name, anyOfDomain].includes(nameOf(known)));
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
    const forwarded = isFromProxy ? forwardedHosts(headers) : [];
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

/** Each proxy on the way may have added one. */
function forwardedHosts(headers: IncomingHttpHeaders): string[] {
  return [headers['x-forwarded-host'] ?? []].flat().flatMap((hosts) => hosts.split(','));
}

/**
 * Whether a request shows itself as one of a browser. Sec-Fetch-Mode does not count: Node's own fetch sends it. Over
 * plain HTTP browsers send neither of the others for what they read from the same origin, so that there is their name
 * only; who looks whether we live may bear it as well.
 */
function isOfBrowser(headers: IncomingHttpHeaders, isApi: boolean): boolean {
  const signs = ['origin', 'sec-fetch-site', 'sec-fetch-dest', 'sec-fetch-user'];
  if (signs.some((sign) => headers[sign] !== undefined)) return true;
  return isApi && /^mozilla\//i.test(headers['user-agent'] ?? '');
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

// Checks a request before it reaches its route: headers for web pages, preflight, client address, authentication.

import type { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { local } from '../../admin/operation.js';
import { canonicalAddress } from '../../core/addresses.js';
import { httpStatusOf, Refusal, refusal } from '../../core/errors.js';
import { TrustedProxies } from '../../core/peer/client-address.js';
import type { Credentials } from './access.js';
import type { Authentication } from './authentication.js';
import { escapeHtml, sendHtml } from './html.js';
import { failed, type HttpNeeds } from './original/route.js';
import { noteProblem, sendAnswer, sendReport } from './replies.js';
import { WebPages } from './web-pages.js';
import type { SiteFolder } from './web-site.js';

export interface GuardOptions {
  needs: HttpNeeds;
  /** Undefined: everybody who can connect. */
  credentials?: Credentials | undefined;
  /** Web pages that may send requests; undefined: only those of this server. */
  pages?: WebPages | undefined;
  /** Proxies whose client addresses are trusted; this machine always is. */
  proxies?: TrustedProxies | undefined;
  /** Everybody may connect: open routes are answered for every client, host name and page. */
  isOpenToAll?: boolean;
  /** From where what is not open may be used at all; undefined: from wherever one can connect. */
  mayAdminister?: (ip: string) => boolean;
  /** Tokens and logins; undefined: there are none. */
  authentication?: Authentication | undefined;
  /** From where everybody may ask when there is no name and password; undefined: from wherever one can connect. */
  isFree?: (ip: string) => boolean;
  /** A web interface that is served beside the API. */
  site?: SiteFolder | undefined;
}

export const apiPrefix = '/api/';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no name and password. */
    isOpen?: true;
  }
}

export function pathOf(request: FastifyRequest): string {
  return request.url.replace(/\?.*/s, '');
}

/**
 * What rules are looked up by: the address of the route that answers, never the text of the request alone. The router
 * reads `//api/x` and `/%61pi/x` as `/api/x`, and a rule that does not would be walked around.
 */
export function placeOf(request: FastifyRequest): string {
  const { url } = request.routeOptions;
  return url ?? cleanPath(pathOf(request));
}

/** A path in the form that the router uses. */
function cleanPath(path: string): string {
  const single = path.replaceAll(/\/{2,}/g, '/');
  try {
    return decodeURIComponent(single).replaceAll(/\/{2,}/g, '/');
  } catch {
    return single;
  }
}

/** Before anything else: headers for web pages, preflight, who asks for whom, name and password. */
export function makeGuard(options: GuardOptions) {
  const {
    pages = new WebPages({ allowedOrigins: undefined, names: () => [], hasCredentials: false }),
    proxies = new TrustedProxies(),
  } = options;
  const reported = new Set<string>();
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { headers, method } = request;
    // no page of another server shows ours in a frame
    reply.headers({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      ...pages.corsHeaders(headers.origin),
    });
    const place = placeOf(request);
    const isApi = place.startsWith(apiPrefix);
    if (options.isOpenToAll && request.routeOptions.config.isOpen) return undefined;
    const peer = canonicalAddress(request.ip ?? '') ?? '';
    const asked = {
      method,
      headers,
      isApi: isApi || place === '/metrics',
      isFromProxy: proxies.trusts(peer),
    };
    const isPreflight = method === 'OPTIONS' && isApi;
    const refused = isPreflight ? pages.hostProblem(asked) : pages.problem(asked);
    if (isPreflight && !refused) return sendPreflight(reply);
    if (refused) return sendPageRefusal(reply, refused, isApi);
    const client = proxies.clientOf(peer, headers);
    if ('ip' in client) {
      const isSecure =
        isEncrypted(request) || (proxies.trusts(peer) && lastOf(headers['x-forwarded-proto']) === 'https');
      request.asking = { method, headers, address: client.ip, isSecure };
      request.caller = { ...local, address: client.ip };
      if (!isGuarded(options, request)) return undefined;
      return checkCaller(options, client.ip, request, reply);
    }
    if (!reported.has(peer)) {
      reported.add(peer);
      noteProblem(options.needs, 'warn', `Requests to the admin API are refused: ${client.problem}`);
    }
    return sendAnswer(reply, failed(400, client.problem.text));
  };
}

function sendPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .header('access-control-allow-methods', 'HEAD, GET, POST, PUT, DELETE')
    .header('access-control-allow-headers', 'Authorization, Content-Type, X-Requested-With')
    .header('access-control-max-age', '86400')
    .send();
}

function sendPageRefusal(reply: FastifyReply, refused: Refusal, isApi: boolean) {
  if (isApi) return sendReport(reply, refused);
  const status = httpStatusOf(refused);
  return sendHtml(reply, status, `${status} - ${escapeHtml(refused.message)}`);
}

/** What answers is guarded unless it says otherwise; where nothing does, only what belongs to somebody. */
function isGuarded({ site }: GuardOptions, request: FastifyRequest): boolean {
  const { url, config } = request.routeOptions;
  if (url === undefined) return site !== undefined || placeOf(request).startsWith(apiPrefix);
  return config.isOpen !== true && config.isLogin !== true;
}

function isEncrypted({ raw }: FastifyRequest): boolean {
  return (raw.socket as Partial<TLSSocket>).encrypted === true;
}

/** What the proxy next to us says, of a header that each on the way may have added to. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return String(header ?? '')
    .split(',')
    .at(-1)
    ?.trim()
    .toLowerCase();
}

/**
 * By token or login. A cookie whose login is over is taken from the browser, and is as none where there is another way
 * in: pages, which a browser asks a name and password for, and requests that have them. The web interface gets the error.
 */
async function identify(
  authentication: Authentication | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { asking } = request;
  if (asking === undefined) return undefined;
  try {
    return await authentication?.identify(asking);
  } catch (error) {
    const cleared = authentication?.forget(asking);
    const isOver = error instanceof Refusal && error.code === 'login-needed' && cleared !== undefined;
    if (!isOver) throw error;
    reply.header('set-cookie', cleared);
    const { authorization } = asking.headers;
    if (authorization === undefined && placeOf(request).startsWith(apiPrefix)) throw error;
    if (/^bearer /i.test(authorization ?? '')) throw error;
    return undefined;
  }
}

/** Of a route that is guarded: by address, then by token, login or name and password. */
async function checkCaller(
  options: GuardOptions,
  client: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { credentials, authentication, isFree, mayAdminister } = options;
  const refuseAddress = () => {
    const isApi = placeOf(request).startsWith(apiPrefix);
    return sendPageRefusal(reply, refusal('address-refused', { address: client }), isApi);
  };
  if (mayAdminister?.(client) === false) return refuseAddress();
  const caller = await identify(authentication, request, reply);
  if (caller) {
    request.caller = caller;
    request.isByGrant = true;
    return undefined;
  }
  if (credentials === undefined) return isFree?.(client) === false ? refuseAddress() : undefined;
  if ((await credentials.check(client, request.headers.authorization)) === 'ok') {
    // there is one name and password, which may do everything
    request.caller = { name: credentials.name, role: 'administrator', address: client };
    return undefined;
  }
  // The web interface asks by itself; the header would make the browser ask as well.
  if (request.headers['x-requested-with'] !== 'XMLHttpRequest') {
    reply.header('www-authenticate', 'Basic realm="drawpile-srv"');
  }
  return sendHtml(reply, 401, '401 - Unauthorized');
}

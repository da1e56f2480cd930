// The HTTP server of the admin API: who gets in, how bodies are read, which routes there are. The routes themselves are
// in original/ and operation-routes.ts; listening is in http-listener.ts.

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { localAdmin } from '../../admin/admin.js';
import { isLocked } from '../../admin/live.js';
import { local, requireRole, whenStored } from '../../admin/operation.js';
import { loadOperations } from '../../admin/operations.js';
import { openSession } from '../../admin/session-actions.js';
import { canonicalAddress } from '../../core/addresses.js';
import { Fault, fault, httpStatusOf, Refusal, refusal, reportOf } from '../../core/errors.js';
import { TrustedProxies } from '../../core/peer/client-address.js';
import { isJsonObject, type JsonObject } from '../../core/protocol/command.js';
import type { LogLevel } from '../../core/session/needs.js';
import type { Credentials } from './access.js';
import { ApiDescription } from './api-description.js';
import { escapeHtml, sendHtml, sendUnknownPage } from './html.js';
import { sendJson } from './json.js';
import { addOperationRoutes, neededBy, ownPrefix } from './operation-routes.js';
import {
  type Answer,
  failed,
  type HttpNeeds,
  type Method,
  notFound,
  type OriginalRoute,
  unsupportedMethod,
} from './original/route.js';
import { originalRoutes } from './original/routes.js';
import { WebPages } from './web-pages.js';
import { findSiteFile, hasUnchanged, type SiteFolder } from './web-site.js';

export interface AppOptions {
  needs: HttpNeeds;
  /** Undefined: everybody who can connect. */
  credentials?: Credentials | undefined;
  /** Which web pages may ask; undefined: none but our own. */
  pages?: WebPages | undefined;
  /** Proxies whose client addresses are trusted; this machine always is. */
  proxies?: TrustedProxies | undefined;
  /** Everybody may connect: open routes are answered for every client, host name and page. */
  isOpenToAll?: boolean;
  /** From where what is not open may be used at all; undefined: from wherever one can connect. */
  mayAdminister?: (ip: string) => boolean;
  /** A web interface to be served beside the API. */
  site?: SiteFolder | undefined;
  /** Adds routes that are not about administration. */
  more?: (app: FastifyInstance) => void;
}

const bodyBytesAtMost = 1024 * 1024;
const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];
const apiPrefix = '/api/';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no name and password. */
    isOpen?: true;
  }
}

/** A body that is no JSON; the text is the parser's. */
class BadBody extends Error {}

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: bodyBytesAtMost,
    routerOptions: {
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: 500,
      // of equal names the last one counts
      querystringParser: (text) => Object.fromEntries(new URLSearchParams(text)),
    },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allowUnionTypes: true,
      },
    },
    trustProxy: false,
  });
  app.decorateRequest('caller', undefined);
  readBodies(app);
  const guard = makeGuard(options);
  app.addHook('onRequest', guard);
  // Fastify sets it after too large a body; HTTP/2 has no such header, and Node would say so on standard error.
  app.addHook('onSend', async ({ raw }, reply) => {
    if (raw.httpVersionMajor === 2) reply.removeHeader('connection');
  });
  app.setErrorHandler((error, request, reply) => answerError(options, error, request, reply));
  app.setNotFoundHandler((request, reply) => answerUnknown(options, request, reply));

  const description = new ApiDescription(options.needs.live.version);
  description.watch(app);
  for (const route of originalRoutes) addOriginalRoute(app, options, route);
  addOperationRoutes(app, options.needs, await loadOperations(), description);
  options.more?.(app);
  await app.ready();
  return app;
}

/**
 * Loads what the framework loads when it first answers, for a server that may not be able to read its own code later:
 * one request to an app of no use.
 */
export async function loadFramework(): Promise<void> {
  const app = fastify({ ajv: { customOptions: { allowUnionTypes: true } } });
  const schema = { body: { type: 'object' }, response: { 200: { type: 'object', properties: {} } } };
  app.post('/', { schema }, async () => ({}));
  await app.inject({ method: 'POST', url: '/', payload: {} });
  await app.inject({ method: 'POST', url: '/', payload: [] });
  await app.inject({ method: 'GET', url: '/nowhere' });
  await app.close();
}

/** Any content type is JSON (http.md §1.1), with one exception that the originals' parser makes. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const type = request.headers['content-type'] ?? '';
    const isForm = type.startsWith('application/x-www-form-urlencoded');
    const text = String(body);
    if (
      text.trim() === '' ||
      request.method === 'DELETE' ||
      (isForm && request.method === 'POST' && !placeOf(request).startsWith(ownPrefix))
    ) {
      done(null, {});
      return;
    }
    try {
      const value: unknown = JSON.parse(text);
      // to the originals a list is as good as nothing; a number or a text is no request
      const isIgnored = Array.isArray(value) && !placeOf(request).startsWith(ownPrefix);
      if (!isJsonObject(value) && !isIgnored) throw new Error('the body is not a JSON object');
      done(null, isJsonObject(value) ? value : {});
    } catch (error) {
      done(new BadBody(error instanceof Error ? error.message : 'bad JSON'));
    }
  });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

/**
 * What rules are looked up by: the address of the route that answers, never the text of the request alone. The router
 * reads `//api/x` and `/%61pi/x` as `/api/x`, and a rule that does not would be walked around.
 */
function placeOf(request: FastifyRequest): string {
  const { url } = request.routeOptions;
  return url ?? cleanPath(pathOf(request));
}

/** A path as the router reads it. */
function cleanPath(path: string): string {
  const single = path.replaceAll(/\/{2,}/g, '/');
  try {
    return decodeURIComponent(single).replaceAll(/\/{2,}/g, '/');
  } catch {
    return single;
  }
}

/** Before anything else: headers for web pages, preflight, who asks for whom, name and password. */
function makeGuard(options: AppOptions) {
  const {
    pages = new WebPages({ allowedOrigins: undefined, names: () => [], hasCredentials: false }),
    proxies = new TrustedProxies(),
  } = options;
  const told = new Set<string>();
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { headers, method } = request;
    reply.headers(pages.corsHeaders(headers.origin));
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
      if (options.mayAdminister?.(client.ip) === false && isGuarded(options, request)) {
        return sendPageRefusal(reply, refusal('address-refused', { address: client.ip }), isApi);
      }
      return checkCredentials(options, client.ip, request, reply);
    }
    if (!told.has(peer)) {
      told.add(peer);
      noteProblem(options, 'warn', `Requests to the admin API are refused: ${client.problem}`);
    }
    return sendAnswer(reply, failed(400, client.problem));
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
function isGuarded({ site }: AppOptions, request: FastifyRequest): boolean {
  const { url, config } = request.routeOptions;
  if (url === undefined) return site !== undefined || placeOf(request).startsWith(apiPrefix);
  return config.isOpen !== true;
}

async function checkCredentials(
  options: AppOptions,
  client: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { credentials } = options;
  request.caller = { ...local, address: client };
  if (credentials === undefined || !isGuarded(options, request)) return undefined;
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

function sendAnswer(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return sendJson(reply, status, body);
}

function addOriginalRoute(app: FastifyInstance, options: AppOptions, route: OriginalRoute): void {
  for (const method of methods) {
    const handler = route.methods[method];
    app.route({
      method,
      url: `${apiPrefix}${route.path}`,
      schema: { summary: route.summary, tags: ['original'], hide: handler === undefined },
      handler: async (request, reply) => {
        const needs = neededBy(options.needs, request);
        // these routes know one kind of caller
        requireRole(needs, 'administrator');
        if (route.needsDatabase && needs.stores.kind !== 'database') return sendAnswer(reply, notFound());
        if (method !== 'GET' && !route.ignoresLock && route.section && isLocked(needs.live, route.section)) {
          return sendAnswer(reply, locked());
        }
        if (!handler) return sendAnswer(reply, unsupportedMethod());
        const hasBody = method === 'POST' || method === 'PUT';
        const input = (hasBody ? request.body : request.query) as JsonObject | null | undefined;
        const params = request.params as Record<string, string>;
        const answer = await handler({
          run: localAdmin(needs).run,
          isLocked: (section) => isLocked(needs.live, section),
          storage: needs.stores.kind,
          find: {
            session: async (name) => (await openSession(needs.live, name))?.id,
            hasMember: (session, id) => needs.live.directory.find(session)?.people.get(id) !== undefined,
          },
          params,
          input: input ?? {},
        });
        await whenStored(needs.live);
        return sendAnswer(reply, answer);
      },
    });
  }
}

const locked = (): Answer => failed(403, 'This section is locked');

/** Sections whose name in the locks differs from their path. */
const sectionOfPath: Readonly<Record<string, OriginalRoute['section']>> = Object.fromEntries(
  originalRoutes.map((route) => [route.path.split('/')[0]!, route.section]),
);

function answerUnknown(
  options: AppOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | Promise<FastifyReply> {
  const path = pathOf(request);
  const place = placeOf(request);
  const isKnownMethod = [...methods, 'HEAD', 'OPTIONS'].includes(request.method);
  if (place.startsWith(apiPrefix)) {
    if (!isKnownMethod) {
      return sendAnswer(
        reply.header('allow', 'GET, HEAD, POST, PUT, DELETE, OPTIONS'),
        failed(405, 'Unsupported method'),
      );
    }
    const section = sectionOfPath[place.split('/').filter((part) => part !== '')[1] ?? ''];
    const isChange = request.method !== 'GET' && request.method !== 'HEAD';
    if (isChange && section && isLocked(options.needs.live, section)) return sendAnswer(reply, locked());
    return sendAnswer(reply, notFound());
  }
  if (options.site === undefined) return sendUnknownPage(reply);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendHtml(reply.header('allow', 'HEAD,GET'), 405, '405 - Method not allowed');
  }
  return sendSiteFile(options.site, path, request, reply);
}

async function sendSiteFile(
  site: SiteFolder,
  path: string,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const file = await findSiteFile(site, path);
  if (!file) return sendUnknownPage(reply);
  reply.headers({
    etag: file.etag,
    'last-modified': file.lastModified,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (hasUnchanged(headers, file)) return reply.code(304).send();
  return reply.code(200).header('content-type', file.type).send(file.bytes);
}

function noteProblem({ needs }: AppOptions, level: LogLevel, message: string): void {
  needs.live.log.write({ time: needs.live.clock.now(), level, topic: 'Status', message });
}

function answerError(
  options: AppOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof BadBody) return sendAnswer(reply, failed(400, error.message));
  if (error instanceof Refusal || (error instanceof Fault && error.kind !== 'fault')) {
    return sendReport(reply, error);
  }
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const problem = error instanceof Error ? error.message : String(error);
    return sendReport(reply, refusal('request-invalid', { problem }), status);
  }
  const text =
    error instanceof Fault ? error.message : error instanceof Error ? (error.stack ?? '') : String(error);
  noteProblem(options, 'error', `Admin API, ${request.method} ${pathOf(request)}: ${text}`);
  return sendReport(reply, error instanceof Fault ? error : fault('internal-error'));
}

function sendReport(reply: FastifyReply, error: Refusal | Fault, status = httpStatusOf(error)): FastifyReply {
  return sendJson(reply, status, { status: 'error', ...reportOf(error) });
}

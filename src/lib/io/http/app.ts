// The web app of the admin API: parsing of bodies, and the routes. guard.ts controls access; the routes are in
// original/, operation-routes.ts and login-routes.ts; http-listener.ts listens.

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { localAdmin } from '../../admin/admin.js';
import type { EventFeed } from '../../admin/event-feed.js';
import { isLocked } from '../../admin/live.js';
import { requireRole, whenStored } from '../../admin/operation.js';
import { loadOperations } from '../../admin/operations.js';
import { openSession } from '../../admin/session-actions.js';
import { isJsonObject, type JsonObject } from '../../core/protocol/command.js';
import { ApiDescription } from './api-description.js';
import { addEventRoutes } from './event-routes.js';
import { addFileRoute } from './file-routes.js';
import { apiPrefix, type GuardOptions, makeGuard, pathOf, placeOf } from './guard.js';
import { sendHtml, sendUnknownPage } from './html.js';
import { RowTexts } from './json.js';
import { addLoginRoutes } from './login-routes.js';
import { addOperationRoutes, neededBy, ownPrefix } from './operation-routes.js';
import {
  type Answer,
  failed,
  type Method,
  notFound,
  type OriginalRoute,
  unsupportedMethod,
} from './original/route.js';
import { originalRoutes } from './original/routes.js';
import { noteProblem, sendAnswer, sendError } from './replies.js';
import { findSiteFile, hasUnchanged, type SiteFolder } from './web-site.js';

export interface AppOptions extends GuardOptions {
  /** The event feed; undefined: there are no events. */
  feed?: EventFeed;
  /** Adds routes that are not about administration. */
  more?: (app: FastifyInstance) => void;
}

const bodyBytesAtMost = 1024 * 1024;
const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];

/** A body that is not JSON; the message is the parser's. */
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
  app.decorate('rowTexts', new RowTexts());
  app.decorateRequest('caller', undefined);
  app.decorateRequest('asking', undefined);
  app.decorateRequest('isByGrant', false);
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
  addFileRoute(app, (request) => localAdmin(neededBy(options.needs, request)).run);
  if (options.feed) addEventRoutes(app, options.needs, options.feed, options.authentication);
  if (options.authentication) addLoginRoutes(app, options.needs, options.authentication);
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
  originalRoutes.map((route) => [route.path.replace(/\/.*/s, ''), route.section]),
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

function answerError(
  options: AppOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof BadBody) return sendAnswer(reply, failed(400, error.message));
  return sendError(reply, error, (text) =>
    noteProblem(options.needs, 'error', `Admin API, ${request.method} ${pathOf(request)}: ${text}`),
  );
}

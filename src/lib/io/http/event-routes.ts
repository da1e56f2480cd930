// `GET /api/dp/1/events`: the event feed as server-sent events (HTML standard §9.2). admin/events.ts lists the
// kinds.

import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type EventFeed, eventKindOf } from '../../admin/event-feed.js';
import { type EventKind, eventKinds, events } from '../../admin/events.js';
import { local } from '../../admin/operation.js';
import { object, text } from '../../admin/schema.js';
import { networkText } from '../../core/addresses.js';
import { refusal } from '../../core/errors.js';
import type { Authentication } from './authentication.js';
import { neededBy, ownPrefix, requireQuery } from './operation-routes.js';
import type { HttpNeeds } from './original/route.js';
import { sendReport } from './replies.js';

/** Maximum number of bytes that wait for a follower; beyond it, the stream ends. */
const backlogAtMost = 256 * 1024;
const followersAtMost = 600;
const perNetworkAtMost = 50;
const retrySeconds = 5;

const querystring = object(
  {},
  {
    kinds: { ...text, description: `only these, with commas between: ${eventKinds.join(', ')}` },
    session: { ...text, description: 'id of a session: only what is about it' },
    after: { ...text, description: 'id of the last event that arrived, as in the header Last-Event-ID' },
  },
);

export function addEventRoutes(
  app: FastifyInstance,
  needs: HttpNeeds,
  feed: EventFeed,
  authentication: Authentication | undefined,
): void {
  const networks = new Map<string, number>();
  app.get(
    `${ownPrefix}events`,
    {
      validatorCompiler: () => () => true,
      schema: {
        summary: 'What is new on the server, as server-sent events',
        tags: ['events'],
        querystring,
        'x-events': Object.fromEntries(
          eventKinds.map((kind) => [kind, { 'x-role': events[kind].role, schema: events[kind].data }]),
        ),
      },
    },
    async (request, reply) => {
      requireQuery(request.query, ['kinds', 'session', 'after']);
      const query = request.query as { kinds?: string; session?: string; after?: string };
      const kinds = readKinds(query.kinds);
      const { address = '', role } = neededBy(needs, request).caller ?? local;
      const { asking, isByGrant } = request;
      const network = networkText(address);
      const count = networks.get(network) ?? 0;
      const refused = needs.live.descriptors?.isShort
        ? 'events-no-descriptors'
        : feed.count >= followersAtMost
          ? 'events-full'
          : count >= perNetworkAtMost
            ? 'events-too-many'
            : undefined;
      if (refused !== undefined)
        return sendReport(reply.header('retry-after', String(retrySeconds)), refusal(refused, {}));
      const { raw } = reply;
      const headers = reply.getHeaders() as Record<string, string>;
      reply.hijack();
      // gone while it was found out who asks: nothing would ever end it
      if (isGone(raw)) return undefined;
      const isMultiplexed = request.raw.httpVersionMajor > 1;
      // it ends with its connection: as chunks, each event would be three pieces for each follower
      if (!isMultiplexed) raw.removeHeader('transfer-encoding');
      raw.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        ...(!isMultiplexed && { connection: 'close' }),
      });
      if (request.method === 'HEAD') {
        raw.end();
        return undefined;
      }
      networks.set(network, count + 1);
      raw.write(`retry: ${retrySeconds * 1000}\n\n`);
      const stop = feed.follow(
        {
          role,
          kinds,
          session: query.session?.toLowerCase(),
          send: (bytes) => send(raw, bytes),
          // tokens and logins end, or give another role
          mayStay: async () =>
            !isByGrant || (asking && (await authentication?.identify(asking))?.role) === role,
          end: () => void raw.end(),
        },
        (query.after ?? String(request.headers['last-event-id'] ?? '').trim()) || undefined,
      );
      raw.on('error', stop);
      raw.once('close', () => {
        stop();
        const rest = (networks.get(network) ?? 1) - 1;
        if (rest > 0) networks.set(network, rest);
        else networks.delete(network);
      });
      return undefined;
    },
  );
}

/** `stream`: of HTTP/2. */
function isGone(raw: ServerResponse & { readonly stream?: { readonly destroyed: boolean } }): boolean {
  return raw.destroyed || raw.stream?.destroyed === true;
}

/** Disconnects a follower who does not read; they can continue with the id of the last event received. */
function send(raw: ServerResponse, bytes: Buffer): void {
  if (isGone(raw) || raw.writableEnded) return;
  if (raw.writableLength > backlogAtMost) raw.destroy();
  else raw.write(bytes);
}

function readKinds(given: string | undefined): ReadonlySet<EventKind> | undefined {
  if (given === undefined) return undefined;
  return new Set(
    given.split(',').map((name) => {
      const kind = eventKindOf(name.trim());
      if (kind === undefined)
        throw refusal('event-kind-unknown', { kind: name.trim(), kinds: eventKinds.join(', ') });
      return kind;
    }),
  );
}

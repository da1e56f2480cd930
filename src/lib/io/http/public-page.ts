// The public pages of this server, without a login: `/`, and `/s/SESSION` for users with a link. Made at most once
// per second, however many requests come.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LiveServer } from '../../admin/live.js';
import { whenStored } from '../../admin/operation.js';
import { hostInLinks, isBrowserClientAllowed, usualWebPort } from '../../core/session/join-links.js';
import { type PublicSessions, viewPublicly } from '../../core/session/public-view.js';
import { publicPageOf } from '../../core/settings/public-page.js';
import { sendUnknownPage } from './html.js';
import {
  contentSecurityPolicy,
  frontPage,
  type ServerFacts,
  sessionPage,
  unknownSessionPage,
} from './public-page-markup.js';
import { type PublicPicture, PublicPictures } from './public-pictures.js';
import { etagOf, hasUnchanged } from './web-site.js';

const freshMs = 1000;
/** Addresses are chosen by whoever asks; pages beyond are made and forgotten. */
const keptPagesAtMost = 256;

interface Page {
  status: 200 | 404;
  bytes: Buffer;
  etag: string;
}

/** Everything as it was at one moment. */
interface Moment {
  at: number;
  server: Omit<ServerFacts, 'webPort'>;
  sessions: PublicSessions;
  pages: Map<string, Page>;
  pictures: PublicPictures;
  /** Nothing is shown that may be lost again. */
  isStored: Promise<void> | undefined;
}

export function addPublicPage(app: FastifyInstance, live: LiveServer): void {
  let moment: Moment | undefined;
  const unsubscribe = live.settings.subscribe(() => {
    moment = undefined;
  });
  app.addHook('onClose', async () => unsubscribe());

  const answer =
    (respond: (request: FastifyRequest, reply: FastifyReply, shown: Moment) => Promise<FastifyReply>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      if (publicPageOf(live.settings) === 'off') return sendUnknownPage(reply);
      const now = live.clock.now();
      if (moment === undefined || Math.abs(now - moment.at) >= freshMs) moment = momentOf(live, now);
      const shown = moment;
      await shown.isStored;
      return respond(request, reply, shown);
    };
  const answerPage = (keyOf: (request: FastifyRequest, webPort: number) => Key) =>
    answer(async (request, reply, shown) =>
      send(request, reply, await pageAt(shown, keyOf(request, portOf(request, live.address.host)))),
    );
  const open = (summary: string) => ({
    schema: { summary, hide: true },
    config: { isOpen: true as const },
  });
  app.get(
    '/',
    open('What this server is'),
    answerPage(({ query }, webPort) => ({
      kind: 'front',
      showsNsfm: (query as Query).nsfm === 'show',
      webPort,
    })),
  );
  app.get(
    '/s/:name',
    open('One session, for those who have its link'),
    answerPage(({ params, query }, webPort) => {
      const { i } = query as Query;
      const invite = i !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(i) ? i : undefined;
      return { kind: 'session', name: (params as { name: string }).name, invite, webPort };
    }),
  );
  app.get(
    '/s/:name/picture',
    open('The newest picture of a session that is listed'),
    answer(async (request, reply, { sessions, pictures }) => {
      const id = sessions.find((request.params as { name: string }).name, undefined)?.pictureOf;
      const picture = id === undefined ? undefined : await pictures.of(id);
      return picture === undefined ? sendUnknownPage(reply) : sendPicture(request, reply, picture);
    }),
  );
}

interface Query {
  nsfm?: string;
  i?: string;
}

/** `webPort`: at which browsers find this server. */
type Key = { webPort: number } & (
  | { kind: 'front'; showsNsfm: boolean }
  | { kind: 'session'; name: string; invite: string | undefined }
);

/** Whoever reached the page by the name of this server reaches the WebSocket at the same port. */
function portOf({ headers: { host = '' } }: FastifyRequest, name: string): number {
  const text = `https://${host}`;
  if (!URL.canParse(text)) return usualWebPort.https;
  const { hostname, port } = new URL(text);
  return hostname === hostInLinks(name) && port !== '' ? Number(port) : usualWebPort.https;
}

function momentOf(live: LiveServer, at: number): Moment {
  const { settings, directory, address } = live;
  return {
    at,
    server: {
      title: settings.get('serverTitle'),
      ...address,
      rules: settings.get('ruleText'),
      // It is for those who are in a session: everybody may read it where everybody may come in.
      welcome: settings.get('allowGuests') ? settings.get('welcomeMessage') : '',
      infoUrl: settings.get('loginInfoUrl'),
      takesBrowsers: live.has('websocket') && isBrowserClientAllowed(settings.get('webSocketOrigins')),
    },
    sessions: viewPublicly(directory, settings),
    pages: new Map(),
    pictures: new PublicPictures(directory),
    isStored: whenStored(live),
  };
}

async function pageAt(moment: Moment, key: Key): Promise<Page> {
  const { pages, sessions, pictures } = moment;
  const server = { ...moment.server, webPort: key.webPort };
  const session = key.kind === 'session' ? sessions.find(key.name, key.invite) : undefined;
  // All that is not found is the same page, and takes no room.
  const name = key.kind === 'session' && session === undefined ? '' : JSON.stringify(key);
  const known = pages.get(name);
  if (known) return known;
  const made = async (): Promise<[200 | 404, string]> => {
    if (key.kind === 'front') return [200, frontOf(moment, server, key.showsNsfm)];
    if (session === undefined) return [404, unknownSessionPage(server)];
    const picture = session.pictureOf === undefined ? undefined : await pictures.of(session.pictureOf);
    return [200, sessionPage(server, session, key.invite, picture)];
  };
  const [status, text] = await made();
  const bytes = Buffer.from(text);
  const page: Page = { status, bytes, etag: etagOf(bytes) };
  if (pages.size < keptPagesAtMost) pages.set(name, page);
  return page;
}

function frontOf(
  { sessions: { isListing, listed } }: Moment,
  server: ServerFacts,
  showsNsfm: boolean,
): string {
  if (!isListing) return frontPage(server, undefined);
  const suitable = listed.filter(({ isNsfm }) => !isNsfm);
  return frontPage(server, {
    sessions: showsNsfm ? listed : suitable,
    showsNsfm,
    nsfmCount: listed.length - suitable.length,
  });
}

const safeHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // an invite is part of the address
  'referrer-policy': 'no-referrer',
  'cache-control': 'max-age=5',
};

function send({ headers }: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply {
  reply.headers(safeHeaders);
  if (page.status === 404) return reply.code(404).type('text/html; charset=utf-8').send(page.bytes);
  reply.header('etag', page.etag);
  if (hasUnchanged(headers, page)) return reply.code(304).send();
  return reply.code(200).type('text/html; charset=utf-8').send(page.bytes);
}

function sendPicture({ headers }: FastifyRequest, reply: FastifyReply, picture: PublicPicture): FastifyReply {
  reply.headers({ ...safeHeaders, 'content-security-policy': "default-src 'none'", etag: picture.etag });
  if (hasUnchanged(headers, picture)) return reply.code(304).send();
  return reply.code(200).type(picture.type).send(picture.bytes);
}

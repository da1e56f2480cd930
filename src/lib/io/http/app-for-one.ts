// The app on this machine for whoever started `dp gui`, against any server that commands reach: by its socket, or by its
// address. Everybody on this machine can connect to a port, so that the first browser with the link is the only one:
// the secret in it works once, and what is asked afterwards shows a cookie and, for changes, a token.

import type { AddressInfo } from 'node:net';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Admin } from '../../admin/admin.js';
import type { AccessSecrets } from '../../admin/needs.js';
import { loadOperations, type OperationName } from '../../admin/operations.js';
import { refusal } from '../../core/errors.js';
import { isJsonObject } from '../../core/protocol/command.js';
import { addGraphicalApp } from './graphical-app.js';
import { sendUnknownPage } from './html.js';
import { sendJson } from './json.js';
import { ownPrefix } from './operation-routes.js';
import { sendError } from './replies.js';
import { cookieOf } from './who-asks.js';

const cookieName = 'dp-gui';
const bodyBytesAtMost = 1024 * 1024;

export interface AppForOne {
  /** Opens the app, once. */
  readonly link: string;
  close(): Promise<void>;
}

export async function openAppForOne(
  admin: Admin,
  { secrets, name }: { secrets: AccessSecrets; name: string },
): Promise<AppForOne> {
  const operations = await loadOperations();
  const csrf = secrets.make();
  const cookie = secrets.make();
  let link: string | undefined = secrets.make();
  const me = { name, role: 'administrator', csrf, expires: Number.MAX_SAFE_INTEGER };
  const app = fastify({ bodyLimit: bodyBytesAtMost, forceCloseConnections: true });

  app.addHook('onRequest', async (request) => {
    // a page that makes its name mean this machine is not let in
    const { host = '' } = request.headers;
    if (host !== `127.0.0.1:${portOf()}` && host !== `localhost:${portOf()}`) {
      throw refusal('host-unknown', { host: host.slice(0, 200) });
    }
    if (!request.url.startsWith('/api/')) return;
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw refusal('page-refused');
    if (request.routeOptions.config.isOpen) return;
    if (cookieOf(request.headers, cookieName) !== cookie) throw refusal('login-needed');
    const isChange = request.method !== 'GET' && request.method !== 'HEAD';
    if (isChange && request.headers['x-csrf-token'] !== csrf) throw refusal('csrf-token-wrong');
  });
  app.setErrorHandler((error, _request, reply) => sendError(reply, error));
  app.setNotFoundHandler((_request, reply) => sendUnknownPage(reply));

  const attributes = 'HttpOnly; SameSite=Strict; Path=/';
  app.post(`${ownPrefix}login`, { config: { isOpen: true } }, async ({ body }, reply) => {
    const given = isJsonObject(body) ? body.link : undefined;
    if (link === undefined || typeof given !== 'string' || secrets.digest(given) !== secrets.digest(link)) {
      throw refusal('login-link-wrong');
    }
    link = undefined;
    return sendJson(reply.header('set-cookie', `${cookieName}=${cookie}; ${attributes}`), 200, me);
  });
  app.get(`${ownPrefix}login`, async (_request, reply) => sendJson(reply, 200, me));
  app.delete(`${ownPrefix}login`, async (_request, reply) =>
    sendJson(reply.header('set-cookie', `${cookieName}=; Max-Age=0; ${attributes}`), 200, {}),
  );
  const run = async (request: FastifyRequest, reply: FastifyReply) => {
    const { area, verb } = request.params as { area: string; verb: string };
    const operation = `${area}.${verb}`;
    if (!Object.hasOwn(operations, operation)) return sendUnknownPage(reply);
    const input = isJsonObject(request.body) ? request.body : {};
    return sendJson(reply, 200, await admin.run(operation as OperationName, input as never));
  };
  app.post(`${ownPrefix}:area/:verb`, run);
  addGraphicalApp(app);

  await app.listen({ host: '127.0.0.1', port: 0 });
  const portOf = () => (app.server.address() as AddressInfo).port;
  return { link: `http://127.0.0.1:${portOf()}/admin/#link=${link}`, close: () => app.close() };
}

// Serves the app on this machine to the user who started `dp gui`, for any server that commands reach: by its socket
// or address. Everybody on this machine can connect to a port, so only the first browser with the link gets in: its
// secret works once, and later requests need a cookie and, for changes, a token. The app includes all servers that
// the user has listed: a request names its server in a header.

import type { AddressInfo } from 'node:net';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Admin, Following, ServerEvent } from '../../admin/admin.js';
import { uploadBytesAtMost } from '../../admin/files.js';
import type { AccessSecrets } from '../../admin/needs.js';
import { loadOperations, type OperationName } from '../../admin/operations.js';
import { Refusal, refusal } from '../../core/errors.js';
import { isJsonObject } from '../../core/protocol/command.js';
import { cookieOf } from './authentication.js';
import { addFileRoute } from './file-routes.js';
import { addGraphicalApp } from './graphical-app.js';
import { sendUnknownPage } from './html.js';
import { sendJson } from './json.js';
import { ownPrefix } from './operation-routes.js';
import { sendError } from './replies.js';
import { addSetUpRoutes, type BrowserSetUp } from './set-up-routes.js';

const cookieName = 'dp-gui';
/** Which of the servers a request is for, percent-encoded; left out: the first. */
const serverHeader = 'x-dp-server';
const heartbeatMs = 20_000;
/** Bytes that wait for a browser that does not read; beyond, the stream ends. */
const backlogAtMost = 1024 * 1024;

export interface LocalApp {
  /** The link that opens the app; it works once. */
  readonly link: string;
  close(): Promise<void>;
}

export interface AppServers {
  /** The server that the app was opened for. */
  readonly first: {
    readonly name: string;
    /** The server; or how it is set up before it is there. */
    readonly admin: Admin | BrowserSetUp;
  };
  /** Names of the other servers that can be selected. */
  readonly others: readonly string[];
  /** Connects to one of them. Refusal or Fault if it cannot be reached. */
  open(name: string): Promise<Admin>;
}

export async function openLocalApp(
  servers: AppServers,
  { secrets, name }: { secrets: AccessSecrets; name: string },
): Promise<LocalApp> {
  const operations = await loadOperations();
  const csrf = secrets.make();
  const cookie = secrets.make();
  let link: string | undefined = secrets.make();
  const names = [servers.first.name, ...servers.others];
  const admins = new Map<string, Promise<Admin>>();
  const { admin: first } = servers.first;
  const setUp = 'run' in first ? undefined : first;
  if ('run' in first) admins.set(servers.first.name, Promise.resolve(first));
  const followings = new Set<Following>();
  /** Refusal when there is none of this name. */
  const adminFor = ({ headers, query }: FastifyRequest): Promise<Admin> => {
    // a link has no headers
    const named = (query as { server?: string }).server;
    const wanted = chosenServer(headers[serverHeader]) ?? named ?? servers.first.name;
    if (!names.includes(wanted)) {
      throw refusal('server-unlisted', { name: wanted.slice(0, 200), names: names.join(', ') });
    }
    let admin = admins.get(wanted);
    if (admin === undefined) {
      if (wanted === servers.first.name) throw refusal('set-up-needed');
      admin = servers.open(wanted);
      admins.set(wanted, admin);
      admin.catch(() => admins.delete(wanted));
    }
    return admin;
  };
  const me = async (request: FastifyRequest) => {
    if (!admins.has(servers.first.name)) {
      return { name, role: 'administrator', csrf, expires: Number.MAX_SAFE_INTEGER, needsSetUp: true };
    }
    // a server that cannot be reached is no reason not to let anybody in: another one can be chosen
    const lacks = await Promise.resolve()
      .then(() => adminFor(request))
      .then((admin) => admin.lacks())
      .catch(() => undefined);
    return {
      name,
      role: 'administrator',
      csrf,
      expires: Number.MAX_SAFE_INTEGER,
      servers: names,
      ...(lacks && { lacks }),
    };
  };
  const app = fastify({ bodyLimit: uploadBytesAtMost, forceCloseConnections: true });

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
  app.post(`${ownPrefix}login`, { config: { isOpen: true } }, async (request, reply) => {
    const { body } = request;
    const given = isJsonObject(body) ? body.link : undefined;
    if (link === undefined || typeof given !== 'string' || secrets.digest(given) !== secrets.digest(link)) {
      throw refusal('login-link-wrong');
    }
    link = undefined;
    reply.header('set-cookie', `${cookieName}=${cookie}; ${attributes}`);
    return sendJson(reply, 200, await me(request));
  });
  app.get(`${ownPrefix}login`, async (request, reply) => sendJson(reply, 200, await me(request)));
  app.delete(`${ownPrefix}login`, async (_request, reply) =>
    sendJson(reply.header('set-cookie', `${cookieName}=; Max-Age=0; ${attributes}`), 200, {}),
  );
  const run = async (request: FastifyRequest, reply: FastifyReply) => {
    const { area, verb } = request.params as { area: string; verb: string };
    const operation = `${area}.${verb}`;
    if (!Object.hasOwn(operations, operation)) return sendUnknownPage(reply);
    const input = isJsonObject(request.body) ? request.body : {};
    const admin = await adminFor(request);
    return sendJson(reply, 200, await admin.run(operation as OperationName, input as never));
  };
  app.get(`${ownPrefix}events`, async (request, reply) => {
    const after = String(request.headers['last-event-id'] ?? '').trim();
    const waiting: ServerEvent[] = [];
    let show = (event: ServerEvent): void => {
      waiting.push(event);
    };
    let following: Following;
    try {
      const admin = await adminFor(request);
      following = await admin.followEvents(after === '' ? {} : { after }, (event) => show(event));
    } catch (error) {
      // an original has no events: the app says so, and does not ask again
      if (error instanceof Refusal && error.kind === 'unsupported') return sendUnknownPage(reply);
      throw error;
    }
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    const write = (text: string) => {
      if (raw.writableLength > backlogAtMost) raw.destroy();
      else raw.write(text);
    };
    show = ({ id, kind, data }) => write(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
    write(':\n\n');
    for (const event of waiting) show(event);
    const heartbeat = setInterval(() => write(':\n\n'), heartbeatMs);
    followings.add(following);
    const stop = () => {
      clearInterval(heartbeat);
      following.stop();
      followings.delete(following);
    };
    raw.on('error', stop);
    raw.once('close', stop);
    if (raw.destroyed) stop();
    void following.ended.then(() => raw.end());
    return undefined;
  });
  app.post(`${ownPrefix}:area/:verb`, run);
  addFileRoute(
    app,
    async (request) => {
      const admin = await adminFor(request);
      return (name, input) => admin.run(name, input);
    },
    ['server'],
  );
  if (setUp) {
    addSetUpRoutes(app, setUp, (admin) => admins.set(servers.first.name, Promise.resolve(admin)));
  }
  addGraphicalApp(app);

  await app.listen({ host: '127.0.0.1', port: 0 });
  const portOf = () => (app.server.address() as AddressInfo).port;
  return {
    link: `http://127.0.0.1:${portOf()}/admin/#link=${link}`,
    async close() {
      for (const following of followings) following.stop();
      await app.close();
      for (const [name, admin] of admins) {
        // the first is its opener's
        if (name !== servers.first.name) await admin.then((opened) => opened.close()).catch(() => {});
      }
    },
  };
}

function chosenServer(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header === '') return undefined;
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

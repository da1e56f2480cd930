// A whole server with its admin listeners inside the test's process, with a database, a settings file or neither.

import http from 'node:http';
import * as path from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { EventFeed } from '../../src/lib/admin/event-feed.js';
import { LogFollowers } from '../../src/lib/admin/log-followers.js';
import { CombinedBans } from '../../src/lib/core/login/combined-bans.js';
import { systemClock } from '../../src/lib/io/system/clock.js';
import { teeLogs } from '../../src/lib/io/system/console-log.js';
import { type AdminListenerOptions, openAdminListeners } from '../../src/lib/server/admin-listeners.js';
import { openConfiguration } from '../../src/lib/server/configuration.js';
import { makeExternalServices } from '../../src/lib/server/external-services.js';
import { storingReports } from '../../src/lib/server/report-storage.js';
import { type ServerOptions, startServer } from '../../src/lib/server/start.js';
import { makeFolder, makePair } from './certificates.js';
import { freePort } from './free-port.js';
import { type Answer, askHttp2, askSecurely, connectHttp2 } from './https.js';
import { quickPasswords } from './quick-passwords.js';

export interface AdminServerOptions {
  /** What is changed is kept in the audit trail, too. */
  hasTrail?: boolean;
  database?: boolean;
  /** Text of a settings file. */
  config?: string;
  settings?: Readonly<Record<string, string>>;
  values?: Partial<AdminListenerOptions['values']>;
  hasPort?: boolean;
  /** Of the process, as far as the listeners look at it. */
  environment?: Readonly<Record<string, string>>;
  more?: Partial<ServerOptions>;
  listeners?: Partial<AdminListenerOptions>;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** Undefined when it is no JSON. */
  json: unknown;
}

export interface HttpRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
  /** Where to instead of the socket. */
  port?: number;
  host?: string;
}

/** How requests come to these servers where a test does not say it: all that a file asks can be asked by another road. */
export type Road = 'socket' | 'https' | 'http2';
export const usualRoad: { name: Road } = { name: 'socket' };

/** What a server has that is asked on its web port, encrypted. */
async function webPort(): Promise<Partial<ServerOptions>> {
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  return {
    web: { host: '127.0.0.1', port: 0 },
    secureContext: () => context,
    allowsPlaintext: true,
  };
}

export async function startAdminServer(t: ExecutionContext, options: AdminServerOptions = {}) {
  const road = usualRoad.name;
  const folder = makeFolder(t);
  const database =
    options.database === false || options.config !== undefined ? undefined : path.join(folder, 'dp.db');
  let config: string | undefined;
  if (options.config !== undefined) {
    config = path.join(folder, 'dp.conf');
    (await import('node:fs')).writeFileSync(config, options.config);
  }
  const configuration = await openConfiguration({ database, config, passwords: quickPasswords() });
  if (options.settings) await configuration.stores.settings.change(new Map(Object.entries(options.settings)));
  const env = { ...options.environment, DP_RUNTIME: path.join(folder, 'run') };
  const followers = new LogFollowers();
  const log = teeLogs(configuration.log, followers);
  const values = {
    'web-admin-port': options.hasPort ? await freePort() : 0,
    'web-admin-listen': undefined,
    'web-admin-auth': undefined,
    'web-admin-access': undefined,
    'web-admin-allowed-origin': undefined,
    'web-admin-app': undefined,
    'trusted-proxy': [],
    'local-host': undefined,
    acme: [],
    'announce-port': 0,
    extauth: undefined,
    'report-url': undefined,
    ...options.values,
  };
  const externalServices = makeExternalServices({
    settings: configuration.settings,
    log,
    extauth: values.extauth,
    reportUrl: values['report-url'],
    isListServerAllowed: configuration.isListServerAllowed,
    disabledExternalBans: configuration.externalBans,
    saveBanCache: (texts) => void configuration.stores.settings.change(texts),
  });
  const feed = new EventFeed();
  const server = await startServer({
    changes: {
      async made(change) {
        if (options.hasTrail) await configuration.stores.audit?.append([change]);
        feed.changed([change]);
      },
    },
    host: '127.0.0.1',
    port: 0,
    settings: configuration.settings,
    log,
    accounts: configuration.accounts,
    passwords: configuration.passwords,
    nameRules: configuration.names,
    bans: new CombinedBans([configuration.bans, externalServices.externalBans]),
    listings: externalServices.listings,
    reports: storingReports(externalServices.reports, configuration.stores.reports, (error) => {
      throw error;
    }),
    externalLogin: externalServices.externalLogin,
    ...(values['local-host'] !== undefined && { localHost: values['local-host'] }),
    ...(road !== 'socket' && (await webPort())),
    ...options.more,
  });
  externalServices.start(server);
  let stops = 0;
  const admin = await openAdminListeners({
    values,
    environment: env,
    server,
    configuration,
    externalServices,
    clock: systemClock,
    log,
    followers,
    feed,
    place: database ?? config ?? folder,
    ...(options.more?.secureContext && { secureContext: options.more.secureContext }),
    ...options.listeners,
    requestStop: () => {
      stops++;
    },
  });
  t.teardown(async () => {
    await admin.close();
    await server.stop();
    await externalServices.stop();
    await configuration.stop();
  });
  const request = async (options: HttpRequest): Promise<HttpAnswer> => {
    if (options.port !== undefined) return ask(options);
    if (road === 'socket') return ask({ ...options, socketPath: admin.socketPath! });
    const { method, path: at, headers, body } = options;
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const secureRequest = {
      path: at,
      ...(method !== undefined && { method }),
      headers: {
        ...(payload !== undefined && {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(payload)),
        }),
        ...Object.fromEntries(
          Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
        ),
      },
      ...(payload !== undefined && { body: payload }),
    };
    if (road === 'https') return withJson(await askSecurely(server.webPort, secureRequest));
    const session = await connectHttp2(server.webPort);
    try {
      return withJson(await askHttp2(session, secureRequest));
    } finally {
      session.close();
    }
  };
  return {
    folder,
    /** For commands that are to find this server. */
    env,
    database,
    config,
    server,
    admin,
    configuration,
    request,
    get stops() {
      return stops;
    },
    get: async (at: string) => (await request({ path: at })).json,
  };
}

function withJson({ status, headers, text }: Answer): HttpAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers: headers as http.IncomingHttpHeaders, text, json };
}

export type AdminServer = Awaited<ReturnType<typeof startAdminServer>>;

/** Rejects when the connection ends without an answer. */
export function ask(options: HttpRequest & { socketPath?: string }): Promise<HttpAnswer> {
  const { method = 'GET', body } = options;
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = http.request(
      {
        method,
        path: options.path,
        agent: false,
        ...(options.socketPath === undefined
          ? { host: options.host ?? '127.0.0.1', port: options.port }
          : { socketPath: options.socketPath }),
        headers: {
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(payload)),
          }),
          ...options.headers,
        },
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          let json: unknown;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          resolve({ status: response.statusCode!, headers: response.headers, text, json });
        });
      },
    );
    asked.on('error', reject);
    asked.end(payload);
  });
}

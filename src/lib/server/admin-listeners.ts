// The admin API of a running server: on a separate port if one is configured, on the web port beside
// what is for everybody, and always on a Unix socket of this machine.

import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { SecureContext } from 'node:tls';
import { EventFeed } from '../admin/event-feed.js';
import type { LiveCertificate, LiveServer } from '../admin/live.js';
import type { LogFollowers } from '../admin/log-followers.js';
import { loadOperations } from '../admin/operations.js';
import { PeopleRows } from '../admin/people-rows.js';
import { UsageLog } from '../admin/usage.js';
import { TrustedProxies } from '../core/peer/client-address.js';
import type { Clock, Log, LogLevel } from '../core/session/needs.js';
import { SteadyTime } from '../core/session/steady-time.js';
import type { SettingName, SettingNeed } from '../core/settings/settings.js';
import type { StartupValues } from '../core/settings/startup.js';
import { publicNameOf } from '../core/settings/startup-facts.js';
import { Credentials, makeAccessRule } from '../io/http/access.js';
import type { AppOptions } from '../io/http/app.js';
import type { Authentication } from '../io/http/authentication.js';
import { addGraphicalApp, loadAppFiles } from '../io/http/graphical-app.js';
import { type HttpSocket, lazyApp, openHttpSocket } from '../io/http/http-listener.js';
import { addMachineRoutes } from '../io/http/machine-routes.js';
import { addPublicPage } from '../io/http/public-page.js';
import { WebPages } from '../io/http/web-pages.js';
import type { SocketHandle } from '../io/net/socket-handle.js';
import { systemSecrets } from '../io/system/access-secrets.js';
import type { Descriptors } from '../io/system/descriptors.js';
import { loadLazyPackages } from '../io/system/lazy-packages.js';
import { systemRandom } from '../io/system/random.js';
import { ownRuntimeFolder, socketName } from '../io/system/runtime-folder.js';
import { version } from '../io/system/version.js';
import type { Configuration } from './configuration.js';
import type { ExternalServices } from './external-services.js';
import { isAnyHost, ownAddresses } from './greeting-text.js';
import type { RunningServer } from './start.js';

export interface AdminListenerOptions extends Pick<LiveServer, 'files' | 'setUp'> {
  values: Pick<
    StartupValues,
    | 'web-admin-port'
    | 'web-admin-listen'
    | 'web-admin-auth'
    | 'web-admin-access'
    | 'web-admin-allowed-origin'
    | 'web-admin-app'
    | 'trusted-proxy'
    | 'local-host'
    | 'acme'
    | 'announce-port'
    | 'extauth'
    | 'report-url'
  > &
    Partial<Pick<StartupValues, 'listen'>>;
  environment: Readonly<Record<string, string | undefined>>;
  server: RunningServer;
  configuration: Configuration;
  externalServices: ExternalServices;
  clock: Clock;
  log: Log;
  followers: LogFollowers;
  /** Is notified of changes by whoever stores them; undefined: nobody follows any. */
  feed?: EventFeed;
  /** What the data of this server is known by; its socket is called after it. */
  place: string;
  /** See LiveServer. */
  writes?: () => LiveServer['writes'];
  /** The names that the certificate is for, if there is one. */
  certificateNames?: () => readonly string[];
  /** Files and connections of this process; undefined: nobody counts them. */
  descriptors?: Descriptors;
  /** What cannot be stored at the moment. */
  storageProblems?: () => readonly string[];
  /** Certificate for TLS, asked for at each handshake. */
  secureContext?: () => SecureContext | undefined;
  /** The certificate that is shown at the moment; undefined: there is none. */
  certificate?: () => LiveCertificate | undefined;
  /** A listening socket of the service manager for the API. */
  fd?: number | undefined;
  /** Listening sockets of a predecessor of this process, which are used from `start` on. */
  handles?: AdminHandles | undefined;
  /** Ends the server as SIGTERM does. */
  requestStop(): void;
  /** See LiveServer. */
  restart?: NonNullable<LiveServer['restart']>;
}

export type AdminHandles = Partial<Record<'admin' | 'socket', object>>;

export interface AdminListeners {
  /** Requests are being answered. */
  readonly isBusy: boolean;
  /** For a successor of this process. */
  readonly handles: AdminHandles;
  /** After it was opened with `handles`. */
  start(): void;
  readonly live: LiveServer;
  /** 0: there is none. */
  readonly port: number;
  /** Undefined: there is none, for a reason that is in the log. */
  readonly socketPath: string | undefined;
  /** SIGUSR1: the port is opened anew. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Nobody keeps others away by holding connections. */
const adminLimits = { connections: 256, perNetwork: 64, waiting: 256, firstRequestMs: 15_000 };

/** A web framework is a third of a server's memory at the start; most are never asked anything. */
const loadApp = () => import('../io/http/app.js');

/** All code that the listeners will ever need, for a server that is about to give up its privileges. */
export async function loadAdminListeners(): Promise<void> {
  loadLazyPackages();
  const { loadFramework } = await loadApp();
  await Promise.all([
    loadOperations(),
    loadFramework(),
    loadAppFiles(),
    import('../io/http/metrics.js'),
    import('../io/net/web-listener.js'),
    import('../io/http/authentication.js'),
    import('./server-files.js'),
  ]);
}

/** Fault when the port cannot be opened; without its socket a server continues. */
export async function openAdminListeners(options: AdminListenerOptions): Promise<AdminListeners> {
  const { values, configuration, clock, log } = options;
  const writeLog = (level: LogLevel, message: string) =>
    log.write({ time: clock.now(), level, topic: 'Status', message });
  const usage = new UsageLog();
  const live = makeLive(options, usage);
  usage.start(live);
  const steady = new SteadyTime(clock);
  const { feed = new EventFeed() } = options;
  feed.attach(live);
  const needs = {
    stores: configuration.stores,
    passwords: configuration.passwords,
    secrets: systemSecrets,
    now: () => steady.now(),
    override: (name: SettingName) => {
      const { text, origin } = configuration.settings.source(name);
      return origin === 'flag' || origin === 'environment' ? { text, origin } : undefined;
    },
    changes: options.server.directory.needs.changes,
    live,
  };
  const proxies = new TrustedProxies(values['trusted-proxy']);
  const ownApp = values['web-admin-app'];
  const folder = ownApp ?? siteFolder(options.environment);
  const more: AppOptions['more'] = (app) => {
    addMachineRoutes(app, live);
    // the administrator's own interface wins
    if (ownApp === undefined) addGraphicalApp(app);
  };
  const auth = values['web-admin-auth'];
  const credentials = auth === undefined ? undefined : new Credentials(auth);
  if (credentials) {
    credentials.onFailure = (ip, count) =>
      writeLog(
        'warn',
        `Incorrect name or password for the admin API from ${ip}${count > 1 ? `, ${count} times` : ''}`,
      );
  }
  let authentication: Authentication | undefined;
  const loadAuthentication = async () => {
    const { Authentication } = await import('../io/http/authentication.js');
    authentication ??= new Authentication({
      needs,
      accounts: configuration.accounts,
      passwords: configuration.passwords,
      credentials,
      onFailure: (ip, count) =>
        writeLog(
          'warn',
          `Incorrect name or password for the web interface from ${ip}${count > 1 ? `, ${count} times` : ''}`,
        ),
    });
    return authentication;
  };
  /** Options that all ports have in common; made with the first request. */
  const guarded = async () => ({
    needs,
    feed,
    authentication: await loadAuthentication(),
    credentials,
    pages: new WebPages({
      allowedOrigins: values['web-admin-allowed-origin'],
      names: () => [values['local-host'] ?? [], options.certificateNames?.() ?? []].flat(),
      hasCredentials: credentials !== undefined,
    }),
    proxies,
    ...(folder !== undefined && { site: { folder, ...(ownApp !== undefined && { prefix: '/admin' }) } }),
  });
  /** Sockets of a predecessor are used once. */
  let isStarted = false;
  const openPort = async () => {
    if (values['web-admin-port'] === 0 && options.fd === undefined) return undefined;
    const app = lazyApp(async () => (await loadApp()).buildApp({ ...(await guarded()), more }));
    const { WebListener } = await import('../io/net/web-listener.js');
    const host = values['web-admin-listen'];
    const listener = await WebListener.open({
      port: values['web-admin-port'],
      ...(host !== undefined && { host }),
      ...(options.fd !== undefined && { fd: options.fd }),
      ...(options.handles?.admin && !isStarted && { handle: options.handles.admin as SocketHandle }),
      flags: { port: '--web-admin-port', host: '--web-admin-listen' },
      limits: adminLimits,
      ...(options.secureContext && { secureContext: options.secureContext }),
      mayConnect: makeAccessRule(values['web-admin-access']),
      isProxy: (ip) => proxies.trusts(ip),
      takesPlain: () => true,
      answer: app.answer,
      hasRoom: () => options.descriptors?.admitAdministrator('port') ?? true,
      // A connection that the system refuses is no reason to end.
      failed: () => options.descriptors?.failed(),
    });
    return {
      port: listener.port,
      get handle() {
        return listener.handle;
      },
      start: () => listener.start(),
      get isBusy() {
        return app.isBusy;
      },
      async close() {
        await listener.close();
        await app.close();
      },
    };
  };
  const web = lazyApp(async () =>
    (await loadApp()).buildApp({
      ...(await guarded()),
      isOpenToAll: true,
      // from elsewhere it takes a password, a token or a login
      mayAdminister: makeAccessRule(values['web-admin-access'] ?? 'all'),
      isFree: makeAccessRule(undefined),
      more(app) {
        more(app);
        addPublicPage(app, live);
      },
    }),
  );
  options.server.answerWeb(web.answer);
  let port = await openPort();
  let socket: HttpSocket | undefined;
  let socketPath: string | undefined;
  try {
    socketPath = path.join(ownRuntimeFolder(options.environment), socketName(options.place));
    const build = async () => (await loadApp()).buildApp({ needs, feed, more });
    socket = await openHttpSocket(build, socketPath, {
      handle: options.handles?.socket,
      hasRoom: () => options.descriptors?.admitAdministrator('socket') ?? true,
      failed: () => options.descriptors?.failed(),
    });
  } catch (error) {
    socketPath = undefined;
    writeLog(
      'warn',
      `Cannot open the command socket: ${(error as Error).message}; commands on this machine cannot reach the server`,
    );
  }
  return {
    live,
    port: port?.port ?? 0,
    socketPath,
    get isBusy() {
      return [port, socket, web].some((each) => each?.isBusy === true);
    },
    get handles() {
      const handles = { admin: port?.handle, socket: socket?.handle };
      return Object.fromEntries(Object.entries(handles).filter(([, handle]) => handle !== undefined));
    },
    start() {
      isStarted = true;
      port?.start();
      socket?.start();
    },
    async restart() {
      if (!port || options.fd !== undefined) return;
      writeLog('info', 'Restarting web-admin server');
      await port.close();
      port = await openPort();
    },
    async close() {
      feed.close();
      usage.stop();
      await Promise.all([port?.close(), socket?.close(), web.close()]);
    },
  };
}

function makeLive(options: AdminListenerOptions, usage: UsageLog): LiveServer {
  const { values, server, configuration, externalServices, clock, log, followers } = options;
  const needs: Record<SettingNeed, boolean> = {
    'local-host': values['local-host'] !== undefined,
    websocket: server.hasWebSocket,
    extauth: values.extauth !== undefined,
    'report-url': values['report-url'] !== undefined,
  };
  const startedAt = clock.now();
  const ownAddress = seldom(clock, addressMs, guessAddress);
  const memoryBytes = seldom(clock, memoryMs, () => process.memoryUsage.rss());
  return {
    directory: server.directory,
    peers: server.peers,
    peopleRows: new PeopleRows(clock),
    settings: server.settings,
    clock,
    random: systemRandom,
    usage,
    log,
    startedAt,
    version,
    pid: process.pid,
    get address() {
      const host = publicNameOf(values) ?? (isAnyHost(values.listen) ? ownAddress() : values.listen);
      return { host, port: values['announce-port'] || server.port };
    },
    get memoryBytes() {
      return memoryBytes();
    },
    has: (need) => needs[need],
    get writes() {
      return options.writes?.();
    },
    externalBans: externalServices.externalBans,
    locks: configuration.locks,
    get isReady() {
      return !server.isStopping && this.problems.length === 0;
    },
    get problems() {
      const shortage = options.descriptors?.problem;
      const stopping = server.isStopping ? ['stopping'] : [];
      return [
        ...stopping,
        ...(shortage === undefined ? [] : [shortage]),
        ...(options.storageProblems?.() ?? []),
      ];
    },
    get certificate() {
      return options.certificate?.();
    },
    get descriptors() {
      const { descriptors } = options;
      if (descriptors === undefined) return undefined;
      const { count, limit, refused, isShort } = descriptors;
      return { count, limit, refused, isShort };
    },
    follow: (listener) => followers.follow(listener),
    files: options.files,
    setUp: options.setUp,
    stop: (message) => {
      server.lastWords = message;
      options.requestStop();
    },
    pendingStop: undefined,
    ...(options.restart && { restart: options.restart }),
    restartProblem: undefined,
  };
}

/** What the operating system takes long to find out is asked for again after so many milliseconds only. */
const addressMs = 10_000;
const memoryMs = 1000;

function seldom<Value>(clock: Clock, ms: number, read: () => Value): () => Value {
  let last: { readonly at: number; readonly value: Value } | undefined;
  return () => {
    const at = clock.monotonic();
    if (last === undefined || at - last.at >= ms) last = { at, value: read() };
    return last.value;
  };
}

/** http.md §1.16 a: public before private. */
function guessAddress(): string {
  const isPrivate = (address: string) => /^(10\.|127\.|192\.168\.)/.test(address);
  const all = ownAddresses();
  const best = all.find((address) => !isPrivate(address)) ?? all[0] ?? '127.0.0.1';
  return best.includes(':') ? `[${best}]` : best;
}

/** Where the originals look for a web interface (http.md §1.14), after our own place for it. */
function siteFolder(env: AdminListenerOptions['environment']): string | undefined {
  const home = env.XDG_DATA_HOME ?? (env.HOME ? path.join(env.HOME, '.local', 'share') : undefined);
  const system = (env.XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(':');
  return [...(home === undefined ? [] : [home]), ...system]
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, 'drawpile', 'drawpile-srv', 'webadmin'))
    .find((folder) => existsSync(path.join(folder, 'index.html')));
}

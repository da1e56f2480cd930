// Puts a server together: connects the core to its adapters, starts the listeners, and stops everything in reverse
// order. Its parts are passed in; those left out are in memory or disabled.
import { fault } from '../core/errors.js';
import { AccountTable } from '../core/login/account-table.js';
import type { Accounts, ExternalLogin, ServerBans } from '../core/login/needs.js';
import { PasswordThrottle } from '../core/login/password-throttle.js';
import { type HandedServer, handOverServer, takeOverServer } from '../core/peer/hand-over.js';
import type { ConnectionUser } from '../core/peer/needs.js';
import { Peers } from '../core/peer/peers.js';
import { type Changes, noChanges } from '../core/session/change.js';
import { type DirectoryNeeds, SessionDirectory } from '../core/session/directory.js';
import { MemoryStore } from '../core/session/memory-store.js';
import type {
  AbuseReports,
  BanArchive,
  Clock,
  FoundSession,
  Inflater,
  Listings,
  Log,
  LogLevel,
  NameRules,
  Passwords,
  Random,
  Recorder,
  SessionStore,
  Templates,
} from '../core/session/needs.js';
import { noListings, noReports } from '../core/session/no-external-services.js';
import { texts } from '../core/session/texts.js';
import { MemorySettings, type SettingsReader } from '../core/settings/settings.js';
import type { SocketHandle } from '../io/net/socket-handle.js';
import { SealingBanArchive } from '../io/system/ban-archive.js';
import { systemClock } from '../io/system/clock.js';
import { makeInflater } from '../io/system/inflater.js';
import { SystemPasswords } from '../io/system/passwords.js';
import { systemRandom } from '../io/system/random.js';
import { version } from '../io/system/version.js';
import { type ListenerOptions, Listeners, type WebAnswerer } from './listeners.js';

export interface ServerOptions extends Partial<Omit<ListenerOptions, 'clock'>> {
  /** Listeners that were opened before; without, they are opened as the other options say. */
  listeners?: Listeners;
  settings?: SettingsReader;
  accounts?: Accounts;
  bans?: ServerBans;
  externalLogin?: ExternalLogin;
  nameRules?: NameRules;
  passwords?: Passwords;
  store?: SessionStore;
  /** Sessions that the store had. */
  found?: Iterable<FoundSession>;
  templates?: Templates;
  makeRecorder?: (session: { id: string; alias: string; protocol: string }) => Recorder | undefined;
  recordWhenAsked?: ((session: { id: string; alias: string; protocol: string }) => Recorder) | undefined;
  listings?: Listings;
  reports?: AbuseReports;
  banArchive?: BanArchive;
  makeInflater?: () => Inflater;
  log?: Log;
  /** Called for every action on sessions and their users. */
  changes?: Changes;
  clock?: Clock;
  random?: Random;
  localHost?: string;
  /** TLS is offered, but not demanded. */
  allowsPlaintext?: boolean;
  /** Connections, of all kinds together. */
  connectionsAtMost?: number;
  /** What a predecessor of this process had: nothing is sent, read or accepted before `resume`. */
  handed?: HandedProcess | undefined;
}

/** What one process hands over to the next. */
export interface HandedProcess {
  readonly server: HandedServer;
  /** Sockets of the clients, in the order of `server.peers`. */
  readonly sockets: readonly SocketHandle[];
  readonly resetNumber: number;
}

export interface RunningServer {
  readonly port: number;
  /** 0: there is none. */
  readonly webSocketPort: number;
  /** 0: there is none. */
  readonly webPort: number;
  /** Requests to the web port, which wait until then, are answered from now on. */
  answerWeb(answerer: WebAnswerer): void;
  /** Browsers can draw here. */
  readonly hasWebSocket: boolean;
  readonly directory: SessionDirectory;
  readonly peers: Peers;
  readonly settings: SettingsReader;
  /** After a start with `handed`: from now on this process serves. */
  resume(): void;
  /** For a successor of this process; undefined: something is under way that only this process can end. */
  handOver(): Omit<HandedProcess, 'sockets'> | undefined;
  readonly listeners: Listeners;
  /** Nobody new is let in any more. */
  readonly isStopping: boolean;
  /** Additional message to everyone when the server stops: such as when it is back. */
  lastWords: string;
  /** Notifies everyone, flushes, and is done within ten seconds whatever anyone does. */
  stop(): Promise<void>;
}

/** From the request to stop until passwords that are not hashed by then are given up: their sessions stay shut. */
const hashesWithinMs = 4_500;
/** From there until those who are left are cut off (sessions.md §25). */
const stopWithinMs = 5_000;

const noBans: ServerBans = {
  forAddress: () => undefined,
  forSystem: () => undefined,
  forUser: () => undefined,
};
const noExternalLogin: ExternalLogin = {
  url: undefined,
  group: '',
  queryGuest: (_name, done) => done('unreachable'),
  check: () => ({ error: 'tokenUnsupported' }),
};

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const settings = options.settings ?? new MemorySettings();
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const log = options.log ?? { write: () => {} };
  const passwords = options.passwords ?? new SystemPasswords();
  const banArchive = options.banArchive ?? new SealingBanArchive();
  const reports = options.reports ?? noReports;
  const nameRules = options.nameRules ?? { isForbidden: () => false };
  const listeners =
    options.listeners ?? (await Listeners.open({ ...options, port: options.port ?? 0, clock }));
  const { handed } = options;
  let resetNumber = handed?.resetNumber ?? 0;
  const needs: DirectoryNeeds = {
    clock,
    random,
    log,
    changes: options.changes ?? noChanges,
    settings,
    passwords,
    banArchive,
    reports,
    nameRules,
    makeInflater: options.makeInflater ?? makeInflater,
    listings: options.listings ?? noListings,
    makeRecorder: options.makeRecorder ?? (() => undefined),
    recordWhenAsked: options.recordWhenAsked,
    hasWebSockets: listeners.hasWebSocket,
    nextResetNumber: () => ++resetNumber,
    store: options.store ?? new MemoryStore(),
    ...(options.templates && { templates: options.templates }),
  };
  const directory = new SessionDirectory(needs);
  directory.restore(options.found ?? []);
  const peers = new Peers(
    {
      clock,
      random,
      log,
      settings,
      directory,
      passwords,
      nameRules,
      reports,
      accounts: options.accounts ?? new AccountTable(),
      bans: options.bans ?? noBans,
      externalLogin: options.externalLogin ?? noExternalLogin,
      passwordThrottle: new PasswordThrottle(),
      localHost: options.localHost ?? '',
      canSealBans: banArchive.canSeal,
      tls: options.secureContext === undefined ? 'none' : options.allowsPlaintext ? 'offered' : 'required',
      program: version,
    },
    options.connectionsAtMost ?? 65_000,
  );
  const writeLog = (level: LogLevel, message: string, ip?: string) =>
    log.write({
      time: clock.now(),
      level,
      topic: 'Status',
      ...(ip !== undefined && { user: { id: 0, ip, name: '' } }),
      message,
    });
  const begin = () =>
    listeners.begin({
      accept: (ip, makeConnection) => peers.accept(ip, makeConnection),
      allowedOrigins: () => settings.get('webSocketOrigins'),
      writeLog: (level, ip, text) => writeLog(level, text, ip),
      failed: (error) => writeLog('error', `Listener failed: ${error.message}`),
    });
  let resume = () => {};
  if (handed) {
    const connect = (place: number, user: ConnectionUser) => {
      const [handle, peer] = [handed.sockets[place], handed.server.peers.peers[place]];
      if (!handle || !peer) throw fault('hand-over-incomplete', {});
      return listeners.takeOver(handle, peer.connection, user);
    };
    resume = takeOverServer({ directory, peers }, handed.server, connect);
  } else {
    begin();
  }

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    writeLog('info', `Stopping server and kicking out ${peers.count} users...`);
    listeners.close();
    await passwords.stop?.(hashesWithinMs);
    await new Promise<void>((resolve) => {
      const text = texts.stops(needs.store.isPersistent, running.lastWords);
      directory.stop(text);
      const timer = setTimeout(() => peers.abort(), stopWithinMs);
      peers.stop(text, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  };
  const running: RunningServer = {
    lastWords: '',
    port: listeners.port,
    webSocketPort: listeners.webSocketPort,
    webPort: listeners.webPort,
    answerWeb: (answerer) => listeners.answerWeb(answerer),
    hasWebSocket: listeners.hasWebSocket,
    directory,
    peers,
    settings,
    listeners,
    resume() {
      // What could not be sent goes first.
      begin();
      resume();
    },
    handOver() {
      const server = handOverServer({ directory, peers });
      return server && { server, resetNumber };
    },
    get isStopping() {
      return stopped !== undefined;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
  return running;
}

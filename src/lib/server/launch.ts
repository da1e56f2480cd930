// Starts a complete server from its start options: sockets, user, configuration, storage and external services, in
// the order of their dependencies; and stops it in reverse. start.ts creates its parts.
import { Buffer } from 'node:buffer';
import path from 'node:path';
import { EventFeed } from '../admin/event-feed.js';
import type { LiveCertificate, PreparedRestart, RestartOptions } from '../admin/live.js';
import { LogFollowers } from '../admin/log-followers.js';
import { reason } from '../core/errors/reason.js';
import { fault, refusal } from '../core/errors.js';
import { CombinedBans } from '../core/login/combined-bans.js';
import { handOverVersion } from '../core/peer/hand-over.js';
import type { LogLevel } from '../core/session/needs.js';
import type { SettingName } from '../core/settings/settings.js';
import type { StartupValues } from '../core/settings/startup.js';
import type { Durability } from '../io/disk/disk.js';
import { folderModes, makeFolder, requireFolder } from '../io/files/folders.js';
import { diskFull, reasonOf } from '../io/files/regular-file.js';
import { standardInput } from '../io/files/text-file.js';
import { Certificates, factsOfLeaf } from '../io/net/certificates.js';
import { namesOf } from '../io/net/self-signed.js';
import { SealingBanArchive } from '../io/system/ban-archive.js';
import { systemClock } from '../io/system/clock.js';
import { type ConsoleLog, teeLogs } from '../io/system/console-log.js';
import { dataFiles } from '../io/system/data-folder.js';
import { systemDescriptors } from '../io/system/descriptors.js';
import { isCodeReadableByAll } from '../io/system/lazy-packages.js';
import type { PassedSockets } from '../io/system/passed-sockets.js';
import type { Predecessor } from '../io/system/predecessor.js';
import { type Dropped, dropPrivileges, isRoot } from '../io/system/user.js';
import { type AdminListeners, loadAdminListeners, openAdminListeners } from './admin-listeners.js';
import { AuditTrail } from './audit-trail.js';
import type { AutomaticCertificate } from './automatic-certificate.js';
import { type Configuration, prepareConfiguration } from './configuration.js';
import { type ExternalServices, makeExternalServices } from './external-services.js';
import { HandOver } from './hand-over.js';
import { makeLazyFiles } from './lazy-files.js';
import { Listeners } from './listeners.js';
import { choosePlaces, describePlaces, type Places } from './places.js';
import { storingReports } from './report-storage.js';
import { type RunningServer, startServer } from './start.js';
import { makeStorage } from './storage.js';
import { beginTakeOver, logTakeOver } from './take-over.js';

export interface LaunchOptions {
  values: StartupValues;
  /** `--set`, checked. */
  flags: readonly { name: SettingName; text: string }[];
  environment: Readonly<Record<string, string | undefined>>;
  /** What goes to the terminal. */
  log: ConsoleLog;
  /** Sockets of the service manager. */
  passed?: PassedSockets | undefined;
  /** The process whose place this one takes. */
  predecessor?: Predecessor | undefined;
  /** The process with this pid has taken the place of this one, which ends. Left out: nobody would notice that it serves. */
  leave?: ((pid: number) => void) | undefined;
  /** Ends this process as SIGTERM does; an administrator asks for it. */
  requestStop?: () => void;
}

export interface LaunchedServer {
  readonly server: RunningServer;
  readonly configuration: Configuration;
  readonly externalServices: ExternalServices;
  readonly admin: AdminListeners;
  /** The service manager opened the listeners. */
  readonly isSocketActivated: boolean;
  /** Set when the server was started as root. */
  readonly dropped: Dropped | undefined;
  readonly hasTls: boolean;
  /** Where data lives, in words. */
  readonly dataText: string;
  /** Looks again for certificates and for sessions that were put into the folder. The rest is watched anyway. */
  reload(): void;
  /** Another process takes the place of this one; see LiveServer. */
  restart(options: RestartOptions): Promise<PreparedRestart>;
  /** Notifies everyone, writes everything, releases everything. */
  stop(): Promise<void>;
}

/** Throws a Refusal or Fault with the way out; nothing is left behind then. */
export async function launchServer(options: LaunchOptions): Promise<LaunchedServer> {
  const { values, environment, passed } = options;
  const clock = systemClock;
  const report = (level: LogLevel, message: string) =>
    options.log.write({ time: clock.now(), level, topic: 'Status', message });
  const takeOver = options.predecessor && (await beginTakeOver(options.predecessor));
  const places = takeOver?.begin.places ?? choosePlaces(values, environment);
  const { handles } = takeOver ?? {};
  if (values['web-admin-app'] !== undefined) requireFolder(values['web-admin-app']);
  const certificates = openCertificates(values, report);
  let automatic: AutomaticCertificate | undefined;
  const hasTls = certificates !== undefined || values.acme.length > 0;
  const tls = hasTls ? { secureContext: () => certificates?.context ?? automatic?.context } : {};
  const challenges = values.acme.length > 0 && {
    challenges: {
      answerFor: (token: string) => automatic?.challenges.answerFor(token),
      contextFor: (name: string) => automatic?.challenges.contextFor(name),
    },
  };
  const certificateNames = () => (certificates === undefined ? [...values.acme] : namesOf(certificates.leaf));
  /** What is undone when something further down fails, and at the end; last one first. */
  const undo: (() => void | Promise<void>)[] = [() => certificates?.close()];
  try {
    const open = await prepareConfiguration({
      config: places.config,
      database: places.database,
      locksLater: takeOver !== undefined,
      flags: options.flags,
      environment,
      onProblem: report,
    });
    const descriptors = systemDescriptors(report);
    undo.push(() => descriptors.close());
    const listeners = await Listeners.open({
      clock,
      hasRoom: () => descriptors.admit(),
      outOfDescriptors: () => descriptors.failed(),
      handles,
      port: values.port,
      host: values.listen,
      ...(passed?.drawpile !== undefined && { fd: passed.drawpile }),
      ...tls,
      ...((values['websocket-port'] !== 0 || (passed ?? handles)?.webSocket !== undefined) && {
        webSocket: {
          port: values['websocket-port'],
          host: values['websocket-listen'],
          ...(passed?.webSocket !== undefined && { fd: passed.webSocket }),
          trustedProxies: values['trusted-proxy'],
          isSecureOnly: values.secure,
          ...challenges,
        },
      }),
      ...((values['web-port'] !== 0 || (passed ?? handles)?.web !== undefined) && {
        web: {
          port: values['web-port'],
          host: values['web-listen'],
          ...(passed?.web !== undefined && { fd: passed.web }),
          trustedProxies: values['trusted-proxy'],
          takesPlaintext: values['web-plaintext'],
          ...challenges,
        },
      }),
      ...(values['http-port'] !== 0 && {
        http: {
          port: values['http-port'],
          host: values['http-listen'],
          trustedProxies: values['trusted-proxy'],
          ...challenges,
          names: () => [...certificateNames(), values['local-host'] ?? ''].map((name) => name.toLowerCase()),
          webPort: hasTls ? values['web-port'] : 0,
        },
      }),
    });
    undo.push(() => listeners.close());
    // What others may read is left for when somebody asks for it: it is a third of the time and memory of a start.
    if (isRoot() && !isCodeReadableByAll()) await loadAdminListeners();
    const makeAutomatic = await prepareAutomatic(values, places);
    const { lockData, lockLater } = await import('../io/sqlite/data-lock.js');
    const { loadSqlite } = await import('../io/sqlite/library.js');
    // As long as root's rights are there to read it.
    if (places.database !== undefined || places.sessions !== undefined) loadSqlite();
    const dropped = becomeUser(values, places);
    if (places.ownFolder !== undefined) makeDataFolder(places.ownFolder);
    const configuration = await open();
    undo.push(() => configuration.stop());
    const { settings } = configuration;
    const followers = new LogFollowers();
    const log = teeLogs(options.log, configuration.log, followers);
    automatic = await makeAutomatic?.({
      clock,
      writeLog: (level, message) => log.write({ time: clock.now(), level, topic: 'Status', message }),
    });
    undo.push(() => automatic?.stop());
    const externalServices = makeExternalServices({
      settings,
      log,
      localHost: values['local-host'],
      announcePort: values['announce-port'],
      extauth: values.extauth,
      reportUrl: values['report-url'],
      hasWebSockets: listeners.hasWebSocket,
      isListServerAllowed: configuration.isListServerAllowed,
      // A file holds complete addresses: each is one that the operator wrote down.
      isListServerOperators: (url) =>
        configuration.stores.kind === 'file' &&
        settings.get('announceWhitelist') &&
        configuration.isListServerAllowed(url),
      disabledExternalBans: configuration.externalBans,
      saveBanCache: (texts) => {
        // A settings file is the operator's: nothing is written into it that they did not ask for.
        if (configuration.stores.kind !== 'database') return;
        const saved = configuration.stores.settings.change(texts);
        void Promise.resolve(saved).catch((error: Error) =>
          report('warn', `Cannot store the external ban list: ${error.message}`),
        );
      },
    });
    undo.push(() => externalServices.stop());
    const feed = new EventFeed();
    const audit = new AuditTrail({
      clock,
      onStored: (changes) => feed.changed(changes),
      onCounted: (change) => feed.changedWithoutEntry(change),
      append: async (changes) => configuration.stores.audit?.append(changes),
      onLost: (count, error) => {
        feed.lost();
        report(
          'error',
          `Cannot store ${count} ${count === 1 ? 'entry' : 'entries'} of the audit trail: ${(error as Error).message}`,
        );
      },
    });
    undo.push(() => audit.stop());
    const storage = await makeStorage({
      settings,
      log,
      sessions: places.sessions,
      durability: values.durability as Durability,
      record: values.record,
      recordings: places.ownFolder && dataFiles(places.ownFolder).recordings,
      templates: values.templates,
      passwords: configuration.passwords,
    });
    undo.push(() => storage.stop());
    const locks = configuration.lock === undefined ? [] : [configuration.lock];
    if (places.sessions !== undefined) {
      makeDataFolder(places.sessions);
      const lock = (takeOver ? lockLater : lockData)(path.join(places.sessions, 'dp'));
      undo.push(() => lock.release());
      locks.push(lock);
    }
    const handed = await takeOver?.take(locks);
    const server = await startServer({
      listeners,
      settings,
      log,
      accounts: configuration.accounts,
      bans: new CombinedBans([configuration.bans, externalServices.externalBans]),
      nameRules: configuration.names,
      passwords: configuration.passwords,
      listings: externalServices.listings,
      reports: storingReports(externalServices.reports, configuration.stores.reports, (error) =>
        report('error', `Cannot store an abuse report, which is in the log only: ${error.message}`),
      ),
      externalLogin: externalServices.externalLogin,
      changes: audit,
      banArchive: new SealingBanArchive(
        values['crypt-key'] === undefined ? undefined : Buffer.from(values['crypt-key'], 'base64'),
      ),
      ...storage.parts,
      found: takeOver ? [] : storage.open(),
      handed,
      ...tls,
      allowsPlaintext: values['allow-plaintext'],
      ...(values['local-host'] !== undefined && { localHost: values['local-host'] }),
    });
    undo.push(() => server.stop());
    descriptors.watch();
    certificates?.watch();
    externalServices.start(server);
    const applyBans = () => server.peers.applyBans();
    undo.push(configuration.subscribe(applyBans), externalServices.externalBans.subscribe(applyBans));
    const isSocketActivated = passed !== undefined || takeOver?.begin.isSocketActivated === true;
    const begin = { version: handOverVersion, places, isSocketActivated };
    const { leave } = options;
    const handOver =
      leave && new HandOver({ server, admin: () => admin, configuration, audit, locks, begin, leave });
    const admin = await openAdminListeners({
      values,
      environment,
      server,
      configuration,
      externalServices,
      clock,
      log,
      followers,
      feed,
      place:
        places.database ??
        (places.config === standardInput ? undefined : places.config) ??
        places.sessions ??
        `port ${server.port}`,
      fd: passed?.admin,
      handles,
      ...(hasTls && {
        ...tls,
        certificateNames,
        certificate: () => liveCertificate(certificates, automatic),
      }),
      descriptors,
      storageProblems: () => [...storage.problems, ...configuration.problems],
      setUp: { startup: values, keepsSessions: places.sessions !== undefined },
      files: makeLazyFiles({
        storage,
        places,
        values,
        now: () => clock.now(),
      }),
      writes: () =>
        places.sessions === undefined && values.record === undefined ? undefined : storage.writes,
      ...(handOver && { restart: (how) => handOver.prepare(how) }),
      requestStop: options.requestStop ?? (() => process.kill(process.pid, 'SIGTERM')),
    });
    undo.push(() => admin.close());
    automatic?.start();
    if (takeOver && handed) {
      takeOver.serves();
      server.resume();
      admin.start();
      logTakeOver(log, handed);
    }
    return {
      server,
      async restart(how) {
        if (!handOver) throw refusal('restart-unsupported', { reason: reason('restart-unsupervised') });
        return handOver.prepare(how);
      },
      isSocketActivated,
      configuration,
      externalServices,
      admin,
      dropped,
      hasTls,
      dataText: describePlaces(places, server.directory.count),
      reload: () => {
        void certificates?.reload();
        server.directory.restore(storage.open());
      },
      stop: () => undoAll(undo),
    };
  } catch (error) {
    await undoAll(undo);
    throw error;
  }
}

async function undoAll(steps: (() => void | Promise<void>)[]): Promise<void> {
  for (const step of steps.splice(0).reverse()) await step();
}

/** Root becomes an ordinary user; what the operator named must be writable for that one. */
export function becomeUser(values: StartupValues, places: Places): Dropped | undefined {
  const { database, sessions, ownFolder } = places;
  const config = places.config === standardInput ? undefined : places.config;
  const folderOf = (file: string | undefined) =>
    file === undefined ? undefined : path.dirname(path.resolve(file));
  const written = ownFolder === undefined ? (folderOf(database) ?? sessions) : undefined;
  // Its owner serves: of what is written to, else of the settings file, which is only read.
  // A data folder that is named beside them and not used is not looked at.
  const named = ownFolder === undefined ? (written ?? folderOf(config)) : values.data;
  return dropPrivileges({
    user: values.user,
    ...(named !== undefined && { dataFolder: named }),
    usesDataFolder: ownFolder !== undefined || written !== undefined,
    folders: sessions === undefined ? [] : [sessions],
    readable: config === undefined ? [] : [config],
  });
}

export function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder, folderModes.private);
  } catch (cause) {
    throw (
      diskFull(folder, cause) ?? fault('data-folder-not-made', { folder, reason: reasonOf(cause) }, cause)
    );
  }
}

/** The certificate that the operator named, if any; its problems go to the log. */
function openCertificates(
  values: StartupValues,
  writeLog: (level: LogLevel, message: string) => void,
): Certificates | undefined {
  const { 'ssl-cert': certificate, 'ssl-key': key } = values;
  if (certificate === undefined || key === undefined) return undefined;
  return new Certificates({ certificate, key }, { writeLog });
}

/** Of the files that the operator named, or of the authority. */
function liveCertificate(
  certificates: Certificates | undefined,
  automatic: AutomaticCertificate | undefined,
): LiveCertificate | undefined {
  if (certificates !== undefined) {
    return { facts: factsOfLeaf(certificates.leaf), directory: undefined, renewal: undefined };
  }
  const renewal = automatic?.renewal;
  return renewal && { facts: renewal.pair.facts, directory: automatic?.directory, renewal };
}

/** Code and files that root may have to read; undefined: the operator wants no certificate from an authority. */
export async function prepareAutomatic(values: StartupValues, { ownFolder }: Places) {
  if (values.acme.length === 0 || ownFolder === undefined) return undefined;
  const { loadAutomaticCertificate } = await import('./load-automatic-certificate.js');
  return loadAutomaticCertificate(values, ownFolder);
}

// dp serve: hosts the protocol. Reads what the operator wants, puts the server together, waits for the signal.
import { Flags } from '@oclif/core';
import { BaseCommand } from '../lib/cli/base-command.js';
import { startupFlags } from '../lib/cli/startup-flags.js';
import { currentProtocol } from '../lib/core/protocol/version.js';
import { MemorySettings, parseSettingFlag } from '../lib/core/settings/settings.js';
import { readStartup, type StartupName, type StartupValues } from '../lib/core/settings/startup.js';
import type { Durability } from '../lib/io/disk/disk.js';
import { Certificates } from '../lib/io/net/certificates.js';
import { systemClock } from '../lib/io/system/clock.js';
import { ConsoleLog } from '../lib/io/system/console-log.js';
import { openNotifier } from '../lib/io/system/notify.js';
import { takePassedSockets } from '../lib/io/system/passed-sockets.js';
import { startEnvironment } from '../lib/io/system/start-file.js';
import { dropPrivileges } from '../lib/io/system/user.js';
import { version } from '../lib/io/system/version.js';
import { greetingText } from '../lib/server/greeting-text.js';
import { makeNeighbours } from '../lib/server/neighbours.js';
import { attachService } from '../lib/server/service.js';
import { startServer } from '../lib/server/start.js';
import { makeStorage } from '../lib/server/storage.js';

const startupNames: readonly StartupName[] = [
  'port',
  'listen',
  'websocket-port',
  'websocket-listen',
  'trusted-proxy',
  'local-host',
  'announce-port',
  'extauth',
  'report-url',
  'ssl-cert',
  'ssl-key',
  'secure',
  'allow-plaintext',
  'sessions',
  'durability',
  'record',
  'templates',
  'user',
  'log-level',
  'log-format',
];

export default class Serve extends BaseCommand {
  static override enableJsonFlag = false;
  static override summary = 'Run the server that people draw on.';
  static override description =
    'Serves Drawpile clients 2.1, 2.2 and 2.3. Without flags everyone can host and join on port 27750. ' +
    'Started as root it takes its sockets, then becomes an ordinary user for good.';
  static override examples = [
    { description: 'Serve on the usual port', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Another port, and a limit that holds for this run',
      command: '<%= config.bin %> <%= command.id %> --port 27751 --set sessionCountLimit=5',
    },
  ];
  static override flags = {
    ...startupFlags(startupNames),
    set: Flags.string({
      multiple: true,
      helpValue: '<NAME=VALUE>',
      description: 'Set a setting for this run; it wins over what is stored.',
    }),
    version: Flags.boolean({ description: 'Show versions and exit.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    if (flags.version) {
      this.log(`dp ${version}\nProtocol version: ${currentProtocol}\nNode version: ${process.version}`);
      return;
    }
    const given = flags as Partial<Record<StartupName, string | boolean | string[]>>;
    const named = Object.fromEntries(
      startupNames.filter((name) => given[name] !== undefined).map((name) => [name, given[name]!]),
    );
    const { values } = readStartup(named, startEnvironment(named));
    const settings = new MemorySettings();
    for (const argument of flags.set ?? []) {
      const { name, text } = parseSettingFlag(argument);
      settings.set(name, text);
    }
    const log = new ConsoleLog(process.stderr, values['log-level'] as 'info', values['log-format'] as 'text');
    const notifier = await openNotifier(systemClock, process.env, (problem) => this.warn(problem));
    const passed = takePassedSockets();
    for (const problem of passed?.skipped ?? []) this.warn(problem);
    const neighbours = makeNeighbours({
      settings,
      log,
      localHost: values['local-host'],
      announcePort: values['announce-port'],
      extauth: values.extauth,
      reportUrl: values['report-url'],
      hasWebSockets: values['websocket-port'] !== 0 || passed?.webSocket !== undefined,
    });
    const certificates = openCertificates(values, log);
    certificates?.watch();
    const storage = await makeStorage({
      settings,
      log,
      sessions: values.sessions,
      durability: values.durability as Durability,
      record: values.record,
      templates: values.templates,
    });
    const server = await startServer({
      port: values.port,
      host: values.listen,
      settings,
      log,
      bans: neighbours.externalBans,
      listings: neighbours.listings,
      reports: neighbours.reports,
      externalLogin: neighbours.externalLogin,
      ...storage.parts,
      ...(passed?.drawpile !== undefined && { fd: passed.drawpile }),
      ...(certificates && { secureContext: () => certificates.context }),
      allowsPlaintext: values['allow-plaintext'],
      ...((values['websocket-port'] !== 0 || passed?.webSocket !== undefined) && {
        webSocket: {
          port: values['websocket-port'],
          host: values['websocket-listen'],
          ...(passed?.webSocket !== undefined && { fd: passed.webSocket }),
          trustedProxies: values['trusted-proxy'],
          isSecureOnly: values.secure,
        },
      }),
      ...(values['local-host'] !== undefined && { localHost: values['local-host'] }),
    });
    const dropped = dropPrivileges({
      user: values.user,
      ...(values.sessions !== undefined && { folders: [values.sessions] }),
    });
    try {
      // Nobody is let in before this is done: it is the same turn of the event loop.
      server.directory.restore(storage.open());
    } catch (error) {
      await server.stop();
      throw error;
    }
    neighbours.start(server);
    this.log(
      greetingText({
        host: values.listen,
        port: server.port,
        localHost: values['local-host'],
        version,
        protocol: currentProtocol,
        node: process.version,
        data:
          values.sessions === undefined
            ? 'in memory: sessions end with the server'
            : `sessions in ${values.sessions} (${server.directory.count} found)`,
        off: [...(certificates ? [] : ['TLS']), ...(server.webSocketPort === 0 ? ['WebSocket'] : [])],
        notes: [
          ...(dropped ? [dropped.line] : []),
          ...(passed?.drawpile === undefined ? [] : ['Started listening on passed socket']),
        ],
      }),
    );
    const stop = async () => {
      notifier.stopping();
      await server.stop();
      await storage.stop();
      await neighbours.stop();
      certificates?.close();
      notifier.close();
      log.flush();
    };
    const reload = () => void certificates?.reload();
    await this.#untilStopped(stop, reload, (autoStop) =>
      attachService({
        server,
        notifier,
        clock: systemClock,
        log,
        ...(passed !== undefined && { autoStop }),
      }),
    );
  }

  /** Resolves when a signal, or `stopNow` as handed to `begin`, has stopped the server; a second signal leaves at once. */
  #untilStopped(
    stop: () => Promise<void>,
    reload: () => void,
    begin: (stopNow: () => void) => void,
  ): Promise<void> {
    const isFromTerminal = process.stdin.isTTY === true;
    return new Promise((resolve, reject) => {
      let isStopping = false;
      const stopNow = () => {
        isStopping = true;
        stop().then(resolve, reject);
      };
      const onSignal = (signal: NodeJS.Signals) => {
        if (isStopping) process.exit(signal === 'SIGINT' ? 130 : 143);
        stopNow();
      };
      process.on('SIGINT', onSignal);
      process.on('SIGTERM', onSignal);
      process.on('SIGHUP', (signal) => {
        if (isFromTerminal) onSignal(signal);
        else reload();
      });
      begin(stopNow);
    });
  }
}

/** The certificate that the operator named, if any; its problems go to the log. */
function openCertificates(values: StartupValues, log: ConsoleLog): Certificates | undefined {
  const { 'ssl-cert': certificate, 'ssl-key': key } = values;
  if (certificate === undefined || key === undefined) return undefined;
  return new Certificates(
    { certificate, key },
    { note: (level, message) => log.write({ time: Date.now(), level, topic: 'Status', message }) },
  );
}

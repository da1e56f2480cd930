// dp serve: hosts the protocol. Reads what the operator wants, launches the server, waits for the signal.

import { BaseCommand } from '../lib/cli/base-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { startupFlags } from '../lib/cli/startup-flags.js';
import { currentProtocol } from '../lib/core/protocol/version.js';
import { parseSettingFlag } from '../lib/core/settings/settings.js';
import { readStartup, type StartupName, startupNames } from '../lib/core/settings/startup.js';
import { publicNameOf } from '../lib/core/settings/startup-facts.js';
import { describeVariableProblem } from '../lib/core/settings/variable-text.js';
import { systemClock } from '../lib/io/system/clock.js';
import { ConsoleLog } from '../lib/io/system/console-log.js';
import { openNotifier } from '../lib/io/system/notify.js';
import { takePassedSockets } from '../lib/io/system/passed-sockets.js';
import { takePredecessor } from '../lib/io/system/predecessor.js';
import { startEnvironment } from '../lib/io/system/start-file.js';
import { mayLeave } from '../lib/io/system/successor.js';
import { version } from '../lib/io/system/version.js';
import { greetingText } from '../lib/server/greeting-text.js';
import { launchServer } from '../lib/server/launch.js';
import { attachService } from '../lib/server/service.js';

export default class Serve extends BaseCommand {
  static override enableJsonFlag = false;
  static override summary = 'Start the server';
  static override description =
    'Serves Drawpile clients 2.1, 2.2 and 2.3. Without flags, everyone can host and join on port 27750. When ' +
    'started as root, it opens its listeners and then switches permanently to an unprivileged user.';
  static override examples = [
    { description: 'Listen on the default port', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Use another port, and a session limit for this run',
      command: '<%= config.bin %> <%= command.id %> --port 27751 --set sessionCountLimit=5',
    },
  ];
  static override flags = {
    ...startupFlags(startupNames),
    set: Flags.string({
      multiple: true,
      helpValue: 'NAME=VALUE',
      description: 'Override a setting for this run',
    }),
    version: Flags.boolean({ description: 'Print versions and exit' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    if (flags.version) {
      this.logText(`dp ${version}\nProtocol version: ${currentProtocol}\nNode version: ${process.version}`);
      return;
    }
    const given = flags as Partial<Record<StartupName, string | boolean | string[]>>;
    const named = Object.fromEntries(
      startupNames.flatMap((name) => {
        const value = given[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const predecessor = takePredecessor();
    const { environment, problems } = startEnvironment(named);
    const { values } = readStartup(named, environment);
    const log = new ConsoleLog(process.stderr, values['log-level'] as 'info', values['log-format'] as 'text');
    // However it ends: lines wait for each other.
    process.once('exit', log.flush);
    for (const problem of problems) {
      const message = describeVariableProblem(problem);
      log.write({ time: systemClock.now(), level: 'warn', topic: 'Status', message });
    }
    const notifier = await openNotifier(systemClock, this.terminal.env, (problem) => this.warn(problem));
    const passed = takePassedSockets();
    for (const problem of passed?.skipped ?? []) this.warn(problem);
    const leave = (pid: number) => {
      notifier.handedTo(pid);
      notifier.close();
      process.exit(0);
    };
    const launched = await launchServer({
      values,
      flags: (flags.set ?? []).map(parseSettingFlag),
      environment,
      log,
      passed,
      predecessor,
      ...(mayLeave(notifier.isActive) && { leave }),
    }).catch((error: Error) => {
      if (!predecessor) throw error;
      predecessor.failed(error.message);
      return new Promise<never>(() => {});
    });
    const { server, dropped, isSocketActivated } = launched;
    const stop = async () => {
      notifier.stopping();
      await launched.stop();
      notifier.close();
      log.flush();
    };
    // Left alone, Node would open its debugger to everybody on this machine.
    process.on('SIGUSR1', () => void launched.admin.restart().catch((error: Error) => this.warn(error)));
    const restart = async () => (await launched.restart({ closesTls: false })).finish();
    process.on('SIGUSR2', () => {
      restart().catch((error: Error) => {
        this.warn(error);
        // What can be done without another process.
        launched.reload();
      });
    });
    await this.#untilStopped(stop, launched.reload, (autoStop) => {
      attachService({
        server,
        notifier,
        clock: systemClock,
        log,
        ...(isSocketActivated && { autoStop }),
      });
      this.logText(
        greetingText({
          host: values.listen,
          port: server.port,
          localHost: publicNameOf(values),
          version,
          protocol: currentProtocol,
          node: process.version,
          webPort: server.webPort,
          hasTls: launched.hasTls,
          data: launched.dataText,
          off: [
            ...(launched.hasTls ? [] : ['TLS']),
            ...(server.hasWebSocket ? [] : ['WebSocket']),
            ...(launched.admin.port === 0 && server.webPort === 0 ? ['admin API on a port'] : []),
          ],
          notes: [
            ...(dropped ? [dropped.line] : []),
            ...(passed?.drawpile === undefined ? [] : ['Started listening on passed socket']),
          ],
        }),
      );
    });
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

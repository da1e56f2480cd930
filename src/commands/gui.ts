// `dp gui`: the app in the browser, for a server on this machine or elsewhere. Starts one where none runs.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Admin } from '../lib/admin/admin.js';
import { AdminCommand, type PlaceFlags } from '../lib/cli/admin-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { openAdmin } from '../lib/cli/open-admin.js';
import { browserCommand, openBrowser } from '../lib/cli/open-browser.js';
import { Refusal, refusal } from '../lib/core/errors.js';
import type { BrowserSetUp } from '../lib/io/http/set-up-routes.js';
import { systemSecrets } from '../lib/io/system/access-secrets.js';
import { dataFiles, dataFolder } from '../lib/io/system/data-folder.js';

const startMs = 60_000;
const triesEveryMs = 200;

export default class Gui extends AdminCommand {
  static override enableJsonFlag = false;
  static override summary = 'Open the app in a browser';
  static override description =
    'Shows the server on this machine, or another one with --remote, and prints a link that works once. If no server ' +
    'uses the data, starts one, which stops with this command unless --keep-running is given; if nothing is set up ' +
    'either, the browser asks first what dp init asks. Ctrl-C ends it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Administer another server',
      command: '<%= config.bin %> <%= command.id %> --remote https://draw.example.com --auth TOKEN',
    },
    { description: 'Only print the link', command: '<%= config.bin %> <%= command.id %> --no-browser' },
  ];
  static override flags = {
    remote: Flags.string({
      helpValue: 'URL|NAME',
      summary: 'Admin API of another server, or its name in servers.ini; the same as --server',
      exclusive: ['server', 'database', 'config'],
    }),
    'no-browser': Flags.boolean({ summary: 'Only print the link' }),
    'set-up': Flags.boolean({
      allowNo: true,
      summary: 'Set up the server in the browser before it starts [default: if nothing is set up]',
      exclusive: ['remote', 'server', 'database', 'config'],
    }),
    'keep-running': Flags.boolean({ summary: 'Do not stop a server that this command started' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Gui);
    const { remote, 'no-browser': isQuiet, 'keep-running': isKept, 'set-up': wantsSetUp, ...rest } = flags;
    const place: PlaceFlags = { ...rest, ...(remote !== undefined && { server: remote }) };
    const { env } = this.terminal;
    const isElsewhere = place.server !== undefined || Boolean(env.DP_SERVER);
    const isHere = !isElsewhere && place.database === undefined && place.config === undefined;
    let started: ChildProcess | undefined;
    try {
      if (isHere && (wantsSetUp ?? (await this.isFirstStart(isQuiet)))) {
        await this.show(
          await this.firstSetUp(place, async () => {
            started ??= await this.startIfNeeded(place, isKept);
            return openAdmin({ ...place, env, needsServer: true });
          }),
          place,
          isQuiet,
        );
        return;
      }
      if (!isElsewhere) started = await this.startIfNeeded(place, isKept);
      await this.withAdmin(place, (admin) => this.show(admin, place, isQuiet), true);
    } finally {
      if (started && !isKept) {
        started.ref();
        const ended = started.exitCode === null ? once(started, 'exit') : undefined;
        started.kill('SIGTERM');
        await ended;
      }
    }
  }

  private async show(first: Admin | BrowserSetUp, place: PlaceFlags, isQuiet: boolean): Promise<void> {
    const { env } = this.terminal;
    const given = place.server ?? env.DP_SERVER ?? '';
    const { namedServers } = await import('../lib/io/disk/server-profile.js');
    const { openLocalApp } = await import('../lib/io/http/local-app.js');
    const app = await openLocalApp(
      {
        first: { name: 'run' in first ? labelOf(given, first) : '', admin: first },
        others: namedServers(env).filter((name) => name !== given),
        open: (name) => openAdmin({ server: name, env }),
      },
      { secrets: systemSecrets, name: 'local' },
    );
    const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    const isOpen = !isQuiet && (await openBrowser(app.link, env));
    this.log(
      isOpen ? 'The app is open in your browser. If not, open this link:' : 'Open this link in a browser:',
    );
    this.log(`    ${app.link}`);
    this.log('It works once. Ctrl-C ends the app.');
    await ended;
    await app.close();
  }

  /** Nothing is set up, nothing runs, and somebody is here to answer. */
  private async isFirstStart(isQuiet: boolean): Promise<boolean> {
    const { env } = this.terminal;
    const isSomebodyHere =
      this.isInteractive || (!isQuiet && browserCommand('', process.platform, env) !== undefined);
    if (!isSomebodyHere || env.DP_DATABASE || env.DP_CONFIG || env.DP_EPHEMERAL) return false;
    return !existsSync(dataFiles(dataFolder({ env })).database) && !(await this.isRunning({}));
  }

  private async firstSetUp(place: PlaceFlags, start: () => Promise<Admin>): Promise<BrowserSetUp> {
    const { env } = this.terminal;
    if (await this.isRunning(place)) throw refusal('set-up-while-running');
    const { browserSetUp } = await import('../lib/cli/browser-set-up.js');
    return browserSetUp(dataFolder({ env }), env, start);
  }

  /** The server that was started; undefined: one was running. */
  private async startIfNeeded(place: PlaceFlags, isKept: boolean): Promise<ChildProcess | undefined> {
    if (await this.isRunning(place)) return undefined;
    const { database, config } = place;
    const files = [
      ...(database === undefined ? [] : [`--database=${database}`]),
      ...(config === undefined ? [] : [`--config=${config}`]),
    ];
    const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
    this.log('No server is running on this data. Starting one …');
    const child = spawn(process.execPath, [program, 'serve', ...files], {
      // Ctrl-C is for this command, which stops the server itself
      detached: true,
      stdio: ['ignore', 'ignore', isKept ? 'ignore' : 'inherit'],
      env: { ...this.terminal.env },
    });
    child.unref();
    const end = Date.now() + startMs;
    while (!(await this.isRunning(place))) {
      if (child.exitCode !== null || Date.now() > end) {
        child.kill('SIGTERM');
        // says which server is missing; why it ended, it has said itself
        await this.withAdmin(place, async () => undefined, true);
      }
      await sleep(triesEveryMs);
    }
    return child;
  }

  private async isRunning(place: PlaceFlags): Promise<boolean> {
    try {
      return await this.withAdmin(
        place,
        async (admin) => (await admin.run('server.status', {})) !== undefined,
        true,
      );
    } catch (error) {
      if (error instanceof Refusal && error.kind === 'unreachable') return false;
      throw error;
    }
  }
}

/** A name as it was given, an address without its password; '': this machine. */
function labelOf(given: string, { place }: Admin): string {
  return given === '' ? '' : given.includes('/') || given.includes(':') ? place : given;
}

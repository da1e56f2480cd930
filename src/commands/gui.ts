// `dp gui`: the app in the browser, for a server on this machine or elsewhere. Starts one where none runs.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Admin } from '../lib/admin/admin.js';
import { AdminCommand, type PlaceFlags } from '../lib/cli/admin-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { openBrowser } from '../lib/cli/open-browser.js';
import { Refusal } from '../lib/core/errors.js';
import { systemSecrets } from '../lib/io/system/access-secrets.js';

const startMs = 60_000;
const triesEveryMs = 200;

export default class Gui extends AdminCommand {
  static override enableJsonFlag = false;
  static override summary = 'Open the app in a browser';
  static override description =
    'Shows the server on this machine, or another one with --remote, and prints a link that works once. If no server ' +
    'uses the data, starts one, which stops with this command unless --keep-running is given. Ctrl-C ends it.';
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
    'keep-running': Flags.boolean({ summary: 'Do not stop a server that this command started' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Gui);
    const { remote, ...rest } = flags;
    const place: PlaceFlags = { ...rest, ...(remote !== undefined && { server: remote }) };
    const isElsewhere = place.server !== undefined || Boolean(this.terminal.env.DP_SERVER);
    const started = isElsewhere ? undefined : await this.startIfNeeded(place, flags['keep-running']);
    try {
      await this.withAdmin(place, (admin) => this.show(admin, place, flags['no-browser']), true);
    } finally {
      if (started && !flags['keep-running']) {
        started.ref();
        const ended = started.exitCode === null ? once(started, 'exit') : undefined;
        started.kill('SIGTERM');
        await ended;
      }
    }
  }

  private async show(admin: Admin, place: PlaceFlags, isQuiet: boolean): Promise<void> {
    const { env } = this.terminal;
    const first = place.server ?? env.DP_SERVER ?? '';
    const { namedServers } = await import('../lib/io/disk/server-profile.js');
    const { openAppForOne } = await import('../lib/io/http/app-for-one.js');
    const app = await openAppForOne(
      {
        first: { name: labelOf(first, admin), admin },
        others: namedServers(env).filter((name) => name !== first),
        open: async (name) => {
          const { openAdmin } = await import('../lib/cli/open-admin.js');
          return openAdmin({ server: name, env });
        },
      },
      { secrets: systemSecrets, name: 'local' },
    );
    const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    const isOpen = !isQuiet && (await openBrowser(app.link, this.terminal.env));
    this.log(
      isOpen ? 'The app is open in your browser. If not, open this link:' : 'Open this link in a browser:',
    );
    this.log(`    ${app.link}`);
    this.log('It works once. Ctrl-C ends the app.');
    await ended;
    await app.close();
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

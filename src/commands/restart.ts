// `dp restart`: another process of the installed version takes the place of the one that serves.

import type { Admin } from '../lib/admin/admin.js';
import { LiveCommand } from '../lib/cli/admin-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { reason } from '../lib/core/errors/reason.js';
import { fault } from '../lib/core/errors.js';
import { waitingClock } from '../lib/io/system/clock.js';

/** A hand-over waits up to 15 seconds for a moment in which everything is stored. */
const servesWithinMs = 30_000;
const lookEveryMs = 100;

export default class Restart extends LiveCommand {
  static override summary = 'Restart a running server without disconnecting its users';
  static override description =
    'Starts the installed version of the program, which takes over listeners, connections and sessions; users notice a ' +
    'pause of less than two seconds. If it cannot take over, the running process continues. Connections that the server ' +
    'encrypts itself cannot be handed over.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'After an update, if the version is another one',
      command: '<%= config.bin %> <%= command.id %> --upgrade',
    },
  ];
  static override flags = {
    upgrade: Flags.boolean({ summary: 'Restart only if another version is installed' }),
    'close-tls': Flags.boolean({
      summary: 'Disconnect users whose connections the server encrypts; they press Reconnect',
    }),
  };
  static override answers = ['server.restart'] as const;

  async run(): Promise<{ pid: number; version: string; closes: number }> {
    const { flags } = await this.parse(Restart);
    return this.withAdmin(flags, async (admin) => {
      const { pid: before } = await admin.run('server.status', {});
      const restart = await admin.run('server.restart', {
        ...(flags['close-tls'] && { closesTls: true }),
        ...(flags.upgrade && { onlyNewer: true }),
      });
      if (restart.pid === before) {
        this.logToStderr(`Version ${restart.version} is running already.`);
        return restart;
      }
      await untilServing(admin, restart.pid);
      this.logToStderr(`Restarted: process ${restart.pid} serves, version ${restart.version}.`);
      return restart;
    });
  }
}

async function untilServing(admin: Admin, pid: number): Promise<void> {
  const deadline = waitingClock.monotonic() + servesWithinMs;
  for (;;) {
    // While the sockets change hands a request may be lost.
    const status = await admin.run('server.status', {}).catch(() => undefined);
    if (status?.pid === pid) return;
    if (typeof status?.restartProblem === 'string')
      throw fault('restart-failed', { problem: status.restartProblem });
    if (waitingClock.monotonic() > deadline)
      throw fault('restart-failed', { problem: reason('restart-unanswered') });
    await new Promise<void>((resolve) => waitingClock.after(lookEveryMs, resolve));
  }
}

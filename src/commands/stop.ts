// `dp stop`: stops a running server, at once or in a while.

import { LiveCommand } from '../lib/cli/admin-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { refusal } from '../lib/core/errors.js';
import { formatDateTime, parseDuration } from '../lib/core/units.js';

export default class Stop extends LiveCommand {
  static override summary = 'Stop a running server, now or later';
  static override description =
    'Users in sessions are notified. Sessions that are stored in files are available again after the next start. ' +
    'If a service manager would restart the server, stop it there instead.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --in 5m --message "Back in an hour."',
    { description: 'Cancel a scheduled shutdown', command: '<%= config.bin %> <%= command.id %> --cancel' },
  ];
  static override flags = {
    in: Flags.string({
      helpValue: 'TIME',
      summary: 'Delay before the shutdown: 90s, 5m, 1h (at most one day)',
    }),
    message: Flags.string({ char: 'm', helpValue: 'TEXT', summary: 'Message to everyone in a session' }),
    cancel: Flags.boolean({ summary: 'Cancel a scheduled shutdown', exclusive: ['in', 'message'] }),
  };
  static override answers = ['server.stop', 'server.keep'] as const;

  async run(): Promise<{ stopsAt: number } | { wasAhead: boolean }> {
    const { flags } = await this.parse(Stop);
    if (flags.cancel) {
      const kept = await this.withAdmin(flags, (admin) => admin.run('server.keep', {}));
      this.logToStderr(kept.wasAhead ? 'Shutdown cancelled.' : 'No shutdown was scheduled.');
      return kept;
    }
    const seconds = flags.in === undefined ? undefined : parseDuration(flags.in.trim());
    if (flags.in !== undefined && seconds === undefined) {
      throw refusal('flag-invalid', {
        flag: '--in',
        value: String(flags.in),
        expected: 'a duration',
        example: '5m',
      });
    }
    const stop = await this.withAdmin(flags, (admin) =>
      admin.run('server.stop', {
        ...(seconds === undefined ? {} : { seconds }),
        ...(flags.message === undefined ? {} : { message: flags.message }),
      }),
    );
    this.logToStderr(
      seconds === undefined || seconds === 0
        ? 'The server is stopping.'
        : `The server will stop at ${formatDateTime(stop.stopsAt)} UTC. To cancel: dp stop --cancel`,
    );
    return stop;
  }
}

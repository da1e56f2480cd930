// `dp stop`: stops a running server, at once or in a while.

import { LiveCommand } from '../lib/cli/admin-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { refusal } from '../lib/core/errors.js';
import { formatDateTime, parseDuration } from '../lib/core/units.js';

export default class Stop extends LiveCommand {
  static override summary = 'Stop a running server, at once or in a while.';
  static override description =
    'Everyone in a session is told. Sessions that are kept in files are there again at the next start. A service manager may start the server anew: then stop it there.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --in 5m --message "Back in an hour."',
    { description: 'Not after all', command: '<%= config.bin %> <%= command.id %> --cancel' },
  ];
  static override flags = {
    in: Flags.string({ helpValue: 'TIME', summary: 'Not before so long: 90s, 5m, 1h; a day at most.' }),
    message: Flags.string({ char: 'm', helpValue: 'TEXT', summary: 'Told to everyone in a session.' }),
    cancel: Flags.boolean({ summary: 'Cancel a stop that is ahead.', exclusive: ['in', 'message'] }),
  };

  async run(): Promise<{ stopsAt: number } | { wasAhead: boolean }> {
    const { flags } = await this.parse(Stop);
    if (flags.cancel) {
      const kept = await this.withAdmin(flags, (admin) => admin.run('server.keep', {}));
      this.logToStderr(kept.wasAhead ? 'The server will not stop.' : 'No stop was ahead.');
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
        ? 'The server stops.'
        : `The server will stop at ${formatDateTime(stop.stopsAt)} UTC. Not after all: dp stop --cancel`,
    );
    return stop;
  }
}

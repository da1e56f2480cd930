// `dp log write`: adds an entry to the log of a running server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { logLevels } from '../../lib/core/log-levels.js';
import { logTopics } from '../../lib/core/session/log-topics.js';

export default class LogWrite extends LiveCommand {
  static override summary = 'Add an entry to the server log';
  static override description = 'For scripts that change something on the server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> "Nightly backup done"',
    '<%= config.bin %> <%= command.id %> "Warned twice" --level warn --session 01m8x2k5v3qj9t7w4y6z8a0b1c',
  ];
  static override args = {
    message: Args.string({ required: true, description: 'Message of the entry' }),
  };
  static override flags = {
    level: Flags.option({ options: logLevels })({ default: 'info', summary: 'Severity' }),
    topic: Flags.option({ options: logTopics })({
      default: 'Status',
      helpValue: 'TOPIC',
      summary: 'Topic',
    }),
    session: Flags.string({ helpValue: 'ID', summary: 'Id of the session that the entry is about' }),
  };
  static override answers = ['log.write'] as const;

  async run(): Promise<OutputOf<'log.write'>> {
    const { args, flags } = await this.parse(LogWrite);
    const { level, session, topic } = flags;
    return this.withAdmin(flags, (admin) =>
      admin.run('log.write', {
        level,
        topic,
        message: args.message,
        ...(session !== undefined && { session }),
      }),
    );
  }
}

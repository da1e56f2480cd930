// `dp log purge`: deletes old entries of the log.

import type { OutputOf } from '../../lib/admin/operations.js';
import { PurgeCommand } from '../../lib/cli/purge-command.js';

export default class LogPurge extends PurgeCommand {
  static override summary = 'Delete old log entries';
  static override description = 'If the setting logpurgedays is set, the server does this daily.';
  static override answers = ['log.purge'] as const;

  async run(): Promise<OutputOf<'log.purge'>> {
    const { flags } = await this.parse(LogPurge);
    const { removed } = await this.purge(flags, (admin, input) => admin.run('log.purge', input));
    return { removed };
  }
}

// `dp audit purge`: deletes old entries of the audit trail.

import { PurgeCommand } from '../../lib/cli/purge-command.js';

export default class AuditPurge extends PurgeCommand {
  static override summary = 'Delete old entries of the audit trail';
  static override description = 'If the setting auditpurgedays is set, the server does this daily.';

  async run(): Promise<{ removed: number; before: string }> {
    const { flags } = await this.parse(AuditPurge);
    const { removed, moment } = await this.purge(flags, (admin, input) => admin.run('audit.purge', input));
    return { removed, before: moment };
  }
}

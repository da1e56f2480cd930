// `dp audit purge`: deletes old entries of the audit trail.

import type { OutputOf } from '../../lib/admin/operations.js';
import { PurgeCommand } from '../../lib/cli/purge-command.js';

export default class AuditPurge extends PurgeCommand {
  static override summary = 'Delete old entries of the audit trail';
  static override description = 'If the setting auditpurgedays is set, the server does this daily.';

  static override answers = ['audit.purge'] as const;

  async run(): Promise<OutputOf<'audit.purge'>> {
    const { flags } = await this.parse(AuditPurge);
    const { removed } = await this.purge(flags, (admin, input) => admin.run('audit.purge', input));
    return { removed };
  }
}

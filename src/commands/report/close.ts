// `dp report close`: an abuse report is dealt with.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { reportArg } from '../../lib/cli/report-texts.js';

export default class ReportClose extends AdminCommand {
  static override answers = ['report.close'] as const;
  static override summary = 'Close an abuse report';
  static override description =
    'If another moderator has closed it, the command says who, and changes nothing.';
  static override examples = ['<%= config.bin %> <%= command.id %> 3 --comment "banned for a week"'];
  static override args = { id: reportArg };
  static override flags = {
    comment: Flags.string({ helpValue: 'TEXT', summary: 'What was done about it, for other moderators' }),
  };

  async run(): Promise<OutputOf<'report.close'>> {
    const { args, flags } = await this.parse(ReportClose);
    const { comment } = flags;
    return this.withAdmin(flags, async (admin) => {
      const closed = await admin.run('report.close', {
        id: args.id,
        ...(comment === undefined ? {} : { comment }),
      });
      this.logToStderr(`Report ${closed.id} closed.`);
      return closed;
    });
  }
}

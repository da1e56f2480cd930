// `dp report reopen`: an abuse report needs attention after all.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { reportArg } from '../../lib/cli/report-texts.js';

export default class ReportReopen extends AdminCommand {
  static override answers = ['report.reopen'] as const;
  static override summary = 'Open a closed abuse report again';
  static override examples = ['<%= config.bin %> <%= command.id %> 3'];
  static override args = { id: reportArg };

  async run(): Promise<OutputOf<'report.reopen'>> {
    const { args, flags } = await this.parse(ReportReopen);
    return this.withAdmin(flags, async (admin) => {
      const opened = await admin.run('report.reopen', { id: args.id });
      this.logToStderr(`Report ${opened.id} is open again.`);
      return opened;
    });
  }
}

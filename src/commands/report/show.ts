// `dp report show`: one abuse report, with what was said before.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { reportArg, reportFacts, saidText } from '../../lib/cli/report-texts.js';
import { printable } from '../../lib/core/printable.js';

export default class ReportShow extends AdminCommand {
  static override answers = ['report.get'] as const;
  static override summary = 'Show an abuse report with the chat before it';
  static override examples = ['<%= config.bin %> <%= command.id %> 3'];
  static override args = { id: reportArg };

  async run(): Promise<OutputOf<'report.get'>> {
    const { args, flags } = await this.parse(ReportShow);
    const report = await this.withAdmin(flags, (admin) => admin.run('report.get', { id: args.id }));
    this.table(reportFacts(report), [
      { title: 'report', value: ([fact]) => fact },
      { title: '', value: ([, value]) => value },
    ]);
    if (report.chat.length > 0) this.log();
    for (const line of report.chat) this.log(printable(saidText(line)));
    return report;
  }
}

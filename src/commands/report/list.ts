// `dp report list`: abuse reports that users sent.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { reportColumns } from '../../lib/cli/report-texts.js';

export default class ReportList extends AdminCommand {
  static override answers = ['report.list'] as const;
  static override summary = 'List abuse reports';
  static override description =
    'Shows reports that no moderator has closed yet, newest first. The server stores the newest 2,000 reports; where ' +
    'there are more, closed ones are deleted first.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --all --limit 20',
  ];
  static override flags = {
    all: Flags.boolean({ summary: 'Include closed reports' }),
    limit: Flags.integer({ char: 'n', min: 1, helpValue: 'N', summary: 'Maximum number of reports' }),
  };

  async run(): Promise<OutputOf<'report.list'>> {
    const { flags } = await this.parse(ReportList);
    const reports = await this.withAdmin(flags, (admin) =>
      admin.run('report.list', {
        withClosed: flags.all,
        ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      }),
    );
    this.table(reports, reportColumns, flags.all ? 'There are no reports.' : 'There are no open reports.');
    return reports;
  }
}

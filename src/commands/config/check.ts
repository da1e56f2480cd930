// `dp config check`: what is wrong with a settings file or a database. Changes nothing.

import type { StoredProblem } from '../../lib/admin/needs.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { kindOfFile } from '../../lib/cli/open-admin.js';
import { Refusal } from '../../lib/core/errors.js';

export default class ConfigCheck extends AdminCommand {
  static override summary = 'Check a settings file or database for mistakes';
  static override description =
    'Reports unknown settings, invalid values, unusable bans and malformed passwords with their line. The exit ' +
    'status is 7 if there are any.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> /etc/dp.conf',
    '<%= config.bin %> <%= command.id %> --database /var/lib/dp/dp.db',
  ];
  static override args = {
    file: Args.string({ description: 'Settings file or database' }),
  };
  static override answers = ['config.check'] as const;

  async run(): Promise<OutputOf<'config.check'>> {
    const { args, flags } = await this.parse(ConfigCheck);
    const where = args.file === undefined ? flags : { [kindOfFile(args.file)]: args.file };
    const { place, problems } = await this.withAdmin(where, async (admin) => ({
      place: admin.place,
      problems: await admin.run('config.check', {}),
    })).catch((error: unknown) => {
      // What keeps the file from being read at all is what is wrong with it.
      if (!(error instanceof Refusal) || error.kind !== 'problems') throw error;
      const { message, hint } = error;
      const place = args.file ?? flags.config ?? '';
      const problem: StoredProblem = hint === undefined ? { message } : { message, hint };
      return { place, problems: [problem] };
    });
    for (const { line, message, hint } of problems) {
      this.log(`${place}${line === undefined ? '' : `:${line}`}: ${message}`);
      if (hint !== undefined) this.log(`    ${hint}`);
    }
    if (problems.length === 0) this.log(`${place}: no problems`);
    else this.endWith('problems');
    return problems;
  }
}

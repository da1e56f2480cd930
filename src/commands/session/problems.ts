// `dp session problems`: stored sessions that are unusable or in doubt.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { problemLines } from '../../lib/cli/session-texts.js';

export default class SessionProblems extends LiveCommand {
  static override summary = 'List stored sessions with problems';
  static override description =
    'Sessions that are unusable, histories without a journal, and sessions whose stored settings are in doubt.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override answers = ['session.problems'] as const;

  async run(): Promise<OutputOf<'session.problems'>> {
    const { flags } = await this.parse(SessionProblems);
    const problems = await this.withAdmin(flags, (admin) => admin.run('session.problems', {}));
    const lines = problemLines(problems);
    for (const line of lines) this.log(line);
    if (lines.length === 0) this.logToStderr('No stored session has problems.');
    return problems;
  }
}

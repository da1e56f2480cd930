// `dp login end`: logs people out of the web interface.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { refusal } from '../../lib/core/errors.js';

export default class LoginEnd extends AdminCommand {
  static override answers = ['login.end'] as const;
  static override summary = 'End logins of the web interface';
  static override description =
    'The next request of that browser is refused. dp login list shows the numbers.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 3',
    '<%= config.bin %> <%= command.id %> --all',
  ];
  static override args = { id: Args.integer({ description: 'Number of the login' }) };
  static override flags = { all: Flags.boolean({ summary: 'End all logins' }) };

  async run(): Promise<OutputOf<'login.end'>> {
    const { args, flags } = await this.parse(LoginEnd);
    const { id } = args;
    if ((id === undefined) === !flags.all) throw refusal('login-choice');
    return this.withAdmin(flags, async (admin) => {
      const ended = await admin.run('login.end', id === undefined ? {} : { id });
      this.logToStderr(`${ended.length} ${ended.length === 1 ? 'login' : 'logins'} ended.`);
      return ended;
    });
  }
}

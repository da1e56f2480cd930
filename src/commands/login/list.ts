// `dp login list`: who is logged in to the web interface.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { loginColumns } from '../../lib/cli/grant-texts.js';

export default class LoginList extends AdminCommand {
  static override answers = ['login.list'] as const;
  static override summary = 'List logins of the web interface';
  static override description =
    'A login ends after seven days, when the user logs out, and when the account is removed, locked, or gets a new password.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<OutputOf<'login.list'>> {
    const { flags } = await this.parse(LoginList);
    const logins = await this.withAdmin(flags, (admin) => admin.run('login.list', {}));
    this.table(logins, loginColumns, 'No logins.');
    return logins;
  }
}

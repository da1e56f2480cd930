// `dp listserver list`: where sessions may be announced.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';

export default class ListserverList extends AdminCommand {
  static override summary = 'List the list servers where sessions may be announced';
  static override description =
    'The list applies only if the setting announceWhitelist is on; an empty list then allows no announcements.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override answers = ['listserver.list'] as const;

  async run(): Promise<OutputOf<'listserver.list'>> {
    const { flags } = await this.parse(ListserverList);
    const servers = await this.withAdmin(flags, (admin) => admin.run('listserver.list', {}));
    this.table(
      servers.list,
      [{ title: servers.entries === 'patterns' ? 'regular expression' : 'address', value: (entry) => entry }],
      'The list is empty.',
    );
    if (!servers.isEnabled) {
      this.logToStderr('The list is not in effect. To use it: dp config set announceWhitelist true');
    }
    return servers;
  }
}

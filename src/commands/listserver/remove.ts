// `dp listserver remove`: no longer allows announcements at a list server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class ListserverRemove extends AdminCommand {
  static override summary = 'Stop allowing announcements at a list server';
  static override examples = ['<%= config.bin %> <%= command.id %> https://drawpile.net/api/listing/'];
  static override args = {
    address: Args.string({ required: true, description: 'Address as it was added, or as listed' }),
  };
  static override answers = ['listserver.remove'] as const;

  async run(): Promise<OutputOf<'listserver.remove'>> {
    const { args, flags } = await this.parse(ListserverRemove);
    const servers = await this.withAdmin(flags, (admin) =>
      admin.run('listserver.remove', { entry: args.address }),
    );
    this.logToStderr(`${args.address} removed from the list.`);
    if (servers.isEnabled && servers.list.length === 0) {
      this.warn('the list is now empty: sessions cannot be announced anywhere');
    }
    return servers;
  }
}

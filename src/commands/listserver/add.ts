// `dp listserver add`: allows announcements at a list server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';

export default class ListserverAdd extends AdminCommand {
  static override summary = 'Allow announcements at a list server';
  static override examples = [
    '<%= config.bin %> <%= command.id %> https://drawpile.net/api/listing/',
    '<%= config.bin %> <%= command.id %> --pattern "^https://[a-z]+\\.example\\.com/"',
  ];
  static override args = {
    address: Args.string({ required: true, description: 'Address of the list server' }),
  };
  static override flags = {
    pattern: Flags.boolean({ summary: 'Treat the address as a regular expression to search for' }),
  };
  static override answers = ['listserver.add'] as const;

  async run(): Promise<OutputOf<'listserver.add'>> {
    const { args, flags } = await this.parse(ListserverAdd);
    const servers = await this.withAdmin(flags, (admin) =>
      admin.run('listserver.add', { entry: args.address, isPattern: flags.pattern }),
    );
    this.logToStderr(`Sessions may be announced at ${args.address}.`);
    if (!servers.isEnabled) {
      this.logToStderr('The list is not in effect. To use it: dp config set announceWhitelist true');
    }
    return servers;
  }
}

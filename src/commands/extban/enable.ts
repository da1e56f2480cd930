// `dp extban enable`: switches an entry of the external ban list on, on this server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class ExtbanEnable extends LiveCommand {
  static override summary = 'Enable an entry of the external ban list';
  static override examples = ['<%= config.bin %> <%= command.id %> 12'];
  static override args = {
    id: Args.integer({ required: true, min: 0, description: 'Number of the entry, as in dp extban list' }),
  };
  static override answers = ['extban.enable'] as const;

  async run(): Promise<OutputOf<'extban.enable'>> {
    const { args, flags } = await this.parse(ExtbanEnable);
    const done = await this.withAdmin(flags, (admin) =>
      admin.run('extban.enable', { id: args.id, isEnabled: true }),
    );
    this.logToStderr(`Entry ${done.id} of the external ban list is enabled.`);
    return done;
  }
}

// `dp extban disable`: switches an entry of the external ban list off, on this server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class ExtbanDisable extends LiveCommand {
  static override summary = 'Disable an entry of the external ban list';
  static override examples = ['<%= config.bin %> <%= command.id %> 12'];
  static override args = {
    id: Args.integer({ required: true, min: 0, description: 'Number of the entry, as in dp extban list' }),
  };
  static override answers = ['extban.enable'] as const;

  async run(): Promise<OutputOf<'extban.enable'>> {
    const { args, flags } = await this.parse(ExtbanDisable);
    const done = await this.withAdmin(flags, (admin) =>
      admin.run('extban.enable', { id: args.id, isEnabled: false }),
    );
    this.logToStderr(`Entry ${done.id} of the external ban list is disabled.`);
    return done;
  }
}

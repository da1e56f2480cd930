// `dp extban refresh`: fetches the external ban list now.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';

export default class ExtbanRefresh extends LiveCommand {
  static override summary = 'Fetch the external ban list now';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override answers = ['extban.refresh'] as const;

  async run(): Promise<OutputOf<'extban.refresh'>> {
    const { flags } = await this.parse(ExtbanRefresh);
    const done = await this.withAdmin(flags, (admin) => admin.run('extban.refresh', {}));
    this.logToStderr(
      done.result === 'triggered' ? 'The list is being fetched.' : 'The list is being fetched already.',
    );
    return done;
  }
}

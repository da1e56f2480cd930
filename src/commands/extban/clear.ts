// `dp extban clear`: discards the external ban list until it is fetched again.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';

export default class ExtbanClear extends LiveCommand {
  static override summary = 'Discard the external ban list until it is fetched again';
  static override examples = ['<%= config.bin %> <%= command.id %> --yes'];
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }) };
  static override answers = ['extban.clear'] as const;

  async run(): Promise<OutputOf<'extban.clear'>> {
    const { flags } = await this.parse(ExtbanClear);
    if (!flags.yes && !(await confirm(this.terminal, 'Discard the external ban list?', true))) this.exit(1);
    const cleared = await this.withAdmin(flags, (admin) => admin.run('extban.clear', {}));
    this.logToStderr(
      `${cleared.removed} ${cleared.removed === 1 ? 'entry' : 'entries'} discarded. To fetch the list again: dp extban refresh`,
    );
    return cleared;
  }
}

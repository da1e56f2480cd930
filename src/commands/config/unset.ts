// `dp config unset`: back to the default.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { printable } from '../../lib/core/printable.js';

export default class ConfigUnset extends AdminCommand {
  static override summary = 'Reset settings to their defaults';
  static override examples = ['<%= config.bin %> <%= command.id %> welcomeMessage idleTimeLimit'];
  static override strict = false;
  static override usage = ['config unset NAME...'];
  static override args = {
    name: Args.string({ required: true, description: 'Names of settings' }),
  };
  static override answers = ['config.change'] as const;

  async run(): Promise<OutputOf<'config.change'>> {
    const { argv, flags } = await this.parse(ConfigUnset);
    const changed = await this.withAdmin(flags, (admin) =>
      admin.run('config.change', { unset: argv as string[] }),
    );
    for (const { name, text } of changed) this.log(`${name} = ${printable(text)}`);
    return changed;
  }
}

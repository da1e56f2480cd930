// `dp config get`: the value of one setting, bare, for people and scripts.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class ConfigGet extends AdminCommand {
  static override summary = 'Show the value of a setting';
  static override examples = ['<%= config.bin %> <%= command.id %> sessionCountLimit'];
  static override args = {
    name: Args.string({ required: true, description: 'Name of the setting; "dp config list" shows all' }),
  };
  static override answers = ['config.get'] as const;

  async run(): Promise<OutputOf<'config.get'>> {
    const { args, flags } = await this.parse(ConfigGet);
    const view = await this.withAdmin(flags, (admin) => admin.run('config.get', { name: args.name }));
    this.log(view.text);
    if (view.problem !== undefined) this.warn(`${view.name}: ${view.problem}`);
    return view;
  }
}

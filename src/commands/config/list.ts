// `dp config list`: all settings.

import type { OutputOf } from '../../lib/admin/operations.js';
import type { SettingView } from '../../lib/admin/settings.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import type { Column } from '../../lib/cli/tables.js';

export default class ConfigList extends AdminCommand {
  static override summary = 'List settings and their values';
  static override description =
    'Secrets are not shown; "dp config get NAME" prints one. A running server applies changes within a second.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Only changed settings, and where their values come from',
      command: '<%= config.bin %> <%= command.id %> --changed --origin',
    },
  ];
  static override flags = {
    origin: Flags.boolean({ summary: 'Also show where each value comes from' }),
    changed: Flags.boolean({ summary: 'Only settings that differ from their defaults' }),
  };
  static override answers = ['config.list'] as const;

  async run(): Promise<OutputOf<'config.list'>> {
    const { flags } = await this.parse(ConfigList);
    const all = await this.withAdmin(flags, (admin) => admin.run('config.list', {}));
    const shown = flags.changed ? all.filter(({ origin }) => origin !== 'default') : all;
    const columns: Column<SettingView>[] = [
      { title: 'setting', value: ({ name }) => name },
      { title: 'value', value: (view) => (view.value === undefined ? '(secret)' : view.text) },
    ];
    if (flags.origin) columns.push({ title: 'origin', value: ({ origin }) => origin });
    this.table(shown, columns, 'All settings have their defaults.');
    for (const { name, problem } of shown) if (problem !== undefined) this.warn(`${name}: ${problem}`);
    return shown;
  }
}

// The base of commands that work on a server's settings, accounts, bans or log. Which data: --database, --config, or
// what `dp serve` keeps when it is told nothing. Such a command holds an Admin and can't tell where its data is.

import type { Admin } from '../admin/admin.js';
import { BaseCommand } from './base-command.js';
import { Flags } from './oclif.js';
import { openAdmin } from './open-admin.js';

/** Values of the flags in `AdminCommand.baseFlags`. */
export interface PlaceFlags {
  database?: string | undefined;
  config?: string | undefined;
}

export abstract class AdminCommand extends BaseCommand {
  static override baseFlags = {
    database: Flags.string({
      char: 'd',
      env: 'DP_DATABASE',
      helpGroup: 'WHERE',
      helpValue: 'FILE',
      summary: 'The SQLite database of the server.',
      exclusive: ['config'],
    }),
    config: Flags.string({
      char: 'c',
      env: 'DP_CONFIG',
      helpGroup: 'WHERE',
      helpValue: 'FILE',
      summary: 'The settings file of the server.',
    }),
  };

  /** Opens what the flags say, and closes it whatever happens. */
  protected async withAdmin<Result>(
    flags: PlaceFlags,
    use: (admin: Admin) => Promise<Result>,
  ): Promise<Result> {
    const admin = await openAdmin({ database: flags.database, config: flags.config, env: this.terminal.env });
    try {
      return await use(admin);
    } finally {
      await admin.close();
    }
  }
}

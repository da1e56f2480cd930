// The base of commands that work on a server, running or not. Which one: --server, --database, --config, or the one
// that stores its data where `dp serve` does without flags. The command is the same in each case.

import type { Admin } from '../admin/admin.js';
import type { OperationName } from '../admin/operations.js';
import type { Schema } from '../admin/schema.js';
import { BaseCommand } from './base-command.js';
import { Flags } from './oclif.js';
import { openAdmin } from './open-admin.js';

/** Values of the flags in `AdminCommand.baseFlags`. */
export interface PlaceFlags {
  database?: string | undefined;
  config?: string | undefined;
  server?: string | undefined;
  auth?: string | undefined;
}

/** The shape of what a command prints; `isLines`: of each line. */
export interface OwnAnswer {
  readonly shape: Schema;
  readonly isLines?: true;
}

export abstract class AdminCommand extends BaseCommand {
  /** What --json prints: the output of one of these operations, as it is; with names, an object of several. */
  static answers: readonly OperationName[] | Readonly<Record<string, OperationName>> = [];
  /** What it prints where that is more than an operation reports, by the flag that is given for it; '': without one. */
  static ownAnswers: Readonly<Record<string, OwnAnswer>> = {};

  static override baseFlags = {
    ...BaseCommand.baseFlags,
    database: Flags.string({
      char: 'd',
      env: 'DP_DATABASE',
      helpGroup: 'SERVER',
      helpValue: 'FILE',
      summary: 'SQLite database of the server',
      exclusive: ['config'],
    }),
    config: Flags.string({
      char: 'c',
      env: 'DP_CONFIG',
      helpGroup: 'SERVER',
      helpValue: 'FILE',
      summary: 'Settings file of the server',
    }),
    server: Flags.string({
      helpGroup: 'SERVER',
      helpValue: 'URL|NAME',
      summary: 'Admin API of a running server, or its name in servers.ini [env: DP_SERVER]',
      exclusive: ['config', 'database'],
    }),
    auth: Flags.string({
      helpGroup: 'SERVER',
      helpValue: 'NAME:PASSWORD|TOKEN',
      summary: 'Name and password, or a token, for --server [env: DP_AUTH]',
    }),
  };

  /** Opens what the flags say, and closes it whatever happens. `needsServer`: data alone are no help. */
  protected async withAdmin<Result>(
    flags: PlaceFlags,
    use: (admin: Admin) => Promise<Result>,
    needsServer = false,
  ): Promise<Result> {
    const { database, config } = flags;
    const { env } = this.terminal;
    // A flag for data wins over a variable for a server; the other way round the flags exclude each other.
    const hasData = database !== undefined || config !== undefined;
    const server = flags.server ?? (hasData ? undefined : env.DP_SERVER || undefined);
    const admin = await openAdmin({
      database,
      config,
      server,
      auth: flags.auth ?? (env.DP_AUTH || undefined),
      env,
      needsServer,
    });
    try {
      return await use(admin);
    } finally {
      await admin.close();
    }
  }
}

/** For what only a running server can do: status 3 where none runs. */
export abstract class LiveCommand extends AdminCommand {
  protected override withAdmin<Result>(
    flags: PlaceFlags,
    use: (admin: Admin) => Promise<Result>,
  ): Promise<Result> {
    return super.withAdmin(flags, use, true);
  }
}

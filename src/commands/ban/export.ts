// `dp ban export`: bans as CSV.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { standardStream, writeOutput } from '../../lib/io/disk/atomic-output.js';
import { fileModes } from '../../lib/io/files/regular-file.js';

export default class BanExport extends AdminCommand {
  static override summary = 'Export bans as CSV';
  static override description =
    'A line for each ban: kind, target, expiry, comment, reason, reaction. `dp ban import` reads it.';
  static override examples = ['<%= config.bin %> <%= command.id %> bans.csv'];
  static override args = {
    file: Args.string({ default: standardStream, description: 'File to write, - for standard output' }),
  };
  static override flags = {
    expired: Flags.boolean({ summary: 'Include expired bans' }),
    force: Flags.boolean({ char: 'f', summary: 'Replace FILE if it exists' }),
  };
  static override answers = ['ban.export'] as const;

  async run(): Promise<OutputOf<'ban.export'>> {
    const { args, flags } = await this.parse(BanExport);
    return this.withAdmin(flags, async (admin) => {
      const exported = await admin.run('ban.export', flags.expired ? { withExpired: true } : {});
      if (args.file === standardStream) {
        this.log(exported.text.trimEnd());
        return exported;
      }
      async function* pieces() {
        yield Buffer.from(exported.text);
      }
      // addresses of people
      const how = { mode: fileModes.secret, overwrites: flags.force ?? false };
      await writeOutput(args.file, pieces(), { ...how, stdout: this.terminal.stdout });
      return exported;
    });
  }
}

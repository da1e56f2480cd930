// `dp file verify`: whether a backup in the folder of a running server could be restored.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { counted } from '../../lib/core/units.js';

export default class FileVerify extends LiveCommand {
  static override summary = 'Check that a backup of the server is intact and can be restored';
  static override description =
    'The server unpacks the backup into a temporary folder and checks all of it. `dp backup restore` restores it, ' +
    'while the server is stopped. The exit status is 7 if something is wrong.';
  static override examples = ['<%= config.bin %> <%= command.id %> dp-backup-20261122T101500Z.tar.gz'];
  static override args = { name: Args.string({ required: true, description: 'Name of the backup' }) };
  static override answers = ['file.verify'] as const;

  async run(): Promise<OutputOf<'file.verify'>> {
    const { args, flags } = await this.parse(FileVerify);
    const name = args.name.replace(/^backup\//, '');
    return this.withAdmin(flags, async (admin) => {
      const found = await admin.run('file.verify', { name });
      const { program, made, accounts, sessions } = found;
      this.log(`${made}, ${program}: ${counted(accounts, 'account')}, ${counted(sessions, 'session')}`);
      for (const problem of found.problems) this.warn(problem);
      if (found.problems.length > 0) this.endWith('problems');
      else this.log('The backup is intact.');
      return found;
    });
  }
}

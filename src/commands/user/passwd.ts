// `dp user passwd`: a new password for an account.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { passwordFlags } from '../../lib/cli/password-flags.js';
import { obtainPassword } from '../../lib/cli/prompts.js';

export default class UserPasswd extends AdminCommand {
  static override summary = 'Change the password of an account';
  static override description =
    'Prompts for the password twice, without showing it, unless a flag says where to get it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --generate',
  ];
  static override args = { name: Args.string({ required: true, description: 'User name of the account' }) };
  static override flags = { ...passwordFlags };
  static override answers = ['user.change'] as const;

  async run(): Promise<OutputOf<'user.change'> & { generated?: string }> {
    const { args, flags } = await this.parse(UserPasswd);
    return this.withAdmin(flags, async (admin) => {
      const key = { name: args.name };
      // before anybody types a password for nothing
      await admin.run('user.get', { key });
      const source = { fromStdin: flags['password-stdin'], generate: flags.generate };
      const { password, isGenerated } = await obtainPassword(this.terminal, source, args.name);
      const form = flags.pbkdf2 ? 'pbkdf2' : 'argon2id';
      const account = await admin.run('user.change', { key, password, form });
      this.logToStderr(`Password of '${account.name}' changed.`);
      if (isGenerated) this.log(password);
      return isGenerated ? { ...account, generated: password } : account;
    });
  }
}

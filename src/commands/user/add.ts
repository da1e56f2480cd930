// `dp user add`: a new account.

import { requireUnusedName, requireUserName } from '../../lib/admin/account-names.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { accountFlagFlags, chosenAccountFlags } from '../../lib/cli/account-flags.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { passwordFlags } from '../../lib/cli/password-flags.js';
import { obtainPassword } from '../../lib/cli/prompts.js';

export default class UserAdd extends AdminCommand {
  static override summary = 'Add an account';
  static override description =
    'Prompts for the password twice, without showing it, unless a flag says where to get it.';
  static override examples = [
    { description: 'Add a moderator', command: '<%= config.bin %> <%= command.id %> alice --mod' },
    {
      description: 'From a script',
      command: 'echo "$PASSWORD" | <%= config.bin %> <%= command.id %> bob --host --password-stdin',
    },
    '<%= config.bin %> <%= command.id %> carol --generate',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'User name (at most 22 characters)' }),
  };
  static override flags = {
    ...passwordFlags,
    ...accountFlagFlags(false),
    flag: Flags.string({
      multiple: true,
      helpGroup: 'RIGHTS',
      helpValue: 'FLAG',
      summary: 'Any other flag (may be repeated)',
    }),
    lock: Flags.boolean({ summary: 'Lock the account: nobody can log in with it' }),
  };
  static override answers = ['user.add'] as const;

  async run(): Promise<OutputOf<'user.add'> & { generated?: string }> {
    const { args, flags } = await this.parse(UserAdd);
    return this.withAdmin(flags, async (admin) => {
      // before anybody types a password for nothing
      requireUserName(args.name);
      requireUnusedName(await admin.run('user.list', {}), args.name);
      const source = { fromStdin: flags['password-stdin'], generate: flags.generate };
      const { password, isGenerated } = await obtainPassword(this.terminal, source, args.name);
      const account = await admin.run('user.add', {
        name: args.name,
        password,
        form: flags.pbkdf2 ? 'pbkdf2' : 'argon2id',
        flags: [...chosenAccountFlags(flags).add, ...(flags.flag ?? [])],
        isLocked: flags.lock,
      });
      this.logToStderr(`Account '${account.name}' added.`);
      if (isGenerated) this.log(password);
      return isGenerated ? { ...account, generated: password } : account;
    });
  }
}

// `dp user set`: flags and lock of an account.

import type { OutputOf } from '../../lib/admin/operations.js';
import { accountFlagFlags, chosenAccountFlags } from '../../lib/cli/account-flags.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { refusal } from '../../lib/core/errors.js';

export default class UserSet extends AdminCommand {
  static override summary = 'Change the flags of an account, lock or unlock it';
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --mod --no-ghost',
    '<%= config.bin %> <%= command.id %> bob --lock',
    {
      description: 'Set exactly these flags',
      command: '<%= config.bin %> <%= command.id %> carol --flags HOST,PERSIST',
    },
  ];
  static override args = { name: Args.string({ required: true, description: 'User name of the account' }) };
  static override flags = {
    ...accountFlagFlags(true),
    flags: Flags.string({
      helpGroup: 'RIGHTS',
      helpValue: 'FLAG,…',
      summary: 'Replace all flags, separated by commas; "" for none',
    }),
    lock: Flags.boolean({ summary: 'Lock the account: nobody can log in with it', exclusive: ['unlock'] }),
    unlock: Flags.boolean({ summary: 'Unlock the account' }),
  };
  static override answers = ['user.change'] as const;

  async run(): Promise<OutputOf<'user.change'>> {
    const { args, flags } = await this.parse(UserSet);
    const { add, remove } = chosenAccountFlags(flags);
    const change = {
      ...(add.length > 0 ? { addFlags: add } : {}),
      ...(remove.length > 0 ? { removeFlags: remove } : {}),
      ...(flags.flags === undefined
        ? {}
        : { flags: flags.flags.split(/[,\s]+/).filter((flag) => flag !== '') }),
      ...(flags.lock ? { isLocked: true } : flags.unlock ? { isLocked: false } : {}),
    };
    if (Object.keys(change).length === 0) {
      throw refusal('nothing-to-change', { command: 'dp user set' });
    }
    const account = await this.withAdmin(flags, (admin) =>
      admin.run('user.change', { key: { name: args.name }, ...change }),
    );
    const lock = account.isLocked ? ', locked' : '';
    this.log(`${account.name}: ${account.flags.join(' ') || 'no flags'}${lock}`);
    return account;
  }
}

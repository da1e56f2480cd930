// `dp user show`: one account.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { accountFlags, isAccountFlag } from '../../lib/core/settings/account-flags.js';

export default class UserShow extends AdminCommand {
  static override summary = 'Show an account';
  static override examples = ['<%= config.bin %> <%= command.id %> alice'];
  static override args = { name: Args.string({ required: true, description: 'User name of the account' }) };
  static override answers = ['user.get'] as const;

  async run(): Promise<OutputOf<'user.get'>> {
    const { args, flags } = await this.parse(UserShow);
    const account = await this.withAdmin(flags, (admin) =>
      admin.run('user.get', { key: { name: args.name } }),
    );
    const facts = [
      ['name', account.name],
      ['id', String(account.id)],
      ['locked', account.isLocked ? 'yes' : 'no'],
      ['password', account.password],
      ...account.flags.map((flag) => [
        'flag',
        `${flag} (${isAccountFlag(flag) ? accountFlags[flag].help : 'unknown to dp'})`,
      ]),
    ];
    this.table(facts, [
      { title: 'account', value: ([fact]) => fact },
      { title: '', value: ([, value]) => value },
    ]);
    return account;
  }
}

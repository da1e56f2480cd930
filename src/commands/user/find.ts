// `dp user find`: who was seen on the server, under which names and addresses.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { seenColumns } from '../../lib/cli/report-texts.js';

export default class UserFind extends AdminCommand {
  static override answers = ['user.find'] as const;
  static override summary = 'Find people by name, address or system id';
  static override description =
    'Searches connected users, the server log and abuse reports. The result has a line for each name ' +
    'at each address, the latest first.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> scribbler',
    {
      description: 'Names that were seen at an address, or in a network',
      command: '<%= config.bin %> <%= command.id %> 192.0.2.0/24 --days 90',
    },
  ];
  static override args = {
    text: Args.string({ required: true, description: 'Part of a name, address or system id, or a network' }),
  };
  static override flags = {
    exact: Flags.boolean({ summary: 'The text is the complete name, address or system id' }),
    days: Flags.integer({
      min: 1,
      max: 3650,
      helpValue: 'N',
      summary: 'How many days to look back [default: 30]',
    }),
  };

  async run(): Promise<OutputOf<'user.find'>> {
    const { args, flags } = await this.parse(UserFind);
    const people = await this.withAdmin(flags, (admin) =>
      admin.run('user.find', {
        text: args.text,
        isExact: flags.exact,
        ...(flags.days === undefined ? {} : { days: flags.days }),
      }),
    );
    this.table(people, seenColumns, 'Nobody was seen.');
    return people;
  }
}

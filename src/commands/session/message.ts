// `dp session message`: says something to the people in a session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { counted } from '../../lib/cli/recording-command.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionMessage extends LiveCommand {
  static override summary = 'Say something to the people in a session.';
  static override description =
    'In its chat, or as an alert that nobody overlooks. `dp say` tells all sessions.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x "Please keep to the theme."',
    '<%= config.bin %> <%= command.id %> sketches --alert "The server restarts at noon."',
    {
      description: 'To one person in it',
      command: '<%= config.bin %> <%= command.id %> sketches --user alice "A word, please."',
    },
  ];
  static override strict = false;
  static override usage = ['session message SESSION TEXT...'];
  static override args = {
    session: sessionArg,
    text: Args.string({ required: true, description: 'What to say; several words are one text.' }),
  };
  static override flags = {
    alert: Flags.boolean({ char: 'a', summary: 'As an alert.' }),
    user: Flags.string({ char: 'u', helpValue: 'USER', summary: 'Only to this user id or name.' }),
  };

  async run(): Promise<OutputOf<'session.message'>> {
    const { args, argv, flags } = await this.parse(SessionMessage);
    const told = await this.withAdmin(flags, (admin) =>
      admin.run('session.message', {
        session: args.session,
        text: (argv as string[]).slice(1).join(' '),
        isAlert: flags.alert,
        ...(flags.user === undefined ? {} : { user: flags.user }),
      }),
    );
    this.logToStderr(`Told ${counted(told.users, 'user')}.`);
    return told;
  }
}

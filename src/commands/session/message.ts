// `dp session message`: says something to the people in a session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { counted } from '../../lib/cli/recording-command.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionMessage extends LiveCommand {
  static override summary = 'Send a message to a session';
  static override description =
    'Sends a chat message, or an alert that clients show prominently. `dp say` reaches all sessions.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x "Please keep to the theme."',
    '<%= config.bin %> <%= command.id %> sketches --alert "The server restarts at noon."',
    {
      description: 'To one user',
      command: '<%= config.bin %> <%= command.id %> sketches --user alice "A word, please."',
    },
  ];
  static override strict = false;
  static override usage = ['session message SESSION TEXT...'];
  static override args = {
    session: sessionArg,
    text: Args.string({ required: true, description: 'Message; several words form one text' }),
  };
  static override flags = {
    alert: Flags.boolean({ char: 'a', summary: 'Send as an alert' }),
    user: Flags.string({ char: 'u', helpValue: 'USER', summary: 'Send only to this user id or name' }),
  };
  static override answers = ['session.message'] as const;

  async run(): Promise<OutputOf<'session.message'>> {
    const { args, argv, flags } = await this.parse(SessionMessage);
    const sent = await this.withAdmin(flags, (admin) =>
      admin.run('session.message', {
        session: args.session,
        text: (argv as string[]).slice(1).join(' '),
        isAlert: flags.alert,
        ...(flags.user === undefined ? {} : { user: flags.user }),
      }),
    );
    this.logToStderr(`Sent to ${counted(sent.users, 'user')}.`);
    return sent;
  }
}

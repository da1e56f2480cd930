// `dp say`: says something to everyone in all sessions.

import type { OutputOf } from '../lib/admin/operations.js';
import { LiveCommand } from '../lib/cli/admin-command.js';
import { Args, Flags } from '../lib/cli/oclif.js';
import { counted } from '../lib/cli/recording-command.js';

export default class Say extends LiveCommand {
  static override summary = 'Send a message to all sessions';
  static override examples = [
    '<%= config.bin %> <%= command.id %> "A new version is coming tonight."',
    '<%= config.bin %> <%= command.id %> --alert "Save your work."',
  ];
  static override strict = false;
  static override usage = ['say TEXT...'];
  static override args = {
    text: Args.string({ required: true, description: 'Message; several words form one text' }),
  };
  static override flags = {
    alert: Flags.boolean({ char: 'a', summary: 'Send as an alert, which clients show prominently' }),
  };
  static override answers = ['session.message'] as const;

  async run(): Promise<OutputOf<'session.message'>> {
    const { argv, flags } = await this.parse(Say);
    const text = (argv as string[]).join(' ');
    const sent = await this.withAdmin(flags, (admin) =>
      admin.run('session.message', { text, isAlert: flags.alert }),
    );
    this.logToStderr(`Sent to ${counted(sent.users, 'user')} in ${counted(sent.sessions, 'session')}.`);
    return sent;
  }
}

// `dp session kill`: ends a session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';
import { counted } from '../../lib/cli/recording-command.js';
import { nameOfSession, sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionKill extends LiveCommand {
  static override summary = 'End a session and disconnect its users';
  static override description =
    'The drawing is lost, unless the setting archive or the session keeps it; `dp session export` saves it first. ' +
    'Prompts for confirmation in a terminal.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x --reason "against the rules"',
    '<%= config.bin %> <%= command.id %> sketches --quiet --yes',
  ];
  static override args = { session: sessionArg };
  static override flags = {
    reason: Flags.string({ helpValue: 'TEXT', summary: 'Message to everyone in the session' }),
    quiet: Flags.boolean({ summary: 'Send no message', exclusive: ['reason'] }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }),
  };
  static override answers = ['session.kill'] as const;

  async run(): Promise<OutputOf<'session.kill'>> {
    const { args, flags } = await this.parse(SessionKill);
    return this.withAdmin(flags, async (admin) => {
      let session = args.session;
      if (!flags.yes && this.isInteractive) {
        const found = await admin.run('session.get', { session });
        const users = counted(found.userCount, 'user');
        const question = `End session ${nameOfSession(found)} "${found.title}" with ${users} in it?`;
        if (!(await confirm(this.terminal, question, true))) this.exit(1);
        // the one that was asked about, whatever happened meanwhile
        session = found.id;
      }
      const killed = await admin.run('session.kill', {
        session,
        isQuiet: flags.quiet,
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      });
      this.logToStderr(`Session ${killed.id} ended; ${counted(killed.users, 'user')} disconnected.`);
      return killed;
    });
  }
}

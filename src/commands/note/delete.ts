// `dp note delete`: a note is no longer needed.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class NoteDelete extends AdminCommand {
  static override answers = ['note.delete'] as const;
  static override summary = 'Delete a note';
  static override examples = ['<%= config.bin %> <%= command.id %> 7'];
  static override args = {
    id: Args.integer({ required: true, min: 1, description: 'Number of the note' }),
  };

  async run(): Promise<OutputOf<'note.delete'>> {
    const { args, flags } = await this.parse(NoteDelete);
    return this.withAdmin(flags, async (admin) => {
      const deleted = await admin.run('note.delete', { id: args.id });
      this.logToStderr(`Note ${deleted.id} about ${deleted.kind} ${deleted.target} deleted.`);
      return deleted;
    });
  }
}

// `dp note list`: what moderators noted about people.

import { noteKinds } from '../../lib/admin/needs.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { noteColumns } from '../../lib/cli/report-texts.js';

export default class NoteList extends AdminCommand {
  static override answers = ['note.list'] as const;
  static override summary = 'List notes about people';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> Scribbler',
    '<%= config.bin %> <%= command.id %> --kind address --json',
  ];
  static override args = {
    text: Args.string({ description: 'Only notes with this text in target, note or author' }),
  };
  static override flags = {
    kind: Flags.option({ options: noteKinds })({ summary: 'Only notes of this kind' }),
  };

  async run(): Promise<OutputOf<'note.list'>> {
    const { args, flags } = await this.parse(NoteList);
    const notes = await this.withAdmin(flags, (admin) =>
      admin.run('note.list', {
        ...(args.text === undefined ? {} : { contains: args.text }),
        ...(flags.kind === undefined ? {} : { kind: flags.kind }),
      }),
    );
    this.table(notes, noteColumns, 'There are no notes.');
    return notes;
  }
}

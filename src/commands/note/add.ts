// `dp note add`: something that other moderators should know about somebody.

import { noteKinds } from '../../lib/admin/needs.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class NoteAdd extends AdminCommand {
  static override answers = ['note.add'] as const;
  static override summary = 'Add a note about somebody';
  static override description =
    'Moderators share notes; the people they are about never see them. KIND says what the note is about: account, ' +
    'name (of a guest), address (or a network such as 10.0.0.0/8), or client (its system id).';
  static override examples = [
    '<%= config.bin %> <%= command.id %> name Scribbler "Warned on Monday; was friendly about it"',
    '<%= config.bin %> <%= command.id %> address 192.0.2.0/24 "A school: think before you ban it"',
  ];
  static override strict = false;
  static override usage = ['note add KIND TARGET TEXT...'];
  static override args = {
    kind: Args.string({ required: true, options: [...noteKinds], description: 'What the note is about' }),
    target: Args.string({ required: true, description: 'Name, address, network or system id' }),
    text: Args.string({ required: true, description: 'Note; several words form one text' }),
  };

  async run(): Promise<OutputOf<'note.add'>> {
    const { args, argv, flags } = await this.parse(NoteAdd);
    const kind = noteKinds.find((each) => each === args.kind) ?? 'name';
    return this.withAdmin(flags, async (admin) => {
      const added = await admin.run('note.add', {
        kind,
        target: args.target,
        text: (argv as string[]).slice(2).join(' '),
      });
      this.logToStderr(`Note ${added.id} about ${added.kind} ${added.target} added.`);
      return added;
    });
  }
}

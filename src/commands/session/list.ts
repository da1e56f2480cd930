// `dp session list`: the sessions of a running server.

import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { sessionColumns, shortIds } from '../../lib/cli/session-texts.js';
import { widthOf } from '../../lib/cli/terminal.js';
import type { JsonObject } from '../../lib/core/protocol/command.js';

/** Narrower terminals get the beginnings of ids. */
const wideColumns = 110;

export default class SessionList extends LiveCommand {
  static override summary = 'Show the sessions of a running server.';
  static override description =
    'Other commands name a session by its id, by the beginning of its id, or by its alias. Templates are shown by their alias.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --listed --json',
    {
      description: 'Those of another machine',
      command: '<%= config.bin %> <%= command.id %> --server https://admin:secret@draw.example.org:27780',
    },
  ];
  static override flags = {
    listed: Flags.boolean({ summary: 'Only those that everybody is shown, and no templates.' }),
  };

  async run(): Promise<JsonObject[]> {
    const { flags } = await this.parse(SessionList);
    const sessions = await this.withAdmin(flags, (admin) =>
      admin.run('session.list', { onlyListed: flags.listed }),
    );
    const width = widthOf(this.terminal) ?? Number.POSITIVE_INFINITY;
    const columns = sessionColumns(Date.now(), width < wideColumns ? shortIds(sessions) : undefined);
    this.table(sessions, columns, 'There are no sessions.');
    return sessions;
  }
}

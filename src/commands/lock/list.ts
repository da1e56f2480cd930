// `dp lock list`: sections of the data that cannot be changed over HTTP.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';

export default class LockList extends LiveCommand {
  static override summary = 'List the sections that are locked against changes over HTTP';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override answers = ['server.locks'] as const;

  async run(): Promise<OutputOf<'server.locks'>> {
    const { flags } = await this.parse(LockList);
    const locks = await this.withAdmin(flags, (admin) => admin.run('server.locks', {}));
    this.table(locks.sections, [{ title: 'section', value: (name) => name }], 'No section is locked.');
    if (locks.hasPassword) this.logToStderr('A password is needed to change the locks.');
    if (!locks.isSupported) this.logToStderr('This server keeps no locks: they need a database.');
    return locks;
  }
}

// `dp lock clear`: unlocks all sections.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { lockPasswordFlag } from '../../lib/cli/password-flags.js';
import { readPassword } from '../../lib/cli/prompts.js';

export default class LockClear extends LiveCommand {
  static override summary = 'Unlock all sections';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    'echo "$PASSWORD" | <%= config.bin %> <%= command.id %> --password-stdin',
  ];
  static override flags = { 'password-stdin': lockPasswordFlag };
  static override answers = ['server.lock'] as const;

  async run(): Promise<OutputOf<'server.lock'>> {
    const { flags } = await this.parse(LockClear);
    const password = flags['password-stdin'] ? await readPassword(this.terminal) : undefined;
    const locks = await this.withAdmin(flags, (admin) =>
      admin.run('server.lock', { sections: [], ...(password !== undefined && { password }) }),
    );
    this.logToStderr('All sections are unlocked.');
    return locks;
  }
}

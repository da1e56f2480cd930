// `dp lock set`: locks sections of the data against changes over HTTP.

import { type LockableSection, lockableSections } from '../../lib/admin/live.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { lockPasswordFlag } from '../../lib/cli/password-flags.js';
import { readPassword } from '../../lib/cli/prompts.js';

export default class LockSet extends LiveCommand {
  static override summary = 'Lock sections against changes over HTTP';
  static override description =
    'Locks exactly the named sections; others are unlocked. Web interfaces and --server cannot change them any more, ' +
    'nor can commands that reach a running server, until they are unlocked. If a password is set, only those who know it can ' +
    `change the locks. Sections: ${lockableSections.join(' ')}.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> accounts bans',
    'echo "$PASSWORD" | <%= config.bin %> <%= command.id %> server --password-stdin',
  ];
  static override strict = false;
  static override usage = ['lock set SECTION...'];
  static override args = {
    section: Args.string({ required: true, options: [...lockableSections], description: 'Section to lock' }),
  };
  static override flags = { 'password-stdin': lockPasswordFlag };
  static override answers = ['server.lock'] as const;

  async run(): Promise<OutputOf<'server.lock'>> {
    const { argv, flags } = await this.parse(LockSet);
    const password = flags['password-stdin'] ? await readPassword(this.terminal) : undefined;
    const locks = await this.withAdmin(flags, (admin) =>
      admin.run('server.lock', {
        sections: argv as LockableSection[],
        ...(password !== undefined && { password }),
      }),
    );
    this.logToStderr(`Locked: ${locks.sections.join(' ')}.`);
    return locks;
  }
}

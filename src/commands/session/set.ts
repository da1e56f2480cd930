// `dp session set`: changes a session while people are in it.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { readSessionChange } from '../../lib/cli/session-changes.js';
import { nameOfSession, sessionArg } from '../../lib/cli/session-texts.js';
import { refusal } from '../../lib/core/errors.js';
import { passwordKeys, settingKeys } from '../../lib/core/settings/session-settings.js';

export default class SessionSet extends LiveCommand {
  static override summary = 'Change the settings of a session';
  static override description =
    `Changes what operators can change, and what only moderators can. Keys: ${settingKeys.join(' ')}; ` +
    'docs/reference/session-settings.md explains them. An empty password or opword removes it; archive also accepts ' +
    'default.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x title="Life drawing" maxUserCount=30',
    '<%= config.bin %> <%= command.id %> sketches persistent=true password=',
    {
      description: 'Allow a larger size than for other sessions',
      command: '<%= config.bin %> <%= command.id %> sketches overrideSize=100mb',
    },
  ];
  static override strict = false;
  static override usage = ['session set SESSION KEY=VALUE...'];
  static override args = {
    session: sessionArg,
    change: Args.string({ required: true, description: 'KEY=VALUE, any number of times' }),
  };
  static override answers = ['session.set'] as const;

  async run(): Promise<OutputOf<'session.set'>> {
    const { args, argv, flags } = await this.parse(SessionSet);
    const [, ...words] = argv as string[];
    const change = readSessionChange(words);
    if (Object.keys(change).length === 0) throw refusal('nothing-to-change', { command: 'dp session set' });
    const session = await this.withAdmin(flags, (admin) =>
      admin.run('session.set', { session: args.session, change }),
    );
    for (const key of Object.keys(change)) {
      const isSecret = (passwordKeys as readonly string[]).includes(key);
      // the server limits some values: what it has now is what counts
      const now = (session as Readonly<Record<string, unknown>>)[key];
      const value = isSecret ? (change[key] === '' ? '(none)' : '(secret)') : (now ?? change[key]);
      this.log(
        `${nameOfSession(session)}: ${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
    }
    return session;
  }
}

// `dp session create`: a session that nobody hosts.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { readFileReference } from '../../lib/cli/file-texts.js';
import { Flags } from '../../lib/cli/oclif.js';
import { readPassword } from '../../lib/cli/prompts.js';
import { readSize } from '../../lib/cli/size-flag.js';

export default class SessionCreate extends LiveCommand {
  static override answers = ['session.create'] as const;
  static override summary = 'Create a session from a template or with an empty canvas';
  static override description =
    'The session has no founder and no operator: appoint one with `dp session op`. It stays when all users have left, ' +
    'unless --no-persistent is given; then it waits ten minutes for its first user. An empty canvas is for clients of ' +
    '2.3; a template, and an archive or recording given by --from, has its own version.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --title "Friday sketching" --size 3000x2000 --alias friday',
    '<%= config.bin %> <%= command.id %> --template doodles --title "Doodles of today"',
    '<%= config.bin %> <%= command.id %> --from archive/01m8117n3gr05sv034sn5seq1e.dprec.archived',
  ];
  static override flags = {
    template: Flags.string({
      helpValue: 'ALIAS',
      summary: 'Template to copy',
      exclusive: ['size', 'alias'],
    }),
    from: Flags.string({
      helpValue: 'KIND/NAME',
      summary: 'Archive, recording or template to begin with, as in "dp file list"',
      exclusive: ['size', 'template'],
    }),
    size: Flags.string({
      helpValue: 'WIDTHxHEIGHT',
      summary: 'Width and height of the canvas in pixels [default: 1920x1080]',
    }),
    title: Flags.string({ helpValue: 'TEXT', summary: 'Title of the session' }),
    alias: Flags.string({ helpValue: 'ALIAS', summary: 'Alias for links: letters, digits and -' }),
    'password-stdin': Flags.boolean({ summary: 'Read a password to join from standard input' }),
    'max-users': Flags.integer({ min: 1, max: 254, helpValue: 'N', summary: 'Maximum number of users' }),
    nsfm: Flags.boolean({ summary: 'Mark as not suitable for minors' }),
    persistent: Flags.boolean({ allowNo: true, summary: 'Keep the session when all users have left' }),
  };

  async run(): Promise<OutputOf<'session.create'>> {
    const { flags } = await this.parse(SessionCreate);
    const { template, title, alias, nsfm, persistent } = flags;
    const size = flags.size === undefined ? undefined : readSize(flags.size);
    const password = flags['password-stdin'] ? await readPassword(this.terminal) : undefined;
    return this.withAdmin(flags, async (admin) => {
      const made = await admin.run('session.create', {
        ...(template !== undefined && { template }),
        ...(flags.from !== undefined && { file: readFileReference(flags.from) }),
        ...(title !== undefined && { title }),
        ...(alias !== undefined && { alias }),
        ...(size && { widthPixels: size.width, heightPixels: size.height }),
        ...(password !== undefined && { password }),
        ...(flags['max-users'] !== undefined && { maxUserCount: flags['max-users'] }),
        ...(nsfm && { nsfm }),
        ...(persistent !== undefined && { isPersistent: persistent }),
      });
      this.logToStderr(`Session '${made.title || made.alias || made.id}' created.`);
      this.log(made.id);
      return made;
    });
  }
}

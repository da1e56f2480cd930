// `dp archive list`: what ended sessions, and resets of live ones, have left behind.

import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { chooseFolders } from '../../lib/cli/session-folders.js';
import { readJournal } from '../../lib/core/session/journal-reading.js';
import { describeSize, formatTimestamp } from '../../lib/core/units.js';
import { findSessionFiles, type SessionGroup } from '../../lib/io/disk/archives.js';
import { readRegularAsync, sizeLimits } from '../../lib/io/files/regular-file.js';

export interface ArchivedSession {
  id: string;
  alias: string;
  title: string;
  founder: string;
  folder: string;
  /** Everything is archived; else only files from before a reset are. */
  hasEnded: boolean;
  archivedFiles: string[];
  archivedBytes: number;
  /** ISO 8601, of the newest file. */
  changed: string;
}

export default class ArchiveList extends BaseCommand {
  static override summary = 'List archived sessions';
  static override description =
    'If the setting archive is on, or a session asks for it, the files of a session are kept when it ends, and ' +
    'its history is kept at each reset. This command lists these files, oldest first. `dp rec` reads the ' +
    '.dprec.archived files.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> /var/lib/dp/sessions',
    '<%= config.bin %> <%= command.id %> --ended --json',
  ];
  static override strict = false;
  static override args = {
    folder: Args.string({
      multiple: true,
      description: 'Session folders, searched with their subfolders',
    }),
  };
  static override flags = {
    ended: Flags.boolean({ description: 'Only sessions that have ended' }),
  };

  async run(): Promise<ArchivedSession[]> {
    const { argv, flags } = await this.parse(ArchiveList);
    const folders = chooseFolders('sessions', argv.map(String), this.terminal.env);
    const groups = (await findSessionFiles(folders)).filter(
      ({ archivedBytes, isEnded }) => archivedBytes > 0 && (isEnded || !flags.ended),
    );
    const rows = await Promise.all(groups.map(describe));
    this.table(
      rows,
      [
        { title: 'Session', value: ({ alias, id }) => alias || id },
        { title: 'Title', value: ({ title }) => title },
        { title: 'Founder', value: ({ founder }) => founder },
        { title: 'State', value: ({ hasEnded }) => (hasEnded ? 'ended' : 'live') },
        { title: 'Files', value: ({ archivedFiles }) => archivedFiles.length, align: 'right' },
        { title: 'Size', value: ({ archivedBytes }) => describeSize(archivedBytes), align: 'right' },
        { title: 'Changed', value: ({ changed }) => formatTimestamp(Date.parse(changed)) },
      ],
      'There are no archives.',
    );
    return rows;
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return (await readRegularAsync(file, sizeLimits.journal)).bytes;
  } catch {
    return Buffer.alloc(0);
  }
}

async function describe(group: SessionGroup): Promise<ArchivedSession> {
  const journal = group.files.findLast(({ kind }) => kind === 'session');
  const { saved } = readJournal(group.id, journal ? await bytesOf(journal.path) : Buffer.alloc(0));
  return {
    id: group.id,
    alias: saved.alias,
    title: saved.title,
    founder: saved.founder,
    folder: group.folder,
    hasEnded: group.isEnded,
    archivedFiles: group.files.filter(({ isArchived }) => isArchived).map(({ path }) => path),
    archivedBytes: group.archivedBytes,
    changed: new Date(group.changedAt).toISOString(),
  };
}

// `dp archive prune`: deletes archives of sessions by the rules of the original's purge-sessions (cli.md §6).

import { unlink } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';
import { chooseFolders } from '../../lib/cli/session-folders.js';
import { fault, refusal } from '../../lib/core/errors.js';
import {
  describeSize,
  formatDateTime,
  parseDuration,
  parseInteger,
  parseSize,
} from '../../lib/core/units.js';
import { findSessionFiles, type PruneRule, planPrune, timeForAges } from '../../lib/io/disk/archives.js';
import { actAs, ownerToActAs } from '../../lib/io/files/acting-user.js';
import { reasonOf } from '../../lib/io/files/regular-file.js';

export interface Pruned {
  isDryRun: boolean;
  files: string[];
  bytes: number;
  /** What is too much and could not go, because it is in use. */
  excessBytes: number;
}

const limits = ['max-size', 'max-age', 'max-count'];

export default class ArchivePrune extends BaseCommand {
  static override summary = 'Delete old session archives';
  static override description =
    'Deletes only files whose names end in .archived. With --max-size, ended sessions are deleted first, ' +
    'completely and oldest first, then archived files of live sessions, until all session files together fit.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --max-age 90d --dry-run',
    '<%= config.bin %> <%= command.id %> --max-size 20gb /var/lib/dp/sessions',
    {
      description: 'Keep the last two histories of each live session',
      command: '<%= config.bin %> <%= command.id %> --max-count 2',
    },
  ];
  static override strict = false;
  static override args = {
    folder: Args.string({
      multiple: true,
      description: 'Session folders, searched with their subfolders',
    }),
  };
  static override flags = {
    'max-size': Flags.string({
      helpValue: 'SIZE',
      aliases: ['maximum-size'],
      exactlyOne: limits,
      description: 'Maximum size of all session files together: 500mb, 20gb',
    }),
    'max-age': Flags.string({
      helpValue: 'AGE',
      aliases: ['maximum-age'],
      exactlyOne: limits,
      description: 'Maximum age of archives: 12h, 90d',
    }),
    'max-count': Flags.string({
      helpValue: 'N',
      aliases: ['maximum-count'],
      exactlyOne: limits,
      description: 'Maximum number of archived files per live session',
    }),
    by: Flags.option({ options: ['session', 'file'] as const })({
      default: 'session' as const,
      description: 'Delete ended sessions completely, or file by file',
    }),
    'dry-run': Flags.boolean({ char: 'n', description: 'Show what would be deleted, delete nothing' }),
    yes: Flags.boolean({ char: 'y', description: 'Do not prompt' }),
  };

  async run(): Promise<Pruned> {
    const { argv, flags } = await this.parse(ArchivePrune);
    ruleOf({ ...flags, now: 0 });
    const folders = chooseFolders('sessions', argv.map(String), this.terminal.env);
    const groups = await findSessionFiles(folders);
    const clock = this.terminal.now();
    const now = timeForAges(groups, clock);
    if (now !== clock && flags['max-age'] !== undefined) {
      this.warn(
        `the clock is far ahead of most of these files; ages are measured at ${formatDateTime(now)} UTC, a week after ` +
          'the last change before the gap',
      );
    }
    const { files, excessBytes } = planPrune(groups, ruleOf({ ...flags, now }));
    const isDryRun = flags['dry-run'];
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const what = `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${describeSize(bytes)}`;
    if (!isDryRun && files.length > 0 && !flags.yes) {
      if (!(await confirm(this.terminal, `Delete ${what}?`, true))) this.exit(1);
    }
    // Root deletes nothing by way of links that the folder's owner put there.
    const owners = folders.map((folder) => ({
      start: join(resolve(folder), sep),
      owner: ownerToActAs(folder),
    }));
    const ownerOf = (path: string) => owners.find(({ start }) => resolve(path).startsWith(start))?.owner;
    for (const { path } of files) {
      this.log(isDryRun ? `Dry run: would delete '${path}'` : `Delete '${path}'`);
      if (!isDryRun) await actAs(ownerOf(path), () => remove(path));
    }
    if (files.length === 0) this.logToStderr('Nothing to delete.');
    if (excessBytes > 0) {
      this.warn(`${describeSize(excessBytes)} over the limit remain: these files belong to live sessions`);
      this.endWith('problems');
    }
    return { isDryRun, files: files.map(({ path }) => path), bytes, excessBytes };
  }
}

function ruleOf(flags: {
  'max-size'?: string | undefined;
  'max-age'?: string | undefined;
  'max-count'?: string | undefined;
  by: 'session' | 'file';
  now: number;
}): PruneRule {
  const { by, now } = flags;
  if (flags['max-size'] !== undefined) {
    const bytes = parseLimit(flags['max-size']);
    if (bytes === undefined)
      throw refusal('flag-invalid', {
        flag: '--max-size',
        value: String(flags['max-size']),
        expected: 'a size',
        example: '20gb',
      });
    return { kind: 'size', bytes, by };
  }
  if (flags['max-age'] !== undefined) {
    const seconds = parseDuration(flags['max-age']);
    if (seconds === undefined)
      throw refusal('flag-invalid', {
        flag: '--max-age',
        value: String(flags['max-age']),
        expected: 'a duration',
        example: '90d',
      });
    return { kind: 'age', before: now - seconds * 1000, by };
  }
  const files = parseInteger(flags['max-count'] ?? '');
  if (files === undefined || files < 0) {
    throw refusal('flag-invalid', {
      flag: '--max-count',
      value: String(flags['max-count']),
      expected: 'a number from 0 on',
      example: '5',
    });
  }
  return { kind: 'count', files };
}

/** Also with the short units of the original tool: `20g`, `1t`. */
function parseLimit(text: string): number | undefined {
  const [, number, unit] = /^([\d.]+)\s*([tgmk])b?$/i.exec(text) ?? [];
  if (number === undefined || unit === undefined) return parseSize(text);
  const isTera = unit.toLowerCase() === 't';
  const bytes = parseSize(`${number}${isTera ? 'g' : unit}b`);
  return bytes === undefined ? undefined : bytes * (isTera ? 1024 : 1);
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw fault('file-not-deleted', { file: path, reason: reasonOf(error) }, error);
  }
}

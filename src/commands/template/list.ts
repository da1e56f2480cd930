// `dp template list`: the templates of a folder as the server sees them, with what is wrong with the others.

import { join } from 'node:path';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { chooseFolders } from '../../lib/cli/session-folders.js';
import { TemplateFolder } from '../../lib/io/disk/template-folder.js';

export interface ListedTemplate {
  file: string;
  alias: string;
  isOffered: boolean;
  /** Why not. */
  error?: string;
  title?: string;
  founder?: string;
  protocol?: string;
  maxUsers?: number;
  hasPassword?: boolean;
  flags?: string[];
  messages?: number;
  /** Lines and messages that are skipped, or doubtful. */
  problems: number;
}

export default class TemplateList extends BaseCommand {
  static override summary = 'List the session templates of a folder';
  static override description =
    'Shows which templates the server offers under which alias, and why a file is not offered. `dp template ' +
    'validate FILE` shows details.';
  static override examples = ['<%= config.bin %> <%= command.id %> /var/lib/dp/templates'];
  static override args = {
    folder: Args.string({ description: 'Folder given to dp serve with --templates' }),
  };

  async run(): Promise<ListedTemplate[]> {
    const { args } = await this.parse(TemplateList);
    const named = args.folder === undefined ? [] : [args.folder];
    const rows: ListedTemplate[] = [];
    for (const path of chooseFolders('templates', named, this.terminal.env)) {
      const folder = await TemplateFolder.open({
        path,
        // Nobody joins here: that there is a password is all that is shown.
        passwords: { hash: (_, done) => done('*') },
        report: () => {},
      });
      for (const { file, alias, error, template, messageCount, problems } of folder.entries) {
        rows.push({
          file: join(path, file),
          alias,
          isOffered: error === undefined,
          ...(error !== undefined && { error }),
          ...(template && {
            title: template.saved.title,
            founder: template.saved.founder,
            protocol: template.protocol,
            maxUsers: template.saved.maxUserCount,
            hasPassword: template.saved.password !== '',
            flags: [...template.saved.flags],
            messages: messageCount,
          }),
          problems: problems.length,
        });
      }
    }
    this.table(
      rows,
      [
        { title: 'Alias', value: ({ alias }) => alias },
        { title: 'Title', value: ({ title }) => title },
        { title: 'Protocol', value: ({ protocol }) => protocol },
        { title: 'Messages', value: ({ messages }) => messages, align: 'right' },
        { title: 'State', value: stateOf },
        { title: 'File', value: ({ file }) => file },
      ],
      'There are no templates.',
    );
    return rows;
  }
}

function stateOf({ error, problems }: ListedTemplate): string {
  if (error !== undefined) return error;
  return problems === 0 ? 'offered' : `offered, ${problems} ${problems === 1 ? 'problem' : 'problems'}`;
}

// dp import: copies the data of a drawpile-srv, and reports what it found.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { BaseCommand } from '../lib/cli/base-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { refusal } from '../lib/core/errors.js';
import { counted, describeSize } from '../lib/core/units.js';
import type { FoundData, FoundSettings } from '../lib/server/adopt.js';

export default class Import extends BaseCommand {
  static override summary = 'Import settings, accounts and sessions from drawpile-srv';
  static override description =
    'Inspects the files of drawpile-srv, reports what it found, and copies it into the data folder of dp serve. ' +
    'The original files are only read. Without --database, --config and --sessions, dp looks for the database of ' +
    'the graphical server. Stop drawpile-srv first: it writes sessions with a delay of up to 30 seconds.';
  static override examples = [
    {
      description: 'Import a database and sessions',
      command:
        '<%= config.bin %> <%= command.id %> --database /home/drawpile/config.db --sessions /home/drawpile/sessions',
    },
    {
      description: 'Inspect without copying',
      command: '<%= config.bin %> <%= command.id %> --database config.db --dry-run',
    },
    { description: 'Import from the graphical server', command: '<%= config.bin %> <%= command.id %>' },
  ];
  static override flags = {
    database: Flags.string({
      char: 'd',
      helpValue: 'FILE',
      description: 'Database of drawpile-srv (its --database)',
      exclusive: ['config'],
    }),
    config: Flags.string({
      char: 'c',
      helpValue: 'FILE',
      description: 'Settings file of drawpile-srv (its --config)',
    }),
    sessions: Flags.string({
      char: 's',
      helpValue: 'FOLDER',
      description: 'Session folder of drawpile-srv (its --sessions)',
    }),
    templates: Flags.string({
      char: 't',
      helpValue: 'FOLDER',
      description: 'Template folder of drawpile-srv (its --templates)',
    }),
    data: Flags.string({
      helpValue: 'FOLDER',
      description: 'Destination folder [default: the data folder of dp serve]',
    }),
    'dry-run': Flags.boolean({ description: 'Inspect and report, copy nothing' }),
    force: Flags.boolean({ description: 'Move existing data aside' }),
  };

  async run() {
    const { flags } = await this.parse(Import);
    const { adoptOriginal, graphicalDatabase, inspectOriginal } = await import('../lib/server/adopt.js');
    const { dataFolder } = await import('../lib/io/system/data-folder.js');
    const { env } = this.terminal;
    const { database, config, sessions, templates } = flags;
    let places = { database, config, sessions, templates };
    if (Object.values(places).every((place) => place === undefined)) {
      const candidates = graphicalDatabase(env);
      const found = candidates.find((file) => fs.existsSync(file));
      if (found === undefined) {
        throw refusal('original-database-not-found', { places: candidates.join(', ') });
      }
      this.log(`found     the graphical server's database ${found}`);
      places = { ...places, database: found };
    }
    const found = await inspectOriginal(places);
    this.#describe(found);
    const folder = path.resolve(flags.data ?? dataFolder({ env }));
    if (flags['dry-run']) {
      this.log('Nothing was copied (--dry-run).');
      return { ...found, folder: undefined };
    }
    const { setAside } = await adoptOriginal(places, folder, flags.force ?? false);
    this.log(`copied    to ${folder}; the original files are unchanged`);
    if (setAside !== undefined) this.log(`moved     existing data to ${setAside}`);
    this.log(`start it  dp serve${flags.data === undefined ? '' : ` --data ${folder}`}`);
    return { ...found, folder, setAside };
  }

  #describe({ settings, sessions, templates }: FoundData): void {
    if (settings) this.#describeSettings(settings);
    if (sessions) {
      const { folder, archivedFiles } = sessions;
      const strays = [...sessions.orphans, ...sessions.strays];
      const bad = sessions.sessions.filter(({ problem }) => problem !== undefined);
      this.log(
        `sessions  ${folder}: ${sessions.sessions.length - bad.length} usable, ${bad.length} unusable, ${counted(archivedFiles, 'archived file')}`,
      );
      this.table(sessions.sessions, [
        { title: 'session', value: ({ alias, id }) => alias || id },
        { title: 'title', value: ({ title }) => title },
        { title: 'founder', value: ({ founder }) => founder },
        { title: 'protocol', value: ({ protocol }) => protocol },
        { title: 'size', value: ({ sizeBytes }) => describeSize(sizeBytes) },
        { title: 'state', value: ({ problem, messages }) => problem ?? counted(messages, 'message') },
      ]);
      for (const { id, warnings, doubts } of sessions.sessions) {
        for (const text of warnings) this.warn(text);
        for (const text of doubts) this.warn(`session ${id} is in doubt: ${text}`);
      }
      if (strays.length > 0) this.warn(`files that belong to no session, not copied: ${strays.join(', ')}`);
    }
    if (templates) this.log(`templates ${templates.folder}: ${counted(templates.files.length, 'file')}`);
  }

  #describeSettings(settings: FoundSettings): void {
    const forms = Object.entries(settings.passwordForms).map(([form, count]) => `${count} ${form}`);
    this.log(
      `settings  ${settings.file}: ${counted(settings.settings, 'setting')}, ${counted(settings.accounts, 'account')}` +
        `${forms.length > 0 ? ` (passwords: ${forms.join(', ')})` : ''}, ${counted(settings.bans, 'ban')}, ` +
        `${counted(settings.listServers, 'list server')}, ${settings.logEntries} log ${settings.logEntries === 1 ? 'entry' : 'entries'}`,
    );
    for (const { line, message, hint } of settings.problems) {
      this.warn(
        `${line === undefined ? '' : `line ${line}: `}${message}${hint === undefined ? '' : ` (${hint})`}`,
      );
    }
  }
}

// dp template validate: whether files work as session templates.

import { basename } from 'node:path';
import { Args } from '../../lib/cli/oclif.js';
import {
  counted,
  ProblemList,
  RecordingCommand,
  type ShownProblem,
} from '../../lib/cli/recording-command.js';
import { Fault, Refusal } from '../../lib/core/errors.js';
import { TemplateReader, type TemplateSettings } from '../../lib/core/recording/template.js';

export interface Validated {
  file: string;
  isUsable: boolean;
  /** Why it cannot be used at all. */
  error?: string;
  protocol?: string;
  messages?: number;
  settings?: Omit<TemplateSettings, 'password' | 'opword'> & { hasPassword: boolean; hasOpword: boolean };
  problems: ShownProblem[];
}

export default class TemplateValidate extends RecordingCommand {
  static override summary = 'Check session templates for problems';
  static override description =
    'Lists each problem with its line and column (binary: offset). The exit status is 7 if there are any.';
  static override examples = ['<%= config.bin %> <%= command.id %> templates/*.dptxt'];
  static override strict = false;
  static override args = {
    file: Args.string({ required: true, description: 'Template files', multiple: true }),
  };

  async run(): Promise<Validated[]> {
    const { argv } = await this.parse(TemplateValidate);
    const results: Validated[] = [];
    for (const file of argv.map(String)) results.push(await this.validate(file));
    if (results.some(({ isUsable, problems }) => !isUsable || problems.length > 0)) this.endWith('problems');
    return results;
  }

  private async validate(file: string): Promise<Validated> {
    const list = new ProblemList(file, (line) => this.log(line), 1000);
    const reader = new TemplateReader();
    try {
      for await (const chunk of (await this.open(file)).chunks) reader.read(chunk);
      const { problems, protocol, count, settings } = reader.end();
      problems.forEach(list.add);
      list.finish();
      if (problems.length === 0) this.log(`${file}: valid, ${protocol}, ${counted(count, 'message')}`);
      const { password, opword, ...shown } = settings;
      return {
        file,
        isUsable: true,
        protocol,
        messages: count,
        settings: { ...shown, hasPassword: password !== '', hasOpword: opword !== '' },
        problems: list.problems,
      };
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof Fault)) throw error;
      this.log(`${file}: error: ${error.message}`);
      if (error.hint !== undefined) this.log(`${' '.repeat(basename(file).length)}  ${error.hint}`);
      return { file, isUsable: false, error: error.message, problems: [] };
    }
  }
}

// `dp completion`: the script that makes a shell complete our commands.

import { BaseCommand } from '../lib/cli/base-command.js';
import { fishCompletion } from '../lib/cli/fish-completion.js';
import { Args } from '../lib/cli/oclif.js';

export default class Completion extends BaseCommand {
  static override summary = 'Make a shell complete commands and flags.';
  static override description =
    'For fish it prints a script. For bash and zsh it tells what to add to the start file of the shell.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/dp.fish',
    '<%= config.bin %> <%= command.id %> bash',
  ];
  static override args = {
    shell: Args.string({ required: true, options: ['bash', 'zsh', 'fish'], description: 'Which shell.' }),
  };

  async run(): Promise<{ shell: string; script?: string }> {
    const { args } = await this.parse(Completion);
    if (args.shell !== 'fish') {
      await this.config.runCommand('autocomplete', [args.shell]);
      return { shell: args.shell };
    }
    const script = fishCompletion(this.config.bin, this.config.commands, this.config.topics);
    this.terminal.stdout.write(this.jsonEnabled() ? '' : script);
    return { shell: args.shell, script };
  }
}

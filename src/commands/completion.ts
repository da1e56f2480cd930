// `dp completion`: the script that makes a shell complete our commands.

import { BaseCommand } from '../lib/cli/base-command.js';
import { bashCompletion } from '../lib/cli/completion/bash.js';
import { fishCompletion } from '../lib/cli/completion/fish.js';
import { completionPlaces } from '../lib/cli/completion/offers.js';
import { zshCompletion } from '../lib/cli/completion/zsh.js';
import { Args } from '../lib/cli/oclif.js';

const shells = { bash: bashCompletion, fish: fishCompletion, zsh: zshCompletion } as const;
type Shell = keyof typeof shells;

export default class Completion extends BaseCommand {
  static override summary = 'Print the completion script for a shell';
  static override description =
    'Completes commands, flags and flag values. The examples show where each shell looks for completion scripts; ' +
    'packages install them for all users.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> bash > ~/.local/share/bash-completion/completions/<%= config.bin %>',
    '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/<%= config.bin %>.fish',
    {
      description: 'Any folder in $fpath, before compinit runs',
      command: '<%= config.bin %> <%= command.id %> zsh > ~/.zfunc/_<%= config.bin %>',
    },
  ];
  static override args = {
    shell: Args.string({ required: true, options: Object.keys(shells), description: 'Shell' }),
  };

  async run(): Promise<{ shell: string; script: string }> {
    const { args } = await this.parse(Completion);
    const { bin, commands, topics } = this.config;
    const script = shells[args.shell as Shell](bin, completionPlaces(bin, commands, topics));
    this.terminal.stdout.write(this.jsonEnabled() ? '' : script);
    return { shell: args.shell, script };
  }
}

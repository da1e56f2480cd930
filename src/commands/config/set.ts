// `dp config set`: changes settings, all of the named ones or none.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { refusal } from '../../lib/core/errors.js';
import { printable } from '../../lib/core/printable.js';
import { settingVariable } from '../../lib/core/settings/layers.js';

export default class ConfigSet extends AdminCommand {
  static override summary = 'Change settings';
  static override description =
    'Takes NAME VALUE, or any number of NAME=VALUE: then all of them change, or none. A running server applies ' +
    'changes within a second. Durations are written 90s, 30m, 3h or 1.5d; sizes 500kb, 15mb or 1gb.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> sessionCountLimit 10',
    '<%= config.bin %> <%= command.id %> serverTitle="Ink and friends" idleTimeLimit=3d',
    '<%= config.bin %> <%= command.id %> --config /etc/dp.conf persistence true',
  ];
  static override strict = false;
  static override usage = ['config set NAME VALUE', 'config set NAME=VALUE...'];
  static override args = {
    name: Args.string({ required: true, description: 'Name of the setting, or NAME=VALUE' }),
    value: Args.string({ description: 'New value; "" clears a text' }),
  };
  static override answers = ['config.change'] as const;

  async run(): Promise<OutputOf<'config.change'>> {
    const { argv, flags } = await this.parse(ConfigSet);
    const set = pairsOf(argv as string[]);
    const changed = await this.withAdmin(flags, (admin) => admin.run('config.change', { set }));
    for (const { name, origin } of changed) {
      if (origin === 'environment')
        this.warn(`${settingVariable(name)} in the environment overrides the stored value`);
    }
    for (const { name, text, value } of changed) {
      this.log(`${name} = ${value === undefined ? '(secret)' : printable(set[name] ?? text)}`);
    }
    return changed;
  }
}

function pairsOf(words: readonly string[]): Record<string, string> {
  const [first = '', second] = words;
  if (words.length === 2 && !first.includes('=') && second !== undefined) return { [first]: second };
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at <= 0) {
        throw refusal('value-missing', { word: String(word), example: `dp config set ${word} VALUE` });
      }
      return [word.slice(0, at).trim(), word.slice(at + 1).trim()];
    }),
  );
}

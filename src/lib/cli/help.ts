// The help of dp: oclif's, with dp's usage lines, and values and defaults of flags in one form. Only loaded when help is
// asked for.

import { type Command, CommandHelp, Help } from '@oclif/core';
import { type UsageFacts, usageOf, valueOf } from './usage.js';

class DpCommandHelp extends CommandHelp {
  protected override defaultUsage(): string {
    return usageOf(this.command as UsageFacts);
  }

  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    return super.flags(flags.map(inOneForm));
  }
}

/** `--acl=none|client`, `[default: none]` at the end: oclif shows `--acl=<option>` and the default first. */
function inOneForm(flag: Command.Flag.Any): Command.Flag.Any {
  if (flag.type === 'boolean') return flag;
  const { default: fallback, summary, description, ...rest } = flag;
  const text = summary ?? description ?? '';
  const isShown = fallback === undefined || fallback === '' || text.includes('[default: ');
  return { ...rest, helpValue: valueOf(flag), summary: isShown ? text : `${text} [default: ${fallback}]` };
}

export default class DpHelp extends Help {
  protected override CommandHelpClass = DpCommandHelp;
}

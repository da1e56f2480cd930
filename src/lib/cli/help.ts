// The help of dp: oclif's, with dp's usage lines, and with defaults, variables and values in one form. Only loaded when help
// is asked for.

import { type Command, CommandHelp, Help } from '@oclif/core';
import { placeholderOf, type UsageFacts, usageOf } from './usage.js';

class DpCommandHelp extends CommandHelp {
  protected override defaultUsage(): string {
    return usageOf(this.command as UsageFacts);
  }

  /** Without the summary, which is the first line of the help already; paragraphs are wrapped to the terminal. */
  protected override description(): string | undefined {
    const { description } = this.command;
    return description && this.wrap(description.replaceAll(/(?<!\n)\n(?!\n)/g, ' '));
  }

  /** Only the last argument of a command that takes any number is repeated; oclif marks all of them. */
  protected override args(args: Command.Arg.Any[]): [string, string | undefined][] | undefined {
    if (args.length === 0) return undefined;
    return args.map(({ name, required, description = '', default: fallback, options }, index) => {
      const isRepeated = this.command.strict === false && index === args.length - 1;
      const word = `${name.toUpperCase()}${isRepeated ? '...' : ''}`;
      const text = options ? `${description} (${options.join('|')})` : description;
      return [required ? word : `[${word}]`, withFacts(text, { fallback })];
    });
  }

  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    return super.flags(flags.map(inOneForm));
  }
}

/** `--acl=none|client` instead of `--acl=<option>`, and what oclif puts before the text behind it. */
function inOneForm(flag: Command.Flag.Any): Command.Flag.Any {
  const { summary, description, env, ...rest } = flag;
  const text = summary ?? description ?? '';
  if (rest.type === 'boolean') return { ...rest, summary: withFacts(text, { env }) };
  const { default: fallback, ...others } = rest;
  return { ...others, helpValue: placeholderOf(rest), summary: withFacts(text, { fallback, env }) };
}

/** `Seconds between refreshes [default: 2]` */
function withFacts(
  text: string,
  { fallback, env }: { fallback?: unknown; env?: string | undefined },
): string {
  const facts: string[] = [];
  const hasDefault = fallback !== undefined && fallback !== '' && !text.includes('[default: ');
  if (hasDefault) facts.push(`default: ${String(fallback)}`);
  if (env !== undefined) facts.push(`env: ${env}`);
  return facts.length === 0 ? text : `${text} [${facts.join(', ')}]`;
}

export default class DpHelp extends Help {
  protected override CommandHelpClass = DpCommandHelp;
}

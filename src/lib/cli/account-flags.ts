// Flags of `dp user add` and `dp user set` for the flags of an account, made from their table.

import { type AccountFlag, accountFlags } from '../admin/users.js';
import { Flags } from './oclif.js';

const flagNames: Record<AccountFlag, string> = {
  MOD: 'mod',
  HOST: 'host',
  BANEXEMPT: 'ban-exempt',
  GHOST: 'ghost',
  TRUSTED: 'trusted',
  WEB: 'web',
  WEBHOST: 'web-host',
  WEBSESSION: 'web-session',
  PERSIST: 'persist',
};

/** `--mod`, with `allowNo` also `--no-mod`. */
export function accountFlagFlags(allowNo: boolean) {
  const flags: Record<string, ReturnType<typeof Flags.boolean>> = {};
  for (const [flag, name] of Object.entries(flagNames) as [AccountFlag, string][]) {
    flags[name] = Flags.boolean({
      allowNo,
      helpGroup: 'RIGHTS',
      summary: `${flag}: ${accountFlags[flag]}.`,
    });
  }
  return flags;
}

/** Which account flags were given, and which were taken away with `--no-…`. */
export function chosenAccountFlags(given: Readonly<Record<string, unknown>>): {
  add: AccountFlag[];
  remove: AccountFlag[];
} {
  const entries = Object.entries(flagNames) as [AccountFlag, string][];
  return {
    add: entries.filter(([, name]) => given[name] === true).map(([flag]) => flag),
    remove: entries.filter(([, name]) => given[name] === false).map(([flag]) => flag),
  };
}

// Flags of `dp user add` and `dp user set` for the flags of an account, made from their table.

import { type AccountFlag, accountFlagNames, accountFlags } from '../core/settings/account-flags.js';
import { Flags } from './oclif.js';

/** `--mod`, with `allowNo` also `--no-mod`. */
export function accountFlagFlags(allowNo: boolean) {
  const flags: Record<string, ReturnType<typeof Flags.boolean>> = {};
  for (const flag of accountFlagNames) {
    const { option, help } = accountFlags[flag];
    flags[option] = Flags.boolean({ allowNo, helpGroup: 'RIGHTS', summary: `${flag}: ${help}` });
  }
  return flags;
}

/** Which account flags were given, and which were taken away with `--no-…`. */
export function chosenAccountFlags(given: Readonly<Record<string, unknown>>): {
  add: AccountFlag[];
  remove: AccountFlag[];
} {
  const chosen = (value: boolean) =>
    accountFlagNames.filter((flag) => given[accountFlags[flag].option] === value);
  return { add: chosen(true), remove: chosen(false) };
}

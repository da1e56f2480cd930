// Flags of `dp serve` from the start-up table: one row there is one flag here (architecture §5).

import type { FlagInput } from '@oclif/core/interfaces';
import { type StartupName, startupRow } from '../core/settings/startup.js';
import { Flags } from './oclif.js';

/** Flags are read as text and checked by `readStartup`, so that environment and flags meet the same rules. */
export function startupFlags(names: readonly StartupName[]): FlagInput {
  return Object.fromEntries(
    names.map((name) => {
      const { kind, help, char, isList, default: fallback } = startupRow(name);
      const description =
        fallback === undefined || fallback === false ? help : `${help} [default: ${fallback}]`;
      const shared = { description, ...(char && { char: char as 'p' }) };
      if (kind.placeholder === '') return [name, Flags.boolean(shared)];
      const valued = { ...shared, helpValue: kind.placeholder };
      return [name, isList ? Flags.string({ ...valued, multiple: true }) : Flags.string(valued)];
    }),
  );
}

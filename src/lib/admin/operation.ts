// What an operation of an administrator is: one row of the table in operations.ts.

import type { SettingName } from '../core/settings/settings.js';
import type { LiveServer } from './live.js';
import type { PasswordForms, Stores } from './needs.js';

/** What operations work with when they run here, next to the data. */
export interface AdminNeeds {
  readonly stores: Stores;
  readonly passwords: PasswordForms;
  /** Milliseconds since 1970. */
  now(): number;
  /** What wins over the stored text of a setting, if anything does. */
  override?(name: SettingName): { text: string; origin: 'environment' | 'flag' } | undefined;
  /** The server that runs in this process, if one does. */
  readonly live?: LiveServer;
}

/** Parts of the data that an administrator can lock against changes over REST (http.md §1.4). */
export type LockableSection = 'accounts' | 'bans' | 'extbans' | 'listserverwhitelist' | 'server' | 'sessions';

export interface Operation<Input, Output> {
  /** One line for help and manual. */
  readonly summary: string;
  /** The section whose lock stops it, where it changes something. */
  readonly section: LockableSection | undefined;
  readonly isChange: boolean;
  readonly run: (needs: AdminNeeds, input: Input) => Promise<Output>;
  /** Loads its code, for those who can't load anything later. */
  readonly load: () => Promise<unknown>;
}

type Run<Input, Output> = (needs: AdminNeeds, input: Input) => Promise<Output>;

/** A row for something that only looks. */
export function look<Input, Output>(
  summary: string,
  load: () => Promise<Run<Input, Output>>,
): Operation<Input, Output> {
  return { summary, section: undefined, isChange: false, run: loaded(load), load };
}

/** A row for something that changes what is stored. */
export function change<Input, Output>(
  section: LockableSection | undefined,
  summary: string,
  load: () => Promise<Run<Input, Output>>,
): Operation<Input, Output> {
  return { summary, section, isChange: true, run: loaded(load), load };
}

function loaded<Input, Output>(load: () => Promise<Run<Input, Output>>): Run<Input, Output> {
  return async (needs, input) => {
    const output = await (await load())(needs, input);
    await whenStored(needs.live);
    return output;
  };
}

/** Nobody is answered before what the answer tells of is stored. */
export function whenStored(live: LiveServer | undefined): Promise<void> | undefined {
  return live && new Promise<void>((resolve) => live.directory.whenStored(resolve));
}

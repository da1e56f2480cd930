// An operation of an administrator: one row, which owns the shapes of its input and output. Types of callers, the
// admin API with its description, the check of remote answers, and the documentation derive from it.

import { refusal } from '../core/errors.js';
import type { Actor } from '../core/session/actor.js';
import type { Changes } from '../core/session/change.js';
import type { SettingName } from '../core/settings/settings.js';
import type { LiveServer, LockableSection } from './live.js';
import { type AccessSecrets, type PasswordForms, type Role, roles, type Stores } from './needs.js';
import type { Schema } from './schema.js';

/** Who asks for an operation. */
export interface Caller {
  /** The name with which they came in; `local`: whoever may use this machine's data or socket. */
  readonly name: string;
  readonly role: Role;
  /** From where; left out: from this machine. */
  readonly address?: string;
}

/** Who may follow the log: it contains addresses. */
export const followRole: Role = 'administrator';

export const local: Caller = { name: 'local', role: 'administrator' };

/** What operations work with when they run here, next to the data. */
export interface AdminNeeds {
  readonly stores: Stores;
  readonly passwords: PasswordForms;
  readonly secrets: AccessSecrets;
  /** Milliseconds since 1970; in a server that of `SteadyTime`: what ends at some date is measured by it. */
  now(): number;
  /** What wins over the stored text of a setting, if anything does. */
  override?(name: SettingName): { text: string; origin: 'environment' | 'flag' } | undefined;
  /** Undefined: `local`. */
  readonly caller?: Caller;
  /** Name of the operation that runs; '' where none does. */
  readonly operation?: string;
  /** Who keeps what is changed; undefined: nobody does. */
  readonly changes?: Changes;
  /** The server that runs in this process, if one does. */
  readonly live?: LiveServer;
}

export type { LockableSection, Role };

/** A row as it is written. */
export interface OperationRow<Input, Output> {
  /** One line for help and manual. */
  readonly summary: string;
  readonly role: Role;
  readonly input: Schema<Input>;
  readonly output: Schema<Output>;
  /** Of its input over HTTP, where that may be longer than others. */
  readonly inputBytesAtMost?: number;
  readonly run: (needs: AdminNeeds, input: Input) => Promise<Output>;
}

export interface Operation<Input = unknown, Output = unknown> extends OperationRow<Input, Output> {
  /** The section whose lock stops it, where it changes something. */
  readonly section: LockableSection | undefined;
  readonly isChange: boolean;
}

/** The caller as one who acts in sessions. `local` is nobody in particular. */
export function actorFor({ caller = local }: Pick<AdminNeeds, 'caller'>): Actor {
  const { address = '', name } = caller;
  return {
    kind: 'administrator',
    ...(name !== local.name && { name }),
    ...(address !== '' && { address }),
    ...(caller.role === 'moderator' && { isModerator: true }),
  };
}

/** Refusal where an operation takes more than the role of who asks. */
export function requireRole({ caller = local }: Pick<AdminNeeds, 'caller'>, role: Role): void {
  if (roles.indexOf(caller.role) >= roles.indexOf(role)) return;
  throw refusal('role-insufficient', { caller: caller.name, role });
}

/** A row for something that only looks. `role` where not every observer may see it. */
export function look<Input, Output>(
  row: Omit<OperationRow<Input, Output>, 'role'> & { readonly role?: Role },
): Operation<Input, Output> {
  return { role: 'observer', ...row, section: undefined, isChange: false, run: answeredWhenStored(row.run) };
}

/**
 * A row for something that changes what is stored. `section`: whose lock stops it; undefined: no lock does. `role` where
 * moderators may do it too.
 */
export function change<Input, Output>(
  section: LockableSection | undefined,
  row: Omit<OperationRow<Input, Output>, 'role'> & { readonly role?: Role },
): Operation<Input, Output> {
  return { role: 'administrator', ...row, section, isChange: true, run: answeredWhenStored(row.run) };
}

type Run<Input, Output> = (needs: AdminNeeds, input: Input) => Promise<Output>;

function answeredWhenStored<Input, Output>(run: Run<Input, Output>): Run<Input, Output> {
  return async (needs, input) => {
    const output = await run(needs, input);
    await whenStored(needs.live);
    return output;
  };
}

/** An answer is sent only when the changes it reports are stored. */
export function whenStored(live: LiveServer | undefined): Promise<void> | undefined {
  return live && new Promise<void>((resolve) => live.directory.whenStored(resolve));
}

// API tokens and logins as columns.

import { showMoment } from './moments.js';
import type { Column } from './tables.js';

interface Shown {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly created: number;
  readonly expires: number | null;
  readonly lastUsed: number | null;
  readonly lastAddress: string;
}

const [id, ...others] = [
  { title: 'id', value: ({ id }) => id, align: 'right' },
  { title: 'name', value: ({ name }) => name },
  { title: 'role', value: ({ role }) => role },
  { title: 'created', value: ({ created }) => showMoment(created, '') },
  { title: 'expires', value: ({ expires }) => showMoment(expires, 'never') },
  { title: 'last used', value: ({ lastUsed }) => showMoment(lastUsed, 'never') },
  { title: 'from', value: ({ lastAddress }) => lastAddress },
] as const satisfies readonly Column<Shown>[];

/** A token is known by its name, a login by its number. */
export const tokenColumns: readonly Column<Shown>[] = others;
export const loginColumns: readonly Column<Shown>[] = [id, ...others];

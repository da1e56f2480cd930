// Roles of guests that outlast their connection and the server: a guest is recognised by system id and name, a muted
// user by any name (docs/compatibility.md). account-roles.ts has those of accounts.
import { canonicalName } from '../names.js';
import type { Person } from './positions.js';
import { type GuestRole, holderKey, type JournalEntry, type RoleHolder, rememberedAtMost } from './saved.js';

export class GuestRoles {
  readonly #holders: Map<string, RoleHolder>;
  readonly #write: (entry: JournalEntry) => void;

  constructor(saved: ReadonlyMap<string, RoleHolder>, write: (entry: JournalEntry) => void) {
    this.#holders = new Map(saved);
    this.#write = write;
  }

  /** Whether a guest is stored as operator. */
  get hasOperator(): boolean {
    for (const { role } of this.#holders.values()) if (role === 'operator') return true;
    return false;
  }

  has(userInfo: Person, role: GuestRole): boolean {
    const holder = holderOf(userInfo, role);
    return holder !== undefined && this.#holders.has(holderKey(holder));
  }

  /** Remembers or forgets; who cannot be recognized later is not remembered. */
  set(userInfo: Person, role: GuestRole, has: boolean): void {
    const holder = holderOf(userInfo, role);
    if (!holder || this.has(userInfo, role) === has) return;
    const key = holderKey(holder);
    this.#holders.delete(key);
    if (has) this.#holders.set(key, holder);
    if (this.#holders.size > rememberedAtMost)
      this.#holders.delete(this.#holders.keys().next().value as string);
    this.#write({ key: 'guestRole', has, ...holder });
  }

  /** After a kick: granted roles are forgotten, restrictions remain. */
  revoke(userInfo: Person): void {
    this.set(userInfo, 'operator', false);
    this.set(userInfo, 'trusted', false);
  }
}

function holderOf(userInfo: Person, role: GuestRole): RoleHolder | undefined {
  if (role === 'muted') {
    const who = userInfo.authId || userInfo.sid;
    return who === '' ? undefined : { role, who, name: '' };
  }
  // Accounts are remembered as the originals do it.
  if (userInfo.authId !== '' || userInfo.sid === '') return undefined;
  return { role, who: userInfo.sid, name: canonicalName(userInfo.name) };
}

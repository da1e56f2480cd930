// Operators and trusted users with an account: stored by account, also while they are absent, as in the originals,
// together with the name they last used. guest-roles.ts has those of guests.
import { type JournalEntry, rememberedAtMost, rememberedBytes, type SavedSession } from './saved.js';

export type AccountRole = 'operator' | 'trusted';

export interface AccountRolesSession {
  readonly flow: { readonly rememberedBytesAtMost: number };
  write(entry: JournalEntry): void;
  /** A role is not remembered, because the share of the session is used up. */
  rolesAreFull(): void;
}

/** The action that grants or revokes a role, which is also its keyword in the journal. */
export function roleKey(role: AccountRole, has: boolean): 'op' | 'deop' | 'trust' | 'untrust' {
  return role === 'operator' ? (has ? 'op' : 'deop') : has ? 'trust' : 'untrust';
}

export class AccountRoles {
  readonly #session: AccountRolesSession;
  readonly #ops: Set<string>;
  readonly #trusted: Set<string>;
  readonly #names: Map<string, string>;
  /** Bytes that they use in the journal. */
  #bytes = 0;

  constructor(session: AccountRolesSession, saved: Pick<SavedSession, 'ops' | 'trusted' | 'authNames'>) {
    this.#session = session;
    this.#ops = new Set(saved.ops);
    this.#trusted = new Set(saved.trusted);
    this.#names = new Map(saved.authNames);
    for (const authId of [...this.#ops, ...this.#trusted]) this.#bytes += rememberedBytes(authId);
    for (const [authId, name] of this.#names) this.#bytes += rememberedBytes(authId, name);
  }

  /** Everybody of whom something is remembered. */
  get all(): ReadonlySet<string> {
    return new Set([...this.#names.keys(), ...this.#ops, ...this.#trusted]);
  }

  has(authId: string, role: AccountRole): boolean {
    return this.#holders(role).has(authId);
  }

  /** How many have it. */
  count(role: AccountRole): number {
    return this.#holders(role).size;
  }

  nameOf(authId: string): string | undefined {
    return this.#names.get(authId);
  }

  /** Remembers or forgets a role; true when that changed something. */
  set(authId: string, role: AccountRole, has: boolean): boolean {
    const holders = this.#holders(role);
    if (holders.has(authId) === has) return false;
    const isFull = has && holders.size >= rememberedAtMost;
    if (isFull || !this.#takeRoom(has ? rememberedBytes(authId) : -rememberedBytes(authId))) {
      this.#session.rolesAreFull();
      return false;
    }
    if (has) holders.add(authId);
    else holders.delete(authId);
    this.#session.write({ key: roleKey(role, has), authId });
    return true;
  }

  /** Remembers what somebody is called; true when that changed something. */
  name(authId: string, name: string): boolean {
    const known = this.#names.get(authId);
    if (known === name) return false;
    if (known === undefined && this.#names.size >= rememberedAtMost) return false;
    const before = known === undefined ? 0 : rememberedBytes(authId, known);
    if (!this.#takeRoom(rememberedBytes(authId, name) - before)) return false;
    this.#names.set(authId, name);
    this.#session.write({ key: 'authName', authId, name });
    return true;
  }

  #holders(role: AccountRole): Set<string> {
    return role === 'operator' ? this.#ops : this.#trusted;
  }

  /** Reserves bytes in the journal, or releases some; false when there are not enough left. */
  #takeRoom(bytes: number): boolean {
    if (bytes > 0 && this.#bytes + bytes > this.#session.flow.rememberedBytesAtMost) return false;
    this.#bytes += bytes;
    return true;
  }
}

// How commands name a user: by id or by name (sessions.md §8).
import type { Member, Present } from '../member.js';

/** A member, or the error text. */
export function findUser(
  { people }: { readonly people: Pick<Present, 'get' | 'byName'> },
  reference: unknown,
): Member | string {
  if (typeof reference === 'number') {
    if (!Number.isInteger(reference) || reference < 1 || reference > 254) return 'Invalid user id';
    return people.get(reference) ?? 'User not found';
  }
  if (typeof reference === 'string') return people.byName(reference) ?? 'User not found';
  return 'Expected a user id or name';
}

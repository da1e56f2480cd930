// How commands name a user: by id or by name (sessions.md §8).
import { type Reason, reason } from '../../errors/reason.js';
import type { Member, Present } from '../member.js';

/** A member, or why there is none. */
export function findUser(
  { people }: { readonly people: Pick<Present, 'get' | 'byName'> },
  reference: unknown,
): Member | Reason {
  if (typeof reference === 'number') {
    if (!Number.isInteger(reference) || reference < 1 || reference > 254) return reason('user-id-invalid');
    return people.get(reference) ?? reason('user-not-here');
  }
  if (typeof reference === 'string') return people.byName(reference) ?? reason('user-not-here');
  return reason('user-expected');
}

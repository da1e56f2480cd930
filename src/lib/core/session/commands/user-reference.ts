// How commands name a user: by id or by name (sessions.md §8).
import type { Member } from '../member.js';
import type { Session } from '../session.js';

/** A member, or the error text. */
export function findUser(session: Session, reference: unknown): Member | string {
  if (typeof reference === 'number') {
    if (!Number.isInteger(reference) || reference < 1 || reference > 254) return 'Invalid user id';
    return session.member(reference) ?? 'User not found';
  }
  if (typeof reference === 'string') return session.memberByName(reference) ?? 'User not found';
  return 'Expected a user id or name';
}

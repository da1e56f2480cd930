// kick-user [user]; ban: true: puts someone out, with a ban even after they have left (sessions.md §8.1).
import { flagOf } from '../../protocol/command.js';
import { banUser, type KickRoom, kick, messageBan } from '../kick.js';
import type { Present } from '../member.js';
import type { PastMember } from '../people.js';
import type { CommandCall, CommandResult, SessionCommand } from './command.js';
import { findUser } from './user-reference.js';

export interface KickUserRoom extends KickRoom {
  readonly people: Present & { readonly past: ReadonlyMap<number, PastMember> };
}

function banPast({ session, member }: CommandCall<KickUserRoom>, id: number): CommandResult {
  const past = session.people.past.get(id)!;
  if (!past.isBannable) return 'This user cannot be banned';
  const result = banUser(session, { id, username: past.name, ...past }, member);
  if (result !== undefined) return result;
  messageBan(session, past.name, member);
  return undefined;
}

export const kickUser: SessionCommand<KickUserRoom> = {
  right: 'deputy',
  argCount: 1,
  run(call) {
    const { session, member, args, kwargs } = call;
    const isBan = flagOf(kwargs.ban);
    const reference = args[0];
    if (
      isBan &&
      typeof reference === 'number' &&
      !session.people.get(reference) &&
      session.people.past.has(reference)
    ) {
      return banPast(call, reference);
    }
    const target = findUser(session, reference);
    if (typeof target === 'string') return target;
    if (target === member) return 'You cannot kick yourself';
    if (target.isModerator) return 'Moderators cannot be kicked';
    if (!member.isOperator && target.isOperator) return 'Deputies cannot kick operators';
    if (!member.isOperator && target.isTrusted) return 'Deputies cannot kick trusted users';
    return kick(session, target, { by: member, isBan });
  },
};

// kick-user [user]; ban: true: disconnects someone, with a ban even after they have left (sessions.md §8.1).
import { Reason } from '../../errors/reason.js';
import { flagOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { banPast, type KickSession, kick } from '../kick.js';
import type { SessionCommand } from './command.js';
import { findUser } from './user-reference.js';

export const kickUser: SessionCommand<KickSession> = {
  right: 'deputy',
  bound: { burst: 260, perMinute: 120, keeps: 'one log line; 1,000 bans per session' },
  argCount: 1,
  run({ session, member, args, kwargs }) {
    const actor = actorOf(member);
    const isBan = flagOf(kwargs.ban);
    const reference = args[0];
    const past = isBan && typeof reference === 'number' ? banPast(session, actor, reference) : undefined;
    if (past) return 'refused' in past ? past.refused : undefined;
    const target = findUser(session, reference);
    if (target instanceof Reason) return target;
    const done = kick(session, actor, target, { isBan });
    return 'refused' in done ? done.refused : undefined;
  },
};

// mute [user, bool]: whether someone's chat is heard (sessions.md §8).
import { flagOf } from '../../protocol/command.js';
import { setMuted } from '../muting.js';
import type { SessionCommand } from './command.js';
import { findUser } from './user-reference.js';

export const mute: SessionCommand = {
  right: 'operator',
  argCount: 2,
  run({ session, member, args }) {
    const target = findUser(session, args[0]);
    if (typeof target === 'string') return target;
    const isMuted = flagOf(args[1]);
    if (target.isModerator && isMuted) return 'Moderators cannot be muted';
    if (target.isMuted === isMuted) return undefined;
    setMuted(target, isMuted, member.name);
    return undefined;
  },
};

// mute [user, bool]: whether someone's chat is heard (sessions.md §8).
import { flagOf } from '../../protocol/command.js';
import { sendFragments } from '../fragments.js';
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
    target.isMuted = isMuted;
    sendFragments(session, ['muted']);
    const text = isMuted ? `Muted by ${member.name}` : `Unmuted by ${member.name}`;
    session.note('info', isMuted ? 'Mute' : 'Unmute', text, target.logUser);
    return undefined;
  },
};

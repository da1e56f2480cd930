// kill-session: ends the session for everyone (sessions.md §8.4).
import { textOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { type EndingSession, endSession } from '../ending.js';
import type { SessionCommand } from './command.js';

export const killSession: SessionCommand<EndingSession> = {
  right: 'moderator',
  bound: { burst: 5, perMinute: 5, keeps: 'nothing: the session ends' },
  run({ session, member, kwargs }) {
    endSession(session, actorOf(member), { reason: textOf(kwargs.reason) });
    return undefined;
  },
};

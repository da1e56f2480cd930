// mute [user, bool]: mutes or unmutes a user's chat (sessions.md §8).
import { Reason } from '../../errors/reason.js';
import { flagOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import type { Present } from '../member.js';
import { type MutingSession, setMuted } from '../muting.js';
import type { SessionCommand } from './command.js';
import { findUser } from './user-reference.js';

export interface MuteSession extends MutingSession {
  readonly people: Present;
}

export const mute: SessionCommand<MuteSession> = {
  right: 'operator',
  bound: { burst: 260, perMinute: 120, keeps: 'one log line' },
  argCount: 2,
  run({ session, member, args }) {
    const target = findUser(session, args[0]);
    if (target instanceof Reason) return target;
    const done = setMuted(session, actorOf(member), target, flagOf(args[1]));
    return done && 'refused' in done ? done.refused : undefined;
  },
};

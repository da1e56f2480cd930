// invite-remove [secret]: removes an invite (sessions.md §18).
import { textOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { type InvitingSession, removeInvite } from '../inviting.js';
import type { SessionCommand } from './command.js';

export const inviteRemove: SessionCommand<InvitingSession> = {
  right: 'operator',
  bound: { burst: 60, perMinute: 60, keeps: 'one journal line' },
  argCount: 1,
  run({ session, member, args }) {
    const done = removeInvite(session, actorOf(member), textOf(args[0]));
    return 'refused' in done ? done.refused : undefined;
  },
};

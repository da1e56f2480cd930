// invite-create: creates an invite, with roles that the sender has (sessions.md §18).
import { flagOf, integerOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { createInvite, type InvitingSession } from '../inviting.js';
import { replies } from '../replies.js';
import type { SessionCommand } from './command.js';

export const inviteCreate: SessionCommand<InvitingSession> = {
  right: 'operator',
  bound: { burst: 60, perMinute: 60, keeps: '50 invites per session' },
  argCount: 0,
  run({ session, member, kwargs }) {
    const made = createInvite(session, actorOf(member), {
      maxUses: integerOf(kwargs.maxUses),
      trust: flagOf(kwargs.trust),
      op: flagOf(kwargs.op),
    });
    if ('refused' in made) return made.refused;
    member.send(replies.inviteCreated(made.effect.invite.secret));
    return undefined;
  },
};

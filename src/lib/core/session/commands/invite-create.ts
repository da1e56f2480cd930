// invite-create: a code that lets people in, with roles the sender has (sessions.md §18).
import { flagOf, integerOf } from '../../protocol/command.js';
import { type FragmentsRoom, sendFragments } from '../fragments.js';
import { type Invites, inviteLimit } from '../invites.js';
import type { Clock, Random } from '../needs.js';
import { replies } from '../replies.js';
import type { Notes } from '../session-notes.js';
import type { SessionCommand } from './command.js';

export interface InviteRoom extends FragmentsRoom, Notes {
  readonly needs: { readonly clock: Pick<Clock, 'now'>; readonly random: Random };
  readonly options: { readonly invites: boolean };
  readonly invites: Invites;
}

export const inviteCreate: SessionCommand<InviteRoom> = {
  right: 'operator',
  argCount: 0,
  run({ session, member, kwargs }) {
    if (!session.options.invites && !member.isModerator) return 'Invites are disabled in this session';
    const wish = {
      creator: member.name,
      maxUses: integerOf(kwargs.maxUses),
      trust: flagOf(kwargs.trust),
      op: flagOf(kwargs.op),
    };
    if (wish.op && !member.isOperator) return 'Only operators can invite operators';
    if (wish.trust && !member.isOperator && !member.isTrusted)
      return 'Only trusted users can invite trusted users';
    const { clock, random } = session.needs;
    const invite = session.invites.create(wish, clock.now(), random);
    if (!invite) return `There are ${inviteLimit} invites already, remove one first`;
    session.write({ key: 'invite', invite });
    session.note('info', 'Invite', `Created invite with ${invite.maxUses} use(s)`, member.logUser);
    sendFragments(session, ['invitelist']);
    member.send(replies.inviteCreated(invite.secret));
    return undefined;
  },
};

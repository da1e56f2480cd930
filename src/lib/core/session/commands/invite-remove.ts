// invite-remove [secret] (sessions.md §18).
import { textOf } from '../../protocol/command.js';
import { type FragmentsRoom, sendFragments } from '../fragments.js';
import type { Invites } from '../invites.js';
import type { Notes } from '../session-notes.js';
import type { SessionCommand } from './command.js';

export interface UninviteRoom extends FragmentsRoom, Notes {
  readonly options: { readonly invites: boolean };
  readonly invites: Invites;
}

export const inviteRemove: SessionCommand<UninviteRoom> = {
  right: 'operator',
  argCount: 1,
  run({ session, member, args }) {
    if (!session.options.invites && !member.isModerator) return 'Invites are disabled in this session';
    const secret = textOf(args[0]);
    if (!session.invites.remove(secret)) return 'No such invite';
    session.write({ key: 'uninvite', secret });
    session.note('info', 'Invite', 'Removed invite', member.logUser);
    sendFragments(session, ['invitelist']);
    return undefined;
  },
};

// kill-session: ends the session for everyone (sessions.md §8.4).
import { textOf } from '../../protocol/command.js';
import { replies } from '../replies.js';
import type { SessionCommand } from './command.js';

export const killSession: SessionCommand = {
  right: 'moderator',
  run({ session, member, kwargs }) {
    const reason = textOf(kwargs.reason).trim();
    const by = member.name;
    session.sendToAll(
      reason
        ? replies.keyed(
            'alert',
            'terminatesessionreason',
            { by, reason },
            `Session terminated by ${by}: ${reason}`,
          )
        : replies.keyed('alert', 'terminatesession', { by }, `Session terminated by ${by}`),
    );
    session.end('Session terminated by a moderator', 'terminate');
    return undefined;
  },
};

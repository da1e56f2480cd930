// kill-session: ends the session for everyone (sessions.md §8.4).
import { textOf } from '../../protocol/command.js';
import { replies } from '../replies.js';
import { texts } from '../texts.js';
import type { SessionCommand } from './command.js';

export const killSession: SessionCommand = {
  right: 'moderator',
  run({ session, member, kwargs }) {
    const reason = textOf(kwargs.reason).trim();
    const by = member.name;
    session.storeEnd();
    session.sendToAll(
      reason
        ? replies.keyed('alert', 'terminatesessionreason', { by, reason }, texts.terminatedBy(by, reason))
        : replies.keyed('alert', 'terminatesession', { by }, texts.terminatedBy(by, '')),
    );
    session.end(texts.terminatedByModerator, 'terminate');
    return undefined;
  },
};

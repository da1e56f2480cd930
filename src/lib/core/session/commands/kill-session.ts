// kill-session: ends the session for everyone (sessions.md §8.4).

import type { Buffer } from 'node:buffer';
import { textOf } from '../../protocol/command.js';
import { replies } from '../replies.js';
import { texts } from '../texts.js';
import type { SessionCommand } from './command.js';

export interface KillRoom {
  readonly flow: { sendToAll(frame: Buffer): void };
  storeEnd(): void;
  end(text: string, what: 'terminate'): void;
}

export const killSession: SessionCommand<KillRoom> = {
  right: 'moderator',
  run({ session, member, kwargs }) {
    const reason = textOf(kwargs.reason).trim();
    const by = member.name;
    session.storeEnd();
    session.flow.sendToAll(
      reason
        ? replies.keyed('alert', 'terminatesessionreason', { by, reason }, texts.terminatedBy(by, reason))
        : replies.keyed('alert', 'terminatesession', { by }, texts.terminatedBy(by, '')),
    );
    session.end(texts.terminatedByModerator, 'terminate');
    return undefined;
  },
};

// reset-session: announces the upload of a new canvas by an operator (sessions.md §13.1).
import { reason } from '../../errors/reason.js';
import { FullReset, type ResetKind, type ResetSession } from '../full-reset.js';
import type { Phase } from '../phase.js';
import type { SessionCommand } from './command.js';

export interface ResetSessionSession extends ResetSession {
  readonly phase: Pick<Phase, 'isRunning'>;
}

export const resetSession: SessionCommand<ResetSessionSession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 30, keeps: 'an image no larger than the session may be' },
  run({ session, member, kwargs }) {
    if (member.userInfo.isMinorIncompatible) return reason('client-of-other-version');
    if (member.isGhost) return reason('reset-by-ghost');
    if (!session.phase.isRunning) return reason('reset-not-now');
    const { type } = kwargs;
    const kind: ResetKind = type === 'current' || type === 'past' || type === 'external' ? type : 'unknown';
    FullReset.begin(session, member, kind);
    return undefined;
  },
};

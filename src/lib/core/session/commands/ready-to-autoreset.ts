// ready-to-autoreset: an operator's client offers to reset the session (sessions.md §14.3).
import { reason } from '../../errors/reason.js';
import type { AutoReset } from '../auto-reset.js';
import type { SessionCommand } from './command.js';

export interface ReadySession {
  readonly autoReset: Pick<AutoReset, 'answer'>;
}

export const readyToAutoreset: SessionCommand<ReadySession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 60, keeps: 'nothing' },
  run({ session, member, kwargs }) {
    if (member.userInfo.isMinorIncompatible) return reason('client-incompatible');
    session.autoReset.answer(member, kwargs);
    return undefined;
  },
};

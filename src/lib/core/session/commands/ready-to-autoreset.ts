// ready-to-autoreset: an operator's client offers to reset the session (sessions.md §14.3).
import type { SessionCommand } from './command.js';

export const readyToAutoreset: SessionCommand = {
  right: 'operator',
  run({ session, member, kwargs }) {
    if (member.visitor.isMinorIncompatible) return 'Incompatible client';
    session.autoReset.answer(member, kwargs);
    return undefined;
  },
};

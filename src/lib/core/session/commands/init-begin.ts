// init-begin: what was uploaded for the reset so far is forgotten (sessions.md §13.2).
import type { SessionCommand } from './command.js';

export const initBegin: SessionCommand = {
  right: 'operator',
  run({ session, member }) {
    if (session.uploader !== member) {
      session.note('warn', 'RuleBreak', 'Sent init-begin without being asked for a canvas', member.logUser);
    } else if (session.state.name === 'resetting') {
      session.state.reset.restart();
    }
    return undefined;
  },
};

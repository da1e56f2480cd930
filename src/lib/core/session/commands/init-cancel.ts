// init-cancel: the reset does not take place (sessions.md §13.3).
import type { SessionCommand } from './command.js';

export const initCancel: SessionCommand = {
  right: 'operator',
  run({ session, member }) {
    if (session.uploader !== member) {
      session.note('warn', 'RuleBreak', 'Sent init-cancel without being asked for a canvas', member.logUser);
    } else if (session.state.name === 'resetting') {
      session.state.reset.cancel();
    }
    return undefined;
  },
};

// init-cancel: the reset does not take place (sessions.md §13.3); a host's upload ends where it is.
import { tellCancelled } from '../full-reset.js';
import type { SessionCommand } from './command.js';

export const initCancel: SessionCommand = {
  right: 'operator',
  run({ session, member }) {
    if (session.uploader !== member) {
      session.note('warn', 'RuleBreak', 'Sent init-cancel without being asked for a canvas', member.logUser);
    } else if (session.state.name === 'resetting') {
      session.state.reset.cancel();
    } else {
      // There is no way back to before the upload: the session runs with what is there.
      session.completeInitialization();
      tellCancelled(session);
    }
    return undefined;
  },
};

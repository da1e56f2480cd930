// init-complete: the canvas is uploaded, of a new session or of a reset (sessions.md §2, §13.3).
import type { SessionCommand } from './command.js';

export const initComplete: SessionCommand = {
  right: 'operator',
  run({ session, member }) {
    if (session.uploader !== member) {
      session.note(
        'warn',
        'RuleBreak',
        'Sent init-complete without being asked for a canvas',
        member.logUser,
      );
    } else if (session.state.name === 'resetting') {
      session.state.reset.complete();
    } else {
      session.completeInitialization();
    }
    return undefined;
  },
};

// init-complete: the upload of the canvas is complete, of a new session or of a reset (sessions.md §2, §13.3).

import type { SessionCommand } from './command.js';
import type { UploadSession } from './init-begin.js';

export interface CompleteSession extends UploadSession {
  completeInitialization(): void;
}

export const initComplete: SessionCommand<CompleteSession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 60, keeps: 'one log line' },
  run({ session, member }) {
    if (session.phase.uploader !== member) {
      session.writeLog(
        'warn',
        'RuleBreak',
        'Sent init-complete without being asked for a canvas',
        member.logUser,
      );
    } else if (session.phase.reset) {
      session.phase.reset.complete();
    } else {
      session.completeInitialization();
    }
    return undefined;
  },
};

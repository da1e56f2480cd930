// init-begin: discards what was uploaded for the reset so far (sessions.md §13.2).
import type { Phase } from '../phase.js';
import type { SessionLogger } from '../session-log-writer.js';
import type { SessionCommand } from './command.js';

export interface UploadSession extends SessionLogger {
  readonly phase: Pick<Phase, 'reset' | 'uploader'>;
}

export const initBegin: SessionCommand<UploadSession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 60, keeps: 'nothing' },
  run({ session, member }) {
    if (session.phase.uploader !== member) {
      session.writeLog(
        'warn',
        'RuleBreak',
        'Sent init-begin without being asked for a canvas',
        member.logUser,
      );
    } else {
      session.phase.reset?.restart();
    }
    return undefined;
  },
};

// init-cancel: cancels the reset (sessions.md §13.3); the upload of a host ends where it is.
import { notifyCancelled } from '../full-reset.js';
import type { MessageFlow } from '../message-flow.js';
import type { SessionCommand } from './command.js';
import type { UploadSession } from './init-begin.js';

export interface CancelSession extends UploadSession {
  readonly flow: Pick<MessageFlow, 'sendToAll'>;
  completeInitialization(): void;
}

export const initCancel: SessionCommand<CancelSession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 60, keeps: 'one log line' },
  run({ session, member }) {
    if (session.phase.uploader !== member) {
      session.writeLog(
        'warn',
        'RuleBreak',
        'Sent init-cancel without being asked for a canvas',
        member.logUser,
      );
    } else if (session.phase.reset) {
      session.phase.reset.cancel();
    } else {
      // There is no way back to before the upload: the session runs with what is there.
      session.completeInitialization();
      notifyCancelled(session);
    }
    return undefined;
  },
};

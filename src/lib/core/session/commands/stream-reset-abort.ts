// stream-reset-abort: cancels a streamed reset (sessions.md §14.5).
import { reason } from '../../errors/reason.js';
import type { StreamedReset } from '../streamed-reset.js';
import type { SessionCommand } from './command.js';

export interface AbortSession {
  readonly stream: Pick<StreamedReset, 'abortBy'>;
}

export const streamResetAbort: SessionCommand<AbortSession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 60, keeps: 'one log line' },
  argCount: 0,
  run: ({ session, member }) => (session.stream.abortBy(member) ? undefined : reason('stream-not-yours')),
};

// stream-reset-abort (sessions.md §14.5).
import type { SessionCommand } from './command.js';

export const streamResetAbort: SessionCommand = {
  right: 'operator',
  argCount: 0,
  run: ({ session, member }) =>
    session.stream.abortBy(member) ? undefined : 'No streamed reset of yours is in progress',
};

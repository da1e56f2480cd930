// stream-reset-finish [message count]: the image of a streamed reset is complete (sessions.md §14.5).
import { integerOf } from '../../protocol/command.js';
import type { StreamedReset } from '../streamed-reset.js';
import type { SessionCommand } from './command.js';

export interface FinishSession {
  readonly stream: Pick<StreamedReset, 'finish'>;
}

export const streamResetFinish: SessionCommand<FinishSession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 60, keeps: 'one log line' },
  argCount: 1,
  run({ session, member, args, fail }) {
    session.stream.finish(member, integerOf(args[0]), (problem) => {
      if (problem !== undefined) fail(problem);
    });
    return undefined;
  },
};

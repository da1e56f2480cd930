// stream-reset-start [correlator]: starts a streamed reset (sessions.md §14.5).
import { textOf } from '../../protocol/command.js';
import type { StreamedReset } from '../streamed-reset.js';
import type { SessionCommand } from './command.js';

export interface StartSession {
  readonly stream: Pick<StreamedReset, 'start'>;
}

export const streamResetStart: SessionCommand<StartSession> = {
  right: 'operator',
  bound: { burst: 30, perMinute: 60, keeps: 'an image no larger than the session may be' },
  argCount: 1,
  run: ({ session, member, args }) => session.stream.start(member, textOf(args[0])),
};

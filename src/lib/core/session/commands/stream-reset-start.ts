// stream-reset-start [correlator] (sessions.md §14.5).
import { textOf } from '../../protocol/command.js';
import type { StreamedReset } from '../streamed-reset.js';
import type { SessionCommand } from './command.js';

export interface StartRoom {
  readonly stream: Pick<StreamedReset, 'start'>;
}

export const streamResetStart: SessionCommand<StartRoom> = {
  right: 'operator',
  argCount: 1,
  run: ({ session, member, args }) => session.stream.start(member, textOf(args[0])),
};

// stream-reset-start [correlator] (sessions.md §14.5).
import { textOf } from '../../protocol/command.js';
import type { SessionCommand } from './command.js';

export const streamResetStart: SessionCommand = {
  right: 'operator',
  argCount: 1,
  run: ({ session, member, args }) => session.stream.start(member, textOf(args[0])),
};

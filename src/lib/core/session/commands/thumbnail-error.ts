// thumbnail-error [correlator, text]: the asked client could not make a picture (sessions.md §19).
import { textOf } from '../../protocol/command.js';
import type { SessionCommand } from './command.js';

export const thumbnailError: SessionCommand = {
  right: 'anyone',
  argCount: 2,
  run({ session, member, args }) {
    session.thumbnails.failed(member, textOf(args[0]), textOf(args[1]));
    return undefined;
  },
};

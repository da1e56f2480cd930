// thumbnail-error [correlator, text]: the client could not make the requested picture (sessions.md §19).
import { textOf } from '../../protocol/command.js';
import type { Thumbnails } from '../thumbnails.js';
import type { SessionCommand } from './command.js';

export interface ThumbnailErrorSession {
  readonly thumbnails: Pick<Thumbnails, 'failed'>;
}

export const thumbnailError: SessionCommand<ThumbnailErrorSession> = {
  right: 'anyone',
  bound: { burst: 10, perMinute: 10, keeps: 'one log line' },
  argCount: 2,
  run({ session, member, args }) {
    session.thumbnails.failed(member, textOf(args[0]), textOf(args[1]));
    return undefined;
  },
};

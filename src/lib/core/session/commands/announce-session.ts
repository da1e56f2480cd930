// announce-session [url]: announces the session at a list server (sessions.md §8, §21).
import { reason } from '../../errors/reason.js';
import { actorOf } from '../actor.js';
import { type AnnouncingSession, announce } from '../announcing.js';
import type { SessionCommand } from './command.js';

export const announceSession: SessionCommand<AnnouncingSession> = {
  right: 'operator',
  bound: { burst: 10, perMinute: 10, keeps: 'one listing (16 per session), one request, one journal line' },
  argCount: 1,
  run({ session, member, args, kwargs }) {
    const url = args[0];
    if (typeof url !== 'string') return reason('list-url-invalid');
    if (kwargs.private === true) return reason('listing-private');
    const done = announce(session, actorOf(member), url);
    return 'refused' in done ? done.refused : undefined;
  },
};

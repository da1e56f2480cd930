// unlist-session [url]: withdraws an announcement; '' withdraws all (sessions.md §8).
import { textOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { type AnnouncingSession, unlist } from '../announcing.js';
import type { SessionCommand } from './command.js';

export const unlistSession: SessionCommand<AnnouncingSession> = {
  right: 'operator',
  bound: { burst: 10, perMinute: 10, keeps: 'one request, one journal line' },
  argCount: 1,
  run({ session, member, args }) {
    unlist(session, actorOf(member), textOf(args[0]));
    return undefined;
  },
};

// remove-ban [id]: lifts a ban; an unknown id is not an error (sessions.md §8).
import { integerOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { type BanSession, removeBan as lift } from '../kick.js';
import type { SessionCommand } from './command.js';

export const removeBan: SessionCommand<BanSession> = {
  right: 'operator',
  bound: { burst: 1000, perMinute: 240, keeps: 'one log line, one journal line' },
  argCount: 1,
  run({ session, member, args }) {
    lift(session, actorOf(member), integerOf(args[0]));
    return undefined;
  },
};

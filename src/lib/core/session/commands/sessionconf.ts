// sessionconf: changes settings of the session (sessions.md §9.1). Invalid values are reported, the others are applied.

import { actorOf } from '../actor.js';
import type { Present } from '../member.js';
import { type ChangeSession, changeSession } from '../sessionconf.js';
import type { SessionCommand } from './command.js';

export interface SessionconfSession extends ChangeSession {
  readonly people: Pick<Present, 'get' | 'members'>;
}

export const sessionconf: SessionCommand<SessionconfSession> = {
  right: 'operator',
  bound: { burst: 120, perMinute: 120, keeps: 'one log line, one journal line per setting' },
  run({ session, member, kwargs, fail }) {
    changeSession(session, kwargs, actorOf(member), ({ problems }) => {
      if (problems.length > 0 && session.people.get(member.id) === member) fail(problems.join('; '));
    });
    return undefined;
  },
};

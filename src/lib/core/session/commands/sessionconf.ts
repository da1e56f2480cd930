// sessionconf: changes settings of the session (sessions.md §9.1). Values that cannot be used are told, the others hold.
import { changeSession } from '../sessionconf.js';
import type { SessionCommand } from './command.js';

export const sessionconf: SessionCommand = {
  right: 'operator',
  run({ session, member, kwargs, fail }) {
    changeSession(session, kwargs, member, ({ problems }) => {
      if (problems.length > 0 && session.member(member.id) === member) fail(problems.join('; '));
    });
    return undefined;
  },
};

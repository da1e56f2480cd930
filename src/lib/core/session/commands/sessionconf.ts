// sessionconf: changes settings of the session (sessions.md §9.1). Values that cannot be used are told, the others hold.
import { changeSession } from '../sessionconf.js';
import type { SessionCommand } from './command.js';

export const sessionconf: SessionCommand = {
  right: 'operator',
  run({ session, member, kwargs }) {
    const { problems } = changeSession(session, kwargs, member);
    return problems.length === 0 ? undefined : problems.join('; ');
  },
};

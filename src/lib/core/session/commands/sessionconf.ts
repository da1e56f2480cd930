// sessionconf: changes settings of the session (sessions.md §9.1).
import { changeSession } from '../sessionconf.js';
import type { SessionCommand } from './command.js';

export const sessionconf: SessionCommand = {
  right: 'operator',
  run({ session, member, kwargs }) {
    changeSession(session, kwargs, member);
    return undefined;
  },
};

// report: tells the people who run the server about abuse (sessions.md §8.3). The reporter gets no answer.
import { integerOf, textOf } from '../../protocol/command.js';
import { reportAbuse } from '../report-abuse.js';
import type { SessionCommand } from './command.js';

export const report: SessionCommand = {
  right: 'anyone',
  run({ session, member, kwargs }) {
    const reporter = { user: member.logUser, isRegistered: member.isRegistered };
    reportAbuse(session, session.needs.reports, reporter, integerOf(kwargs.user), textOf(kwargs.reason));
    return undefined;
  },
};

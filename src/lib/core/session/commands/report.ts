// report: notifies the administrators of the server about abuse (sessions.md §8.3). The reporter gets no answer.
import { integerOf, textOf } from '../../protocol/command.js';
import type { AbuseReports, Clock } from '../needs.js';
import { type ReportedSession, reportAbuse } from '../report-abuse.js';
import type { SessionCommand } from './command.js';

export interface ReportSession extends ReportedSession {
  readonly needs: { readonly reports: AbuseReports; readonly clock: Clock };
}

export const report: SessionCommand<ReportSession> = {
  right: 'anyone',
  bound: {
    burst: 5,
    perMinute: 2,
    keeps: 'one log line of 4,000 characters, one report (200 wait at the most)',
  },
  run({ session, member, kwargs }) {
    const reporter = { user: member.logUser, isRegistered: member.isRegistered };
    reportAbuse(session, session.needs.reports, reporter, integerOf(kwargs.user), textOf(kwargs.reason));
    return undefined;
  },
};

// report: tells the people who run the server about abuse (sessions.md §8.3). The reporter gets no answer.
import { integerOf, textOf } from '../../protocol/command.js';
import { clipLogText } from '../log-words.js';
import type { SessionCommand } from './command.js';

export const report: SessionCommand = {
  right: 'anyone',
  run({ session, member, kwargs }) {
    const message = clipLogText(textOf(kwargs.reason));
    const perp = integerOf(kwargs.user);
    session.note(
      'info',
      'Report',
      `Abuse report${perp > 0 ? ` about user ${perp}` : ''}: ${message}`,
      member.logUser,
    );
    const { reports } = session.needs;
    if (!reports.isEnabled) {
      session.note('warn', 'Report', 'Abuse reports are not set up on this server, so it goes nowhere');
      return undefined;
    }
    reports.send(
      {
        session: session.id,
        sessionTitle: session.options.title,
        user: member.name,
        auth: member.isRegistered,
        ip: member.visitor.ip,
        ...(perp > 0 && { perp }),
        message,
        offset: session.history.sizeBytes,
        users: session.members.map((each) => ({
          name: each.name,
          auth: each.isRegistered,
          op: each.isOperator,
          ip: each.visitor.ip,
          id: each.id,
        })),
      },
      (isSent) => {
        if (session.isEnded) return;
        if (isSent)
          session.note('info', 'Status', 'This session was reported to the people who run the server');
        else session.note('warn', 'Report', 'The abuse report could not be delivered yet');
      },
    );
    return undefined;
  },
};

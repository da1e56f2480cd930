// Reports of abuse in a session (sessions.md §8.3, login.md §11), by members and from the lobby: what the receiver is
// sent, and what the session is notified of. Topic Report is for moderators; that a report arrived is for everyone.
import { clipLogText } from './log-topics.js';
import type { Present } from './member.js';
import type {
  AbuseReports,
  Clock,
  LogLevel,
  LogTopic,
  LogUser,
  ReportedUser,
  ReportOutcome,
} from './needs.js';
import type { PastMember } from './people.js';
import type { RecentChat } from './recent-chat.js';
import type { SessionLogger } from './session-log-writer.js';

export interface Reporter {
  user: LogUser;
  isRegistered: boolean;
}

const outcomes = {
  accepted: ['info', 'Status', 'This session was reported to the administrators of the server'],
  kept: ['warn', 'Report', 'The abuse report could not be delivered; the server tries again'],
  refused: ['warn', 'Report', 'The abuse report could not be delivered; it is stored in the server log only'],
} as const satisfies Record<ReportOutcome, readonly [LogLevel, LogTopic, string]>;

export interface ReportedSession extends SessionLogger {
  readonly id: string;
  readonly isEnded: boolean;
  readonly options: { readonly title: string };
  readonly history: { readonly sizeBytes: number };
  readonly people: Pick<Present, 'members' | 'get'> & { readonly past: ReadonlyMap<number, PastMember> };
  readonly recentChat: Pick<RecentChat, 'lines'>;
  readonly needs: { readonly clock: Clock };
}

/** `about`: id of the user that the report is about, 0 for none. */
export function reportAbuse(
  session: ReportedSession,
  reports: AbuseReports,
  reporter: Reporter,
  about: number,
  given: string,
): void {
  const { user } = reporter;
  const message = clipLogText(given);
  // before the log: who is notified by it finds the report
  reports.keep?.({
    when: session.needs.clock.now(),
    session: session.id,
    title: session.options.title,
    reporter: { name: user.name, address: user.ip, isRegistered: reporter.isRegistered },
    about: about > 0 ? reportedUser(session, about) : undefined,
    text: message,
    chat: session.recentChat.lines,
  });
  const from = user.id === 0 ? ' from the lobby' : '';
  const subject = about > 0 ? ` about user ${about}` : '';
  session.writeLog('info', 'Report', `Abuse report${from}${subject}: ${message}`, user);
  if (!reports.isEnabled) {
    session.writeLog(
      'warn',
      'Report',
      'Abuse reports are not enabled on this server: the report was not delivered',
    );
    return;
  }
  reports.send(
    {
      session: session.id,
      sessionTitle: session.options.title,
      user: user.name,
      auth: reporter.isRegistered,
      ip: user.ip,
      ...(about > 0 && { perp: about }),
      message,
      offset: session.history.sizeBytes,
      users: session.people.members.map((member) => ({
        name: member.name,
        auth: member.isRegistered,
        op: member.isOperator,
        ip: member.userInfo.ip,
        id: member.id,
      })),
    },
    (outcome) => {
      const [level, topic, text] = outcomes[outcome];
      if (!session.isEnded) session.writeLog(level, topic, text);
    },
  );
}

function reportedUser({ people }: ReportedSession, id: number): ReportedUser | undefined {
  const member = people.get(id);
  if (member) return { user: id, name: member.name, address: member.userInfo.ip, sid: member.userInfo.sid };
  const past = people.past.get(id);
  return past && { user: id, name: past.name, address: past.address, sid: past.sid };
}

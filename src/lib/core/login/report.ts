// report: abuse in a session that somebody sees in the lobby (login.md §11). There is no answer.
import { textOf } from '../protocol/command.js';
import { commandBounds } from '../session/commands/bounds.js';
import { clipLogText } from '../session/log-words.js';
import { findServerBan } from './server-ban.js';
import type { LoginStep } from './states.js';

export const report: LoginStep = (login, { kwargs }) => {
  const session = login.needs.directory.find(textOf(kwargs.session));
  if (!session || findServerBan(login)) return;
  const { reports } = login.needs;
  const { ip } = login.connection;
  if (!session.rates.take(`report ${ip}`, commandBounds.report)) {
    login.note('debug', 'Report', 'Too many abuse reports from this address: one was dropped');
    return;
  }
  const message = clipLogText(textOf(kwargs.reason));
  const { name, isGuest } = login.identity!;
  const user = { id: 0, ip, name };
  session.note('info', 'Report', `Abuse report from the lobby: ${message}`, user);
  if (!reports.isEnabled || !login.needs.settings.get('abusereport')) return;
  reports.send(
    {
      session: session.id,
      sessionTitle: session.options.title,
      user: name,
      auth: !isGuest,
      ip,
      message,
      offset: session.history.sizeBytes,
      users: session.members.map((member) => ({
        name: member.name,
        auth: member.isRegistered,
        op: member.isOperator,
        ip: member.visitor.ip,
        id: member.id,
      })),
    },
    () => {},
  );
};

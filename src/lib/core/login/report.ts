// The `report` command: reports abuse in a session that is seen in the lobby (login.md §11). It has no answer.
import { textOf } from '../protocol/command.js';
import { report as reportCommand } from '../session/commands/report.js';
import { reportAbuse } from '../session/report-abuse.js';
import { findServerBan } from './server-ban.js';
import type { LoginStep } from './step.js';

export const report: LoginStep<'lobby'> = ({ login, state }, { kwargs }) => {
  const session = login.needs.directory.find(textOf(kwargs.session));
  if (!session || findServerBan(login)) return;
  const { ip } = login.connection;
  if (!session.rates.take(`report ${ip}`, reportCommand.bound)) {
    login.writeLog('debug', 'Report', 'Abuse report dropped: too many from this address');
    return;
  }
  const { name, isGuest } = state.identity;
  const reporter = { user: { id: 0, ip, name }, isRegistered: !isGuest };
  reportAbuse(session, login.needs.reports, reporter, 0, textOf(kwargs.reason));
};

// export-bans: the ban list as text, sealed, or plain for moderators (sessions.md §17).

import type { BanArchive } from '../needs.js';
import { replies } from '../replies.js';
import type { SessionBans } from '../session-bans.js';
import type { SessionLogger } from '../session-log-writer.js';
import type { SessionCommand } from './command.js';

export interface ExportSession extends SessionLogger {
  readonly needs: { readonly banArchive: BanArchive };
  readonly bans: Pick<SessionBans, 'all'>;
}

export const exportBans: SessionCommand<ExportSession> = {
  right: 'operator',
  bound: { burst: 10, perMinute: 10, keeps: 'nothing: one reply' },
  run({ session, member, kwargs }) {
    const list = session.bans.all.map((ban) => ({
      ...(ban.username && { u: ban.username }),
      ...(ban.ip && { i: ban.ip }),
      ...(ban.authId && { a: ban.authId }),
      ...(ban.sid && { s: ban.sid }),
      ...(ban.bannedBy && { b: ban.bannedBy }),
    }));
    const json = JSON.stringify({ v: 1, l: list });
    const { banArchive } = session.needs;
    if (kwargs.plain === true && !member.isModerator) {
      member.send(replies.banProblem('banexportmodonly', 'Only moderators can export plain bans.'));
      return undefined;
    }
    const text = kwargs.plain === true ? banArchive.pack(json) : banArchive.seal(json);
    if (text === undefined) {
      member.send(
        replies.banProblem('banexportunconfigured', 'Exporting bans is not configured on this server.'),
      );
      return undefined;
    }
    const frame = replies.banExport(text);
    member.send(
      frame ?? replies.banProblem('banexportservererror', 'The ban list is too long to be exported.'),
    );
    if (frame) session.writeLog('debug', 'BanImpEx', `Exported ${list.length} bans`, member.logUser);
    return undefined;
  },
};

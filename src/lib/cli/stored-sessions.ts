// Commands on stored sessions: through the server that runs on them, or on the folder itself where none runs.

import type { Admin } from '../admin/admin.js';
import { Refusal, refusal } from '../core/errors.js';
import { type AsSelf, actAs, ownerToActAs } from '../io/files/acting-user.js';
import { AdminCommand, type PlaceFlags } from './admin-command.js';
import { Flags } from './oclif.js';
import { chooseFolders } from './session-folders.js';

export const sessionsFlag = Flags.string({
  helpGroup: 'SERVER',
  helpValue: 'FOLDER',
  summary: 'Session folder of a stopped server',
  exclusive: ['server', 'database', 'config'],
});

export abstract class StoredSessionsCommand extends AdminCommand {
  static override baseFlags = { ...AdminCommand.baseFlags, sessions: sessionsFlag };

  /**
   * `onFolder` has the folder for itself meanwhile. When root runs it, it works as the folder's owner: links put there
   * lead nowhere, and the server can use what it makes; `asSelf` reads what only root may read. What it needs of the
   * program is imported before: its owner may not be allowed to read that.
   */
  protected async onStoredSessions<Result>(
    flags: PlaceFlags & { sessions?: string | undefined },
    onServer: (admin: Admin) => Promise<Result>,
    onFolder: (folder: string, asSelf: AsSelf) => Result,
  ): Promise<Result> {
    if (flags.sessions === undefined) {
      try {
        return await this.withAdmin(flags, onServer, true);
      } catch (error) {
        const isAlone = error instanceof Refusal && error.kind === 'unreachable';
        const { database, config, server } = flags;
        if (!isAlone || server !== undefined || database !== undefined || config !== undefined) throw error;
        if (this.terminal.env.DP_SERVER) throw error;
      }
    }
    const named = flags.sessions === undefined ? [] : [flags.sessions];
    const [folder] = chooseFolders('sessions', named, this.terminal.env);
    const { existsSync } = await import('node:fs');
    if (folder === undefined || !existsSync(folder)) {
      throw refusal('sessions-folder-not-found', { folder: String(folder) });
    }
    const path = await import('node:path');
    const { lockData } = await import('../io/sqlite/data-lock.js');
    const { loadSqlite } = await import('../io/sqlite/library.js');
    loadSqlite();
    return actAs(ownerToActAs(folder), async (asSelf) => {
      const lock = lockData(path.join(folder, 'dp'));
      try {
        return onFolder(folder, asSelf);
      } finally {
        lock.release();
      }
    });
  }
}

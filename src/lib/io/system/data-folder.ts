// Where dp keeps its data by default, and the names of what is in there.

import { homedir } from 'node:os';
import * as path from 'node:path';
import { rootDataFolder } from './user.js';

interface Surroundings {
  env?: Readonly<Record<string, string | undefined>>;
  uid?: number | undefined;
  home?: string;
}

/** Accounts below this are the system's: services, not people. */
const firstPersonUid = 1000;

/**
 * `DP_DATA` if set; `/var/lib/dp` for root and for system users, who have no home; else `dp` in the
 * XDG data folder. The folder need not exist.
 */
export function dataFolder(surroundings: Surroundings = {}): string {
  const { env = process.env, uid = process.getuid?.(), home = env.HOME ?? homedir() } = surroundings;
  if (env.DP_DATA) return path.resolve(env.DP_DATA);
  if (uid === 0) return rootDataFolder;
  // the XDG rules: a relative path is to be ignored
  if (env.XDG_DATA_HOME && path.isAbsolute(env.XDG_DATA_HOME)) return path.join(env.XDG_DATA_HOME, 'dp');
  if (uid !== undefined && uid < firstPersonUid) return rootDataFolder;
  return path.join(home, '.local', 'share', 'dp');
}

/** The files and folders in a data folder. */
export function dataFiles(folder: string) {
  return {
    database: path.join(folder, 'dp.db'),
    sessions: path.join(folder, 'sessions'),
    templates: path.join(folder, 'templates'),
    recordings: path.join(folder, 'recordings'),
    backups: path.join(folder, 'backups'),
    certificate: path.join(folder, 'cert.pem'),
    key: path.join(folder, 'key.pem'),
    /** What `--acme` obtains. */
    automaticCertificate: path.join(folder, 'acme'),
    /** What `dp serve` reads its start options from (written by `dp init`). */
    startup: path.join(folder, 'serve.env'),
  };
}

/** Name of a backup that is given none; `now`: milliseconds since 1970. */
export function backupName(now: number): string {
  return `dp-backup-${new Date(now).toISOString().replace(/[:-]|\.\d+/g, '')}.tar.gz`;
}

// The list of servers of dp's user: `servers.ini` in the configuration folder, with a section for each, `url` and
// optionally `auth`. `--server NAME` selects one.

import { homedir } from 'node:os';
import * as path from 'node:path';
import { parse } from 'ini';
import { fault, refusal } from '../../core/errors.js';
import { reasonOf, sizeLimits, UnusableFile } from '../files/regular-file.js';
import { readTextFile, type TextFile } from '../files/text-file.js';

type Environment = Readonly<Record<string, string | undefined>>;

export function profilePath(env: Environment = process.env): string {
  const { XDG_CONFIG_HOME, HOME } = env;
  const base =
    XDG_CONFIG_HOME && path.isAbsolute(XDG_CONFIG_HOME)
      ? XDG_CONFIG_HOME
      : path.join(HOME ?? homedir(), '.config');
  return path.join(base, 'dp', 'servers.ini');
}

export interface NamedServer {
  url: string;
  /** `name:password` */
  auth: string | undefined;
}

/** Names of the servers in the list; none where there is no list. Refusal or Fault when it cannot be read. */
export function namedServers(env: Environment = process.env): string[] {
  const read = readList(profilePath(env));
  return read === undefined ? [] : namesIn(parse(read.text));
}

const namesIn = (sections: Readonly<Record<string, unknown>>) =>
  Object.keys(sections).filter((key) => typeof sections[key] === 'object');

/** Undefined: there is none. */
function readList(file: string): TextFile | undefined {
  try {
    return readTextFile(file, sizeLimits.startOptions);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const reason = reasonOf(cause);
    if (cause instanceof UnusableFile) {
      throw refusal('server-list-unusable', { file, reason });
    }
    throw fault('server-list-unreadable', { file, reason }, cause);
  }
}

/** Refusal when there is no such server, or others may read the password. */
export function findNamedServer(name: string, env: Environment = process.env): NamedServer {
  const file = profilePath(env);
  const read = readList(file);
  if (read === undefined) throw refusal('server-list-missing', { name, file });
  const sections = parse(read.text) as Record<string, unknown>;
  const known = namesIn(sections);
  const section = Object.hasOwn(sections, name) ? sections[name] : undefined;
  if (typeof section !== 'object' || section === null) {
    if (known.length === 0) throw refusal('server-list-empty', { file, name });
    throw refusal('server-unnamed', { file, name, names: known.join(' ') });
  }
  const { url, auth } = section as Record<string, unknown>;
  if (typeof url !== 'string') {
    throw refusal('server-without-url', { name, file });
  }
  if (auth !== undefined && (read.stats.mode & 0o077) !== 0) {
    throw refusal('server-list-open', { file });
  }
  return { url, auth: auth === undefined ? undefined : String(auth) };
}

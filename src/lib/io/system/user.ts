// Becoming an ordinary user for good when started as root: which user, which folders are handed over, the change.
// The caller has opened its sockets and loaded all its code before; nothing is opened here.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Reason, reason } from '../../core/errors/reason.js';
import { fault, refusal } from '../../core/errors.js';
import { actAsNow, ownerToActAs } from '../files/acting-user.js';
import { makeFolder } from '../files/folders.js';
import { nameOf, readRegular, reasonOf, sizeLimits } from '../files/regular-file.js';

/** Where a server that was started as root stores its data by default. */
export const rootDataFolder = '/var/lib/dp';

/** A line of the user database. `name` is empty for a number that has no line. */
export interface SystemUser {
  uid: number;
  gid: number;
  name: string;
  home: string;
}

export interface DropOptions {
  /** What `--user` says: a name or a number. */
  user?: string | undefined;
  /** The data folder as the operator named it; undefined: `/var/lib/dp`. */
  dataFolder?: string | undefined;
  /** False: nothing is kept in it, so that it is neither made nor has to be there; its owner serves all the same. */
  usesDataFolder?: boolean | undefined;
  /** Other folders that the operator named and that are written to (sessions, recordings, …). */
  folders?: readonly string[] | undefined;
  /** Files that have to be readable. */
  readable?: readonly string[] | undefined;
}

export interface Dropped {
  user: SystemUser;
  dataFolder: string;
  /** One line for the start-up text. */
  line: string;
}

/** The account that serves, and where: found before anything is changed. */
export interface DropPlan {
  user: SystemUser;
  dataFolder: string;
  /** The folder is our own default, so its content may be handed over. */
  isDefault: boolean;
  /** All folders that are written to. */
  folders: readonly string[];
  readable: readonly string[];
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Becomes an ordinary user: `--user`, else the owner of the data folder unless that is root, else `nobody`.
 * Undefined when this process is not root (then `--user` may only name the user that it is).
 * A `Refusal` says what to type when a folder cannot be used.
 */
export function dropPrivileges(options: DropOptions): Dropped | undefined {
  const plan = planDrop(options);
  if (plan === undefined) return undefined;
  handOver(plan);
  become(plan);
  for (const folder of plan.folders) requireWritable(folder, plan.user);
  for (const file of plan.readable) requireReadable(file, plan.user);
  return {
    user: plan.user,
    dataFolder: plan.dataFolder,
    line: `Started as root: serving as ${shownUser(plan.user)} from here on.`,
  };
}

/** What `dropPrivileges` is going to do; nothing is changed yet. Undefined when this process is not root. */
export function planDrop(options: DropOptions): DropPlan | undefined {
  if (!isRoot()) {
    if (options.user !== undefined) requireSameUser(options.user);
    return undefined;
  }
  const dataFolder = path.resolve(options.dataFolder ?? rootDataFolder);
  const user = options.user === undefined ? ownerOrNobody(dataFolder) : namedUser(options.user);
  if (user.uid === 0) {
    throw refusal('user-root');
  }
  return {
    user,
    dataFolder,
    isDefault: options.dataFolder === undefined,
    folders: [
      ...((options.usesDataFolder ?? true) ? [dataFolder] : []),
      ...(options.folders ?? []).map((folder) => path.resolve(folder)),
    ],
    readable: (options.readable ?? []).map((file) => path.resolve(file)),
  };
}

function requireSameUser(wanted: string): void {
  const user = findUser(wanted);
  if (user !== undefined && user.uid === process.geteuid?.()) return;
  throw refusal('user-without-root', { user: wanted });
}

function namedUser(wanted: string): SystemUser {
  const user = findUser(wanted);
  if (user === undefined) {
    throw refusal('user-not-found', { user: wanted });
  }
  return user;
}

function ownerOrNobody(folder: string): SystemUser {
  const owner = statOf(folder);
  if (owner !== undefined && owner.uid !== 0) {
    // A bind mount may belong to a number that this system has no name for.
    return findUser(String(owner.uid)) ?? { uid: owner.uid, gid: owner.gid, name: '', home: '' };
  }
  return findUser('nobody') ?? { uid: 65534, gid: 65534, name: 'nobody', home: '' };
}

function statOf(file: string): fs.Stats | undefined {
  return fs.statSync(file, { throwIfNoEntry: false });
}

/** Looks a name or number up: the file first, then whatever else the system asks (LDAP and the like). */
export function findUser(wanted: string, passwdText = readPasswd()): SystemUser | undefined {
  for (const line of passwdText.split('\n')) {
    const user = parsePasswdLine(line);
    if (user !== undefined && (user.name === wanted || String(user.uid) === wanted)) return user;
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(wanted)) return undefined;
  try {
    const text = execFileSync('getent', ['passwd', wanted], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
    return parsePasswdLine(text.split('\n')[0] ?? '');
  } catch {
    return undefined;
  }
}

function readPasswd(): string {
  try {
    return readRegular('/etc/passwd', sizeLimits.exchange).bytes.toString('utf8');
  } catch {
    return '';
  }
}

function parsePasswdLine(line: string): SystemUser | undefined {
  const [name, , uid, gid, , home] = line.split(':');
  if (!name || !uid || !gid || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home: home ?? '' };
}

function handOver(plan: DropPlan): void {
  for (const folder of plan.folders) {
    // Where somebody else is at home, folders are made with their rights: links of theirs lead root nowhere.
    const owner = ownerToActAs(folder);
    const made = actAsNow(owner, () => make(folder));
    if (made === undefined || owner !== undefined) continue;
    // mkdir returns the first folder that it had to create; all from there on are ours to give, the outermost last:
    // while it is root's, nobody can put anything else in the place of what is in it.
    for (let at = folder; ; at = path.dirname(at)) {
      fs.lchownSync(at, plan.user.uid, plan.user.gid);
      if (at === made) break;
    }
  }
  if (!plan.isDefault || !plan.folders.includes(plan.dataFolder)) return;
  const stats = fs.lstatSync(plan.dataFolder);
  // Only root can have put anything into a folder of root's, so nobody can make us give away a file of theirs.
  if (stats.isDirectory() && stats.uid === 0 && (stats.mode & 0o022) === 0)
    giveAway(plan.dataFolder, plan.user);
}

function make(folder: string): string | undefined {
  try {
    return makeFolder(folder);
  } catch (error) {
    throw fault('folder-not-made', { folder, reason: reasonOf(error) }, error);
  }
}

/** What is inside first: as long as the folder is root's, nobody can exchange it. */
export function giveAway(file: string, user: { uid: number; gid: number }): void {
  if (fs.lstatSync(file).isDirectory()) {
    for (const name of fs.readdirSync(file)) giveAway(path.join(file, name), user);
  }
  fs.lchownSync(file, user.uid, user.gid);
}

/** Missing from the type declarations of Node. */
interface Initgroups {
  initgroups?(user: string, extraGroup: number): void;
}

function become(plan: DropPlan): void {
  const { user } = plan;
  const { initgroups, setgroups, setgid, setuid } = process as typeof process & Initgroups;
  if (!initgroups || !setgroups || !setgid || !setuid) throw fault('user-not-changeable');
  // Groups first, user last: afterwards the right to change the others is gone.
  if (user.name === '') setgroups.call(process, [user.gid]);
  else initgroups.call(process, user.name, user.gid);
  setgid.call(process, user.gid);
  setuid.call(process, user.uid);
  const isStillRoot =
    process.getuid?.() === 0 || process.geteuid?.() === 0 || process.getegid?.() === 0 || mayReturn(setuid);
  if (isStillRoot) throw fault('user-still-root', { user: shownUser(user) });

  const home = user.home !== '' && statOf(user.home)?.isDirectory() ? user.home : plan.dataFolder;
  process.env.HOME = home;
  if (user.name !== '') {
    process.env.USER = user.name;
    process.env.LOGNAME = user.name;
  }
  // These point into root's home when they are set at all.
  for (const name of ['DATA', 'CONFIG', 'CACHE', 'STATE']) delete process.env[`XDG_${name}_HOME`];
  delete process.env.XDG_RUNTIME_DIR;
}

function mayReturn(setuid: (id: number) => void): boolean {
  try {
    setuid.call(process, 0);
    return true;
  } catch {
    return false;
  }
}

/** Throws unless this process may read the file, if there is one; the hint is what root types to allow it. */
function requireReadable(file: string, user: SystemUser): void {
  requirePassable(file, user);
  if (!fs.existsSync(file) || hasAccess(file, fs.constants.R_OK)) return;
  const word = shellWord(file);
  throw refusal('user-may-not-read', { file, user: shownUser(user), group: user.gid, word });
}

/** Throws unless this process may make files in `folder`; the hint is what root types to allow it. */
function requireWritable(folder: string, user: SystemUser): void {
  requirePassable(folder, user);
  if (hasAccess(folder, fs.constants.W_OK | fs.constants.X_OK | fs.constants.R_OK)) return;
  throw refusal('user-may-not-write', {
    folder,
    user: shownUser(user),
    owner: user.name === '' ? `${user.uid}:${user.gid}` : `${user.name}:`,
    word: shellWord(folder),
  });
}

function requirePassable(folder: string, user: SystemUser): void {
  const closed = ancestors(folder).find((parent) => !hasAccess(parent, fs.constants.X_OK));
  if (closed !== undefined) {
    const why = whyNoFolder(closed);
    if (why !== undefined) {
      throw fault('path-unusable', {
        path: folder,
        reason: reason('path-reason', { path: closed, problem: why }),
      });
    }
    throw refusal('user-may-not-pass', {
      folder,
      user: shownUser(user),
      closed,
      word: shellWord(closed),
      other: rootDataFolder,
    });
  }
}

/** Why nobody at all can pass through it; undefined: it is a folder, or that is unknown. */
function whyNoFolder(file: string): Reason | string | undefined {
  try {
    const stats = fs.statSync(file);
    return stats.isDirectory() ? undefined : reason('folder-is-other', { what: nameOf(stats) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ELOOP' || code === 'ENOTDIR' ? reasonOf(error) : undefined;
  }
}

/** The folders above, outermost first. */
function ancestors(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [] : [...ancestors(parent), parent];
}

function hasAccess(file: string, mode: number): boolean {
  try {
    fs.accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

function shownUser(user: SystemUser): string {
  return user.name === '' ? `user ${user.uid}` : `${user.name} (user ${user.uid})`;
}

/** For lines to type: quoted where a shell needs it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** For commands that are shown: the name, or the number where there is none. */
export function currentUserName(): string {
  return process.env.USER || String(process.geteuid?.() ?? '');
}

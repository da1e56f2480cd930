// Where root writes, and reads what it puts into files for others: only by a way that nobody else could have bent. Each
// folder of a path is opened from the one above it and held, so that a link that somebody puts there later changes
// nothing; a link that an ordinary user may have put there is refused. Other users go where the system lets them: for
// them a path is a path.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { reason } from '../../core/errors/reason.js';
import { Refusal, refusal } from '../../core/errors.js';
import { actAsNow, ownerToActAs } from './acting-user.js';
import { type OpenedFile, type OpenOptions, openRegular, UnusableFile } from './regular-file.js';

/** A file or folder in a folder that is held. */
export interface GuardedPlace {
  /** The same file, for calls of this process and of those that it starts until `release`. */
  place: string;
  /** An ordinary user may exchange something on the way to it. */
  isForeign: boolean;
  release(): void;
}

export interface GuardOptions {
  /** A link of root's at the end leads on; without it, the link itself is meant (rename and unlink work on names). */
  followsLast?: boolean;
}

// Not among the constants of Node: a descriptor only for what is below it, which needs no right to read.
const O_PATH = 0o10000000;
const linksAtMost = 40;

/** Refusal `link-not-followed`; else what the system says. */
export function guardPath(file: string, options: GuardOptions = {}): GuardedPlace {
  const isHeld = file.startsWith(`/proc/${process.pid}/fd/`);
  if (isHeld || process.geteuid?.() !== 0) return { place: file, isForeign: false, release: () => {} };
  const way = new Way();
  try {
    return way.to(path.resolve(file), options.followsLast ?? false);
  } catch (error) {
    way.release();
    throw error;
  }
}

/** Calls `work` with a path for the time that it takes. */
export async function onGuardedPath<Result>(
  file: string,
  work: (place: string, isForeign: boolean) => Promise<Result>,
  options: GuardOptions = {},
): Promise<Result> {
  const guarded = guardPath(file, options);
  try {
    return await work(guarded.place, guarded.isForeign);
  } finally {
    guarded.release();
  }
}

/** The same for work that waits for nothing. */
export function onGuardedPathNow<Result>(
  file: string,
  work: (place: string) => Result,
  options: GuardOptions = {},
): Result {
  const guarded = guardPath(file, options);
  try {
    return work(guarded.place);
  } finally {
    guarded.release();
  }
}

/**
 * `openRegular` of a file whose content is given to others. Links that ordinary users may have put on the way lead root
 * only where the owner of the file's folder may go, too; refusal `link-not-followed` where that is nobody in particular.
 */
export function openGuarded(file: string, options: OpenOptions = {}): OpenedFile {
  try {
    return onGuardedPathNow(
      file,
      // What is at the end now is none of the links that were followed.
      (place) => openRegular(place, place === file ? options : { ...options, refusesLink: true }),
      { followsLast: !options.refusesLink },
    );
  } catch (error) {
    const owner = isRefusedLink(error) ? ownerToActAs(path.dirname(file)) : undefined;
    if (owner === undefined) throw error;
    return actAsNow(owner, () => openRegular(file, options));
  }
}

function isRefusedLink(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'link-not-followed';
}

/** Follows a path folder by folder. */
class Way {
  #descriptor: number | undefined;
  #stats: fs.Stats;
  /** For messages. */
  #shown: string = path.sep;
  #isForeign = false;
  #links = 0;

  constructor() {
    this.#stats = fs.lstatSync(path.sep);
    this.#descriptor = openRoot();
  }

  to(file: string, followsLast: boolean): GuardedPlace {
    const names = file.split(path.sep).filter((name) => name !== '');
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const isLast = names.length === 0;
      const place = this.#below(name);
      const stats = fs.lstatSync(place, { throwIfNoEntry: false });
      if (stats !== undefined && mayBeExchanged(this.#stats, stats)) this.#isForeign = true;
      if (stats?.isSymbolicLink() && (!isLast || followsLast)) {
        this.#requireTrusted(stats, name, place);
        this.#links += 1;
        if (this.#links > linksAtMost) throw looped(file);
        const target = fs.readlinkSync(place);
        const from = path.isAbsolute(target) ? path.sep : this.#shown;
        const next = path.resolve(from, target);
        this.#startOver();
        names.unshift(...next.split(path.sep).filter((part) => part !== ''));
      } else if (isLast) {
        return { place, isForeign: this.#isForeign, release: () => this.release() };
      } else {
        this.#enter(name, place);
      }
    }
    return { place: file, isForeign: this.#isForeign, release: () => this.release() };
  }

  release(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #below(name: string): string {
    if (this.#descriptor === undefined) return path.join(this.#shown, name);
    return `/proc/${process.pid}/fd/${this.#descriptor}/${name}`;
  }

  #enter(name: string, place: string): void {
    if (this.#descriptor === undefined) {
      this.#stats = fs.statSync(place);
    } else {
      const below = openFolder(place);
      this.release();
      this.#descriptor = below;
      this.#stats = fs.fstatSync(below);
    }
    this.#shown = path.join(this.#shown, name);
  }

  #startOver(): void {
    this.release();
    this.#shown = path.sep;
    this.#stats = fs.lstatSync(path.sep);
    this.#descriptor = openRoot();
  }

  #requireTrusted(link: fs.Stats, name: string, place: string): void {
    if (!mayBeExchanged(this.#stats, link)) return;
    const shown = path.join(this.#shown, name);
    const target = path.resolve(this.#shown, fs.readlinkSync(place));
    throw refusal('link-not-followed', { link: shown, who: whoMayExchange(this.#stats, link), target });
  }
}

/** Undefined where paths cannot begin at a descriptor: then what is found on the way is checked only. */
function openRoot(): number | undefined {
  return process.platform === 'linux' && fs.existsSync('/proc/self/fd') ? openFolder(path.sep) : undefined;
}

/** Throws like `open` of the file; a link here was put there just now, and is none of ours to follow. */
function openFolder(place: string): number {
  const { O_DIRECTORY, O_NOFOLLOW } = fs.constants;
  return fs.openSync(place, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

/** Whether somebody else than root could put something in the place of what has a name in this folder. */
function mayBeExchanged(folder: fs.Stats, entry: fs.Stats): boolean {
  if (folder.uid !== 0) return true;
  const isOthers = (folder.mode & 0o002) !== 0 || ((folder.mode & 0o020) !== 0 && folder.gid !== 0);
  const isSticky = (folder.mode & 0o1000) !== 0;
  return isOthers && !(isSticky && entry.uid === 0);
}

/** In words; not root. */
function whoMayExchange(folder: fs.Stats, entry: fs.Stats): string {
  if (folder.uid !== 0) return `user ${folder.uid}`;
  if (entry.uid !== 0) return `user ${entry.uid}`;
  return (folder.mode & 0o002) !== 0 ? 'every user' : `group ${folder.gid}`;
}

function looped(file: string): Error {
  const error = new UnusableFile(reason('links-in-circle'));
  return Object.assign(error, { code: 'ELOOP', syscall: 'open', path: file });
}

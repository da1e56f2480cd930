// Work in a folder that belongs to an ordinary user, by a command that root started: done as that user. Whatever links
// that user may have put there, they lead nowhere where that user may not go without root's help.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { statsOf } from './stats.js';

export interface ActingAs {
  uid: number;
  gid: number;
}

/** Reads something as who this process is. Only what is done before it returns. */
export type AsSelf = <Result>(read: () => Result) => Result;

/**
 * Whose rights work in this folder needs, when root does it: those of the owner, or of the owner of the folder above
 * it in which it would be made. Undefined: this process's own will do.
 */
export function ownerToActAs(folder: string): ActingAs | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    // The link itself counts: its owner decides where it leads.
    const stats = statsOf(at, fs.lstatSync);
    const target = stats?.isSymbolicLink() ? statsOf(at) : stats;
    for (const found of [stats, target]) {
      if (found && found.uid !== 0 && mayReach(found.uid, path.dirname(at)))
        return { uid: found.uid, gid: found.gid };
    }
    if (stats || path.dirname(at) === at) return undefined;
  }
}

/** Whether the user can get there at all. Who cannot puts no links there either. */
function mayReach(uid: number, folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    const stats = statsOf(at);
    if (stats && stats.uid !== uid && (stats.mode & 0o011) === 0) return false;
    if (path.dirname(at) === at) return true;
  }
}

/** Runs `work` with the rights of `user` only; `asSelf` gives the others back for a moment. Undefined: as it is. */
export async function actAs<Result>(
  user: ActingAs | undefined,
  work: (asSelf: AsSelf) => Promise<Result>,
): Promise<Result> {
  if (user === undefined || isActing()) return work((read) => read());
  const back = become(user);
  try {
    return await work((read) => {
      back();
      try {
        return read();
      } finally {
        become(user);
      }
    });
  } finally {
    back();
  }
}

/** The same for work that waits for nothing. */
export function actAsNow<Result>(user: ActingAs | undefined, work: () => Result): Result {
  if (user === undefined || isActing()) return work();
  const back = become(user);
  try {
    return work();
  } finally {
    back();
  }
}

/** Within work as somebody there is nobody else to become. */
function isActing(): boolean {
  return process.geteuid?.() !== 0;
}

/** Takes the rights of this user; answers with how to have one's own again. */
function become({ uid, gid }: ActingAs): () => void {
  const { getgroups, setgroups, setegid, seteuid } = process as Required<typeof process>;
  const ownGroups = getgroups.call(process);
  // The user last: afterwards the right to change the others is gone, and the other way round.
  setgroups.call(process, [gid]);
  setegid.call(process, gid);
  seteuid.call(process, uid);
  return () => {
    seteuid.call(process, 0);
    setegid.call(process, 0);
    setgroups.call(process, ownGroups);
  };
}

// Archived session files: finds them, and selects those that a rule wants deleted (cli.md §6, purge-sessions). The
// caller deletes; files without `.archived` are never selected.
import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { refusal } from '../../core/errors.js';
import { reasonOf } from '../files/regular-file.js';

/** `ID[_rN][ (K)].session|dprec|thumbnail[.archived]`. The original overlooks the names with ` (K)`. */
const namePattern = /^([^._ ]+)(?:_r\d+)?(?: \(\d+\))?\.(session|dprec|thumbnail)(\.archived)?$/;

export interface SessionFile {
  path: string;
  isArchived: boolean;
  kind: 'session' | 'dprec' | 'thumbnail';
  sizeBytes: number;
  /** Last change, milliseconds since 1970. */
  changedAt: number;
}

/** The files of one session in one folder. */
export interface SessionGroup {
  id: string;
  folder: string;
  files: SessionFile[];
  /** All of its files are archived: the session has ended. */
  isEnded: boolean;
  sizeBytes: number;
  archivedBytes: number;
  /** Change of its newest file. */
  changedAt: number;
}

/** Finds session files in folders and all folders below. A Refusal for a folder that is not there. */
export async function findSessionFiles(folders: readonly string[]): Promise<SessionGroup[]> {
  const groups = new Map<string, SessionGroup>();
  for (const folder of folders) await search(folder, groups, true);
  for (const group of groups.values()) {
    group.files.sort((a, b) => a.changedAt - b.changedAt || (a.path < b.path ? -1 : 1));
    group.isEnded = group.files.every(({ isArchived }) => isArchived);
    group.sizeBytes = total(group.files);
    group.archivedBytes = total(group.files.filter(({ isArchived }) => isArchived));
    group.changedAt = group.files.at(-1)?.changedAt ?? 0;
  }
  return [...groups.values()].sort((a, b) => a.changedAt - b.changedAt || (a.id < b.id ? -1 : 1));
}

async function search(folder: string, groups: Map<string, SessionGroup>, isNamed: boolean): Promise<void> {
  let entries: import('node:fs').Dirent[];
  try {
    entries = await fs.readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder below may have gone meanwhile.
    if (code === 'ENOENT' && !isNamed) return;
    if (code === 'ENOENT') throw refusal('sessions-folder-not-found', { folder });
    throw refusal('sessions-folder-unreadable', { folder, reason: reasonOf(error) });
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await search(path, groups, false);
      continue;
    }
    const [, id, kind, archived] = namePattern.exec(entry.name) ?? [];
    if (!entry.isFile() || id === undefined) continue;
    let stat: Stats;
    try {
      stat = await fs.stat(path);
    } catch {
      continue;
    }
    const key = join(folder, id);
    let group = groups.get(key);
    if (!group) {
      group = { id, folder, files: [], isEnded: false, sizeBytes: 0, archivedBytes: 0, changedAt: 0 };
      groups.set(key, group);
    }
    group.files.push({
      path,
      isArchived: archived !== undefined,
      kind: kind as SessionFile['kind'],
      sizeBytes: stat.size,
      changedAt: stat.mtimeMs,
    });
  }
}

const total = (files: readonly SessionFile[]): number =>
  files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

export type PruneRule =
  /** Limits the total size of session files, live ones included. */
  | { kind: 'size'; bytes: number; by: 'session' | 'file' }
  /** Deletes archives that were last changed before this time. */
  | { kind: 'age'; before: number; by: 'session' | 'file' }
  /** Keeps so many archived files of a live session. */
  | { kind: 'count'; files: number };

export interface PrunePlan {
  /** In the order of deletion. */
  files: SessionFile[];
  /** Bytes above the limit that remain, because the rest is in use. */
  excessBytes: number;
}

/** What a rule deletes. `groups` as `findSessionFiles` gives them: oldest first. */
export function planPrune(groups: readonly SessionGroup[], rule: PruneRule): PrunePlan {
  if (rule.kind === 'count') {
    const files = groups
      .filter(({ isEnded }) => !isEnded)
      .flatMap((group) => {
        const archived = archivedOf(group);
        return archived.slice(0, Math.max(0, archived.length - rule.files));
      });
    return { files, excessBytes: 0 };
  }
  const units = unitsOf(groups, rule.by);
  if (rule.kind === 'age') {
    const old = units.filter((unit) => newest(unit) < rule.before);
    return { files: old.flat(), excessBytes: 0 };
  }
  let sizeBytes = groups.reduce((sum, group) => sum + group.sizeBytes, 0);
  const files: SessionFile[] = [];
  for (const unit of units) {
    if (sizeBytes <= rule.bytes) break;
    files.push(...unit);
    sizeBytes -= total(unit);
  }
  return { files, excessBytes: Math.max(0, sizeBytes - rule.bytes) };
}

/** Nothing happened in between for so long: rather than that, the clock jumped ahead. */
const unlikelyPauseMs = 180 * 86_400_000;
/** What happened for so long after it shows that the clock is right. */
const provenMs = 7 * 86_400_000;

/**
 * The time by which files are old, milliseconds since 1970: `now`, unless by that nothing was changed for very long
 * before the last few days. A wrong clock must not make all archives old; then it is shortly after the change before.
 */
export function timeForAges(groups: readonly SessionGroup[], now: number): number {
  const times = groups.flatMap(({ files }) => files.map(({ changedAt }) => changedAt));
  let since = now;
  for (const time of times.filter((time) => time <= now).sort((a, b) => b - a)) {
    if (now - since >= provenMs) return now;
    if (since - time > unlikelyPauseMs) return time + provenMs;
    since = time;
  }
  return now;
}

/** What is deleted together, in the order of deleting: ended sessions first and completely, or file by file. */
function unitsOf(groups: readonly SessionGroup[], by: 'session' | 'file'): SessionFile[][] {
  const oldestFirst = (files: SessionFile[]): SessionFile[][] =>
    files.sort((a, b) => a.changedAt - b.changedAt || (a.path < b.path ? -1 : 1)).map((file) => [file]);
  if (by === 'file') return oldestFirst(groups.flatMap(archivedOf));
  const ended = groups.filter(({ isEnded }) => isEnded).map(({ files }) => [...files]);
  const ofLive = groups.filter(({ isEnded }) => !isEnded).flatMap(archivedOf);
  return [...ended, ...oldestFirst(ofLive)];
}

const archivedOf = ({ files }: SessionGroup): SessionFile[] => files.filter(({ isArchived }) => isArchived);
const newest = (files: readonly SessionFile[]): number =>
  Math.max(...files.map(({ changedAt }) => changedAt));

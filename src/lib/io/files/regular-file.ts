// How every adapter opens, reads and creates files by path: regular files only, never waiting for a FIFO or a device,
// never more bytes than the format may have, and never readable by everybody. The folders around them are folders.ts.

import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Reason, reason } from '../../core/errors/reason.js';
import { type Fault, fault } from '../../core/errors.js';

/** Modes of what is created; the umask of the process can only take rights of others away. */
export const fileModes = {
  /** Passwords, keys, addresses: the server's user only. */
  secret: 0o600,
  /** Drawings and what belongs to them: the group may read them, for backups. */
  work: 0o640,
  /** Certificates and web pages. */
  public: 0o644,
} as const;

/** The most that a file of its kind may have, in bytes. Histories and recordings are read in pieces: no limit. */
export const sizeLimits = {
  settings: 16 * 1024 * 1024,
  /** `serve.env`, `servers.ini`, unit files, start scripts. */
  startOptions: 1024 * 1024,
  /** Certificates with their chain, and keys. */
  pem: 1024 * 1024,
  /** Journals of sessions: lines that were added over years. */
  journal: 256 * 1024 * 1024,
  thumbnail: 16 * 1024 * 1024,
  /** Templates are kept in memory while a session is made of them. */
  template: 1024 * 1024 * 1024,
  webPage: 64 * 1024 * 1024,
  exchange: 64 * 1024 * 1024,
} as const;

/** The path names something that is not read: not a regular file, larger than its kind may be, no text. */
export class UnusableFile extends Error {
  override name = 'UnusableFile';
  /** With what to do about it, when there is something better than another path. */
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.text);
    this.reason = reason;
  }
}

export interface OpenedFile {
  /** The caller closes it. */
  descriptor: number;
  stats: fs.Stats;
}

// Missing on Windows, which has no FIFOs in its file systems either.
const { O_NONBLOCK = 0, O_NOCTTY = 0, O_NOFOLLOW = 0 } = fs.constants as Partial<typeof fs.constants>;
const access = { read: fs.constants.O_RDONLY, write: fs.constants.O_RDWR } as const;

export interface OpenOptions {
  /** `write` is for reading too. */
  access?: keyof typeof access;
  /** A symbolic link at the end of the path is an error (ELOOP): for folders that others may write to. */
  refusesLink?: boolean;
}

/** Opens a file that is there. Throws UnusableFile, or what the system says. */
export function openRegular(path: string, options: OpenOptions = {}): OpenedFile {
  // Before it is opened: opening alone makes some devices do something.
  requireRegular(options.refusesLink ? fs.lstatSync(path) : fs.statSync(path), options.refusesLink);
  const descriptor = fs.openSync(path, flagsOf(options));
  try {
    const stats = fs.fstatSync(descriptor);
    requireRegular(stats);
    return { descriptor, stats };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/** The same off the event loop. */
export async function openRegularAsync(
  path: string,
  options: OpenOptions = {},
): Promise<{ handle: FileHandle; stats: fs.Stats }> {
  requireRegular(
    options.refusesLink ? await fs.promises.lstat(path) : await fs.promises.stat(path),
    options.refusesLink,
  );
  const handle = await fs.promises.open(path, flagsOf(options));
  try {
    const stats = await handle.stat();
    requireRegular(stats);
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** All bytes of a file and what it was then. Throws UnusableFile, also when it is longer, or what the system says. */
export function readRegular(
  path: string,
  bytesAtMost: number,
  options: OpenOptions = {},
): { bytes: Buffer; stats: fs.Stats } {
  return readOpened(openRegular(path, options), bytesAtMost);
}

/** The same of a file that is open; closes it. */
export function readOpened(
  { descriptor, stats }: OpenedFile,
  bytesAtMost: number,
): { bytes: Buffer; stats: fs.Stats } {
  try {
    requireSize(stats.size, bytesAtMost);
    const pieces: Buffer[] = [];
    let length = 0;
    // Not as many as the size says: it may grow, and files of the kernel say 0.
    for (;;) {
      const piece = Buffer.allocUnsafe(Math.min(Math.max(stats.size - length + 1, 4096), bytesAtMost + 1));
      const count = fs.readSync(descriptor, piece, 0, piece.length, null);
      if (count === 0) break;
      length += count;
      requireSize(length, bytesAtMost);
      pieces.push(piece.subarray(0, count));
    }
    return { bytes: joined(pieces, length), stats };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The same off the event loop. */
export async function readRegularAsync(
  path: string,
  bytesAtMost: number,
  options: OpenOptions = {},
): Promise<{ bytes: Buffer; stats: fs.Stats }> {
  const { handle, stats } = await openRegularAsync(path, options);
  try {
    requireSize(stats.size, bytesAtMost);
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(Math.min(Math.max(stats.size - length + 1, 4096), bytesAtMost + 1));
      const { bytesRead } = await handle.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
      requireSize(length, bytesAtMost);
      pieces.push(piece.subarray(0, bytesRead));
    }
    return { bytes: joined(pieces, length), stats };
  } finally {
    await handle.close();
  }
}

/** Creates a file that must not be there yet, nor a link of its name; answers with the descriptor. */
export function createRegular(path: string, mode: number): number {
  const { O_RDWR, O_CREAT, O_EXCL } = fs.constants;
  const descriptor = fs.openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  const stats = fs.fstatSync(descriptor);
  // A umask that takes away the owner's own rights would shut us out when we open it again.
  if ((stats.mode & 0o600) !== 0o600) fs.fchmodSync(descriptor, (stats.mode & 0o777) | 0o600);
  return descriptor;
}

/** Creates an empty file of this mode unless there is something of that name: for libraries that open by path. */
export function ensureRegular(path: string, mode: number): void {
  try {
    fs.closeSync(createRegular(path, mode));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    requireRegular(fs.statSync(path));
  }
}

/** Throws UnusableFile when the path names something else than a regular file; missing is fine: undefined. */
export function statRegular(path: string): fs.Stats | undefined {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (stats) requireRegular(stats);
  return stats;
}

/** What the system or this file says, for an error: "permission denied", without code and call. */
export function reasonOf(error: unknown): Reason | string {
  if (error instanceof UnusableFile) return error.reason;
  const { message, code } = error as NodeJS.ErrnoException;
  if (code === 'ELOOP') return reason('links-in-circle');
  if (code === 'ENOTDIR' && 'syscall' in (error as Error)) return reason('path-through-file');
  if (code === 'EACCES') return reason('permission-denied');
  return /^[A-Z][A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

/** The same as a text, for the end of a sentence. */
export function plainReason(error: unknown): string {
  return String(reasonOf(error));
}

const fullReasons: Readonly<Record<string, Reason>> = {
  ENOSPC: reason('disk-is-full'),
  EDQUOT: reason('quota-used-up'),
};

/** Why nothing more can be written; undefined: it is another error. */
export function whyFull(error: unknown): Reason | undefined {
  return fullReasons[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];
}

/** The Fault for a full disk; undefined: it is another error. */
export function diskFull(file: string, error: unknown): Fault | undefined {
  const why = whyFull(error);
  return why === undefined ? undefined : fault('disk-full', { file, reason: why }, error);
}

function flagsOf(options: OpenOptions): number {
  const flags = access[options.access ?? 'read'] | O_NONBLOCK | O_NOCTTY;
  return options.refusesLink ? flags | O_NOFOLLOW : flags;
}

function requireSize(bytes: number, bytesAtMost: number): void {
  if (bytes > bytesAtMost) throw new UnusableFile(reason('file-too-large', { bytes: bytesAtMost }));
}

function requireRegular(stats: fs.Stats, refusesLink = false): void {
  if (stats.isFile()) return;
  throw new UnusableFile(reason('file-is-other', { what: nameOf(stats, refusesLink) }));
}

/** What something is, for a sentence: "a named pipe (FIFO)". */
export function nameOf(stats: fs.Stats, refusesLink: boolean = false): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe (FIFO)';
  if (stats.isSocket()) return 'a socket';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
  if (stats.isFile()) return 'a file';
  return refusesLink && stats.isSymbolicLink() ? 'a symbolic link' : 'something else';
}

/** One buffer of all pieces, which is not copied where there is only one. */
function joined(pieces: readonly Buffer[], length: number): Buffer {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, length);
}

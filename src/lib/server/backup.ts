// Backups: one file with everything that a server stores, made while the server runs, verified anywhere, restored
// elsewhere. A .tar.gz that any tool opens, with the checksum of each file in backup.json at its end.

import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { reason } from '../core/errors/reason.js';
import { Fault, fault, Refusal, refusal } from '../core/errors.js';
import { type CheckedSession, checkSessionFolder } from '../io/disk/session-check.js';
import { type CopySource, plain, sessionSources } from '../io/disk/session-copy.js';
import { readTar, TarWriter } from '../io/disk/tar.js';
import { folderModes, makeFolder } from '../io/files/folders.js';
import { onGuardedPath } from '../io/files/guarded-path.js';
import {
  createRegular,
  diskFull,
  fileModes,
  nameOf,
  openRegularAsync,
  readRegular,
  reasonOf,
  sizeLimits,
  statRegular,
  UnusableFile,
} from '../io/files/regular-file.js';
import { readKeyPair } from '../io/net/certificates.js';
import { ConfigDatabase } from '../io/sqlite/config-database.js';
import { copyDatabase, findDatabaseDamage } from '../io/sqlite/copy-database.js';
import { systemClock } from '../io/system/clock.js';
import { dataFiles } from '../io/system/data-folder.js';
import { version } from '../io/system/version.js';
import { certificateNames, configName, databaseName, replaceData, startupName } from './replace-data.js';

/** Where a server keeps what; what is undefined it does not keep. */
export interface DataPlaces {
  database?: string | undefined;
  config?: string | undefined;
  sessions?: string | undefined;
  templates?: string | undefined;
  /** Start options that `dp init` wrote. */
  startup?: string | undefined;
  /** The data folder, where certificates, keys and the account at an authority are. */
  certificates?: string | undefined;
}

interface ManifestFile {
  name: string;
  sizeBytes: number;
  sha256: string;
}

interface Manifest {
  format: 1;
  program: string;
  /** ISO 8601, UTC. */
  made: string;
  files: ManifestFile[];
}

export interface BackupSummary {
  file: string;
  sizeBytes: number;
  program: string;
  made: string;
  fileCount: number;
  hasSettings: 'database' | 'file' | 'none';
  accounts: number;
  /** Names of the certificate that clients know; empty: there is none that can be used. */
  certificateNames: readonly string[];
  sessions: readonly CheckedSession[];
  problems: readonly string[];
}

const manifestName = 'backup.json';
/** Of `dp cert create` and of `--acme`. What the server set aside as damaged is not among them. */
const certificateFiles = [
  'cert.pem',
  'key.pem',
  ...['certificate.pem', 'account.json', 'state.json'].map((name) => `acme/${name}`),
];

/** What there is in a data folder. */
export function placesIn(folder: string): DataPlaces {
  const files = dataFiles(folder);
  const ifThere = (file: string) => (fs.existsSync(file) ? file : undefined);
  return {
    database: ifThere(files.database),
    sessions: ifThere(files.sessions),
    templates: ifThere(files.templates),
    startup: ifThere(files.startup),
    certificates: certificateNames.some((name) => fs.existsSync(path.join(folder, name)))
      ? folder
      : undefined,
  };
}

/** Writes the backup completely or not at all. Refusal `notFound` when there is nothing, `conflict` when `to` is there. */
export async function createBackup(
  places: DataPlaces,
  to: string,
  options: { archived: boolean; isForced: boolean },
): Promise<{ files: number; sessions: number; sizeBytes: number }> {
  if (Object.values(places).every((place) => place === undefined)) {
    throw refusal('backup-without-data');
  }
  for (const place of Object.values(places)) {
    if (place !== undefined && !fs.existsSync(place)) throw refusal('file-not-found', { file: place });
  }
  if (fs.existsSync(to) && !options.isForced) {
    throw refusal('file-exists', { file: to });
  }
  try {
    statRegular(to);
  } catch (cause) {
    if (!(cause instanceof UnusableFile)) throw cause;
    throw refusal('file-not-replaceable', { file: to, reason: cause.reason });
  }
  try {
    return await onGuardedPath(to, async (place, isForeign) => {
      const part = `${place}.part`;
      // In a folder whose owner can exchange it, no copy of the database is made by its path.
      const scratch = scratchIn(isForeign ? os.tmpdir() : path.dirname(place));
      try {
        fs.rmSync(part, { force: true });
        const made = await writeArchive(part, itemsOf(places, scratch, options.archived));
        fs.renameSync(part, place);
        return { ...made, sizeBytes: fs.lstatSync(place).size };
      } finally {
        fs.rmSync(part, { force: true });
        fs.rmSync(scratch, { recursive: true, force: true });
      }
    });
  } catch (error) {
    if (error instanceof Refusal || error instanceof Fault) throw error;
    const folder = path.dirname(path.resolve(to));
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing
      ? reason('folder-not-there', { folder })
      : reason('path-reason', { path: folder, problem: reasonOf(error) });
    throw fault('backup-not-written', { file: to, reason: why }, error);
  }
}

function scratchIn(folder: string): string {
  return fs.mkdtempSync(path.join(folder, '.dp-backup-'));
}

async function* itemsOf(places: DataPlaces, scratch: string, archived: boolean): AsyncGenerator<CopySource> {
  if (places.database !== undefined) {
    const copy = path.join(scratch, databaseName);
    await copyDatabase(places.database, copy);
    yield* plain(scratch, databaseName);
    fs.rmSync(copy);
  }
  const { config, startup } = places;
  if (config !== undefined) {
    const [source] = plain(path.dirname(config), path.basename(config));
    if (source === undefined) {
      const what = nameOf(fs.lstatSync(config), true);
      throw refusal('file-unusable', { file: config, reason: reason('file-is-other', { what }) });
    }
    yield { ...source, name: configName };
  }
  if (startup !== undefined)
    yield* renamed(plain(path.dirname(startup), path.basename(startup)), () => startupName);
  if (places.certificates !== undefined) {
    for (const name of certificateFiles) yield* plain(places.certificates, name);
  }
  if (places.sessions !== undefined) {
    yield* renamed(sessionSources(places.sessions, archived), (name) => `sessions/${name}`);
  }
  if (places.templates !== undefined) {
    for (const name of fs.readdirSync(places.templates).sort()) {
      yield* renamed(plain(places.templates, name), () => `templates/${name}`);
    }
  }
}

function* renamed(sources: Iterable<CopySource>, rename: (name: string) => string): Generator<CopySource> {
  for (const source of sources) yield { ...source, name: rename(source.name) };
}

async function writeArchive(
  file: string,
  items: AsyncIterable<CopySource>,
): Promise<{ files: number; sessions: number }> {
  // It holds password hashes: nobody else may read it, from the first byte on.
  const descriptor = createRegular(file, fileModes.secret);
  const output = fs.createWriteStream(file, { fd: descriptor, flush: true });
  const tar = new TarWriter();
  const done = pipeline(tar.pieces, createGzip({ level: 6 }), output);
  // Either side may fail and then ends the other: a full disk the pipeline, a file that cannot be read the items. `done`
  // fails with what came first.
  done.catch(() => {});
  const files = await addAll(tar, items).catch(async (error: Error) => {
    tar.abort(error);
    await done;
    throw error;
  });
  await done;
  return { files: files.length, sessions: files.filter(({ name }) => isJournal.test(name)).length };
}

const isJournal = /^sessions\/[^/]+\.session$/;

/** All items and the list of them. */
async function addAll(tar: TarWriter, items: AsyncIterable<CopySource>): Promise<readonly ManifestFile[]> {
  const manifest: Manifest = {
    format: 1,
    program: `dp ${version}`,
    made: new Date(systemClock.now()).toISOString(),
    files: [],
  };
  for await (const { name, sizeBytes, modified, pieces } of items) {
    const hash = createHash('sha256');
    const content = function* () {
      for (const piece of pieces()) {
        hash.update(piece);
        yield piece;
      }
    };
    await tar.add(name, sizeBytes, modified, content());
    manifest.files.push({ name, sizeBytes, sha256: hash.digest('hex') });
  }
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  await tar.add(manifestName, text.length, systemClock.now(), [text]);
  tar.end();
  return manifest.files;
}

/** Unpacks the backup beside everything else, checks all of it, and reports. Problems are in the summary. */
export async function verifyBackup(file: string): Promise<BackupSummary> {
  const opened = await openBackup(file);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-verify-'));
  try {
    return await unpackAndCheck(file, opened, scratch);
  } finally {
    await opened.handle.close();
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Puts a backup into a data folder. Refusal `conflict` when something is there (with `isForced` it is set aside) or
 * a server works with it, `problems` when the backup is not intact; then nothing is changed.
 */
export async function restoreBackup(
  file: string,
  folder: string,
  options: { isForced: boolean },
): Promise<BackupSummary & { setAside: string | undefined }> {
  // Root may read it; whose rights the rest is done with may not.
  const opened = await openBackup(file);
  const { result, setAside } = await replaceData(folder, options.isForced, async (scratch) => {
    const summary = await unpackAndCheck(file, opened, scratch);
    if (summary.problems.length > 0) {
      throw refusal('backup-damaged', { problem: String(summary.problems[0]), file });
    }
    fs.rmSync(path.join(scratch, manifestName));
    return summary;
  }).finally(() => opened.handle.close());
  return { ...result, setAside };
}

type OpenedBackup = Awaited<ReturnType<typeof openRegularAsync>>;

async function unpackAndCheck(file: string, opened: OpenedBackup, scratch: string): Promise<BackupSummary> {
  const { manifest, problems } = await unpack(opened.handle, scratch);
  const database = path.join(scratch, databaseName);
  const hasDatabase = fs.existsSync(database);
  const damage = hasDatabase ? findDatabaseDamage(database) : [];
  for (const text of damage) problems.push(`${databaseName}: ${text}`);
  const folder = path.join(scratch, 'sessions');
  const sessions = fs.existsSync(folder) ? checkSessionFolder(folder).sessions : [];
  return {
    file,
    sizeBytes: opened.stats.size,
    program: manifest?.program ?? '',
    made: manifest?.made ?? '',
    fileCount: manifest?.files.length ?? 0,
    hasSettings: hasDatabase ? 'database' : fs.existsSync(path.join(scratch, configName)) ? 'file' : 'none',
    accounts: hasDatabase && damage.length === 0 ? await countAccounts(database) : 0,
    certificateNames: certifiedNamesIn(scratch),
    sessions,
    problems,
  };
}

/** A certificate that cannot be used is no reason to refuse a backup: the server orders another one. */
function certifiedNamesIn(folder: string): readonly string[] {
  const read = (...names: string[]) =>
    readKeyPair(
      names
        .map((name) => readRegular(path.join(folder, name), sizeLimits.pem).bytes.toString('utf8'))
        .join('\n'),
    ).facts.names;
  for (const names of [['acme/certificate.pem'], ['key.pem', 'cert.pem']]) {
    try {
      return read(...names);
    } catch {
      // the next one
    }
  }
  return [];
}

async function countAccounts(file: string): Promise<number> {
  const database = await ConfigDatabase.open(file, { role: 'command' });
  try {
    return database.accounts.all().length;
  } finally {
    database.close();
  }
}

async function unpack(
  handle: FileHandle,
  folder: string,
): Promise<{ manifest: Manifest | undefined; problems: string[] }> {
  const problems: string[] = [];
  const found = new Map<string, ManifestFile>();
  const input = handle.createReadStream();
  const gunzip = createGunzip();
  const piped = pipeline(input, gunzip);
  piped.catch(() => {});
  try {
    for await (const { name, content } of readTar(gunzip as AsyncIterable<Buffer>)) {
      const target = path.join(folder, name);
      makeFolder(path.dirname(target), isSecret(name) ? folderModes.private : folderModes.work);
      const hash = createHash('sha256');
      let sizeBytes = 0;
      const output = createRegular(target, modeOf(name));
      try {
        for await (const piece of content) {
          hash.update(piece);
          sizeBytes += piece.length;
          fs.writeSync(output, piece);
        }
        fs.fsyncSync(output);
      } finally {
        fs.closeSync(output);
      }
      found.set(name, { name, sizeBytes, sha256: hash.digest('hex') });
    }
  } catch (error) {
    const full = diskFull(folder, error);
    if (full) throw full;
    problems.push(
      error instanceof Refusal ? error.message : `the file is damaged: ${(error as Error).message}`,
    );
  } finally {
    input.destroy();
  }
  const manifest = readManifest(path.join(folder, manifestName));
  if (manifest === undefined)
    problems.push('the list of contents is missing: not a backup of dp, or truncated');
  for (const { name, sha256 } of manifest?.files ?? []) {
    const there = found.get(name);
    if (there === undefined) problems.push(`${name} is missing`);
    else if (there.sha256 !== sha256) problems.push(`${name} does not match its checksum`);
  }
  return { manifest, problems };
}

function modeOf(name: string): number {
  if (name === 'cert.pem') return fileModes.public;
  return isSecret(name) ? fileModes.secret : fileModes.work;
}

/** What a backup keeps of sessions and templates is people's work; all else holds secrets. */
function isSecret(name: string): boolean {
  return !/^(?:sessions|templates)\//.test(name);
}

async function openBackup(file: string): Promise<OpenedBackup> {
  try {
    return await openRegularAsync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw refusal('file-not-found', { file });
    const reason = reasonOf(cause);
    if (cause instanceof UnusableFile) throw refusal('backup-unusable', { file, reason });
    throw fault('backup-unreadable', { file, reason }, cause);
  }
}

function readManifest(file: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(readRegular(file, sizeLimits.exchange).bytes.toString('utf8')) as Manifest;
    return manifest.format === 1 && Array.isArray(manifest.files) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

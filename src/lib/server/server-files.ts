// The files of a server that people look at: archives of its sessions, its recordings and templates, and backups of its
// data (admin/files.ts).

import * as path from 'node:path';
import type {
  AddedTemplate,
  CheckedBackup,
  FileKind,
  FileReference,
  ServerFiles,
  StoredFile,
} from '../admin/file-shapes.js';
import { fault, refusal } from '../core/errors.js';
import { type Template, TemplateReader } from '../core/recording/template.js';
import { readJournal } from '../core/session/journal-reading.js';
import type { SavedSession } from '../core/session/saved.js';
import { isValidAlias } from '../core/session/session-id.js';
import { findSessionFiles, type SessionFile, type SessionGroup } from '../io/disk/archives.js';
import { recordingsFolder } from '../io/disk/recorder.js';
import { openRecording } from '../io/disk/recording-file.js';
import { deleteFiles, findFiles, pathOfFile, readPart } from '../io/disk/stored-files.js';
import { type TemplateFolder, templateSaved } from '../io/disk/template-folder.js';
import { folderModes, makeFolder } from '../io/files/folders.js';
import { diskFull, fileModes, readRegularAsync, reasonOf, sizeLimits } from '../io/files/regular-file.js';
import { replaceFile } from '../io/files/replace-file.js';
import { backupName } from '../io/system/data-folder.js';
import { type DataPlaces, placesIn } from './backup.js';
import { backUpInThread, verifyInThread } from './backup-thread.js';

export interface ServerFilesOptions {
  readonly sessions: string | undefined;
  /** `--record` */
  readonly record: string | undefined;
  readonly templates: TemplateFolder | undefined;
  readonly backups: string | undefined;
  /** What a backup contains: a data folder, or single places. */
  readonly data: string | DataPlaces;
  /** Paths that are being written. */
  recordingPaths(): ReadonlySet<string>;
  now(): number;
}

const patterns: Readonly<Record<FileKind, RegExp>> = {
  archive: /^[^._ ]+(?:_r\d+)?(?: \(\d+\))?\.(?:session|dprec|thumbnail)\.archived$/,
  backup: /\.tar\.gz$/,
  recording: /\.(?:dprec|dptxt)/i,
  template: /\.(?:dprec|dptxt)(?:z|\..*)?$/i,
};

export function makeServerFiles(options: ServerFilesOptions): ServerFiles {
  const { sessions, record, templates, backups, data } = options;
  const places: Readonly<Record<FileKind, string | undefined>> = {
    archive: sessions,
    backup: backups,
    recording: record === undefined ? undefined : recordingsFolder(record),
    template: templates?.path,
  };
  const folderOf = (kind: FileKind): string => {
    const folder = places[kind];
    if (folder === undefined) throw refusal('file-kind-not-kept', { kind });
    return folder;
  };
  const placeOf = ({ kind, name }: FileReference) =>
    pathOfFile(folderOf(kind), name, (each) => patterns[kind].test(each));
  const plain = async (kind: FileKind): Promise<StoredFile[]> => {
    const found = await findFiles(folderOf(kind), (name) => patterns[kind].test(name));
    return found.map((file) => ({ kind, ...file }));
  };
  const listers: Readonly<Record<FileKind, () => Promise<StoredFile[]>>> = {
    archive: async () => {
      const rows = (await archivesIn(folderOf('archive'))).map(({ file, group }) =>
        describeArchive(folderOf('archive'), file, group),
      );
      return Promise.all(rows);
    },
    backup: () => plain('backup'),
    async recording() {
      const inUse = options.recordingPaths();
      const folder = folderOf('recording');
      return (await plain('recording')).map((file) =>
        inUse.has(path.resolve(folder, file.name)) ? { ...file, isInUse: true } : file,
      );
    },
    async template() {
      const known = new Map(templates?.entries.map((entry) => [entry.file, entry]));
      return (await plain('template')).flatMap((file) => {
        const entry = known.get(file.name);
        if (entry === undefined) return file.name.includes('/') ? [] : [file];
        const { alias, error, template, problems } = entry;
        return [
          {
            ...file,
            alias,
            ...(error !== undefined && { problem: error }),
            ...(template && { title: template.saved.title, founder: template.saved.founder }),
            ...(problems.length > 0 && { problems: problems.length }),
          },
        ];
      });
    },
  };
  return {
    async folders() {
      return (Object.entries(places) as [FileKind, string | undefined][]).flatMap(([kind, folder]) =>
        folder === undefined ? [] : [{ kind, folder }],
      );
    },
    async list(kinds) {
      const kept = kinds.filter((kind) => places[kind] !== undefined);
      return (await Promise.all(kept.map((kind) => listers[kind]()))).flat();
    },
    read: async (file, from, until) => readPart(await placeOf(file), file.name, from, until),
    async remove(file) {
      const place = await placeOf(file);
      if (file.kind === 'recording' && options.recordingPaths().has(path.resolve(place))) {
        throw refusal('recording-in-use', { name: file.name });
      }
      const others = file.kind === 'archive' ? await leftBehind(folderOf('archive'), place) : [];
      const sizeBytes = await deleteFiles([place, ...others]);
      if (file.kind === 'template') await templates?.scan();
      return sizeBytes;
    },
    async makeBackup() {
      const folder = folderOf('backup');
      try {
        makeFolder(folder, folderModes.private);
      } catch (cause) {
        const why = { folder, reason: reasonOf(cause) };
        throw diskFull(folder, cause) ?? fault('folder-not-made', why, cause);
      }
      const name = backupName(options.now());
      const { sizeBytes } = await backUpInThread(
        typeof data === 'string' ? placesIn(data) : data,
        path.join(folder, name),
      );
      return { kind: 'backup', name, sizeBytes, changed: options.now() };
    },
    async verifyBackup(name): Promise<CheckedBackup> {
      const summary = await verifyInThread(await placeOf({ kind: 'backup', name }));
      const { program, made, fileCount, accounts, problems } = summary;
      return { program, made, fileCount, accounts, sessions: summary.sessions.length, problems };
    },
    async addTemplate(name, bytes, { replaces, isDryRun }) {
      const folder = folderOf('template');
      const alias = requireTemplateName(name);
      const template = readUploaded(name, bytes);
      const checked = describeTemplate(name, alias, template);
      if (isDryRun) return { ...checked, isStored: false };
      if (!replaces && (await findFiles(folder, (each) => each === name)).length > 0) {
        throw refusal('stored-file-exists', { name });
      }
      const place = path.join(folder, name);
      try {
        await replaceFile(place, Buffer.from(bytes), { mode: fileModes.work });
      } catch (cause) {
        throw (
          diskFull(name, cause) ?? fault('file-unwritable', { file: name, reason: reasonOf(cause) }, cause)
        );
      }
      await templates?.scan();
      return { ...checked, isStored: true };
    },
    async open(file) {
      const place = await placeOf(file);
      const template = await readTemplateFile(place);
      const { frames, count, protocol, settings } = template;
      if (count === 0) throw refusal('stored-file-empty', { name: file.name });
      const saved =
        file.kind === 'archive'
          ? await archivedSaved(folderOf('archive'), place, template)
          : await templateSaved(template, '', hidesPassword);
      return {
        alias: '',
        protocol,
        saved,
        announce: settings.announce,
        load: () => ({ frames: [frames], count }),
      };
    },
  };
}

/** Whoever opens a file as a session sets its password themselves: one in it is nobody's here. */
const hidesPassword = async (): Promise<string> => '';

interface Archive {
  readonly file: SessionFile;
  readonly group: SessionGroup;
}

/** Archived histories; of a session that has none, whatever is archived of it. */
async function archivesIn(folder: string): Promise<Archive[]> {
  const groups = await findSessionFiles([folder]).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'sessions-folder-not-found') return [];
    throw error;
  });
  return groups.flatMap((group) => {
    const archived = group.files.filter(({ isArchived }) => isArchived);
    const histories = archived.filter(({ kind }) => kind === 'dprec');
    return (histories.length > 0 ? histories : archived).map((file) => ({ file, group }));
  });
}

/** Journal and picture of an ended session go with its last history. */
async function leftBehind(folder: string, place: string): Promise<string[]> {
  const group = (await findSessionFiles([folder])).find(({ files }) =>
    files.some((each) => each.path === place),
  );
  if (!group?.isEnded) return [];
  const rest = group.files.filter((each) => each.path !== place);
  return rest.some(({ kind }) => kind === 'dprec') ? [] : rest.map((each) => each.path);
}

async function journalOf({ id, files }: SessionGroup): Promise<SavedSession | undefined> {
  const journal = files.findLast(({ kind }) => kind === 'session');
  if (journal === undefined) return undefined;
  const read = await readRegularAsync(journal.path, sizeLimits.journal).catch(() => undefined);
  return read && readJournal(id, read.bytes).saved;
}

async function describeArchive(folder: string, file: SessionFile, group: SessionGroup): Promise<StoredFile> {
  const saved = await journalOf(group);
  return {
    kind: 'archive',
    name: path.relative(folder, file.path).split(path.sep).join('/'),
    sizeBytes: file.sizeBytes,
    changed: Math.round(file.changedAt),
    session: group.id,
    ...(saved && { title: saved.title, alias: saved.alias, founder: saved.founder }),
    ...(!group.isEnded && { isLive: true }),
  };
}

/** The settings that the session had; its alias may be another one's by now. */
async function archivedSaved(folder: string, place: string, template: Template): Promise<SavedSession> {
  const group = (await findSessionFiles([folder])).find(({ files }) =>
    files.some((each) => each.path === place),
  );
  const before = group && (await journalOf(group));
  const saved = await templateSaved(template, '', hidesPassword);
  if (before === undefined) return saved;
  const { title, founder, maxUserCount, flags } = before;
  return { ...saved, title, founder, maxUserCount, flags };
}

async function readTemplateFile(place: string): Promise<Template> {
  const reader = new TemplateReader();
  for await (const chunk of (await openRecording(place)).chunks) reader.read(chunk);
  return reader.end();
}

function requireTemplateName(name: string): string {
  const alias = name.split('.', 1)[0] ?? '';
  if (/^[^/\\\0.][^/\\\0]*$/.test(name) && isValidAlias(alias) && /\.(dprec|dptxt)$/i.test(name))
    return alias;
  throw refusal('template-name-invalid', { name: name.slice(0, 200) });
}

/** A template that cannot be used is refused, with its first problem. */
function readUploaded(name: string, bytes: Uint8Array): Template {
  const reader = new TemplateReader();
  reader.read(bytes);
  const template = reader.end();
  if (template.count === 0) throw refusal('stored-file-empty', { name });
  return template;
}

const problemsAtMost = 200;

function describeTemplate(name: string, alias: string, template: Template): Omit<AddedTemplate, 'isStored'> {
  const { settings, protocol, count, problems } = template;
  return {
    name,
    alias,
    title: settings.title,
    protocol,
    messages: count,
    problems: problems.slice(0, problemsAtMost).map(({ severity, message, line, offset }) => ({
      severity,
      message: String(message),
      ...(line !== undefined && { line }),
      ...(offset !== undefined && { offset }),
    })),
  };
}

// Operations on the files of a running server: archives of sessions, backups, recordings and templates. Listing,
// reading in parts, deleting, creating and checking backups, adding templates.

import { refusal } from '../core/errors.js';
import {
  addedTemplate,
  checkedBackup,
  type FileKind,
  fileKind,
  fileKinds,
  fileName,
  type ServerFiles,
  storedFile,
} from './file-shapes.js';
import { requireLive } from './live.js';
import { type AdminNeeds, change, look } from './operation.js';
import { record } from './recording.js';
import { count, described, flag, integer, list, nothing, object, text } from './schema.js';

const file = { kind: fileKind, name: fileName };

/** A request for more is refused where it is read: 24 MiB of file. */
export const uploadBytesAtMost = 32 * 1024 * 1024;

export const fileOperations = {
  'file.list': look({
    summary: 'List archives, backups, recordings and templates of the server',
    role: 'administrator',
    input: object({}, { kind: fileKind }),
    output: object({
      folders: described(
        list(object({ kind: fileKind, folder: text })),
        'where they are; a kind that is not among them this server does not keep',
      ),
      files: described(list(storedFile), 'the newest first'),
    }),
    async run(needs, { kind }) {
      const files = filesOf(needs);
      const isWanted = (each: { readonly kind: FileKind }) => kind === undefined || each.kind === kind;
      return {
        folders: (await files.folders()).filter(isWanted),
        files: (await files.list(kind === undefined ? fileKinds : [kind])).toSorted(
          (a, b) => b.changed - a.changed || (a.name < b.name ? -1 : 1),
        ),
      };
    },
  }),
  'file.read': look({
    summary: 'Read a file in parts',
    role: 'administrator',
    input: object(file, {
      from: described(count, 'next of the answer before'),
      until: described(count, 'sizeBytes of the first answer'),
    }),
    output: object(
      {
        sizeBytes: described(integer, 'of the file at the first request'),
        bytes: described(text, 'base64'),
      },
      { next: described(integer, 'from of the next request; left out: it is complete') },
    ),
    async run(needs, { kind, name, from, until }) {
      const { bytes, sizeBytes } = await filesOf(needs).read({ kind, name }, from ?? 0, until);
      if (kind === 'backup' && from === undefined) {
        // it contains password hashes and keys: who took it is kept
        await record({ ...needs, operation: 'file.read' }, { on: subject(kind, name), after: { sizeBytes } });
      }
      const end = (from ?? 0) + bytes.length;
      return {
        sizeBytes,
        bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
        ...(end < sizeBytes && { next: end }),
      };
    },
  }),
  'file.delete': change('sessions', {
    summary: 'Delete an archive, backup, recording or template',
    input: object(file),
    output: object({ kind: fileKind, name: text, sizeBytes: described(integer, 'that are free now') }),
    async run(needs, { kind, name }) {
      const sizeBytes = await filesOf(needs).remove({ kind, name });
      await record(needs, { on: subject(kind, name), before: { sizeBytes } });
      return { kind, name, sizeBytes };
    },
  }),
  'file.backup': change('server', {
    summary: 'Create a backup in the folder of the server',
    input: nothing,
    output: storedFile,
    async run(needs) {
      const made = await filesOf(needs).makeBackup();
      await record(needs, { on: subject('backup', made.name), after: { sizeBytes: made.sizeBytes } });
      return made;
    },
  }),
  'file.verify': look({
    summary: 'Check that a backup of the server is intact and can be restored',
    role: 'administrator',
    input: object({ name: fileName }),
    output: checkedBackup,
    run: (needs, { name }) => filesOf(needs).verifyBackup(name),
  }),
  'file.add': change('sessions', {
    summary: 'Check a template and add it to the folder of the server',
    input: object(
      {
        name: described(fileName, 'ends in .dptxt or .dprec; what is before is the alias'),
        content: described(text, 'base64'),
      },
      {
        replaces: described(flag, 'a file of this name is replaced'),
        isDryRun: described(flag, 'check only'),
      },
    ),
    output: addedTemplate,
    inputBytesAtMost: uploadBytesAtMost,
    async run(needs, { name, content, replaces, isDryRun }) {
      const bytes = Buffer.from(content, 'base64');
      const added = await filesOf(needs).addTemplate(name, bytes, {
        replaces: replaces ?? false,
        isDryRun: isDryRun ?? false,
      });
      if (added.isStored) {
        const after = { sizeBytes: bytes.length, messages: added.messages };
        await record(needs, { on: subject('template', name), after });
      }
      return added;
    },
  }),
};

const subject = (kind: FileKind, name: string) => ({ kind: 'file', name: `${kind}/${name}` }) as const;

/** Refusal where this server keeps no files. */
export function filesOf(needs: Pick<AdminNeeds, 'live'>): ServerFiles {
  const { files } = requireLive(needs);
  if (files === undefined) throw refusal('files-not-kept');
  return files;
}

// Files of a server that people look at: how operations describe them, and what keeps them (server/server-files.ts).

import type { SessionTemplate } from '../core/session/needs.js';
import {
  count,
  described,
  flag,
  integer,
  list,
  moment,
  notEmpty,
  object,
  oneWord,
  type Static,
  text,
  within,
} from './schema.js';

export const fileKinds = ['archive', 'backup', 'recording', 'template'] as const;
export type FileKind = (typeof fileKinds)[number];

export const fileKind = oneWord(...fileKinds);
export const fileName = described(within(notEmpty, { maxLength: 1_000 }), 'as file.list has it');

export const checkedBackup = object({
  program: described(text, 'that made it'),
  made: described(text, 'ISO 8601'),
  fileCount: integer,
  accounts: integer,
  sessions: described(integer, 'how many'),
  problems: described(list(text), 'empty: it is intact and can be restored'),
});
export type CheckedBackup = Static<typeof checkedBackup>;

export const storedFile = object(
  {
    kind: fileKind,
    name: described(text, 'unique within its kind; / separates folders'),
    sizeBytes: integer,
    changed: moment,
  },
  {
    session: described(text, 'id of the session'),
    alias: described(text, 'of the session, or of the template'),
    title: text,
    founder: text,
    isLive: described(flag, 'the session goes on: this is from before a reset'),
    isInUse: described(flag, 'it is being written'),
    problem: described(text, 'why a template is not offered'),
    problems: described(count, 'lines and messages of a template that are skipped, or doubtful'),
  },
);
export type StoredFile = Static<typeof storedFile>;

const templateProblem = object(
  { severity: text, message: text },
  { line: integer, offset: described(integer, 'of a binary template, in bytes') },
);
export const addedTemplate = object({
  name: text,
  alias: text,
  title: text,
  protocol: described(text, 'as dp:4.25.1'),
  messages: integer,
  problems: list(templateProblem),
  isStored: described(flag, 'false: isDryRun was asked for'),
});
export type AddedTemplate = Static<typeof addedTemplate>;

export interface FileReference {
  readonly kind: FileKind;
  /** As it was listed. */
  readonly name: string;
}

/** Files of a server that people look at, apart from those it works with. Names lead nowhere but to what is listed. */
export interface ServerFiles {
  /** What it does not keep is not among them. */
  folders(): Promise<readonly { readonly kind: FileKind; readonly folder: string }[]>;
  list(kinds: readonly FileKind[]): Promise<readonly StoredFile[]>;
  /** At most a mebibyte from there on; `until`: the size that counts, left out: that of now. */
  read(
    file: FileReference,
    from: number,
    until?: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly sizeBytes: number }>;
  /** With what belongs to it. Answers with the bytes that are free now. */
  remove(file: FileReference): Promise<number>;
  makeBackup(): Promise<StoredFile>;
  verifyBackup(name: string): Promise<CheckedBackup>;
  addTemplate(
    name: string,
    bytes: Uint8Array,
    options: { readonly replaces: boolean; readonly isDryRun: boolean },
  ): Promise<AddedTemplate>;
  /** What a session begins with that is made of it. */
  open(file: FileReference): Promise<SessionTemplate>;
}

// TABLE of errors of files and folders in general, whatever they hold.

import { errorRows } from './rows.js';

export const fileErrors = errorRows({
  'file-not-found': { kind: 'notFound', text: 'there is no file {file}', hint: 'check the path' },
  'file-unusable': { kind: 'badInput', text: 'cannot use {file}: {reason}', hint: 'give the path of a file' },
  'file-unreadable': { kind: 'fault', text: 'cannot read {file}: {reason}' },
  'file-refused': { kind: 'refused', text: 'cannot read {file}: permission denied' },
  'path-unusable': {
    kind: 'fault',
    text: 'cannot use {path}: {reason}',
    hint: 'check what is there with: ls -ld {path}',
  },
  'file-exists': {
    kind: 'conflict',
    text: '{file} already exists',
    hint: 'choose another name, or add --force to replace it',
  },
  'file-in-the-way': { kind: 'conflict', text: '{file} is in the way', hint: 'move it elsewhere' },
  'file-not-replaceable': {
    kind: 'badInput',
    text: 'cannot replace {file}: {reason}',
    hint: 'choose another name',
  },
  'file-unwritable': { kind: 'fault', text: 'cannot write {file}: {reason}' },
  'disk-full': {
    kind: 'fault',
    text: 'there is no room for {file}: {reason}',
    hint: 'make room and try again, or write to another disk',
  },
  'link-not-followed': {
    kind: 'refused',
    text: 'root does not follow {link}: {who} can change where this symbolic link leads',
    hint: 'use the path behind it: {target}',
  },
  'file-write-refused': { kind: 'refused', text: 'cannot write {file}: permission denied' },
  'folder-unreadable': { kind: 'fault', text: 'cannot list the files in {folder}: {reason}' },
  // ---- files of a running server ----
  'files-not-kept': {
    kind: 'unsupported',
    text: 'this server keeps no files',
    hint: 'start it with a data folder: dp serve --data FOLDER',
  },
  'file-reference-invalid': {
    kind: 'badInput',
    text: "invalid file '{given}': expected KIND/NAME with one of {kinds}",
    hint: 'try: dp file list',
  },
  'file-kind-not-kept': {
    kind: 'unsupported',
    text: 'this server keeps no files of the kind {kind}',
    hint: 'start it with --sessions, --record or --templates and a folder',
  },
  'stored-file-not-found': {
    kind: 'notFound',
    text: "there is no file '{name}'",
    hint: 'try: dp file list',
  },
  'stored-file-changed': {
    kind: 'conflict',
    text: "'{name}' has changed while it was read",
    hint: 'try again',
  },
  'stored-file-exists': {
    kind: 'conflict',
    text: "there is already a file '{name}'",
    hint: 'choose another name, or add --force to replace it',
  },
  'stored-file-empty': { kind: 'badInput', text: "'{name}' contains no message that draws" },
  'recording-in-use': {
    kind: 'conflict',
    text: "'{name}' is being recorded",
    hint: 'stop the recording first',
  },
  'template-name-invalid': {
    kind: 'badInput',
    text: "invalid file name '{name}' for a template: expected ALIAS.dptxt or ALIAS.dprec",
    hint: 'use 1 to 32 of A-Z a-z 0-9 - for the alias',
  },
  'file-not-deleted': { kind: 'fault', text: 'cannot delete {file}: {reason}' },
  'folder-of-file-missing': {
    kind: 'notFound',
    text: 'the folder of {file} does not exist',
    hint: 'create it first, or choose another name',
  },
  'folder-unusable': {
    kind: 'badInput',
    text: 'cannot use {folder} as a folder: {reason}',
    hint: 'name another folder',
  },
  'folder-not-made': {
    kind: 'fault',
    text: 'cannot create the folder {folder}: {reason}',
    hint: 'name another folder',
  },
  'gzip-damaged': { kind: 'badInput', text: 'the gzip data of {file} is damaged or truncated' },
  'gzip-cut': {
    kind: 'badInput',
    text: 'the gzip data of {file} is damaged or truncated: {bytes} bytes could be unpacked',
  },
  'packing-unknown': {
    kind: 'unsupported',
    text: '{file} is compressed with {packing}, which dp cannot read',
    hint: 'unpack it first: {command}',
  },
  'packing-unsupported': {
    kind: 'unsupported',
    text: 'dp cannot write bzip2 or xz: {file}',
    hint: 'use a name that ends in .gz',
  },
});

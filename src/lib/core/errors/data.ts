// TABLE of errors of what a server keeps: its data folder, its database, backups, and data of other servers.

import { errorRows } from './rows.js';

export const dataErrors = errorRows({
  'data-not-found': {
    kind: 'notFound',
    text: 'there is no server data yet ({file} does not exist)',
    hint: "create it with 'dp init', or name other data with --database FILE or --config FILE",
  },
  'data-folder-not-made': {
    kind: 'fault',
    text: 'cannot create the data folder {folder}: {reason}',
    hint: 'name another one with --data FOLDER, or keep nothing with --ephemeral',
  },
  'data-folder-is-file': {
    kind: 'badInput',
    text: '{folder} is {what}, not a folder',
    hint: 'name another folder with --data FOLDER',
  },
  'data-in-use': {
    kind: 'conflict',
    text: 'another dp server is using {place}',
    hint: 'stop that server first (dp stop), or use different data for this one',
  },
  'data-exist': {
    kind: 'conflict',
    text: '{folder} already contains server data ({present})',
    hint: 'name another folder with --data, or add --force to move the existing data aside',
  },
  'set-up-not-written': {
    kind: 'fault',
    text: 'cannot write the configuration to {folder}: {reason}',
    hint: 'name another folder with --data FOLDER',
  },
  'place-not-found': {
    kind: 'notFound',
    text: '{place} does not exist',
    hint: 'check the value of --{option}',
  },
  'place-unclear': {
    kind: 'badInput',
    text: 'cannot find the {kind}: {folder} does not exist',
    hint: 'pass --{kind} with the folder that the server uses',
  },
  'sessions-folder-not-found': {
    kind: 'notFound',
    text: 'there is no folder {folder}',
    hint: 'check the value of --sessions',
  },
  'sessions-folder-unreadable': {
    kind: 'notFound',
    text: 'cannot read the folder {folder}: {reason}',
    hint: 'pass --sessions with the folder that the server uses',
  },
  'sessions-folder-unusable': {
    kind: 'fault',
    text: 'cannot open the sessions folder {folder}: {reason}',
    hint: 'choose a folder that this user can read and write',
  },
  'original-database-not-found': {
    kind: 'notFound',
    text: 'cannot find a database of the graphical server (looked for {places})',
    hint: 'name the data: dp import --database FILE --sessions FOLDER',
  },

  // ---- the database ----
  'database-not-found': {
    kind: 'notFound',
    text: 'there is no database {database}',
    hint: "create it with 'dp init', or an empty one with 'dp serve --database {database}'",
  },
  'database-unusable': {
    kind: 'badInput',
    text: 'cannot open the database {database}: {reason}',
    hint: 'give the path of a file',
  },
  'database-without-folder': {
    kind: 'fault',
    text: 'cannot create the database {database}: its folder does not exist',
    hint: 'create it with: mkdir -p {folder}',
  },
  'database-of-2-1': {
    kind: 'unsupported',
    text: 'the database {database} is from drawpile-srv 2.1 and has no table {table}',
    hint: 'start it once with this server: dp serve --database {database}',
  },
  'database-too-new': {
    kind: 'fault',
    text: 'the database {database} was created by a newer version of dp (schema version {version}); nothing was changed',
    hint: 'update dp, or restore a backup of the file',
  },
  'database-foreign': {
    kind: 'fault',
    text: 'the table {table} of the database {database} has no column {column}: this is not a configuration database; nothing was changed',
    hint: 'give the path of another file',
  },
  'database-damaged': {
    kind: 'fault',
    text: 'the database {database} is damaged: {found}; nothing was changed',
    hint: 'restore a backup, or recover what can be read: sqlite3 {database} .recover | sqlite3 NEW',
  },
  'original-database-damaged': {
    kind: 'problems',
    text: 'cannot import the database {database}: it is damaged ({damage})',
    hint: 'restore a backup of it, or leave it out',
  },
  'database-locked': {
    kind: 'fault',
    text: 'the database {database} is locked by another program; nothing was changed',
    hint: 'try again, or stop the program that uses it (find it with: fuser {database})',
  },
  'database-read-only': {
    kind: 'fault',
    text: 'cannot write the database {database}: the file or its folder is read-only',
    hint: 'check their owner and mode with: ls -ld {folder} {database}',
  },
  'database-no-sqlite': {
    kind: 'fault',
    text: 'the file {database} is not an SQLite database; nothing was changed',
    hint: 'give the path of another file',
  },
  'database-not-opened': {
    kind: 'fault',
    text: 'cannot open the database {database}',
    hint: 'check whether it exists and who owns it with: ls -ld {folder} {database}',
  },
  'database-disk-full': {
    kind: 'fault',
    text: 'cannot write the database {database}: the disk is full',
    hint: 'free some space and try again',
  },
  'database-disk-failed': {
    kind: 'fault',
    text: 'cannot read or write the database {database}',
    hint: 'check the disk',
  },
  'database-failed': {
    kind: 'fault',
    text: 'cannot use the database {database}: {reason}; nothing was changed',
  },
  'database-closed': { kind: 'fault', text: 'the database {database} is closed' },
  'database-locked-to-end': {
    kind: 'fault',
    text: 'the database {database} was locked until the server stopped',
  },
  'database-thread-unready': {
    kind: 'fault',
    text: "the database thread did not start: unexpected message '{message}'",
  },
  'sqlite-not-loaded': {
    kind: 'fault',
    text: 'cannot load the native part of better-sqlite3 with Node {version}: {reason}',
    hint: "run 'node {installer}' with the Node that runs dp, or run dp with the Node that it was installed with",
  },

  // ---- backups ----
  'backup-without-data': {
    kind: 'notFound',
    text: 'there is no server data to back up',
    hint: 'name it with --data, --database or --sessions',
  },
  'backup-unusable': {
    kind: 'badInput',
    text: 'cannot use the backup {file}: {reason}',
    hint: 'give the path of a file',
  },
  'backup-unreadable': {
    kind: 'fault',
    text: 'cannot read the backup {file}: {reason}',
    hint: 'check its owner and mode with: ls -l {file}',
  },
  'backup-thread-failed': {
    kind: 'fault',
    text: 'the backup was not finished: {problem}',
    hint: 'use dp backup on the machine of the server',
  },
  'backup-not-written': {
    kind: 'fault',
    text: 'cannot write the backup {file}: {reason}',
    hint: 'name a file in a folder that you may write to: dp backup create FILE',
  },
  'backup-damaged': {
    kind: 'problems',
    text: 'the backup is not intact: {problem}; nothing was changed',
    hint: 'list all problems with: dp backup verify {file}',
  },
  'archive-cut': { kind: 'badInput', text: 'the file is truncated' },
  'archive-damaged': { kind: 'badInput', text: 'the file is not an archive, or it is damaged' },
  'archive-odd-file': {
    kind: 'badInput',
    text: 'the archive contains an entry that is not a regular file: {name}',
  },
  'archive-name-outside': {
    kind: 'badInput',
    text: 'the archive contains a path that leads out of it: {name}',
  },
});

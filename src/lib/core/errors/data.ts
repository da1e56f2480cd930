// TABLE of errors of what a server keeps: its data folder, its database, backups, and data of other servers.

import { errorRows } from './rows.js';

export const dataErrors = errorRows({
  'data-not-found': {
    kind: 'notFound',
    text: 'there is no server data here yet ({file})',
    hint: "set a server up with 'dp init', or name other data with --database FILE or --config FILE",
  },
  'data-folder-not-made': {
    kind: 'fault',
    text: 'cannot make the data folder {folder}: {reason}',
    hint: 'name another one with --data FOLDER, or keep nothing with --ephemeral',
  },
  'data-folder-is-file': {
    kind: 'badInput',
    text: '{folder} is a file, not a folder',
    hint: 'name another place with --data FOLDER',
  },
  'data-in-use': {
    kind: 'conflict',
    text: 'another dp server works with {place}',
    hint: 'stop that one first (dp stop), or give this one data of its own',
  },
  'data-exist': {
    kind: 'conflict',
    text: '{folder} holds server data already ({present})',
    hint: 'give another folder with --data, or add --force to set aside what is there',
  },
  'set-up-not-written': {
    kind: 'fault',
    text: 'cannot write the set-up to {folder}: {reason}',
    hint: 'name another place with --data FOLDER',
  },
  'place-not-found': { kind: 'notFound', text: 'there is no {place}', hint: 'check what follows --{option}' },
  'place-unclear': {
    kind: 'badInput',
    text: 'it is not clear where the {kind} are: {folder} does not exist',
    hint: 'name the folder that dp serve was given with --{kind}',
  },
  'sessions-folder-not-found': {
    kind: 'notFound',
    text: 'there is no folder {folder}',
    hint: 'check what follows --sessions',
  },
  'sessions-folder-unreadable': {
    kind: 'notFound',
    text: 'cannot read the folder {folder}: {reason}',
    hint: 'name the folder that dp serve was given with --sessions',
  },
  'sessions-folder-unusable': {
    kind: 'fault',
    text: 'cannot open the folder for sessions {folder}: {reason}',
    hint: 'choose one that this user may read and write',
  },
  'original-database-not-found': {
    kind: 'notFound',
    text: "there is no graphical server's database (looked for {places})",
    hint: 'name the data: dp import --database FILE --sessions FOLDER',
  },

  // ---- the database ----
  'database-not-found': {
    kind: 'notFound',
    text: 'there is no database {database}',
    hint: "make one with 'dp init', or an empty one with 'dp serve --database {database}'",
  },
  'database-unusable': {
    kind: 'badInput',
    text: 'cannot open the database {database}: {reason}',
    hint: 'give the path of a file',
  },
  'database-without-folder': {
    kind: 'fault',
    text: 'cannot make the database {database}: its folder does not exist',
    hint: 'make it with: mkdir -p {folder}',
  },
  'database-of-2-1': {
    kind: 'unsupported',
    text: 'the database {database} is from drawpile-srv 2.1 and has no table {table}',
    hint: 'start it once with this server: dp serve --database {database}',
  },
  'database-too-new': {
    kind: 'fault',
    text: 'the database {database} was made by a newer program (version {version} of its tables); nothing was changed',
    hint: 'update dp, or go back to a backup of the file',
  },
  'database-foreign': {
    kind: 'fault',
    text: 'the table {table} of the database {database} has no column {column}: this is no configuration database; nothing was changed',
    hint: 'give the path of another file',
  },
  'database-damaged': {
    kind: 'fault',
    text: 'the database {database} is damaged: {found}; nothing was changed',
    hint: 'go back to a backup, or save what can be read: sqlite3 {database} .recover | sqlite3 NEW',
  },
  'original-database-damaged': {
    kind: 'problems',
    text: 'cannot take over the database {database}, which is damaged: {damage}',
    hint: 'take a backup of it, or leave it out',
  },
  'database-locked': {
    kind: 'fault',
    text: 'the database {database} is locked by another program; nothing was changed',
    hint: 'try again, or end the program that holds it (fuser {database} names it)',
  },
  'database-read-only': {
    kind: 'fault',
    text: 'cannot write the database {database}: it or its folder is read-only here',
    hint: 'see whose they are with: ls -ld {folder} {database}',
  },
  'database-no-sqlite': {
    kind: 'fault',
    text: 'the database {database} is no SQLite database; nothing was changed',
    hint: 'give the path of another file',
  },
  'database-corrupt': {
    kind: 'fault',
    text: 'the database {database} is damaged; nothing was changed',
    hint: 'go back to a backup, or save what can be read: sqlite3 {database} .recover | sqlite3 NEW',
  },
  'database-not-opened': {
    kind: 'fault',
    text: 'cannot open the database {database}',
    hint: 'see whether it is there and whose it is with: ls -ld {folder} {database}',
  },
  'database-disk-full': {
    kind: 'fault',
    text: 'cannot write the database {database}: the disk is full',
    hint: 'make room and try again',
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
  'database-thread-unready': { kind: 'fault', text: "the database thread began with '{message}'" },
  'sqlite-not-loaded': {
    kind: 'fault',
    text: 'cannot load the native part of better-sqlite3 with Node {version}: {reason}',
    hint: "run 'node {installer}', with the Node that runs dp; or use the Node that dp was installed with",
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
    hint: 'see whose it is with: ls -l {file}',
  },
  'backup-not-written': { kind: 'fault', text: 'cannot write the backup {file}: {reason}' },
  'backup-damaged': {
    kind: 'problems',
    text: 'the backup is not intact: {problem}; nothing was changed',
    hint: "see everything with 'dp backup verify {file}'",
  },
  'archive-cut': { kind: 'badInput', text: 'the file breaks off in the middle' },
  'archive-damaged': { kind: 'badInput', text: 'this is no archive, or it is damaged' },
  'archive-odd-file': {
    kind: 'badInput',
    text: 'the archive holds something that is no plain file: {name}',
  },
  'archive-name-outside': {
    kind: 'badInput',
    text: 'the archive holds a name that leads out of it: {name}',
  },
});

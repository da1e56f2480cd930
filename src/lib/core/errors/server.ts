// TABLE of errors of the server itself: its log, list servers, its end, and what operations are given.

import { errorRows } from './rows.js';

export const serverErrors = errorRows({
  /** A shape that an operation does not take: which part of the input, and what is wrong with it. */
  'input-invalid': { kind: 'badInput', text: '{place}: {problem}' },
  'stop-message-too-long': { kind: 'badInput', text: 'the shutdown message is too long' },

  // ---- a process that takes the place of this one ----
  'not-restarted': {
    kind: 'fault',
    text: 'the server was not restarted and continues: {reason}',
    hint: 'see the log of the server with: dp log',
  },
  'hand-over-incomplete': { kind: 'fault', text: 'a connection was not handed over' },
  'restart-failed': {
    kind: 'fault',
    text: 'the restart failed: {problem}',
    hint: 'see the log of the server with: dp log',
  },
  'restart-closes-tls': {
    kind: 'refused',
    text: 'a restart disconnects {connections} that are encrypted by this server',
    hint: 'add --close-tls to disconnect them: their users press Reconnect and continue',
  },
  'restart-unsupported': { kind: 'unsupported', text: 'this server cannot restart: {reason}' },
  'restart-under-way': { kind: 'conflict', text: 'the server is being restarted already' },

  // ---- the log ----
  'log-not-kept': {
    kind: 'unsupported',
    text: 'this server keeps no log',
    hint: 'start it with --database FILE to keep the log in the database',
  },
  'audit-not-kept': {
    kind: 'unsupported',
    text: 'a settings file contains no audit trail',
    hint: 'ask the running server, which keeps it in memory, or use a database',
  },
  'log-in-memory': {
    kind: 'unsupported',
    text: 'a server with a settings file keeps its log in memory only',
    hint: 'start it with --database FILE to keep the log in the database',
  },
  'log-topic-unknown': {
    kind: 'badInput',
    text: "there is no topic '{topic}'",
    hint: 'choose from: {topics}',
    near: "did you mean '{near}'?",
  },
  'log-column-unknown': {
    kind: 'badInput',
    text: "there is no column '{column}'",
    hint: 'choose from: {columns}',
  },
  'moment-invalid': {
    kind: 'badInput',
    text: "invalid time '{moment}'",
    hint: 'use a duration (30m, 2h, 7d) before now, or a time such as {examples}',
  },

  // ---- locks of sections ----
  'locks-password-wrong': { kind: 'refused', text: 'wrong password of the locked sections' },

  // ---- list servers ----
  'list-server-invalid': {
    kind: 'badInput',
    text: "invalid list server address '{entry}'",
    hint: 'write a URL such as https://drawpile.net/api/listing/, or add --pattern for a regular expression',
  },
  'list-server-no-pattern': {
    kind: 'unsupported',
    text: 'a settings file cannot hold regular expressions of list servers',
  },
  'list-server-not-in-file': {
    kind: 'badInput',
    text: "list server '{entry}' cannot be stored in a settings file",
    hint: 'use a URL',
  },
  'list-server-pattern-invalid': {
    kind: 'badInput',
    text: "invalid regular expression '{entry}': {problem}",
  },
  'list-server-exists': { kind: 'conflict', text: "'{entry}' is already in the list" },
  'list-server-not-found': {
    kind: 'notFound',
    text: "'{entry}' is not in the list",
    hint: 'try: dp listserver list',
  },

  // ---- servers by name (servers.ini) ----
  'server-list-unusable': { kind: 'badInput', text: 'cannot use the list of servers {file}: {reason}' },
  'server-list-unreadable': { kind: 'fault', text: 'cannot read the list of servers {file}: {reason}' },
  'server-list-missing': {
    kind: 'notFound',
    text: "'{name}' is not an address, and there is no list of servers ({file})",
    hint: 'write an address as in http://127.0.0.1:27780',
  },
  'server-list-empty': {
    kind: 'notFound',
    text: "there is no server '{name}' in {file}, which names no servers",
  },
  'server-unnamed': {
    kind: 'notFound',
    text: "there is no server '{name}' in {file}",
    hint: 'choose from: {names}',
  },
  'set-up-needed': {
    kind: 'conflict',
    text: 'the server is not set up yet',
    hint: 'finish the setup in the browser',
  },
  'set-up-while-running': {
    kind: 'conflict',
    text: 'a server is running on this data',
    hint: 'stop it first, or run dp gui without --set-up',
  },
  'server-unlisted': {
    kind: 'notFound',
    text: "this app was not opened for a server '{name}'",
    hint: 'choose from: {names}',
  },
  'server-without-url': {
    kind: 'badInput',
    text: "the server '{name}' in {file} has no url",
    hint: 'add below [{name}]: url = http://…',
  },
  'server-list-open': {
    kind: 'refused',
    text: '{file} contains passwords and can be read by others',
    hint: 'restrict access with: chmod 600 {file}',
  },
});

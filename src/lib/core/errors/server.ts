// TABLE of errors of a server as a whole: its log, list servers, its end, and what operations are given.

import { errorRows } from './rows.js';

export const serverErrors = errorRows({
  /** A shape that an operation does not take: which part of the input, and what is wrong with it. */
  'input-invalid': { kind: 'badInput', text: '{place}: {problem}' },
  'stop-too-far': { kind: 'badInput', text: 'a stop can be a day ahead at most' },
  'stop-message-too-long': { kind: 'badInput', text: 'the message is too long' },

  // ---- the log ----
  'log-not-kept': {
    kind: 'unsupported',
    text: 'this server keeps no log',
    hint: 'start it with --database FILE to keep the log in the database',
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
    text: "invalid moment '{moment}'",
    hint: 'write 30m, 2h or 7d for that long ago, or a moment such as {examples}',
  },

  // ---- locks of sections ----
  'locks-password-wrong': { kind: 'refused', text: 'wrong password of the locked sections' },

  // ---- list servers ----
  'list-server-invalid': {
    kind: 'badInput',
    text: "'{entry}' is no address of a list server",
    hint: 'write it as in https://drawpile.net/api/listing/; for a regular expression add --pattern',
  },
  'list-server-no-pattern': {
    kind: 'unsupported',
    text: 'a settings file lists whole addresses, not expressions',
  },
  'list-server-not-in-file': {
    kind: 'badInput',
    text: "'{entry}' cannot be a list server in a settings file",
    hint: 'write a URL',
  },
  'list-server-pattern-invalid': { kind: 'badInput', text: "cannot use the expression '{entry}': {problem}" },
  'list-server-exists': { kind: 'conflict', text: "'{entry}' is in the list already" },
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
    text: "'{name}' is no address, and there is no list of servers ({file})",
    hint: 'write an address as in http://127.0.0.1:27780',
  },
  'server-list-empty': { kind: 'notFound', text: "{file} names no server '{name}', and no other one" },
  'server-unnamed': {
    kind: 'notFound',
    text: "{file} names no server '{name}'",
    hint: 'choose from: {names}',
  },
  'server-without-url': {
    kind: 'badInput',
    text: "the server '{name}' in {file} has no url",
    hint: 'add below [{name}]: url = http://…',
  },
  'server-list-open': {
    kind: 'refused',
    text: '{file} holds passwords, and others can read it',
    hint: 'make it yours: chmod 600 {file}',
  },
});

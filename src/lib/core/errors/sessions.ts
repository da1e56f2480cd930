// TABLE of errors of sessions: of running ones, their people and listings, and of stored ones.

import { errorRows } from './rows.js';

export const sessionErrors = errorRows({
  'session-not-found': {
    kind: 'notFound',
    text: "there is no session '{session}'",
    hint: 'try: dp session list',
  },
  'session-ambiguous': {
    kind: 'conflict',
    text: "{count} sessions match '{session}'",
    hint: 'choose one of: {ids}',
  },
  'session-not-opened': { kind: 'fault', text: "cannot open session '{session}': {reason}" },
  'session-history-unreadable': {
    kind: 'fault',
    text: "cannot read the history of session '{session}' at the moment",
  },
  'session-reset-meanwhile': {
    kind: 'conflict',
    text: 'the session was reset during the export',
    hint: 'try again',
  },
  'session-not-resettable': {
    kind: 'refused',
    text: 'cannot reset the session now: no operator is present, or a reset is in progress',
  },
  'session-not-created': { kind: 'fault', text: 'cannot create the session: {problem}' },
  'session-alias-invalid': {
    kind: 'badInput',
    text: "invalid session alias '{alias}': expected 1 to 32 of A-Z a-z 0-9 -",
  },
  'session-alias-taken': {
    kind: 'conflict',
    text: "there is already a session or template '{alias}'",
    hint: 'choose another alias; dp session list shows those in use',
  },
  'session-limit': {
    kind: 'conflict',
    text: 'the server already has as many sessions as it may have ({most})',
    hint: 'change the setting sessionCountLimit, or end a session',
  },
  'session-protocol-unsupported': {
    kind: 'unsupported',
    text: "this server opens no sessions of the protocol '{protocol}'",
  },
  'session-template-not-found': {
    kind: 'notFound',
    text: "no template '{template}' (there are: {templates})",
    hint: 'start the server with --templates FOLDER to offer templates',
  },
  'session-setting-unknown': {
    kind: 'badInput',
    text: "there is no session setting '{setting}'",
    hint: 'choose one of: {settings}',
    near: "did you mean '{near}'?",
  },
  'session-setting-invalid': {
    kind: 'badInput',
    text: 'cannot change the session: {problem}',
  },
  'session-setting-refused': { kind: 'refused', text: 'the session was not changed: {problem}' },
  'session-busy': { kind: 'conflict', text: 'cannot change the session now: {problem}' },
  'quiet-end-with-reason': {
    kind: 'badInput',
    text: 'a session that ends quietly cannot give a reason',
    hint: 'leave out one of them',
  },
  'message-too-long': { kind: 'badInput', text: 'the message is too long' },

  // ---- people ----
  'member-not-found': {
    kind: 'notFound',
    text: "there is no user '{user}' in this session",
    hint: 'choose one of: {present}',
  },
  'session-empty': { kind: 'notFound', text: "there is no user '{user}' in this session: it is empty" },
  'member-gone': { kind: 'notFound', text: "'{user}' has already left" },
  'member-not-banned': { kind: 'conflict', text: 'cannot ban this user: {problem}' },
  'role-refused': { kind: 'refused', text: 'cannot change the role: {problem}' },
  'user-offline': {
    kind: 'notFound',
    text: "there is no connected user with the uid '{uid}'",
    hint: 'try: dp user list --online',
  },
  'session-ban-not-found': {
    kind: 'notFound',
    text: "this session has no ban '{ban}'",
    hint: 'try: dp session show',
  },
  'session-ban-unnamed': {
    kind: 'notFound',
    text: "this session has no ban of '{ban}'",
    hint: 'list its bans with: dp session show {session}',
  },
  'session-ban-ambiguous': {
    kind: 'conflict',
    text: "this session has {count} bans of '{ban}'",
    hint: 'list its bans with: dp session show {session}',
  },
  'invite-not-found': {
    kind: 'notFound',
    text: "this session has no invite '{invite}'",
    hint: 'try: dp session show',
  },
  'invite-refused': { kind: 'conflict', text: 'cannot create an invite: {problem}' },

  // ---- chat and pictures ----
  'chat-open': { kind: 'conflict', text: "somebody is in a conversation with session '{session}' already" },
  'chat-not-open': { kind: 'notFound', text: "nobody is in a conversation with session '{session}'" },
  'thumbnail-not-removed': {
    kind: 'fault',
    text: "cannot delete the picture of session '{session}': {reason}",
    hint: 'remove its file, or it is there again after a restart',
  },
  'thumbnail-unsupported': { kind: 'unsupported', text: "the client of '{user}' makes no pictures" },
  'thumbnail-pending': { kind: 'conflict', text: "the client of '{user}' is making a picture already" },
  'thumbnail-not-pending': { kind: 'notFound', text: "the client of '{user}' is making no picture" },
  'password-check-busy': {
    kind: 'conflict',
    text: 'too many passwords are being checked at the moment',
    hint: 'try again later',
  },

  // ---- listings ----
  'session-unlisted': { kind: 'refused', text: 'this session is unlisted' },
  'session-not-announced': { kind: 'badInput', text: 'cannot announce the session: {problem}' },
  'listing-not-found': {
    kind: 'notFound',
    text: 'this session is not listed at {url}',
    hint: 'try: dp session show',
  },

  // ---- stored sessions ----
  'sessions-not-stored': {
    kind: 'refused',
    text: 'this server stores no sessions',
    hint: 'start it with --data or --sessions',
  },
  'stored-session-not-found': {
    kind: 'notFound',
    text: "there is no session '{session}' in {folder}",
    hint: 'try: dp session list',
  },
  'session-intact': { kind: 'conflict', text: "session '{session}' is intact" },
  'session-not-repairable': {
    kind: 'conflict',
    text: "cannot repair session '{session}': {reason}",
    hint: 'move its files elsewhere',
  },
  'history-in-use': { kind: 'conflict', text: "{file} is the history of session '{session}'" },
  'history-of-session': {
    kind: 'conflict',
    text: "{file} belongs to session '{session}'",
    hint: 'run: dp session repair {session}',
  },
  'history-missing': { kind: 'notFound', text: 'there is no history {file}' },
  'history-unusable': { kind: 'badInput', text: 'cannot use the history {file}: {reason}' },
  'history-not-copied': { kind: 'conflict', text: 'cannot copy the history to {file}: {reason}' },
  'history-elsewhere': {
    kind: 'conflict',
    text: '{file} is not in the folder of the running server, {folder}',
    hint: 'copy it there first, or stop the server and pass --sessions FOLDER',
  },
});

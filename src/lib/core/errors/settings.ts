// TABLE of errors of settings, start options and where they are kept.

import { errorRows } from './rows.js';

export const settingErrors = errorRows({
  'setting-unknown': {
    kind: 'badInput',
    text: "there is no setting '{setting}'",
    hint: "see all names with 'dp config list'",
    near: "did you mean '{near}'?",
  },
  'setting-is-start-option': {
    kind: 'badInput',
    text: "there is no setting '{setting}': this is fixed at the start",
    hint: 'use the flag {use} of dp serve, or {variable} in its environment',
  },
  'setting-invalid': {
    kind: 'badInput',
    text: "{setting} cannot be set to '{value}': {problem}",
    hint: 'give {expected}',
  },
  'setting-secret-invalid': {
    kind: 'badInput',
    text: '{setting} cannot be set to this: {problem}',
    hint: 'give {expected}',
  },
  'setting-is-internal': {
    kind: 'refused',
    text: '{setting} is kept by the server for itself',
    hint: "see the others with 'dp config list'",
  },
  'setting-set-and-unset': { kind: 'badInput', text: '{setting} cannot be set and unset at once' },
  'setting-many-lines': {
    kind: 'unsupported',
    text: '{setting} cannot have several lines in a settings file',
    hint: 'keep the settings in a database (--database)',
  },
  'variable-invalid': { kind: 'badInput', text: '{variable}: {problem}' },
  'line-without-value': {
    kind: 'badInput',
    text: "line {line}: '{text}' sets nothing",
    hint: 'write NAME = VALUE',
  },
  'editor-failed': {
    kind: 'fault',
    text: "the editor '{editor}' did not end well; nothing was changed",
    hint: 'name another one: EDITOR=nano dp config edit',
  },
  'edited-unreadable': {
    kind: 'badInput',
    text: 'cannot read what the editor saved: {reason}',
  },

  // ---- the settings file ----
  'settings-not-found': {
    kind: 'notFound',
    text: 'there is no settings file {file}',
    hint: 'make an empty one with: touch {file}',
  },
  'settings-unusable': {
    kind: 'badInput',
    text: 'cannot use the settings file {file}: {reason}',
    hint: 'give the path of a file, or - for standard input',
  },
  'settings-unreadable': {
    kind: 'problems',
    text: 'cannot read the text of the settings file {file}: {reason}',
  },
  'settings-not-read': {
    kind: 'fault',
    text: 'cannot read the settings file {file}: {reason}',
    hint: 'check the path',
  },
  'settings-not-written': {
    kind: 'fault',
    text: 'cannot write the settings file {file}: {reason}',
    hint: 'check the path',
  },
  'settings-gone': {
    kind: 'conflict',
    text: 'the settings file {file} has disappeared: nothing was changed',
    hint: 'put the file back, then try again',
  },
  'settings-from-input': {
    kind: 'unsupported',
    text: 'settings from standard input cannot be changed',
    hint: 'pass --config FILE or --database FILE',
  },

  // ---- start options ----
  'option-invalid': { kind: 'badInput', text: "{option} cannot be '{value}'", hint: 'give {expected}' },
  'option-secret-invalid': { kind: 'badInput', text: '{option} cannot be this', hint: 'give {expected}' },
  'options-exclusive': {
    kind: 'badInput',
    text: '{one} and {other} exclude each other',
    hint: 'leave one of them out',
  },
  'ephemeral-with-place': {
    kind: 'badInput',
    text: '--ephemeral keeps nothing, but --{option} says where to keep it',
    hint: 'leave one of them out',
  },
  'certificate-half-given': {
    kind: 'badInput',
    text: 'encryption needs a certificate and its key, but {missing} is missing',
    hint: 'add {missing} FILE',
  },
  'secure-without-certificate': {
    kind: 'badInput',
    text: '--secure needs a certificate',
    hint: 'add --ssl-cert FILE and --ssl-key FILE',
  },
  'ports-equal': {
    kind: 'badInput',
    text: '{one} and {other} are both {port}',
    hint: 'give each a port of its own',
  },
  'start-file-unusable': {
    kind: 'problems',
    text: 'cannot read the text of the start options {file}: {reason}',
    hint: 'remove it, or put a text file in its place',
  },
  'start-file-unreadable': {
    kind: 'fault',
    text: 'cannot read the start options {file}: {reason}',
    hint: 'see who may read it with: ls -l {file}',
  },
  'sections-not-lockable': {
    kind: 'unsupported',
    text: 'only a server with a database can lock sections',
    hint: 'use --database FILE',
  },
});

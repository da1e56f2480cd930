// TABLE of errors of settings, start options and where they are kept.

import { errorRows } from './rows.js';

export const settingErrors = errorRows({
  'setting-unknown': {
    kind: 'badInput',
    text: "there is no setting '{setting}'",
    hint: 'list settings with: dp config list',
    near: "did you mean '{near}'?",
  },
  'setting-is-start-option': {
    kind: 'badInput',
    text: "there is no setting '{setting}': it is a start option",
    hint: 'use the flag {use} of dp serve, or {variable} in its environment',
  },
  'setting-invalid': {
    kind: 'badInput',
    text: "invalid value '{value}' for {setting}: {problem}",
    hint: 'use {expected}',
  },
  'setting-secret-invalid': {
    kind: 'badInput',
    text: 'invalid value for {setting}: {problem}',
    hint: 'use {expected}',
  },
  'setting-is-internal': {
    kind: 'refused',
    text: '{setting} is internal: only the server changes it',
    hint: 'list the other settings with: dp config list',
  },
  'setting-set-and-unset': { kind: 'badInput', text: 'cannot set and unset {setting} at once' },
  'setting-many-lines': {
    kind: 'unsupported',
    text: '{setting} cannot have several lines in a settings file',
    hint: 'use a database (--database FILE)',
  },
  'variable-invalid': { kind: 'badInput', text: '{variable}: {problem}' },
  'line-without-value': {
    kind: 'badInput',
    text: "line {line}: '{text}' has no value",
    hint: 'write NAME = VALUE',
  },
  'editor-failed': {
    kind: 'fault',
    text: "the editor '{editor}' failed; nothing was changed",
    hint: 'choose another editor: EDITOR=nano dp config edit',
  },
  'edited-unreadable': {
    kind: 'badInput',
    text: 'cannot read what the editor saved: {reason}',
  },

  // ---- the settings file ----
  'settings-not-found': {
    kind: 'notFound',
    text: 'there is no settings file {file}',
    hint: 'create an empty one with: touch {file}',
  },
  'settings-unusable': {
    kind: 'badInput',
    text: 'cannot use the settings file {file}: {reason}',
    hint: 'give the path of a file, or - for standard input',
  },
  'settings-unreadable': {
    kind: 'problems',
    text: 'cannot parse the settings file {file}: {reason}',
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
    text: 'the settings file {file} no longer exists; nothing was changed',
    hint: 'restore the file, then try again',
  },
  'settings-from-input': {
    kind: 'unsupported',
    text: 'settings from standard input cannot be changed',
    hint: 'pass --config FILE or --database FILE',
  },

  // ---- start options ----
  'option-invalid': { kind: 'badInput', text: "invalid value '{value}' for {option}: expected {expected}" },
  'option-secret-invalid': { kind: 'badInput', text: 'invalid value for {option}: expected {expected}' },
  'options-exclusive': {
    kind: 'badInput',
    text: '{one} and {other} cannot be combined',
    hint: 'leave one of them out',
  },
  'ephemeral-with-place': {
    kind: 'badInput',
    text: '--ephemeral and --{option} cannot be combined: nothing is stored',
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
    hint: 'choose different ports',
  },
  'start-file-unusable': {
    kind: 'problems',
    text: 'cannot parse the start options {file}: {reason}',
    hint: 'remove it, or replace it with a text file',
  },
  'start-file-unreadable': {
    kind: 'fault',
    text: 'cannot read the start options {file}: {reason}',
    hint: 'check its owner and mode with: ls -l {file}',
  },
  'sections-not-lockable': {
    kind: 'unsupported',
    text: 'only a server with a database can lock sections',
    hint: 'use --database FILE',
  },
});

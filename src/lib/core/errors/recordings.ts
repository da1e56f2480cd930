// TABLE of errors of recordings and templates.

import { errorRows } from './rows.js';

export const recordingErrors = errorRows({
  'recording-unusable': {
    kind: 'badInput',
    text: 'cannot use {file} as a recording: {reason}',
    hint: 'give the path of a recording, or - for standard input',
  },
  'not-a-recording': {
    kind: 'unsupported',
    text: 'not a Drawpile recording: {reason}',
    hint: 'give the path of a .dprec or .dptxt file',
  },
  'recording-version-unknown': {
    kind: 'unsupported',
    text: "unknown recording version '{version}'",
    hint: 'pass --protocol if you know which messages it contains',
  },
  'recording-not-checkable': {
    kind: 'unsupported',
    text: 'cannot check the messages of the recording: its version is unknown',
  },
  'recording-not-upgradable': {
    kind: 'unsupported',
    text: 'cannot upgrade recordings of 2.1 (dp:4.21.2): its layers and brushes have no counterpart that looks the same',
    hint: 'leave out --upgrade',
  },
  'recording-header-too-long': {
    kind: 'badInput',
    text: 'the header is too long: {bytes} bytes; the maximum is 65535',
  },
  'recording-without-times': {
    kind: 'badInput',
    text: 'the recording has no times: recordings of servers have none',
    hint: 'give numbers of messages instead; find undo points and resets with: dp rec info',
  },
  'speed-without-times': {
    kind: 'badInput',
    text: 'cannot apply --speed: the recording has no times',
    hint: 'pass --duration instead',
  },
  'recording-too-short': {
    kind: 'badInput',
    text: 'the recording ends after {messages}, before the part begins',
    hint: 'check its length with: dp rec info',
  },
  'point-after-end': {
    kind: 'badInput',
    text: 'the recording ends after {messages}, before --at',
    hint: 'check its length with dp rec info, or draw all of it with --at end',
  },
  'points-reversed': { kind: 'badInput', text: '--to is before {from}' },
  'nothing-to-cut': {
    kind: 'badInput',
    text: 'nothing to cut',
    hint: 'add --from or --reset-at, --to, or both',
  },
  'repair-without-name': {
    kind: 'badInput',
    text: 'cannot name the result after standard input',
    hint: 'add --out FILE',
  },
  'repair-in-place': {
    kind: 'badInput',
    text: 'cannot replace the damaged recording',
    hint: 'name another file with --out',
  },
  'binary-to-terminal': {
    kind: 'badInput',
    text: 'cannot print a binary recording to a terminal',
    hint: 'name an output file, or add --to text',
  },
  'export-as-text': {
    kind: 'badInput',
    text: 'sessions can only be exported as binary recordings',
    hint: 'write FILE.dprec, then: dp rec convert FILE.dprec FILE.dptxt',
  },

  // ---- templates ----
  'template-without-header': { kind: 'unsupported', text: 'the template has no header' },
  'template-header-encoding': {
    kind: 'unsupported',
    text: 'the header is not UTF-8 ({place})',
    hint: 'save the file as UTF-8',
  },
  'template-without-version': {
    kind: 'unsupported',
    text: 'the template has no version',
    hint: 'add one such as dp:4.25.1',
  },
  'template-version-invalid': {
    kind: 'unsupported',
    text: "invalid template version '{version}'",
    hint: 'use a version such as dp:4.25.1',
  },
  'template-version-binary': {
    kind: 'unsupported',
    text: "cannot use a binary template of version '{version}'",
    hint: "use a version that begins with 'dp:4.'",
  },
  'template-version-text': {
    kind: 'unsupported',
    text: "cannot use a text template of version '{version}'",
    hint: 'use a version that begins with dp:4.21, dp:4.24 or dp:4.25',
  },
  'template-layer-count': {
    kind: 'badInput',
    text: 'invalid number of layers {layers}: a template has 1 to 255',
  },
  'template-size': {
    kind: 'badInput',
    text: 'invalid canvas size {pixels}: each side has 1 to {most} pixels',
  },
  'template-copy-old': {
    kind: 'unsupported',
    text: 'cannot copy a canvas for clients of 2.1',
    hint: 'use --protocol 4.24 or 4.25',
  },
  'template-source-empty': { kind: 'badInput', text: '{source} has no canvas to copy' },
  'template-folder-missing': {
    kind: 'notFound',
    text: 'there is no folder for templates at {folder}',
    hint: 'create it with: mkdir {folder}',
  },
});

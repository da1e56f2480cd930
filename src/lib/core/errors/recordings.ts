// TABLE of errors of recordings and templates.

import { errorRows } from './rows.js';

export const recordingErrors = errorRows({
  'not-a-recording': {
    kind: 'unsupported',
    text: 'not a Drawpile recording: {reason}',
    hint: 'give the path of a .dprec or .dptxt file',
  },
  'recording-version-unknown': {
    kind: 'unsupported',
    text: "the recording is of version '{version}', which is not known here",
    hint: 'pass --protocol to say which messages it holds, if you know better',
  },
  'recording-not-checkable': {
    kind: 'unsupported',
    text: 'the version of the recording is not known here: its messages cannot be told apart',
  },
  'recording-not-upgradable': {
    kind: 'unsupported',
    text: 'cannot upgrade recordings of 2.1 (dp:4.21.2): its layers and brushes have no counterpart that looks the same',
    hint: 'leave out --upgrade',
  },
  'recording-header-too-long': {
    kind: 'badInput',
    text: 'the header has {bytes} bytes, a recording can hold 65535',
  },
  'recording-without-times': {
    kind: 'badInput',
    text: 'the recording holds no times: recordings of servers have none',
    hint: 'give numbers of messages instead; dp rec info shows where undo points and resets are',
  },
  'speed-without-times': {
    kind: 'badInput',
    text: 'cannot apply --speed: the recording holds no times',
    hint: 'give --duration instead',
  },
  'recording-too-short': {
    kind: 'badInput',
    text: 'the recording ends after {messages}, before the part begins',
    hint: 'look at its length with: dp rec info',
  },
  'point-after-end': {
    kind: 'badInput',
    text: 'the recording ends after {messages}, before --at',
    hint: 'look at its length with: dp rec info; --at end draws all of it',
  },
  'points-reversed': { kind: 'badInput', text: '--to lies before {from}' },
  'nothing-to-cut': {
    kind: 'badInput',
    text: 'nothing to cut',
    hint: 'add --from or --reset-at, --to, or both',
  },
  'repair-without-name': {
    kind: 'badInput',
    text: 'what comes from standard input has no name to put the result beside',
    hint: 'add --out',
  },
  'repair-in-place': {
    kind: 'badInput',
    text: 'the damaged recording is not replaced',
    hint: 'name another file with --out',
  },
  'binary-to-terminal': {
    kind: 'badInput',
    text: 'cannot print a binary recording on a terminal',
    hint: 'name an OUT, or add --to text',
  },
  'export-as-text': {
    kind: 'badInput',
    text: 'sessions are exported as binary recordings',
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
    text: 'the template names no version',
    hint: 'give it one, like dp:4.25.1',
  },
  'template-version-invalid': {
    kind: 'unsupported',
    text: "the template has the version '{version}', which is invalid",
    hint: 'give it one like dp:4.25.1',
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
  'template-layer-count': { kind: 'badInput', text: 'a template has 1 to 255 layers, not {layers}' },
  'template-size': { kind: 'badInput', text: 'a side of the canvas has 1 to {most} pixels, not {pixels}' },
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

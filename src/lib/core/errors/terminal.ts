// TABLE of errors of the program itself and of its terminal.

import { errorRows } from './rows.js';

export const terminalErrors = errorRows({
  /** What the command line library says of a flag or argument. */
  usage: {
    kind: 'badInput',
    text: '{problem}',
    hint: 'try: {command} --help',
    near: 'did you mean --{near}? try: {command} --help',
  },
  'command-unknown': {
    kind: 'badInput',
    text: "there is no command '{command}'",
    hint: 'list commands with: {program} help',
    near: "did you mean '{program} {near}'?",
  },
  'flag-invalid': {
    kind: 'badInput',
    text: "invalid value '{value}' for {flag}: expected {expected}",
    hint: 'write for example: {flag} {example}',
  },
  'value-missing': { kind: 'badInput', text: "'{word}' has no value", hint: 'write {example}' },
  'nothing-to-change': {
    kind: 'badInput',
    text: 'nothing to change',
    hint: 'list what can be changed with: {command} --help',
  },
  'nobody-to-ask': {
    kind: 'badInput',
    text: 'no terminal: cannot ask questions',
    hint: 'add --yes, and flags for what you want',
  },
  'json-needs-file': {
    kind: 'badInput',
    text: '--json takes standard output: the result needs a file',
    hint: 'name a file',
  },
  'output-is-input': {
    kind: 'badInput',
    text: 'cannot write {file}: it is the input',
    hint: 'name another file',
  },
  /** A prompt was left, with Ctrl-C or because the terminal was closed. */
  stopped: { kind: 'refused', text: 'stopped; nothing was changed', exit: 'failed' },
  'command-line-failed': { kind: 'fault', text: 'the command failed: {reason}' },
  /** The system's own words, which name the file. */
  'system-call-failed': { kind: 'fault', text: 'system error: {reason}' },
  'thread-failed': { kind: 'fault', text: 'a thread failed: {reason}' },
  bug: {
    kind: 'fault',
    text: 'internal error: {reason}',
    hint: 'run it again with DP_DEBUG=1 for a stack trace, and report it with that output',
  },
});

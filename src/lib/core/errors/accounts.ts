// TABLE of errors of accounts and their passwords.

import { errorRows } from './rows.js';

export const accountErrors = errorRows({
  'account-not-found': {
    kind: 'notFound',
    text: "there is no account '{account}'",
    hint: 'try: dp user list',
    near: "did you mean '{near}'?",
  },
  'account-gone': { kind: 'notFound', text: 'the account is gone' },
  'account-exists': {
    kind: 'conflict',
    text: "there is an account '{account}' already",
    hint: 'try: dp user show {account}',
  },
  'account-name-taken': {
    kind: 'conflict',
    text: "'{account}' is the same name as that of the account '{other}'",
    hint: "try: dp user passwd '{other}'",
  },
  'account-name-invalid': { kind: 'badInput', text: "'{account}' cannot be an account: {problem}" },
  'account-name-in-file': {
    kind: 'badInput',
    text: "'{account}' cannot be an account in a settings file",
    hint: 'choose a name without a colon and blanks around it that does not begin with # or [',
  },
  'account-without-password': { kind: 'badInput', text: 'an account needs a password' },
  'account-locked-for-good': {
    kind: 'conflict',
    text: "cannot unlock the account '{account}': it has no password",
    hint: 'give it one with: dp user passwd {account}',
  },
  'account-flag-invalid': {
    kind: 'badInput',
    text: "'{flag}' is no flag of an account",
    hint: 'choose from: {flags}',
  },
  'account-flag-in-file': {
    kind: 'unsupported',
    text: "'{flag}' cannot be a flag in a settings file",
    hint: 'give words such as MOD and HOST',
  },
  'account-name-with-colon': {
    kind: 'unsupported',
    text: "an account in a settings file cannot have ':' in its name",
    hint: 'keep it in a database (--database)',
  },
  'account-name-with-blanks': {
    kind: 'unsupported',
    text: "the name of an account in a settings file cannot begin with a blank, '#' or '[', or end with a blank",
    hint: 'keep it in a database (--database)',
  },
  'account-password-with-colon': {
    kind: 'unsupported',
    text: "a password in plain text cannot have ':' in a settings file",
    hint: 'keep it in a database (--database)',
  },
  'account-password-unreadable': {
    kind: 'unsupported',
    text: "the account '{account}' would not be read: {problem}",
    hint: 'keep it in a database (--database)',
  },
  'password-not-sent': { kind: 'badInput', text: 'no password came on standard input' },
  'password-not-typed': {
    kind: 'badInput',
    text: 'nobody is there to type a password',
    hint: 'add --password-stdin and send it on standard input, or --generate',
  },
  'password-not-changed': { kind: 'fault', text: 'the server stops: the password was not changed' },
});

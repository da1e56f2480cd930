// TABLE of errors of accounts and their passwords.

import { errorRows } from './rows.js';

export const accountErrors = errorRows({
  'account-not-found': {
    kind: 'notFound',
    text: "there is no account '{account}'",
    hint: 'try: dp user list',
    near: "did you mean '{near}'?",
  },
  'account-gone': { kind: 'notFound', text: 'the account no longer exists' },
  'account-exists': {
    kind: 'conflict',
    text: "account '{account}' already exists",
    hint: 'try: dp user show {account}',
  },
  'account-name-taken': {
    kind: 'conflict',
    text: "account name '{account}' is already taken by '{other}'",
    hint: "try: dp user passwd '{other}'",
  },
  'account-name-invalid': { kind: 'badInput', text: "invalid account name '{account}': {problem}" },
  'account-name-in-file': {
    kind: 'badInput',
    text: "account name '{account}' cannot be stored in a settings file",
    hint: "choose a name without ':' and surrounding blanks that does not begin with '#' or '['",
  },
  'account-locked-for-good': {
    kind: 'conflict',
    text: "cannot unlock the account '{account}': it has no password",
    hint: 'set a password with: dp user passwd {account}',
  },
  'account-flag-invalid': {
    kind: 'badInput',
    text: "invalid account flag '{flag}'",
    hint: 'choose from: {flags}',
  },
  'account-flag-in-file': {
    kind: 'unsupported',
    text: "account flag '{flag}' cannot be stored in a settings file",
    hint: 'use flags such as MOD and HOST',
  },
  'account-name-with-colon': {
    kind: 'unsupported',
    text: "an account name in a settings file cannot contain ':'",
    hint: 'use a database (--database FILE)',
  },
  'account-name-with-blanks': {
    kind: 'unsupported',
    text: "an account name in a settings file cannot begin with a blank, '#' or '[', or end with a blank",
    hint: 'use a database (--database FILE)',
  },
  'account-password-with-colon': {
    kind: 'unsupported',
    text: "a plain-text password in a settings file cannot contain ':'",
    hint: 'use a database (--database FILE)',
  },
  'account-password-unreadable': {
    kind: 'unsupported',
    text: "account '{account}' cannot be stored in a settings file: {problem}",
    hint: 'use a database (--database FILE)',
  },
  'password-not-sent': { kind: 'badInput', text: 'no password on standard input' },
  'password-not-typed': {
    kind: 'badInput',
    text: 'no terminal: cannot prompt for a password',
    hint: 'add --password-stdin and pass it on standard input, or add --generate',
  },
  'password-not-changed': { kind: 'fault', text: 'cannot change the password: the server is shutting down' },
});

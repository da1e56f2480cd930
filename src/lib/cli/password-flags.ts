// Where a password comes from: flags shared by the commands that store one. Never from the command line itself,
// which everybody on the machine can read.

import { Flags } from './oclif.js';

export const lockPasswordFlag = Flags.boolean({
  summary: 'Read the password of the locks from the first line of standard input',
});

export const passwordFlags = {
  'password-stdin': Flags.boolean({
    helpGroup: 'PASSWORD',
    summary: 'Read the password from the first line of standard input',
    exclusive: ['generate'],
  }),
  generate: Flags.boolean({
    helpGroup: 'PASSWORD',
    summary: 'Generate a password and print it',
  }),
  pbkdf2: Flags.boolean({
    helpGroup: 'PASSWORD',
    summary: 'Store the password as PBKDF2, for servers that were built without libsodium',
  }),
};

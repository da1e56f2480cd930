// TABLE of errors of server-wide bans.

import { errorRows } from './rows.js';

export const banErrors = errorRows({
  'ban-not-found': { kind: 'notFound', text: 'there is no ban {ban}', hint: 'try: dp ban list --expired' },
  'ban-ambiguous': {
    kind: 'badInput',
    text: 'there are {count} bans of {ban}',
    hint: 'choose one of: {refs}',
  },
  'ban-unnamed': {
    kind: 'badInput',
    text: 'no ban is named',
    hint: 'name bans, or add --expired or --all; see them with: dp ban list',
  },
  'ban-exists': {
    kind: 'conflict',
    text: '{subnet} is banned already',
    hint: 'change that ban with: dp ban edit {ban}',
  },
  'ban-without-address': {
    kind: 'badInput',
    text: "bans of kind '{kind}' have no address",
    hint: 'leave out one of them',
  },
  'ban-of-everybody': {
    kind: 'badInput',
    text: 'prefix length {bits} would ban all {family} addresses',
    hint: 'set sessionCountLimit to close the server, or stop it',
  },
  'ban-reaction-invalid': {
    kind: 'badInput',
    text: "'{reaction}' is no reaction",
    hint: 'choose one of: {reactions}',
  },
  'ban-address-with-reason': {
    kind: 'badInput',
    text: 'a ban of an address has no reason or reaction, only a comment',
  },
  'bans-without-details': {
    kind: 'unsupported',
    text: 'bans in a settings file have no expiry, reason or comment',
    hint: 'leave them out, or keep the server in a database (--database FILE)',
  },
  'ban-rule-invalid': { kind: 'badInput', text: 'sessions, days and penalty are numbers above zero' },
  'system-id-invalid': {
    kind: 'badInput',
    text: "'{sid}' is no system id of a client",
    hint: "see the system ids of clients in the server log: 'dp log --topic ClientInfo'",
  },
  'user-number-missing': {
    kind: 'badInput',
    text: 'a user is banned by the number of the account at the login server',
  },
  'user-number-invalid': {
    kind: 'badInput',
    text: "'{user}' is no number of an account",
    hint: "keep an account of this server out with: dp user set '{user}' --lock",
  },
  'address-invalid': {
    kind: 'badInput',
    text: "'{address}' is not an IP address",
    hint: 'write it as in 192.0.2.7 or 2001:db8::7',
  },
  'subnet-invalid': {
    kind: 'badInput',
    text: 'cannot read the address: {problem}',
    hint: 'write ADDRESS or ADDRESS/BITS, as in 192.0.2.0/24',
  },
  'expiry-invalid': {
    kind: 'badInput',
    text: "invalid ban expiry '{expiry}'",
    hint: 'write 12h, 7d, 4w or 1y from now, a moment such as {examples}, or never',
  },
  'expiry-out-of-range': {
    kind: 'badInput',
    text: 'invalid ban expiry {expiry}',
    hint: 'give milliseconds since 1970, up to the year 9999, or null for a ban that does not end',
  },
  'expiry-past': { kind: 'badInput', text: "'{expiry}' is over already", hint: 'name a moment to come' },
  'external-bans-unfollowed': {
    kind: 'refused',
    text: 'no external ban list is followed',
    hint: 'set one: dp config set extBansUrl URL',
  },
  'external-ban-not-found': { kind: 'notFound', text: 'the external ban list has no entry {ban}' },
});

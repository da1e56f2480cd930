// TABLE of errors of server-wide bans.

import { errorRows } from './rows.js';

export const banErrors = errorRows({
  'ban-not-found': { kind: 'notFound', text: "there is no ban '{ban}'", hint: 'try: dp ban list --expired' },
  'ban-ambiguous': {
    kind: 'badInput',
    text: "{count} bans match '{ban}'",
    hint: 'choose one of: {refs}',
  },
  'ban-unnamed': {
    kind: 'badInput',
    text: 'no ban given',
    hint: 'name bans, or add --expired or --all; list bans with: dp ban list',
  },
  'ban-exists': {
    kind: 'conflict',
    text: "'{subnet}' is already banned",
    hint: 'change the ban with: dp ban edit {ban}',
  },
  'ban-line-invalid': {
    kind: 'badInput',
    text: 'line {line}: {problem}',
    hint: 'correct the line; nothing was imported',
  },
  'ban-twice': { kind: 'badInput', text: "'{target}' is in line {line} already" },
  'bans-too-many': {
    kind: 'badInput',
    text: '{count} bans are more than the {most} that one import may have',
    hint: 'run an import for each part of them',
  },
  'ban-kind-invalid': {
    kind: 'badInput',
    text: "invalid kind of ban '{kind}': expected ip, client or user",
  },
  'ban-reaction-invalid': {
    kind: 'badInput',
    text: "invalid reaction '{reaction}': expected one of {reactions}",
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
  'ban-address-with-reason': {
    kind: 'badInput',
    text: 'a ban of an address takes a comment, but no reason or reaction',
  },
  'bans-without-details': {
    kind: 'unsupported',
    text: 'bans in a settings file have no expiry, reason or comment',
    hint: 'leave them out, or use a database (--database FILE)',
  },
  'user-number-invalid': {
    kind: 'badInput',
    text: "invalid user number '{user}'",
    hint: "lock an account of this server with: dp user set '{user}' --lock",
  },
  'address-invalid': {
    kind: 'badInput',
    text: "invalid IP address '{address}'",
    hint: 'write an address such as 192.0.2.7 or 2001:db8::7',
  },
  'subnet-invalid': {
    kind: 'badInput',
    text: 'invalid address: {problem}',
    hint: 'write ADDRESS or ADDRESS/BITS, such as 192.0.2.0/24',
  },
  'expiry-invalid': {
    kind: 'badInput',
    text: "invalid ban expiry '{expiry}'",
    hint: 'use a duration (12h, 7d, 4w, 1y), a time such as {examples}, or never',
  },
  'expiry-past': {
    kind: 'badInput',
    text: "ban expiry '{expiry}' is in the past",
    hint: 'give a time in the future',
  },
  'external-bans-unfollowed': {
    kind: 'refused',
    text: 'no external ban list is configured',
    hint: 'set one with: dp config set extBansUrl URL',
  },
  'external-ban-not-found': { kind: 'notFound', text: "the external ban list has no entry '{ban}'" },
});

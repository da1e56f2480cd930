// Inputs and outputs of operations on bans.

import type { BanReaction } from '../core/login/needs.js';
import { logEntry } from './log.js';
import {
  described,
  expiry,
  flag,
  integer,
  list,
  moment,
  newExpiry,
  number,
  object,
  oneOf,
  oneWord,
  remark,
  type Static,
  text,
  within,
} from './schema.js';

export const banReactions = [
  'normal',
  'neterror',
  'garbage',
  'hang',
  'timer',
] as const satisfies BanReaction[];

export const kind = oneWord('ip', 'client', 'user');
export const reaction = oneWord(...banReactions);

const banFacts = {
  ref: described(text, 'such as ip:3'),
  kind,
  id: integer,
  target: described(text, '10.0.0.0/8, a system id, or an account number'),
  isActive: flag,
  expires: expiry,
  added: described(expiry, 'milliseconds since 1970; null: unknown'),
  comment: text,
  reason: described(text, 'shown to the banned user; bans of addresses have none'),
  reaction,
} as const;
const banExtras = {
  stored: described(
    object({ address: text, bits: integer }),
    'of a ban of an address: as it is stored; bits 0: the single address',
  ),
} as const;
export const banView = object(banFacts, banExtras);
export type BanView = Static<typeof banView>;

const seenUser = object({ name: text, address: text, lastSeen: moment });
export type SeenUser = Static<typeof seenUser>;

export const banPreview = object({
  subnet: text,
  first: text,
  last: text,
  addresses: described(text, 'number of addresses, as text because it may exceed JSON numbers'),
  isSingle: flag,
  isRounded: described(flag, 'the given host bits are ignored: 10.1.2.3/8'),
  hasLoopback: described(flag, 'this machine itself would be banned'),
  seen: described(list(seenUser), 'users recently seen from there, newest first; empty without a log'),
  coveredBy: described(list(banView), 'active bans that already cover all of it'),
  covers: described(list(banView), 'active bans that are within it'),
});
export type BanPreview = Static<typeof banPreview>;

export const addressExplanation = object({
  address: text,
  isBanned: flag,
  matching: described(
    list(object({ ...banFacts, first: text, last: text, why: text }, banExtras)),
    'every ban that matches, ended ones too, with the range it stands for',
  ),
  sessionBans: described(list(logEntry), 'recent session bans of users from this address'),
  seen: list(seenUser),
});
export type AddressExplanation = Static<typeof addressExplanation>;

export const autoBanned = object(
  { address: text, sessions: integer, names: list(text), expires: moment, comment: text },
  { skipped: described(text, 'why this address was not banned') },
);
export type AutoBan = Static<typeof autoBanned>;

export const banFilter = object({}, { kind, withExpired: flag, address: text });
const bits = described(within(integer, { minimum: 0, maximum: 128 }), 'prefix length');
export const subnet = object({ address: text }, { bits });
export const oneAddress = object({ address: text });
const sid = described(
  within(text, {
    pattern: '^\\s*[^:\\s]+\\s*$',
    'x-expected': 'a system id, without colons and spaces',
    maxLength: 200,
  }),
  'system id of a client',
);
/** A century at the most. */
const days = within(number, { exclusiveMinimum: 0, maximum: 36_500 });
const personBan = { expires: newExpiry, comment: remark, reason: remark, reaction } as const;
export const banRequest = oneOf(
  object({ kind: oneWord('ip'), address: text }, { bits, expires: newExpiry, comment: remark }),
  object({ kind: oneWord('client'), sid }, personBan),
  object(
    {
      kind: oneWord('user'),
      userId: described(within(integer, { minimum: 1 }), 'number of the account at the login server'),
    },
    personBan,
  ),
);
export const banEdit = object({
  kind,
  id: integer,
  change: described(
    object({}, { expires: newExpiry, comment: remark, reason: remark, reaction }),
    'what is left out stays',
  ),
});
export const banChoice = oneOf(
  object({ refs: list(object({ kind, id: integer })) }),
  object({ which: oneWord('active', 'expired') }),
);
export const autoBanRules = object(
  {},
  {
    sessions: described(
      within(number, { minimum: 1 }),
      'minimum number of sessions that banned a user of the address',
    ),
    days: described(days, 'length of the period, in days'),
    penalty: described(days, 'days of the ban for each session'),
    isDryRun: flag,
  },
);

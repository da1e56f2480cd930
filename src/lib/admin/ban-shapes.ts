// What goes into operations on bans and comes out of them.

import type { BanReaction } from '../core/login/needs.js';
import { logEntry } from './log.js';
import {
  described,
  expiry,
  flag,
  list,
  moment,
  number,
  object,
  oneOf,
  oneWord,
  type Static,
  text,
  whole,
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
  id: whole,
  target: described(text, '10.0.0.0/8, a system id, or an account number'),
  isActive: flag,
  expires: expiry,
  added: described(expiry, 'milliseconds since 1970; null: unknown'),
  comment: text,
  reason: described(text, 'shown to the banned user; bans of addresses have none'),
  reaction,
} as const;
export const banView = object(banFacts);
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
    list(object({ ...banFacts, first: text, last: text, why: text })),
    'every ban that matches, ended ones too, with the range it stands for',
  ),
  sessionBans: described(list(logEntry), 'recent session bans of users from this address'),
  seen: list(seenUser),
});
export type AddressExplanation = Static<typeof addressExplanation>;

export const autoBanned = object(
  { address: text, sessions: whole, names: list(text), expires: moment, comment: text },
  { skipped: described(text, 'why this address was not banned') },
);
export type AutoBan = Static<typeof autoBanned>;

export const banFilter = object({}, { kind, withExpired: flag, address: text });
export const subnet = object({ address: text }, { bits: described(whole, 'prefix length') });
export const oneAddress = object({ address: text });
const personBan = { expires: expiry, comment: text, reason: text, reaction } as const;
export const banRequest = oneOf(
  object({ kind: oneWord('ip'), address: text }, { bits: whole, expires: expiry, comment: text }),
  object({ kind: oneWord('client'), sid: described(text, 'system id of a client') }, personBan),
  object(
    { kind: oneWord('user'), userId: described(whole, 'number of the account at the login server') },
    personBan,
  ),
);
export const banEdit = object({
  kind,
  id: whole,
  change: described(
    object({}, { expires: expiry, comment: text, reason: text, reaction }),
    'what is left out stays',
  ),
});
export const banChoice = oneOf(
  object({ refs: list(object({ kind, id: whole })) }),
  object({ which: oneWord('active', 'expired') }),
);
export const autoBanRules = object(
  {},
  {
    sessions: described(number, 'minimum number of sessions that banned a user of the address'),
    days: described(number, 'length of the period, in days'),
    penalty: described(number, 'days of the ban for each session'),
    isDryRun: flag,
  },
);

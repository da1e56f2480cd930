// Operations on server bans: of addresses, of clients (by system id), of users (by account number at the external
// login server). A ban is named by its kind and id, `ip:3`.

import {
  countAddresses,
  formatAddress,
  formatSubnet,
  isInSubnet,
  isLoopback,
  isSingleAddress,
  isSubnetWithin,
  lastAddress,
  parseAddress,
  readStoredSubnet,
  readSubnet,
  type Subnet,
} from '../core/addresses.js';
import { type Refusal, refusal } from '../core/errors.js';
import type { BanReaction } from '../core/login/needs.js';
import { lastMoment } from '../core/units.js';
import { logEntry, requireLog } from './log.js';
import type { BanChange, BanKind, IpBan, NewBan, StoredBan, Stores } from './needs.js';
import { type AdminNeeds, change, look } from './operation.js';
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

const dayMs = 86_400_000;
/** How far back "seen lately" looks. */
export const latelyDays = 30;

const kind = oneWord('ip', 'client', 'user');
const reaction = oneWord(...banReactions);

const banFacts = {
  ref: described(text, 'such as ip:3'),
  kind,
  id: whole,
  target: described(text, '10.0.0.0/8, a system id, or an account number'),
  isActive: flag,
  expires: expiry,
  added: described(expiry, 'milliseconds since 1970; null: not known'),
  comment: text,
  reason: described(text, 'told to the banned person; bans of addresses have none'),
  reaction,
} as const;
const banView = object(banFacts);
export type BanView = Static<typeof banView>;

const seenUser = object({ name: text, address: text, lastSeen: moment });
export type SeenUser = Static<typeof seenUser>;

const banPreview = object({
  subnet: text,
  first: text,
  last: text,
  addresses: described(text, 'how many; a number that may be beyond what JSON numbers hold'),
  isSingle: flag,
  isRounded: described(flag, 'host bits were given that do not count: 10.1.2.3/8'),
  hasLoopback: described(flag, 'this machine itself would be banned'),
  seen: described(list(seenUser), 'who came from there lately, newest first; none where no log is kept'),
  coveredBy: described(list(banView), 'active bans that cover all of it already'),
  covers: described(list(banView), 'active bans that are within it'),
});
export type BanPreview = Static<typeof banPreview>;

const addressExplanation = object({
  address: text,
  isBanned: flag,
  matching: described(
    list(object({ ...banFacts, first: text, last: text, why: text })),
    'every ban that matches, ended ones too, with the range it stands for',
  ),
  sessionBans: described(list(logEntry), 'when sessions banned somebody from this address lately'),
  seen: list(seenUser),
});
export type AddressExplanation = Static<typeof addressExplanation>;

const autoBanned = object(
  { address: text, sessions: whole, names: list(text), expires: moment, comment: text },
  { skipped: described(text, 'why nothing is done about this one') },
);
export type AutoBan = Static<typeof autoBanned>;

const banFilter = object({}, { kind, withExpired: flag, address: text });
const subnet = object({ address: text }, { bits: described(whole, 'length of the prefix') });
const oneAddress = object({ address: text });
const personBan = { expires: expiry, comment: text, reason: text, reaction } as const;
const banRequest = oneOf(
  object({ kind: oneWord('ip'), address: text }, { bits: whole, expires: expiry, comment: text }),
  object({ kind: oneWord('client'), sid: described(text, 'system id of a client') }, personBan),
  object(
    { kind: oneWord('user'), userId: described(whole, 'number of the account at the login server') },
    personBan,
  ),
);
const banEdit = object({
  kind,
  id: whole,
  change: described(
    object({}, { expires: expiry, comment: text, reason: text, reaction }),
    'what is left out stays',
  ),
});
const banChoice = oneOf(
  object({ refs: list(object({ kind, id: whole })) }),
  object({ which: oneWord('active', 'expired') }),
);
const autoBanRules = object(
  {},
  {
    sessions: described(number, 'from how many sessions somebody was banned'),
    days: described(number, 'in the last so many'),
    penalty: described(number, 'days of the ban for each session'),
    isDryRun: flag,
  },
);

export const banOperations = {
  'ban.list': look({
    summary: 'Bans of addresses, clients and users',
    input: banFilter,
    output: list(banView),
    run: listBans,
  }),
  'ban.preview': look({
    summary: 'What a ban of an address would cover',
    input: subnet,
    output: banPreview,
    run: previewBan,
  }),
  'ban.explain': look({
    summary: 'Which bans match an address, and why',
    input: oneAddress,
    output: addressExplanation,
    run: explainAddress,
  }),
  'ban.add': change('bans', {
    summary: 'Bans an address, a client or a user',
    input: banRequest,
    output: banView,
    run: addBan,
  }),
  'ban.change': change('bans', {
    summary: 'Changes expiry, reason or comment of a ban',
    input: banEdit,
    output: banView,
    run: changeBan,
  }),
  'ban.remove': change('bans', {
    summary: 'Lifts bans',
    input: banChoice,
    output: list(banView),
    run: removeBans,
  }),
  'ban.auto': change('bans', {
    summary: 'Bans addresses that were banned from several sessions',
    input: autoBanRules,
    output: list(autoBanned),
    run: autoBan,
  }),
};

async function listBans({ stores, now }: AdminNeeds, input: Static<typeof banFilter>): Promise<BanView[]> {
  const address = input.address === undefined ? undefined : requireAddress(input.address);
  if (address !== undefined && input.kind !== undefined && input.kind !== 'ip') {
    throw refusal('ban-without-address', { kind: input.kind });
  }
  return (await stores.bans.all())
    .filter((ban) => input.kind === undefined || ban.kind === input.kind)
    .filter((ban) => address === undefined || (ban.kind === 'ip' && matches(ban, address)))
    .map((ban) => viewOf(ban, now()))
    .filter(({ isActive }) => isActive || input.withExpired === true);
}

async function previewBan({ stores, now }: AdminNeeds, input: Static<typeof subnet>): Promise<BanPreview> {
  const subnet = requireSubnet(input.address, input.bits);
  const active = (await stores.bans.all()).filter((ban) => ban.kind === 'ip' && isActive(ban, now()));
  const withSubnet = active.flatMap((ban) => {
    const other = ban.kind === 'ip' ? subnetOfBan(ban) : undefined;
    return other === undefined ? [] : [{ ban, other }];
  });
  return {
    subnet: formatSubnet(subnet),
    first: formatAddress(subnet.base),
    last: formatAddress(lastAddress(subnet)),
    addresses: String(countAddresses(subnet)),
    isSingle: isSingleAddress(subnet),
    isRounded: formatAddress(subnet.base) !== formatAddress(parseAddress(input.address)!),
    hasLoopback: isInSubnet(parseAddress('127.0.0.1')!, subnet) || isInSubnet(parseAddress('::1')!, subnet),
    seen: await seenFrom(stores, subnet, now() - latelyDays * dayMs),
    coveredBy: withSubnet
      .filter(({ other }) => isSubnetWithin(subnet, other))
      .map(({ ban }) => viewOf(ban, now())),
    covers: withSubnet
      .filter(({ other }) => isSubnetWithin(other, subnet) && !isSubnetWithin(subnet, other))
      .map(({ ban }) => viewOf(ban, now())),
  };
}

async function seenFrom(stores: Stores, subnet: Subnet, from: number): Promise<SeenUser[]> {
  if (stores.log === undefined) return [];
  const seen = new Map<string, SeenUser>();
  for (const { user, time } of await stores.log.query({ from, order: 'newest' })) {
    if (user === undefined || user.name === '') continue;
    const address = parseAddress(user.ip);
    if (address === undefined || !isInSubnet(address, subnet)) continue;
    const key = `${user.name}\n${user.ip}`;
    if (!seen.has(key)) seen.set(key, { name: user.name, address: user.ip, lastSeen: time });
  }
  return [...seen.values()];
}

async function explainAddress(
  { stores, now }: AdminNeeds,
  input: Static<typeof oneAddress>,
): Promise<AddressExplanation> {
  const address = requireAddress(input.address);
  const text = formatAddress(address);
  const from = now() - latelyDays * dayMs;
  const matching = (await stores.bans.all()).flatMap((ban) => {
    if (ban.kind !== 'ip' || !matches(ban, address)) return [];
    const subnet = subnetOfBan(ban)!;
    const first = formatAddress(subnet.base);
    const last = formatAddress(lastAddress(subnet));
    const why = isSingleAddress(subnet)
      ? `${text} itself is banned`
      : `${text} is one of ${countAddresses(subnet)} addresses from ${first} to ${last}`;
    return [{ ...viewOf(ban, now()), first, last, why }];
  });
  const single = { base: address, bits: address.length * 8 };
  return {
    address: text,
    isBanned: matching.some((ban) => ban.isActive),
    matching,
    sessionBans: (await (stores.log?.query({ from, topics: ['Ban'], order: 'newest' }) ?? [])).filter(
      ({ user }) => sameAddress(user?.ip, address),
    ),
    seen: await seenFrom(stores, single, from),
  };
}

async function addBan({ stores, now }: AdminNeeds, input: Static<typeof banRequest>): Promise<BanView> {
  const comment = input.comment ?? '';
  const expires = requireExpiry(input.expires) ?? undefined;
  const details = { expires, comment };
  if (!stores.bans.keepsDetails && (expires !== undefined || comment !== '')) throw noDetails();
  const ban = await stores.bans.add(newBan(input, details, stores));
  // the same subnet had a ban that is over: stores give that one back as it was, and nobody would be banned
  const isRenewed = !isActive(ban, now()) && (expires === undefined || expires > now());
  if (!isRenewed) return viewOf(ban, now());
  await stores.bans.change(ban.kind, ban.id, details);
  return viewOf({ ...ban, ...details }, now());
}

function newBan(
  input: Static<typeof banRequest>,
  details: { expires: number | undefined; comment: string },
  stores: Stores,
): NewBan {
  if (input.kind === 'ip') {
    const subnet = requireSubnet(input.address, input.bits);
    const address = formatAddress(parseAddress(input.address)!);
    return { kind: 'ip', address, bits: isSingleAddress(subnet) ? 0 : subnet.bits, ...details };
  }
  const reason = input.reason ?? '';
  if (!stores.bans.keepsDetails && reason !== '') throw noDetails();
  const reaction = requireReaction(input.reaction ?? 'normal');
  if (input.kind === 'client') {
    const sid = input.sid.trim();
    if (sid === '' || /[:\s]/.test(sid)) {
      throw refusal('system-id-invalid', { sid: input.sid });
    }
    return { kind: 'client', sid, reaction, reason, ...details };
  }
  if (!Number.isSafeInteger(input.userId) || input.userId < 1) {
    throw refusal('user-number-missing');
  }
  return { kind: 'user', userId: input.userId, reaction, reason, ...details };
}

function noDetails(): Refusal {
  return refusal('bans-without-details');
}

async function changeBan({ stores, now }: AdminNeeds, input: Static<typeof banEdit>): Promise<BanView> {
  const { kind, id } = input;
  const { expires: wanted, ...rest } = input.change;
  const expires = requireExpiry(wanted);
  const change: BanChange = { ...rest, ...(expires === undefined ? {} : { expires: expires ?? undefined }) };
  const before = await requireBan(stores, kind, id);
  if (!stores.bans.keepsDetails && (change.expires || change.comment || change.reason)) throw noDetails();
  if (kind === 'ip' && (change.reason !== undefined || change.reaction !== undefined)) {
    throw refusal('ban-address-with-reason');
  }
  if (change.reaction !== undefined) requireReaction(change.reaction);
  if (!(await stores.bans.change(kind, id, change))) throw gone(kind, id);
  return viewOf({ ...before, ...change } as StoredBan, now());
}

/** What to lift: single bans, everything, or what has ended. All or none of the named ones. */
async function removeBans({ stores, now }: AdminNeeds, input: Static<typeof banChoice>): Promise<BanView[]> {
  const all = await stores.bans.all();
  const chosen =
    'which' in input
      ? all.filter((ban) => isActive(ban, now()) === (input.which === 'active'))
      : await Promise.all(input.refs.map(({ kind, id }) => requireBan(stores, kind, id)));
  if (chosen.length > 0) await stores.bans.remove(chosen.map(({ kind, id }) => ({ kind, id })));
  return chosen.map((ban) => viewOf(ban, now()));
}

/**
 * The rules of the original's bantool (cli.md §6): an address that was banned from `sessions` different sessions
 * in the last `days`, and has no ban of its own yet, is banned for `penalty` days per session.
 */
async function autoBan({ stores, now }: AdminNeeds, input: Static<typeof autoBanRules>): Promise<AutoBan[]> {
  const { sessions: least = 3, days = 2, penalty = 5 } = input;
  const log = requireLog(stores);
  if (!(least >= 1 && days > 0 && penalty > 0)) {
    throw refusal('ban-rule-invalid');
  }
  const groups = new Map<string, { sessions: Set<string>; names: Set<string> }>();
  for (const { user, session } of await log.query({
    from: now() - days * dayMs,
    topics: ['Ban'],
    order: 'oldest',
  })) {
    const address = user && parseAddress(user.ip);
    if (!user || !address || !session) continue;
    const text = formatAddress(address);
    const group = groups.get(text) ?? { sessions: new Set(), names: new Set() };
    groups.set(text, group);
    group.sessions.add(session);
    if (user.name !== '') group.names.add(user.name);
  }
  const bans = await stores.bans.all();
  const results: AutoBan[] = [];
  for (const [address, group] of groups) {
    if (group.sessions.size < least) continue;
    const names = [...group.names].sort();
    const expires = now() + penalty * group.sessions.size * dayMs;
    const comment = `Banned from ${group.sessions.size} sessions. Names used: ${names.join(', ')}`;
    const parsed = parseAddress(address)!;
    const own = bans.some(
      (ban) => ban.kind === 'ip' && isActive(ban, now()) && isSingle(ban) && matches(ban, parsed),
    );
    const skipped = own ? 'has a ban already' : isLoopback(parsed) ? 'is this machine' : undefined;
    results.push({
      address,
      sessions: group.sessions.size,
      names,
      expires,
      comment,
      ...(skipped !== undefined && { skipped }),
    });
    if (skipped === undefined && input.isDryRun !== true) {
      await stores.bans.add({ kind: 'ip', address, bits: 0, expires, comment });
    }
  }
  return results;
}

function isSingle(ban: IpBan): boolean {
  const subnet = subnetOfBan(ban);
  return subnet !== undefined && isSingleAddress(subnet);
}

/** Undefined: the stored text is not an address; such a ban matches nobody. */
export function subnetOfBan(ban: IpBan): Subnet | undefined {
  const read = readStoredSubnet(ban);
  return 'subnet' in read ? read.subnet : undefined;
}

function matches(ban: IpBan, address: Uint8Array): boolean {
  const subnet = subnetOfBan(ban);
  return subnet !== undefined && isInSubnet(address, subnet);
}

function sameAddress(text: string | undefined, address: Uint8Array): boolean {
  const other = text === undefined ? undefined : parseAddress(text);
  return other !== undefined && formatAddress(other) === formatAddress(address);
}

function requireAddress(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw refusal('address-invalid', { address: text });
}

function requireSubnet(address: string, bits: number | undefined): Subnet {
  requireAddress(address);
  const read = readSubnet(address, bits);
  if ('problem' in read) {
    throw refusal('subnet-invalid', { problem: read.problem });
  }
  if (read.subnet.bits > 0) return read.subnet;
  throw refusal('ban-of-everybody', {
    bits: String(bits),
    family: read.subnet.base.length === 4 ? 'IPv4' : 'IPv6',
  });
}

/** What cannot be written as a date would end the ban at once, or keep the store from being read. */
function requireExpiry<Given extends number | null | undefined>(expires: Given): Given {
  if (typeof expires !== 'number' || (expires >= 0 && expires <= lastMoment)) return expires;
  throw refusal('expiry-out-of-range', { expiry: expires });
}

function requireReaction(reaction: string): BanReaction {
  const known = banReactions.find((name) => name === reaction);
  if (known !== undefined) return known;
  throw refusal('ban-reaction-invalid', { reaction, reactions: banReactions.join(' ') });
}

async function requireBan(stores: Stores, kind: BanKind, id: number): Promise<StoredBan> {
  const ban = (await stores.bans.all()).find((other) => other.kind === kind && other.id === id);
  if (ban === undefined) throw gone(kind, id);
  return ban;
}

function gone(kind: BanKind, id: number): Refusal {
  return refusal('ban-not-found', { ban: `${kind}:${id}` });
}

function isActive({ expires }: StoredBan, now: number): boolean {
  return expires === undefined || expires > now;
}

function viewOf(ban: StoredBan, now: number): BanView {
  const common = {
    ref: `${ban.kind}:${ban.id}`,
    kind: ban.kind,
    id: ban.id,
    isActive: isActive(ban, now),
    expires: ban.expires ?? null,
    added: ban.added ?? null,
    comment: ban.comment,
  };
  if (ban.kind === 'ip') {
    const subnet = subnetOfBan(ban);
    // text that is no address is shown as it is stored
    const target = subnet === undefined ? ban.address : formatSubnet(subnet);
    return { ...common, target, reason: '', reaction: 'normal' };
  }
  const target = ban.kind === 'client' ? ban.sid : String(ban.userId);
  return { ...common, target, reason: ban.reason, reaction: ban.reaction };
}

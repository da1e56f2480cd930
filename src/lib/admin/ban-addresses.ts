// The addresses that bans cover: a preview of a new ban, and which bans match an address.

import {
  countAddresses,
  formatAddress,
  formatSubnet,
  isInSubnet,
  isSingleAddress,
  isSubnetWithin,
  lastAddress,
  loopbackAddresses,
  parseAddress,
  type Subnet,
} from '../core/addresses.js';
import { reason } from '../core/errors/reason.js';
import type { AddressExplanation, BanPreview, oneAddress, SeenUser, subnet } from './ban-shapes.js';
import type { Stores } from './needs.js';
import type { AdminNeeds } from './operation.js';
import type { Static } from './schema.js';
import {
  isActive,
  matches,
  requireAddress,
  requireSubnet,
  sameAddress,
  subnetOfBan,
  viewOf,
} from './stored-bans.js';

export const dayMs = 86_400_000;
/** How far back "seen lately" looks. */
export const latelyDays = 30;

export async function previewBan(
  { stores, now }: AdminNeeds,
  input: Static<typeof subnet>,
): Promise<BanPreview> {
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
    isRounded: formatAddress(subnet.base) !== formatAddress(requireAddress(input.address)),
    hasLoopback: loopbackAddresses.some((address) => isInSubnet(address, subnet)),
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

export async function explainAddress(
  { stores, now }: AdminNeeds,
  input: Static<typeof oneAddress>,
): Promise<AddressExplanation> {
  const address = requireAddress(input.address);
  const text = formatAddress(address);
  const from = now() - latelyDays * dayMs;
  const matching = (await stores.bans.all()).flatMap((ban) => {
    const subnet = ban.kind === 'ip' && matches(ban, address) ? subnetOfBan(ban) : undefined;
    if (subnet === undefined) return [];
    const first = formatAddress(subnet.base);
    const last = formatAddress(lastAddress(subnet));
    const why = isSingleAddress(subnet)
      ? reason('ban-of-address', { address: text })
      : reason('ban-of-range', { address: text, count: String(countAddresses(subnet)), first, last });
    return [{ ...viewOf(ban, now()), first, last, why: why.text }];
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

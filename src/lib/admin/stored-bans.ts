// A stored ban: what it matches, whether it is active, how it is shown; and the checks of the input for a new one.

import {
  formatAddress,
  formatSubnet,
  isInSubnet,
  isSingleAddress,
  parseAddress,
  readStoredSubnet,
  readSubnet,
  type Subnet,
} from '../core/addresses.js';
import { type Refusal, refusal } from '../core/errors.js';
import type { BanView } from './ban-shapes.js';
import type { BanKind, IpBan, StoredBan, Stores } from './needs.js';

export function isSingle(ban: IpBan): boolean {
  const subnet = subnetOfBan(ban);
  return subnet !== undefined && isSingleAddress(subnet);
}

/** Undefined: the stored text is not an address; such a ban matches nobody. */
export function subnetOfBan(ban: IpBan): Subnet | undefined {
  const read = readStoredSubnet(ban);
  return 'subnet' in read ? read.subnet : undefined;
}

export function matches(ban: IpBan, address: Uint8Array): boolean {
  const subnet = subnetOfBan(ban);
  return subnet !== undefined && isInSubnet(address, subnet);
}

export function sameAddress(text: string | undefined, address: Uint8Array): boolean {
  const other = text === undefined ? undefined : parseAddress(text);
  return other !== undefined && formatAddress(other) === formatAddress(address);
}

export function requireAddress(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw refusal('address-invalid', { address: text });
}

export function requireSubnet(address: string, bits: number | undefined): Subnet {
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

export async function requireBan(stores: Stores, kind: BanKind, id: number): Promise<StoredBan> {
  const ban = (await stores.bans.all()).find((other) => other.kind === kind && other.id === id);
  if (ban === undefined) throw gone(kind, id);
  return ban;
}

export function gone(kind: BanKind, id: number): Refusal {
  return refusal('ban-not-found', { ban: `${kind}:${id}` });
}

export function isActive({ expires }: StoredBan, now: number): boolean {
  return expires === undefined || expires > now;
}

export function viewOf(ban: StoredBan, now: number): BanView {
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
    // text that is not an address is shown as it is stored
    const target = subnet === undefined ? ban.address : formatSubnet(subnet);
    const { address, bits } = ban;
    return { ...common, target, reason: '', reaction: 'normal', stored: { address, bits } };
  }
  const target = ban.kind === 'client' ? ban.sid : String(ban.userId);
  return { ...common, target, reason: ban.reason, reaction: ban.reaction };
}

// Which addresses belong to the public internet. Addresses from users are fetched only there.

import { BlockList, isIP } from 'node:net';

// IANA special-purpose registries: everything that is not globally reachable unicast.
const special = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  special.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  special.addSubnet(network, bits, 'ipv6');
}

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** IPv4 addresses inside IPv6 ones, in the form that URLs give them: mapped, and translated (RFC 6052). */
const embedded = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** Whether `address` (an IP literal) is reachable for everybody on the internet. Anything else is not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  const plain = canonicalIpv6(address);
  if (plain === undefined) return false;
  const [, high, low] = embedded.exec(plain) ?? [];
  if (high !== undefined && low !== undefined)
    return isPublicAddress(dotted(Number.parseInt(high, 16), Number.parseInt(low, 16)));
  return globalUnicast.check(plain, 'ipv6') && !special.check(plain, 'ipv6');
}

function canonicalIpv6(address: string): string | undefined {
  const [withoutZone = ''] = address.split('%', 1);
  if (isIP(withoutZone) !== 6) return undefined;
  return new URL(`http://[${withoutZone}]/`).hostname.slice(1, -1);
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

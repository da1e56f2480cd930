// IP addresses and subnets as bytes: reading, writing, and which address lies in which subnet.
// A v4-mapped v6 address is its v4 address everywhere (config.md §6). IPv4-compatible addresses (`::10.0.0.1`, RFC 4291
// §2.5.5.1) belong to nobody and are refused; translated ones (`64:ff9b::10.0.0.1`) are IPv6 addresses like others.

import { type Reason, reason } from './errors/reason.js';

/** 4 bytes (v4) or 16 bytes (v6), in network order. */
export type Address = Uint8Array;

/** All addresses whose first `bits` bits are those of `base`; the rest of `base` is zero. */
export interface Subnet {
  base: Address;
  bits: number;
}

/** Undefined for what is not an address. A zone (`fe80::1%eth0`) is left out. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) return parseV4(text);
  const v6 = parseV6(text.replace(/%[^%/\s]+$/, ''));
  return v6 === undefined || isCompatible(v6) ? undefined : unmapped(v6);
}

/** The usual form of an address that anybody wrote; undefined for what is not an address. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`, or one address. Undefined for anything else. */
export function parseSubnet(text: string): Subnet | undefined {
  const read = readSubnetText(text);
  return 'subnet' in read ? read.subnet : undefined;
}

/** A subnet, or why a text is none. */
export type SubnetReading = { subnet: Subnet } | { problem: Reason };

/** The same with the reason: what follows the slash is a prefix length or an IPv4 netmask. */
export function readSubnetText(text: string): SubnetReading {
  const slash = text.indexOf('/');
  if (slash < 0) return readSubnet(text, undefined);
  const address = text.slice(0, slash);
  const prefix = text.slice(slash + 1);
  if (/^\d{1,3}$/.test(prefix)) return readSubnet(address, Number(prefix));
  const bits = bitsOfNetmask(prefix);
  if (bits !== undefined && !address.includes(':')) return readSubnet(address, bits);
  return { problem: reason('prefix-unreadable', { prefix }) };
}

/**
 * The one way in which an address with a prefix length is read, from every source (an administrator, a file, a
 * database, a list, another server). Undefined bits: the single address. The prefix of a mapped address counts the 96
 * bits before the IPv4 part; shorter ones are refused, because they would be meant in two ways.
 */
export function readSubnet(addressText: string, bits: number | undefined): SubnetReading {
  const address = parseAddress(addressText);
  if (address === undefined) return { problem: reason('address-unreadable', { address: addressText }) };
  const size = address.length * 8;
  if (bits === undefined) return { subnet: { base: address, bits: size } };
  const isMapped = address.length === 4 && addressText.includes(':');
  const prefix = isMapped ? bits - 96 : bits;
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > size) {
    const code = isMapped
      ? 'prefix-beyond-mapped'
      : size === 32
        ? 'prefix-beyond-ipv4'
        : 'prefix-beyond-ipv6';
    return { problem: reason(code, { bits }) };
  }
  return { subnet: { base: masked(address, prefix), bits: prefix } };
}

/** A ban as stores keep it: 0 bits is the single address. */
export interface StoredSubnet {
  address: string;
  bits: number;
}

/** What a stored ban means. `isCorrected`: it is stored wrongly, with a meaning that is certain. */
export type StoredSubnetReading = { subnet: Subnet; isCorrected: boolean } | { problem: Reason };

/**
 * Reads a stored ban. IPv4 with a prefix of 97 to 128 was stored by earlier versions for a mapped address, and means
 * that one; an address of which all addresses would be banned is not a ban.
 */
export function readStoredSubnet({ address, bits }: StoredSubnet): StoredSubnetReading {
  const plain = readSubnet(address, bits === 0 ? undefined : bits);
  if ('subnet' in plain) {
    return plain.subnet.bits === 0
      ? { problem: reason('prefix-of-all', { bits }) }
      : { ...plain, isCorrected: false };
  }
  const isPlainV4 = !address.includes(':') && parseAddress(address) !== undefined;
  if (!isPlainV4 || bits <= 96) return plain;
  const mapped = readSubnet(`::ffff:${address}`, bits);
  return 'subnet' in mapped ? { ...mapped, isCorrected: true } : plain;
}

export function isInSubnet(address: Address, { base, bits }: Subnet): boolean {
  if (address.length !== base.length) return false;
  return sameBytes(masked(address, bits), base);
}

/** Whether every address of `inner` is in `outer`. */
export function isSubnetWithin(inner: Subnet, outer: Subnet): boolean {
  return inner.bits >= outer.bits && isInSubnet(inner.base, outer);
}

export function isSingleAddress({ base, bits }: Subnet): boolean {
  return bits === base.length * 8;
}

/** How many addresses. */
export function countAddresses({ base, bits }: Subnet): bigint {
  return 1n << BigInt(base.length * 8 - bits);
}

export function lastAddress({ base, bits }: Subnet): Address {
  return base.map((byte, index) => byte | (~maskByte(bits, index) & 0xff));
}

/** The usual form: `10.0.0.1`, `2001:db8::1`. */
export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((address[index * 2] ?? 0) << 8) | (address[index * 2 + 1] ?? 0),
  );
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}

/** `10.0.0.0/8`; a single address without its bits. */
export function formatSubnet(subnet: Subnet): string {
  const text = formatAddress(subnet.base);
  return isSingleAddress(subnet) ? text : `${text}/${subnet.bits}`;
}

/** The same order for all addresses, of either family: IPv4 stands where its mapped form does. */
export function compareAddresses(a: Address, b: Address): number {
  const left = mapped(a);
  const right = mapped(b);
  for (let index = 0; index < 16; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function mapped(address: Address): Address {
  if (address.length === 16) return address;
  return Uint8Array.from([...new Array<number>(10).fill(0), 0xff, 0xff, ...address]);
}

/** Whether an address that is written somehow is one of this machine; what is not an address is not. */
export function isLoopbackText(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isLoopback(address);
}

/** The usual loopback addresses of IPv4 and IPv6. */
export const loopbackAddresses: readonly Address[] = [
  Uint8Array.of(127, 0, 0, 1),
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
];

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: Address): boolean {
  return address.length === 4
    ? address[0] === 127
    : address.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

/** Digit by digit: a person's address is looked at a dozen times on the way into a session. */
function parseV4(text: string): Address | undefined {
  const address = new Uint8Array(4);
  let part = 0;
  let digits = 0;
  let number = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit === dot) {
      if (digits === 0 || part === 3) return undefined;
      address[part++] = number;
      digits = number = 0;
      continue;
    }
    // no leading zeros: some read them as octal
    if (digit < 0 || digit > 9 || (digits > 0 && number === 0)) return undefined;
    number = number * 10 + digit;
    digits++;
    if (number > 255) return undefined;
  }
  if (part !== 3 || digits === 0) return undefined;
  address[3] = number;
  return address;
}

/** Where a dot is, counted from the digit 0. */
const dot = -2;

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const read = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  const [head, tail] = read;
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (tail === undefined) return head.length === 16 ? Uint8Array.from(head) : undefined;
  // `::` stands for at least one group
  if (head.length + tail.length > 14) return undefined;
  const zeros = new Array<number>(16 - head.length - tail.length).fill(0);
  return Uint8Array.from([...head, ...zeros, ...tail]);
}

/** The bytes of `a:b:c`; the very last group may be a v4 address. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (isEnd && index === groups.length - 1 && group.includes('.')) {
      const v4 = parseV4(group);
      if (v4 === undefined) return undefined;
      bytes.push(...v4);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/** `::a.b.c.d` and the same in hex; `::` and `::1` have other meanings. */
function isCompatible(v6: Address): boolean {
  return v6.every((byte, index) => index >= 12 || byte === 0) && (v6[12] !== 0 || v6[13] !== 0);
}

/** `255.255.0.0` is 16; undefined for what is not a netmask. */
function bitsOfNetmask(text: string): number | undefined {
  const mask = parseV4(text);
  if (mask === undefined) return undefined;
  for (let bits = 0; bits <= 32; bits++) {
    if (mask.every((byte, index) => byte === maskByte(bits, index))) return bits;
  }
  return undefined;
}

function unmapped(v6: Address): Address {
  const isMapped = v6.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff));
  return isMapped ? v6.slice(12) : v6;
}

/** What one customer has: an IPv4 address, an IPv6 network. Any other text is itself. */
export function networkText(ip: string): string {
  const address = parseAddress(ip);
  if (address === undefined) return ip;
  return address.length === 4 ? formatAddress(address) : formatAddress(masked(address, 64));
}

/** A copy in which everything beyond the first `bits` bits is zero. */
export function masked(address: Address, bits: number): Address {
  return address.map((byte, index) => byte & maskByte(bits, index));
}

/** The bits of byte `index` that belong to a prefix. */
function maskByte(bits: number, index: number): number {
  const kept = Math.max(0, Math.min(8, bits - index * 8));
  return (0xff << (8 - kept)) & 0xff;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, index) => byte === b[index]);
}

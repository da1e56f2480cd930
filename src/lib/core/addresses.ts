// IP addresses and subnets as bytes: reading, writing, and which address lies in which subnet.
// A v4-mapped v6 address is its v4 address everywhere (config.md §6).

/** 4 bytes (v4) or 16 bytes (v6), in network order. */
export type Address = Uint8Array;

/** All addresses whose first `bits` bits are those of `base`; the rest of `base` is zero. */
export interface Subnet {
  base: Address;
  bits: number;
}

/** Undefined for what is no address. A zone (`fe80::1%eth0`) is left out. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) return parseV4(text);
  const v6 = parseV6(text.replace(/%.*$/s, ''));
  return v6 === undefined ? undefined : unmapped(v6);
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Bits beyond the family's are no subnet. */
export function parseSubnet(text: string): Subnet | undefined {
  const slash = text.indexOf('/');
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const bitsText = slash < 0 ? '' : text.slice(slash + 1);
  if (slash >= 0 && !/^\d{1,3}$/.test(bitsText)) return undefined;
  return subnetOf(addressText, slash < 0 ? undefined : Number(bitsText));
}

/** The subnet of an address with a prefix length as it was written; undefined bits: the single address. */
export function subnetOf(addressText: string, bits: number | undefined): Subnet | undefined {
  const address = parseAddress(addressText);
  if (address === undefined) return undefined;
  let prefix = bits ?? address.length * 8;
  // the prefix of a mapped address counts the 96 bits before the v4 part
  if (bits !== undefined && addressText.includes(':') && address.length === 4) prefix -= 96;
  if (prefix < 0 || prefix > address.length * 8) return undefined;
  return { base: masked(address, prefix), bits: prefix };
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
    (_, index) => (address[index * 2]! << 8) | address[index * 2 + 1]!,
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

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: Address): boolean {
  return address.length === 4
    ? address[0] === 127
    : address.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined;
}

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

function unmapped(v6: Address): Address {
  const isMapped = v6.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff));
  return isMapped ? v6.slice(12) : v6;
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

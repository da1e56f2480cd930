// For whom a proxy speaks: forwarded addresses are believed only when a trusted proxy says them (http.md §7.3).
import type { IncomingHttpHeaders } from 'node:http';
import {
  formatAddress,
  isInSubnet,
  isLoopback,
  parseAddress,
  parseSubnet,
  type Subnet,
} from '../../core/addresses.js';

export interface ClientAddress {
  ip: string;
  source: 'peer' | 'X-Real-IP' | 'X-Forwarded-For';
}

export class TrustedProxies {
  readonly #subnets: readonly Subnet[];

  /** Addresses or subnets; this machine is always trusted. */
  constructor(texts: readonly string[] = []) {
    this.#subnets = texts.flatMap((text) => parseSubnet(text) ?? []);
  }

  trusts(ip: string): boolean {
    const address = parseAddress(ip);
    if (address === undefined) return false;
    return isLoopback(address) || this.#subnets.some((subnet) => isInSubnet(address, subnet));
  }

  /** The client behind `peer`: X-Real-IP, else the last address of X-Forwarded-For that is no proxy of ours. */
  clientOf(peer: string, headers: IncomingHttpHeaders): ClientAddress {
    if (!this.trusts(peer)) return { ip: peer, source: 'peer' };
    const real = parseAddress(String(headers['x-real-ip'] ?? '').trim());
    if (real) return { ip: formatAddress(real), source: 'X-Real-IP' };
    const hops = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((hop) => parseAddress(hop.trim()));
    for (const hop of hops.reverse()) {
      if (hop === undefined) break;
      const ip = formatAddress(hop);
      if (!this.trusts(ip)) return { ip, source: 'X-Forwarded-For' };
    }
    return { ip: peer, source: 'peer' };
  }
}

// Determines the client's address behind proxies: forwarded addresses count only if a trusted proxy reports them
// (http.md §7.3), in the forms of X-Real-IP, X-Forwarded-For and RFC 7239. If such a proxy sends something
// unreadable, the client is refused and never taken for the proxy, which would be every client and, on this machine,
// would have local rights.

import {
  type Address,
  formatAddress,
  isInSubnet,
  isLoopback,
  isLoopbackText,
  parseAddress,
  parseSubnet,
  type Subnet,
} from '../addresses.js';
import { type Reason, reason } from '../errors/reason.js';

/** Headers of a request, by lower-case name; several of one name joined with commas, as Node does it. */
export type ProxyHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type ClientAddress =
  | { ip: string; source: 'peer' | ForwardingHeader }
  /** A trusted proxy forwards a connection without a valid client address. */
  | { problem: Reason };

/** The first of these that a request has is the one that counts: X-Real-IP is what proxies set and never pass on. */
const forwardingHeaders = ['X-Real-IP', 'X-Forwarded-For', 'Forwarded'] as const;
type ForwardingHeader = (typeof forwardingHeaders)[number];

/** Headers by which a proxy shows itself without saying for whom it speaks, or says so in a way that is not read. */
const proxyMark =
  /^(?:via|x-forwarded(?:-.+)?|forwarded-for|x-original-.+|x-envoy-.+|x-proxyuser-ip|cf-(?:connecting-ip(?:v6)?|ray)|(?:.+-)?client-ip)$/;

export class TrustedProxies {
  readonly #subnets: readonly Subnet[];

  /** Addresses or subnets; this machine is always trusted. */
  constructor(texts: readonly string[] = []) {
    this.#subnets = texts.flatMap((text) => parseSubnet(text) ?? []);
  }

  trusts(ip: string): boolean {
    const address = parseAddress(ip);
    return address !== undefined && this.#isTrusted(address);
  }

  /** The client behind `peer`: the last address that is said and is not a proxy of ours. */
  clientOf(peer: string, headers: ProxyHeaders): ClientAddress {
    if (!this.trusts(peer)) return { ip: peer, source: 'peer' };
    const source = forwardingHeaders.find((name) => headers[name.toLowerCase()] !== undefined);
    if (source === undefined) {
      const mark = Object.keys(headers).find((name) => headers[name] !== undefined && proxyMark.test(name));
      if (mark === undefined) return { ip: peer, source: 'peer' };
      return {
        problem: reason('proxy-without-client', { proxy: peer, mark, headers: forwardingHeaders.join(', ') }),
      };
    }
    const text = [headers[source.toLowerCase()] ?? []].flat().join(', ');
    const hops = source === 'Forwarded' ? forwardedNodes(text) : splitList(text, ',').map(unquoted);
    const ip = this.#clientAmong(hops, peer);
    if (ip !== undefined) return { ip, source };
    return {
      problem: reason('proxy-client-unreadable', { proxy: peer, header: source, text: text.slice(0, 200) }),
    };
  }

  /** From the nearest hop on; each is said by the one after it. All trusted: the first one is the client. */
  #clientAmong(hops: readonly (string | undefined)[], peer: string): string | undefined {
    let reporter = peer;
    for (const hop of [...hops].reverse()) {
      const address = hop === undefined ? undefined : readNode(hop);
      if (address === undefined) return undefined;
      // Another machine that speaks of itself is not this one.
      const ip = isLoopback(address) && !isLoopbackText(reporter) ? reporter : formatAddress(address);
      if (!this.#isTrusted(address)) return ip;
      reporter = ip;
    }
    return reporter;
  }

  #isTrusted(address: Address): boolean {
    return isLoopback(address) || this.#subnets.some((subnet) => isInSubnet(address, subnet));
  }
}

/** `192.0.2.7`, `192.0.2.7:80`, `2001:db8::7`, `[2001:db8::7]`, `[2001:db8::7]:80`; ports may be hidden (`_x`). */
function readNode(text: string): Address | undefined {
  const bracketed = /^\[([^\]]*)\](?::(?:\d{1,5}|_[\w.-]+))?$/.exec(text)?.[1];
  const withPort = /^([\d.]+):(?:\d{1,5}|_[\w.-]+)$/.exec(text)?.[1];
  // a bracketed address is IPv6
  const address =
    bracketed === undefined || bracketed.includes(':')
      ? parseAddress(bracketed ?? withPort ?? text)
      : undefined;
  const isSomebody = address?.some((byte) => byte !== 0) ?? false;
  return isSomebody ? address : undefined;
}

/** The `for` of each element of a Forwarded header (RFC 7239 §4); undefined: it says none, or what it says is broken. */
function forwardedNodes(text: string): (string | undefined)[] {
  return splitList(text, ',').map((element) => {
    const nodes = splitList(element ?? '', ';').flatMap((pair) => {
      const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=(.*)$/s.exec(pair ?? '') ?? [];
      return name?.toLowerCase() === 'for' ? [unquoted(value)] : [];
    });
    return nodes.length === 1 ? nodes[0] : undefined;
  });
}

/** The parts between separators that are not quoted; undefined: a quote has no end. */
function splitList(text: string, separator: ',' | ';'): (string | undefined)[] {
  const parts: (string | undefined)[] = [];
  let part = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (isQuoted && character === '\\' && at + 1 < text.length) {
      part += character + text[++at];
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  parts.push(isQuoted ? undefined : part);
  return parts;
}

/** Without blanks around it and, where it is one, as the text that a quoted string stands for. */
function unquoted(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  const quoted = trimmed === undefined ? undefined : /^"((?:[^"\\]|\\.)*)"$/s.exec(trimmed)?.[1];
  return quoted === undefined ? trimmed : quoted.replace(/\\(.)/gs, '$1').trim();
}

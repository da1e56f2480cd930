// What is printed when the server has started: addresses, data folder, disabled features.
import { networkInterfaces } from 'node:os';
import { printable } from '../core/printable.js';
import { drawpileLink, pageLink } from '../core/session/join-links.js';

/** Addresses of this computer by which others may reach it, IPv4 first. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((each) => !each.internal && !each.address.startsWith('fe80:'));
  return [
    ...all.filter((each) => each.family === 'IPv4'),
    ...all.filter((each) => each.family !== 'IPv4'),
  ].map((each) => each.address);
}

/** Where a browser finds this server; unencrypted that is on this machine only. */
function webAddress({ webPort, hasTls, localHost }: StartFacts): string {
  const host = localHost === undefined || !hasTls ? 'localhost' : localHost;
  return pageLink(host, webPort, { scheme: hasTls ? 'https' : 'http' });
}

export interface StartFacts {
  /** What was asked for with --listen; undefined: all addresses. */
  host: string | undefined;
  port: number;
  /** The name people know, if one is configured. */
  localHost: string | undefined;
  version: string;
  protocol: string;
  node: string;
  /** 0: there is none. */
  webPort: number;
  hasTls: boolean;
  /** One line: where data lives. */
  data: string;
  /** What is off, each with the flag that turns it on. */
  off: readonly string[];
  /** What else is worth a line, such as having become another user. */
  notes: readonly string[];
}

/** Asked to listen on all addresses of this machine. */
export const isAnyHost = (host: string | undefined): host is undefined | '::' | '0.0.0.0' =>
  host === undefined || host === '::' || host === '0.0.0.0';

/** Names or addresses for those who want to join, the likeliest first. `host`: what was asked for with --listen. */
export function joinHosts({ host, localHost }: Pick<StartFacts, 'host' | 'localHost'>): string[] {
  const hosts = localHost ? [localHost] : isAnyHost(host) ? ownAddresses().slice(0, 3) : [host];
  return hosts.length > 0 ? hosts : ['127.0.0.1'];
}

/** Only this computer connects to it. */
export const isLoopbackHost = (host: string | undefined): boolean =>
  host === '::1' || host?.startsWith('127.') === true;

export function greetingText(facts: StartFacts): string {
  const addresses = joinHosts(facts).map((host) => drawpileLink(host, facts.port));
  const isLoopback = isLoopbackHost(facts.host);
  const lines = [
    `dp ${facts.version} serves Drawpile clients 2.1, 2.2 and 2.3 (protocol ${facts.protocol}, Node ${facts.node}).`,
    `  address   ${addresses.join('  ')}`,
    isLoopback
      ? '            reachable only from this computer; omit --listen to allow other computers'
      : `            from other networks: your public address, with TCP port ${facts.port} open`,
    ...(facts.webPort === 0 ? [] : [`  web       ${webAddress(facts)}`]),
    `  data      ${facts.data}`,
    ...(facts.off.length > 0 ? [`  off       ${facts.off.join(', ')}`] : []),
    ...facts.notes.map((note) => `  note      ${note}`),
    'Ctrl-C stops the server and notifies all users.',
  ];
  return lines.map(printable).join('\n');
}

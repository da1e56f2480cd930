// Checks that the server's names resolve to this machine.

import { isIP } from 'node:net';
import { addressesOf } from '../../io/outside/name-lookup.js';
import { ownAddresses } from '../greeting-text.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

export async function checkName({ startup }: Examined): Promise<Finding[]> {
  const names = new Set([startup['local-host'] ?? [], ...startup.acme].flat());
  return (await Promise.all([...names].map(checkOne))).flat();
}

async function checkOne(name: string): Promise<Finding[]> {
  if (isIP(name)) return [];
  let found: string[];
  try {
    found = await addressesOf(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return [finding('name-unresolved', { name, reason: code ?? message })];
  }
  const addresses = found.join(', ');
  if (found.every((address) => /^127\.|^::1$/.test(address))) {
    return [finding('name-loopback', { name, addresses })];
  }
  const own = ownAddresses();
  if (found.some((address) => own.includes(address) || isIP(address) === 0)) {
    return [finding('name-resolves', { name, addresses })];
  }
  return [finding('name-elsewhere', { name, addresses, known: own.join(', ') || 'none' })];
}

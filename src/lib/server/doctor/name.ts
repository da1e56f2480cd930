// The names of the server: that they lead to this machine.

import { isIP } from 'node:net';
import { addressesOf } from '../../io/outside/name-lookup.js';
import { ownAddresses } from '../greeting-text.js';
import type { Examined, Finding } from './findings.js';

export async function checkName({ startup }: Examined): Promise<Finding[]> {
  const names = new Set([startup['local-host'] ?? [], ...startup.acme].flat());
  return (await Promise.all([...names].map(checkOne))).flat();
}

async function checkOne(name: string): Promise<Finding[]> {
  const subject = 'name';
  if (isIP(name)) return [];
  let found: string[];
  try {
    found = await addressesOf(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return [
      {
        subject,
        level: 'problem',
        text: `cannot resolve ${name}: ${code ?? message}`,
        fix: `add an address record for ${name} in the DNS of your domain, then check it: getent ahosts ${name}`,
      },
    ];
  }
  if (found.every((address) => /^127\.|^::1$/.test(address))) {
    return [
      {
        subject,
        level: 'note',
        text: `${name} resolves to the loopback address here (${found.join(', ')}); its public address cannot be checked`,
        fix: `on another machine: getent ahosts ${name}   (here, /etc/hosts overrides DNS)`,
      },
    ];
  }
  const own = ownAddresses();
  if (found.some((address) => own.includes(address) || isIP(address) === 0)) {
    return [{ subject, level: 'ok', text: `${name} resolves to this machine (${found.join(', ')})` }];
  }
  return [
    {
      subject,
      level: 'note',
      text: `${name} resolves to ${found.join(', ')}, which is not an address of this machine (${own.join(', ') || 'none'})`,
      fix: 'correct the address record, unless a router or proxy forwards the port to this machine',
    },
  ];
}

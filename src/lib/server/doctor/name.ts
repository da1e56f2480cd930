// The name of the server: that it leads to this machine.

import { isIP } from 'node:net';
import { addressesOf } from '../../io/outside/name-lookup.js';
import { ownAddresses } from '../greeting-text.js';
import type { Examined, Finding } from './findings.js';

export async function checkName({ startup }: Examined): Promise<Finding[]> {
  const subject = 'name';
  const name = startup['local-host'];
  if (name === undefined || isIP(name)) return [];
  let found: string[];
  try {
    found = await addressesOf(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return [
      {
        subject,
        level: 'problem',
        text: `${name} cannot be found: ${code ?? message}`,
        fix: `add an address record for ${name} where your domain is registered; check it: getent ahosts ${name}`,
      },
    ];
  }
  if (found.every((address) => /^127\.|^::1$/.test(address))) {
    return [
      {
        subject,
        level: 'note',
        text: `${name} leads to this machine only (${found.join(', ')}), so nobody can tell here where it leads others`,
        fix: `getent ahosts ${name}   on another machine; here /etc/hosts has the last word`,
      },
    ];
  }
  const own = ownAddresses();
  if (found.some((address) => own.includes(address) || isIP(address) === 0)) {
    return [{ subject, level: 'ok', text: `${name} leads here (${found.join(', ')})` }];
  }
  return [
    {
      subject,
      level: 'note',
      text: `${name} leads to ${found.join(', ')}, which is none of this machine's addresses (${own.join(', ') || 'none'})`,
      fix: 'right behind a router or proxy that passes the port on; else correct the address record',
    },
  ];
}

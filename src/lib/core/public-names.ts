// Host names for which an authority issues certificates: what makes one public, and its form on the wire.

import { parseAddress } from './addresses.js';
import { refusal } from './errors.js';

/** Last labels that lead nowhere on the public internet (RFC 6761, RFC 6762, RFC 8375, and what routers use). */
const privateEndings = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'home.arpa',
  'lan',
  'test',
  'example',
  'invalid',
  'onion',
];

const longestName = 253;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The ASCII form of a public host name, in lower case. Refusal with the reason: no authority issues for it that looks at
 * ports. `option`: where it was given.
 */
export function readPublicName(given: string, option = '--acme'): string {
  const name = given.trim().replace(/\.$/, '');
  if (name.includes('*')) throw refusal('acme-name-wildcard', { name, option });
  if (parseAddress(name.replace(/^\[|\]$/g, '')) !== undefined)
    throw refusal('acme-name-address', { name, option });
  const ascii = asciiName(name);
  if (ascii === undefined) throw refusal('acme-name-invalid', { name: given, option });
  if (!ascii.includes('.')) throw refusal('acme-name-not-public', { name, option, reason: 'it has no dot' });
  const ending = privateEndings.find((each) => ascii.endsWith(`.${each}`));
  if (ending !== undefined) {
    throw refusal('acme-name-not-public', {
      name,
      option,
      reason: `names that end with .${ending} are not public`,
    });
  }
  return ascii;
}

/** Undefined: this is not a host name. */
function asciiName(name: string): string | undefined {
  if (name === '' || /[\s/\\?#@:%[\]]/.test(name) || !URL.canParse(`http://${name}`)) return undefined;
  const ascii = new URL(`http://${name}`).hostname;
  const labels = ascii.split('.');
  if (ascii.length > longestName || !labels.every((each) => label.test(each))) return undefined;
  // a name like 1.2.3 is read as an address by browsers
  return /^\d+$/.test(labels.at(-1)!) ? undefined : ascii;
}

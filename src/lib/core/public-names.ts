// Host names: the form that they have on the wire, and what makes one public, so that an authority issues certificates for it.

import { parseAddress } from './addresses.js';
import { type Reason, reason } from './errors/reason.js';
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
/** Networks at home and of containers have names like this. */
const privateLabel = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A host name in ASCII and lower case, or an address without brackets. Refusal where it is neither. */
export function readHostName(given: string): string {
  const name = given.trim().replace(/\.$/, '');
  const address = name.replace(/^\[(.*)\]$/, '$1');
  if (parseAddress(address) !== undefined) return address;
  if (name.includes('*')) throw refusal('host-name-wildcard', { name });
  const ascii = asciiName(name, privateLabel);
  if (ascii === undefined) throw refusal('host-name-invalid', { name: given.trim() });
  return ascii;
}

/**
 * The ASCII form of a public host name, in lower case. Refusal with the reason: no authority issues for it that looks at
 * ports. `option`: where it was given.
 */
export function readPublicName(given: string, option = '--acme'): string {
  const name = given.trim().replace(/\.$/, '');
  if (name.includes('*')) throw refusal('acme-name-wildcard', { name, option });
  if (parseAddress(name.replace(/^\[|\]$/g, '')) !== undefined)
    throw refusal('acme-name-address', { name, option });
  const ascii = asciiName(name, label);
  if (ascii === undefined) throw refusal('acme-name-invalid', { name: given, option });
  const why = whyNotPublic(ascii);
  if (why !== undefined) throw refusal('acme-name-not-public', { name, option, reason: why });
  return ascii;
}

function whyNotPublic(name: string): Reason | undefined {
  if (!name.includes('.')) return reason('host-without-dot');
  const ending = privateEndings.find((each) => name.endsWith(`.${each}`));
  return ending === undefined ? undefined : reason('host-not-public', { ending });
}

/** Undefined: this is not a host name. */
function asciiName(name: string, form: RegExp): string | undefined {
  if (name === '' || /[\s/\\?#@:%[\]]/.test(name) || !URL.canParse(`http://${name}`)) return undefined;
  const ascii = new URL(`http://${name}`).hostname;
  const labels = ascii.split('.');
  if (ascii.length > longestName || !labels.every((each) => form.test(each))) return undefined;
  // a name like 1.2.3 is read as an address by browsers
  return /^\d+$/.test(labels.at(-1) ?? '') ? undefined : ascii;
}

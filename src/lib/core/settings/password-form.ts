// The stored forms of a password (config.md §5): which one it is, and whether it is well-formed. io/system compares them.

import { Buffer } from 'node:buffer';
import { type Reason, reason } from '../errors/reason.js';

export type PasswordForm =
  /** No password: only the empty password matches. */
  | { form: 'none' }
  /** Disabled: no password matches. */
  | { form: 'disabled' }
  | { form: 'plain'; text: string }
  | { form: 'sha1'; salt: Uint8Array; hash: Uint8Array }
  | { form: 'pbkdf2'; salt: Uint8Array; key: Uint8Array }
  | { form: 'argon2'; encoded: string }
  /** Not well-formed, so no password matches. `problem` and `hint` are for the administrator. */
  | { form: 'invalid'; problem: string; hint: string };

const invalid = ({ text: problem, hint = '' }: Reason): PasswordForm => ({ form: 'invalid', problem, hint });

/** Parses a stored form; never throws. */
export function readPasswordForm(stored: string): PasswordForm {
  if (stored === '') return { form: 'none' };
  if (stored.startsWith('*')) return { form: 'disabled' };
  const semicolon = stored.indexOf(';');
  const prefix = semicolon < 0 ? '' : stored.slice(0, semicolon);
  const parts = stored.split(';').slice(1);
  switch (prefix) {
    case 'plain': {
      const text = stored.slice(semicolon + 1);
      return text === '' ? invalid(reason('password-plain-empty')) : { form: 'plain', text };
    }
    case 's+sha1': {
      const [salt, hash] = parts;
      if (parts.length !== 2 || !isHex(salt) || !isHex(hash) || hash.length !== 40) {
        return invalid(reason('password-not-sha1'));
      }
      return { form: 'sha1', salt: Buffer.from(salt, 'hex'), hash: Buffer.from(hash, 'hex') };
    }
    case 'pbkdf2': {
      const [version, salt, key] = parts;
      const bytes = key === undefined ? undefined : Buffer.from(key, 'base64');
      if (
        parts.length !== 3 ||
        version !== '1' ||
        !isBase64(salt) ||
        !isBase64(key) ||
        bytes?.length !== 64
      ) {
        return invalid(reason('password-not-pbkdf2'));
      }
      return { form: 'pbkdf2', salt: Buffer.from(salt, 'base64'), key: bytes };
    }
    case 'sodium': {
      const encoded = stored.slice(semicolon + 1);
      // libsodium writes 16 bytes of salt and 32 of hash: with fewer the line was truncated, and could match by chance.
      const shape =
        /^\$argon2(?:id|i)\$v=19\$m=\d{1,10},t=\d{1,10},p=\d{1,3}\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;
      if (stored.length > 134 || !shape.test(encoded)) {
        return invalid(reason('password-not-argon2'));
      }
      return { form: 'argon2', encoded };
    }
    default:
      return invalid(reason('password-form-unknown'));
  }
}

/** Salt of the forms that `pendingPassword` makes; real passwords get a random one. */
const pendingSalt = Buffer.from('password pending').toString('base64');

/**
 * A stored form that no password matches, for the time until a password is hashed. It has the form of a real one,
 * because drawpile-srv ignores lines with any other and would leave the session open. `random`: 64 bytes.
 */
export function pendingPassword(random: Uint8Array): string {
  return `pbkdf2;1;${pendingSalt};${Buffer.from(random).toString('base64')}`;
}

/** Whether the form is still the placeholder, because its hash was never stored. */
export function isPendingPassword(stored: string): boolean {
  return stored.startsWith(`pbkdf2;1;${pendingSalt};`);
}

function isHex(text: string | undefined): text is string {
  return text !== undefined && text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text);
}

function isBase64(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

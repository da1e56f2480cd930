// The stored forms of a password (config.md §5), told apart and checked for shape. Comparing is io/system's work.

import { Buffer } from 'node:buffer';

export type PasswordForm =
  /** No password: only the empty one fits. */
  | { form: 'none' }
  /** Switched off: nothing fits. */
  | { form: 'disabled' }
  | { form: 'plain'; text: string }
  | { form: 'sha1'; salt: Uint8Array; hash: Uint8Array }
  | { form: 'pbkdf2'; salt: Uint8Array; key: Uint8Array }
  | { form: 'argon2'; encoded: string }
  /** Nothing fits. `problem` and `hint` are for the person who wrote it. */
  | { form: 'invalid'; problem: string; hint: string };

const invalid = (problem: string, hint: string): PasswordForm => ({ form: 'invalid', problem, hint });

/** Takes a stored form apart; never throws. */
export function readPasswordForm(stored: string): PasswordForm {
  if (stored === '') return { form: 'none' };
  if (stored.startsWith('*')) return { form: 'disabled' };
  const semicolon = stored.indexOf(';');
  const prefix = semicolon < 0 ? '' : stored.slice(0, semicolon);
  const parts = stored.split(';').slice(1);
  switch (prefix) {
    case 'plain': {
      const text = stored.slice(semicolon + 1);
      return text === ''
        ? invalid('there is no password after "plain;"', 'write plain;PASSWORD')
        : { form: 'plain', text };
    }
    case 's+sha1': {
      const [salt, hash] = parts;
      if (parts.length !== 2 || !isHex(salt) || !isHex(hash) || hash.length !== 40) {
        return invalid(
          'this is no salted SHA-1 password',
          'write s+sha1;SALT;HASH, both in hex; HASH is SHA1(salt bytes followed by the password)',
        );
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
        return invalid(
          'this is no PBKDF2 password',
          'write pbkdf2;1;SALT;KEY, both in base64; KEY is 64 bytes of PBKDF2-HMAC-SHA512 with 20000 rounds',
        );
      }
      return { form: 'pbkdf2', salt: Buffer.from(salt, 'base64'), key: bytes };
    }
    case 'sodium': {
      const encoded = stored.slice(semicolon + 1);
      // libsodium writes 16 bytes of salt and 32 of hash: fewer are a line that was cut, and would match by chance.
      const shape =
        /^\$argon2(?:id|i)\$v=19\$m=\d{1,10},t=\d{1,10},p=\d{1,3}\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;
      if (stored.length > 134 || !shape.test(encoded)) {
        return invalid('this is no Argon2 password', "let 'dp user passwd NAME' write it");
      }
      return { form: 'argon2', encoded };
    }
    default:
      return invalid(
        'this has none of the forms of a password',
        'write plain;PASSWORD for a password in plain text, or let dp user passwd NAME write it',
      );
  }
}

/** Salt of the forms that `pendingPassword` makes; a password of people gets a random one. */
const pendingSalt = Buffer.from('password pending').toString('base64');

/**
 * A stored form that no password matches, for the time until a password is hashed. It has the form of a real one,
 * because drawpile-srv ignores lines with any other and would leave the session open. `random`: 64 bytes.
 */
export function pendingPassword(random: Uint8Array): string {
  return `pbkdf2;1;${pendingSalt};${Buffer.from(random).toString('base64')}`;
}

/** Whether the hash that was to take its place never came. */
export function isPendingPassword(stored: string): boolean {
  return stored.startsWith(`pbkdf2;1;${pendingSalt};`);
}

function isHex(text: string | undefined): text is string {
  return text !== undefined && text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text);
}

function isBase64(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

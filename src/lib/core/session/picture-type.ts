// Determines the type of a session's picture from its first bytes: the client that sent it chose the bytes, and
// browsers must get no other type.

import type { Buffer } from 'node:buffer';

const webp = (bytes: Buffer) =>
  bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';

/** MIME type of a JPEG, PNG or WebP file; undefined: it is nothing that may be shown. */
export function pictureType(bytes: Buffer): string | undefined {
  if (bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xff_d8_ff) return 'image/jpeg';
  if (bytes.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  return webp(bytes) ? 'image/webp' : undefined;
}

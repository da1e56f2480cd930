// Secrets that let somebody in: 256 bits of the operating system. A digest without salt is enough to store, because
// nobody can guess what it is of.
import { createHash, randomBytes } from 'node:crypto';
import type { AccessSecrets } from '../../admin/needs.js';

export const systemSecrets: AccessSecrets = {
  make: () => randomBytes(32).toString('base64url'),
  digest: (secret) => createHash('sha256').update(secret).digest('hex'),
};

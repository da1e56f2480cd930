// Passwords as the server keeps them, with hashes that cost next to nothing: for tests that are not about their cost.

import { SystemPasswords } from '../../src/lib/io/system/passwords.js';

/** The least that Argon2 takes; a hash for real costs 60 ms. */
export function quickPasswords(): SystemPasswords {
  return new SystemPasswords(2, { memoryCost: 8, timeCost: 1 });
}

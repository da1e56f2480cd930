// Unpredictable bytes from the operating system.
import { randomBytes } from 'node:crypto';
import type { Random } from '../../core/session/needs.js';

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

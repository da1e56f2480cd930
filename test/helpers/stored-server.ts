// A server process of its own with a session folder, for tests that kill it: `fork`ed with the folder and the
// durability as arguments, it sends its port when it listens.
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import type { Durability } from '../../src/lib/io/disk/disk.js';
import { startServer } from '../../src/lib/server/start.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { quickPasswords } from './quick-passwords.js';

const [sessions, durability] = process.argv.slice(2) as [string, Durability];
const settings = new MemorySettings({ persistence: 'true', autoResetThreshold: '60kb' });
const log = { write: () => {} };
const passwords = quickPasswords();
const storage = await makeStorage({ settings, log, sessions, durability, passwords });
const server = await startServer({ host: '127.0.0.1', port: 0, settings, log, passwords, ...storage.parts });
server.directory.restore(storage.open());
process.on('disconnect', () => process.exit());
process.send?.(server.port);

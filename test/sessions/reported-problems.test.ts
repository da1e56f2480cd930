// A disk that fails already when a session begins: everyone who is or becomes operator hears that it cannot be saved, and
// later that it can.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { Client } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { jsonOf } from '../helpers/wire.js';

const isAlert = (pattern: RegExp) => (message: Parameters<typeof jsonOf>[0]) => {
  const json = jsonOf(message);
  return json?.type === 'alert' && pattern.test(String(json.message));
};
const notSaved = isAlert(/cannot save this session at the moment/);
const saved = isAlert(/can save this session again/);

test('trouble that is older than the session, or than somebody’s role, is told to each operator', async (t) => {
  const sessions = join(tempFolder(t), 'sessions');
  const storage = await makeStorage({
    settings: new MemorySettings({}),
    log: { write: () => {} },
    sessions,
  });
  storage.open();
  const server = await startTestServer({
    settings: { persistence: 'true' },
    accounts: [{ name: 'mod', password: 'x', flags: ['MOD'] }],
    more: storage.parts,
  });
  t.teardown(async () => {
    await server.stop();
    await storage.stop();
  });
  rmSync(sessions, { recursive: true });
  writeFileSync(sessions, 'in the way');

  const host = await Client.host(server.port, { name: 'host' });
  await host.ping();
  t.true(host.log.some(notSaved), 'the host is told');

  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.ping();
  t.false(guest.log.some(notSaved), 'nobody else is told');
  host.setOwners(host.userId, guest.userId);
  await guest.next(notSaved, 'the alert for somebody who is made operator');

  const moderator = await Client.inLobby(server.port, { name: 'mod', password: 'x' });
  await moderator.join(host.sessionId);
  await moderator.ping();
  t.true(moderator.log.some(notSaved), 'a moderator is told');

  rmSync(sessions);
  for (const client of [host, guest, moderator]) await client.next(saved, 'the end of it');
});

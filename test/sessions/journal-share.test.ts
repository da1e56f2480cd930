// What a session remembers counts against its size limit: nobody fills the disk with names instead of strokes.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SealingBanArchive } from '../../src/lib/io/system/ban-archive.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { Client } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';
import { jsonOf } from '../helpers/wire.js';

const limit = 1024 * 1024;
/** 254 UTF-16 units, 762 bytes. */
const long = (name: string): string => name.padEnd(254, '\u5b57');

async function serve(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'dp-share-'));
  const server = await startTestServer({
    settings: { sessionSizeLimit: '1mb' },
    surround: async (base) => {
      const storage = await makeStorage({ ...base, sessions: folder });
      return { parts: { ...storage.parts, found: storage.open() }, stop: () => storage.stop() };
    },
  });
  t.teardown(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const bytesOnDisk = async () => {
    await server.idle();
    const sizes = (await readdir(folder)).map(async (name) =>
      // a draft may have got its name meanwhile
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
  const host = await Client.host(server.port, { name: 'guest' });
  t.teardown(() => host.drop());
  return { server, host, bytesOnDisk };
}

type Flood = Readonly<Record<string, (host: Client, round: number) => void>>;

/** Each sends what is allowed in a minute, different every time. */
const floods: Flood = {
  'auth-list'(host, round) {
    for (let call = 0; call < 30; call++) {
      const entries = [];
      for (let i = 0; i < 20; i++) {
        const a = long(`${round}.${call}.${i}`);
        entries.push({ a, o: true, t: true, u: a });
      }
      host.command('auth-list', [entries]);
    }
  },
  'auth-list back and forth'(host, round) {
    for (let call = 0; call < 30; call++) {
      const entries = [];
      for (let i = 0; i < 50; i++) entries.push({ a: long(`${i}`), o: (round + call) % 2 === 0 });
      host.command('auth-list', [entries]);
    }
  },
  'import-bans'(host, round) {
    for (let call = 0; call < 10; call++) {
      const l = [];
      for (let i = 0; i < 20; i++) {
        const text = long(`${round}.${call}.${i}`);
        l.push({ u: text, a: text, s: text, b: text });
      }
      const json = JSON.stringify({ v: 1, l });
      host.command('import-bans', [new SealingBanArchive().pack(json)]);
    }
  },
  'invite-create'(host) {
    for (let call = 0; call < 60; call++) host.command('invite-create', [], { maxUses: 50, op: true });
  },
};

for (const [name, flood] of Object.entries(floods)) {
  test(`${name}: a guest host makes about as much as the limit on the disk`, async (t) => {
    const { server, host, bytesOnDisk } = await serve(t);
    let most = 0;
    for (let round = 0; round < 12; round++) {
      flood(host, round);
      await host.ping();
      most = Math.max(most, await bytesOnDisk());
      server.clock.advance(60_000);
      await host.ping();
    }
    t.log(most);
    t.true(most > 1024 && most < 1.25 * limit, `${most} bytes`);
    t.false(host.isClosed);
  });
}

test('roles that are not remembered any more are told to operators, once', async (t) => {
  const { server, host } = await serve(t);
  const isTold = (message: Parameters<typeof jsonOf>[0]) => {
    const json = jsonOf(message);
    return json?.type === 'alert' && /list of registered operators .* is full/.test(String(json.message));
  };
  for (let round = 0; round < 12; round++) {
    floods['auth-list']!(host, round);
    await host.ping();
    server.clock.advance(60_000);
    await host.ping();
  }
  t.is(host.log.filter(isTold).length, 1);
});

test('a ban beyond the share of the session is refused by what is wrong', async (t) => {
  const { server, host } = await serve(t);
  const l = Array.from({ length: 1000 }, (_, i) => ({ u: `n${i}`, a: '', s: '', i: '' }));
  host.command('import-bans', [new SealingBanArchive().pack(JSON.stringify({ v: 1, l }))]);
  await host.ping();
  const guest = await Client.join(server.port, host.sessionId, { name: 'griefer' });
  t.teardown(() => guest.drop());
  host.command('kick-user', [guest.userId], { ban: true });
  const refused = await host.next((message) => jsonOf(message)?.type === 'error', 'the refusal');
  t.regex(String(jsonOf(refused)?.message), /ban list of this session is full/);
});

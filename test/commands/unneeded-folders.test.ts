// A data folder that nobody can read keeps a server from starting only when something of it is used: where flags say
// that settings and accounts are elsewhere, it is not looked at, though DP_DATA names it.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Client } from '../helpers/client.js';
import { runBinary } from '../helpers/run-binary.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { tempFolder } from '../helpers/temp-folder.js';

/** Folders of which nothing can be read, by root neither. */
const unreadable: Record<string, (folder: string) => void> = {
  'a link to itself': (folder) => symlinkSync('data-folder', join(folder, 'data-folder')),
  'a folder whose start options cannot be read': (folder) =>
    mkdirSync(join(folder, 'data-folder', 'serve.env'), { recursive: true }),
  'a file': (folder) => writeFileSync(join(folder, 'data-folder'), ''),
};

function setUp(t: ExecutionContext, make: (folder: string) => void) {
  const folder = tempFolder(t);
  chmodSync(folder, 0o777);
  make(folder);
  writeFileSync(join(folder, 'dp.conf'), 'serverTitle = Elsewhere\n');
  mkdirSync(join(folder, 'sessions'));
  chmodSync(join(folder, 'sessions'), 0o777);
  return { folder, env: { DP_DATA: join(folder, 'data-folder') } };
}

for (const [what, make] of Object.entries(unreadable)) {
  test(`DP_DATA is ${what}: a server whose settings are elsewhere starts`, async (t) => {
    t.timeout(200_000);
    const { folder, env } = setUp(t, make);
    for (const flags of [
      ['--config', join(folder, 'dp.conf')],
      ['--database', join(folder, 'dp.db')],
      ['--config', join(folder, 'dp.conf'), '--sessions', join(folder, 'sessions')],
    ]) {
      const server = await serveBinary({ teardown: t.teardown.bind(t), env }, 'socket', ...flags);
      const host = await Client.host(server.port, { name: 'hana', patience: 60_000 });
      t.truthy(host.sessionId, flags.join(' '));
      server.kill('SIGKILL');
      await server.ended;
    }
  });

  test(`DP_DATA is ${what}: a server that keeps settings there says so in a line and does not start`, async (t) => {
    const { folder, env } = setUp(t, make);
    for (const flags of [[], ['--sessions', join(folder, 'sessions')]]) {
      const ran = await runBinary(['serve', '--port', '0', '--listen', '127.0.0.1', ...flags], {
        env: { HOME: folder, DP_RUNTIME: join(folder, 'run'), ...env },
      });
      t.true(ran.status !== null && ran.status > 0, ran.stderr);
      t.regex(ran.stderr, /data-folder/);
      t.true(ran.stderr.trim().split('\n').length <= 3, ran.stderr);
    }
  });
}

// `dp events` against the real program.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import test from 'ava';
import { answerProblem } from '../../src/lib/admin/check-shape.js';
import { eventShape } from '../../src/lib/admin/events.js';
import { makeFolder } from '../helpers/certificates.js';
import { Client } from '../helpers/client.js';
import { freePort } from '../helpers/free-port.js';
import { binary } from '../helpers/run-binary.js';
import { runTyped } from '../helpers/run-command.js';
import { serveBinary, transports } from '../helpers/serve-binary.js';
import { until } from '../helpers/until.js';

for (const transport of transports) {
  test(`events of a running server are printed, by ${transport}`, async (t) => {
    const server = await serveBinary(t, transport);
    const follow = (...args: string[]) => {
      const lines: string[] = [];
      const child = spawn(process.execPath, [binary, 'events', ...args], {
        env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...server.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      t.teardown(() => child.kill('SIGKILL'));
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', (line) => lines.push(line));
      const ended = new Promise<unknown>((resolve) =>
        child.once('close', (_status, signal) => resolve(signal)),
      );
      return { lines, child, ended };
    };
    const words = follow();
    const json = follow('--json', '--kind', 'chat,audit');
    const anna = await Client.host(server.port, { name: 'Anna' });
    t.teardown(() => anna.drop());
    let count = 0;
    await until('both follow', async () => {
      anna.chat(`hello ${++count}`);
      await anna.ping();
      return [words, json].every(({ lines }) => lines.some((line) => line.includes('hello')));
    });
    t.is((await server.dp('config', 'set', 'title=Drawing night')).status, 0);
    await until('the setting arrives', () =>
      words.lines.some((line) => / setting config\.change /.test(line)),
    );
    await until('its entry arrives', () => json.lines.some((line) => line.includes('Drawing night')));
    t.true(
      words.lines.some((line) => /^\d{4}-.+Z chat Anna in \S+: hello \d+$/.test(line)),
      words.lines.join('\n'),
    );
    for (const line of json.lines) {
      t.true(['chat', 'audit'].includes(JSON.parse(line).kind), line);
      t.is(answerProblem(eventShape, JSON.parse(line), false), undefined, line);
    }
    words.child.kill('SIGINT');
    t.is(await words.ended, 'SIGINT');
    json.child.kill('SIGINT');
    await json.ended;
  });
}

test('the command continues after the server was restarted, and says so', async (t) => {
  const folder = makeFolder(t);
  const port = String(await freePort());
  const args = ['--web-admin-port', port, '--web-admin-auth', 'admin:secret', '--web-admin-access', 'all'];
  const first = await serveBinary({ teardown: t.teardown.bind(t), folder }, 'socket', ...args);
  const lines: string[] = [];
  const child = spawn(process.execPath, [binary, 'events', '--server', `http://127.0.0.1:${port}`], {
    env: { PATH: process.env.PATH ?? '', HOME: folder, DP_AUTH: 'admin:secret', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  let count = 0;
  await until('it follows', async () => {
    await first.dp('log', 'write', '--topic', 'Status', `line ${++count}`);
    return lines.some((line) => line.includes('line'));
  });
  first.kill('SIGTERM');
  await first.ended;
  const second = await serveBinary({ teardown: t.teardown.bind(t), folder }, 'socket', ...args);
  await until('it follows again', async () => {
    await second.dp('log', 'write', '--topic', 'Status', `again ${++count}`);
    return lines.some((line) => line.includes('Status again'));
  });
  t.true(lines.includes('The connection ended; trying again.'));
  t.true(lines.some((line) => line.startsWith('gap: ')));
});

test('without a server, and with words that are none, it says what to do', async (t) => {
  const env = { HOME: makeFolder(t), DP_DATA: makeFolder(t), DP_RUNTIME: makeFolder(t) };
  const alone = await runTyped(['events'], { env });
  t.is(alone.status, 3, alone.stderr);
  const server = await serveBinary(t, 'socket');
  const wrong = await server.dp('events', '--kind', 'chats');
  t.is(wrong.status, 2);
  t.regex(wrong.stderr, /unknown kind of events 'chats'[\s\S]*use one of session, person, chat/);
});

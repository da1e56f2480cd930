// `npm run test:upgrade [-- ROUNDS]`: restarts of a server under people who draw, join, log in and upload, and how long nobody was
// served. Fails when anybody is disconnected, or a stroke is missing, doubled or in another order.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './helpers/client.js';
import { DrawingLoad } from './helpers/drawing-load.js';
import { freePort } from './helpers/free-port.js';
import { joined, openSession, restarted } from './helpers/restarted.js';
import { serveBinary } from './helpers/serve-binary.js';
import { until } from './helpers/until.js';
import { openWebSocketClient } from './helpers/web-socket-link.js';

const rounds = Number(process.argv[2] ?? 50);

async function run(): Promise<boolean> {
  const webSocketPort = await freePort();
  const webSocket = ['--websocket-port', String(webSocketPort), '--websocket-listen', '127.0.0.1'];
  const server = await serveBinary({}, 'socket', ...webSocket);
  const pauses: number[] = [];
  const closed: string[] = [];
  const problems: string[] = [];
  try {
    const all = await openSession(server, 3);
    const session = all[0]?.sessionId ?? '';
    for (let i = 0; i < 2; i++) {
      const { client } = await openWebSocketClient(webSocketPort, { name: `browser ${i}` });
      await client.logIn('join', session);
      await client.join(session);
      await client.caughtUp();
      all.push(client);
    }
    const load = new DrawingLoad(all);
    load.begin();
    for (let round = 0; round < rounds; round++) {
      const [uploader, chooser] = [`uploader ${round}`, `chooser ${round}`];
      const host = await Client.open(server.port, { name: uploader });
      await host.logIn('host');
      await host.host({ complete: false });
      const guest = await Client.open(server.port, { name: chooser });
      await guest.logIn('join', session);
      const [pause, late] = await Promise.all([restarted(server), joined(server, session, `late ${round}`)]);
      pauses.push(pause);
      host.command('init-complete');
      await host.reply('status');
      await guest.join(session);
      for (const client of [host, guest, late]) {
        if (client.isClosed) closed.push(`${client.name} in round ${round}`);
        await client.leave();
      }
      await sleep(50);
    }
    await load.end();
    for (const client of all)
      await until(`${client.name} has everything`, () => client.isClosed || load.hasAll(client));
    closed.push(...all.filter(({ isClosed }) => isClosed).map(({ name }) => name));
    problems.push(...all.flatMap((client) => load.problemOf(client) ?? []));
    process.stdout.write(`${load.drawn} strokes, ${all.length} users who draw\n`);
  } finally {
    const { pid } = await server.json<{ pid: number }>('status');
    process.kill(pid, 'SIGKILL');
  }
  const sorted = [...pauses].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  process.stdout.write(
    `${pauses.length} restarts: ${closed.length} disconnected, ${problems.length} histories wrong; ` +
      `pause p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${sorted.at(-1)} ms\n`,
  );
  for (const each of [...closed, ...problems]) process.stdout.write(`${each}\n`);
  return closed.length === 0 && problems.length === 0 && (at(0.99) ?? 0) <= 2000;
}

process.exit((await run()) ? 0 : 1);

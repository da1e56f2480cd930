// Restarts under people who draw: what tests of `dp restart` have in common.
import type { ExecutionContext } from 'ava';
import { Client } from './client.js';
import type { DrawingLoad } from './drawing-load.js';
import type { ServedBinary } from './serve-binary.js';
import { until } from './until.js';

/** Milliseconds for which nobody was served, as the process says that took over. */
export async function restarted(server: ServedBinary): Promise<number> {
  await server.json('restart');
  return Number(
    /takes over from process \d+: .*, (\d+) ms/.exec(server.output().split('\n').reverse().join('\n'))?.[1],
  );
}

/** The server that serves at last ends with the test, whichever process it is. */
export function endsWith(t: { teardown(run: () => unknown): void }, server: ServedBinary): void {
  t.teardown(async () => {
    const { pid } = await server.json<{ pid: number }>('status').catch(() => ({ pid: 0 }));
    if (pid > 0) process.kill(pid, 'SIGKILL');
  });
}

export async function openSession(server: ServedBinary, guestCount: number): Promise<Client[]> {
  const host = await Client.open(server.port, { name: 'host' });
  await host.logIn('host');
  await host.host();
  const all = [host];
  for (let i = 0; i < guestCount; i++) all.push(await joined(server, host.sessionId, `guest ${i}`));
  return all;
}

export async function joined(server: ServedBinary, session: string, name: string): Promise<Client> {
  const client = await Client.open(server.port, { name });
  await client.logIn('join', session);
  await client.join(session);
  await client.caughtUp();
  return client;
}

/** Everybody is still there, and has each stroke once and in order. */
export async function hasLostNothing(
  t: ExecutionContext,
  load: DrawingLoad,
  all: readonly Client[],
): Promise<void> {
  await load.end();
  for (const client of all)
    await until(`${client.name} has everything`, () => client.isClosed || load.hasAll(client));
  t.deepEqual(
    all.map((client) => load.problemOf(client)),
    all.map(() => undefined),
  );
  t.deepEqual(
    all.map(({ isClosed }) => isClosed),
    all.map(() => false),
  );
}

// Ports on which nothing, or something, listens.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { ExecutionContext } from 'ava';

/**
 * A port for a server that cannot say which one it got. Not one of those that the system gives to connections: those of other
 * tests would take it before the server does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** A port that this process uses until the end of the test. */
export async function takenPort(t: ExecutionContext): Promise<number> {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, resolve));
  t.teardown(() => server.close());
  return port;
}

// A port on which nothing listens.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

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

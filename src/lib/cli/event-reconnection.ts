// Follows the events of a server and reconnects when the connection breaks.

import { setTimeout as wait } from 'node:timers/promises';
import type { Admin, EventRequest, Following, ServerEvent } from '../admin/admin.js';
import { Refusal, refusal } from '../core/errors.js';
import type { Terminal } from './terminal.js';

/** Waits before a connection is tried again; after the last one the server is gone. */
const triesMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** Until `over` resolves; begins after event `request.after`. Refusal when the server stays away. */
export async function followReconnecting(
  admin: Admin,
  terminal: Terminal,
  request: EventRequest,
  show: (event: ServerEvent) => void,
  over: Promise<unknown>,
): Promise<void> {
  let last = request.after;
  let isOver = false;
  const connect = () =>
    admin.followEvents({ ...request, ...(last !== undefined && { after: last }) }, (event) => {
      last = event.id;
      show(event);
    });
  const end = over.then(() => {
    isOver = true;
  });
  let following = await connect();
  for (;;) {
    await Promise.race([following.ended, end]);
    following.stop();
    if (isOver) return;
    following = await connectAgain(terminal, connect);
  }
}

async function connectAgain(terminal: Terminal, connect: () => Promise<Following>): Promise<Following> {
  terminal.stderr.write('The connection ended; trying again.\n');
  for (const ms of triesMs) {
    await wait(ms);
    try {
      return await connect();
    } catch (error) {
      // what is refused now will be refused again
      if (error instanceof Refusal && error.kind !== 'unreachable') throw error;
    }
  }
  throw refusal('server-gone');
}

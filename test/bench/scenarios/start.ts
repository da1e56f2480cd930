// A server that has nothing stored starts, and someone connects as soon as it listens.

import { setTimeout as sleep } from 'node:timers/promises';
import { Room, within } from '../load/room.js';
import { cpu, residentBytes } from '../server/sample.js';
import { megabyte, scenario } from './scenario.js';

const settleMs = 1000;

export const start = scenario({
  summary: 'a server with nothing stored starts; someone is greeted as soon as it lets people in',
  params: {},
  async run(stage) {
    const { pid, startedAt, startMs } = await stage.restart();
    const room = new Room(stage);
    const client = room.client();
    // The socket is there before the rest of the server: who connects then waits for the greeting.
    await within(client.login(), 'someone is greeted');
    const greetedMs = performance.now() - startedAt;
    const cpuSeconds = cpu(pid).total;
    await sleep(settleMs);
    const resident = residentBytes(pid);
    room.close();
    return {
      figures: { greetedMs, cpuSeconds, residentMB: resident / megabyte },
      notes: { listeningMs: startMs },
    };
  },
});

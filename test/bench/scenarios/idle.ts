// Many users who do nothing but ping, as the usual client does every 15 seconds.

import { setTimeout as sleep } from 'node:timers/promises';
import { Room } from '../load/room.js';
import { Meter, residentBytes } from '../server/sample.js';
import { megabyte, scenario } from './scenario.js';

const pingIntervalMs = 15_000;
const settleMs = 3000;

export const idle = scenario({
  summary: 'many users who only ping',
  params: { users: 1000, sessions: 10, seconds: 15 },
  async run(stage, params) {
    const { pid } = stage.server();
    await sleep(500);
    const before = residentBytes(pid);
    const rooms: Room[] = [];
    const joining = new Meter(pid);
    for (let s = 0; s < params.sessions; s++) {
      const users = Math.floor(params.users / params.sessions);
      rooms.push(await new Room({ ...stage, transcriptBytes: 64 << 10 }).open(users));
    }
    const joinCpuSeconds = joining.read().cpuSeconds;
    const clients = rooms.flatMap((room) => room.clients);
    await sleep(settleMs);
    const after = residentBytes(pid); // all of the growth counts, compiled code and garbage too

    const pongs = (): number => clients.reduce((sum, client) => sum + client.pongs, 0);
    const pongsBefore = pongs();
    const meter = new Meter(pid);
    const start = performance.now();
    let pings = 0;
    for (let elapsed = 0; elapsed < params.seconds * 1000; elapsed = performance.now() - start) {
      const due = Math.floor((elapsed / pingIntervalMs) * clients.length);
      for (; pings < due; pings++) clients[pings % clients.length]!.ping();
      await sleep(5);
    }
    await sleep(200);
    const reading = meter.read();
    const answered = pongs() - pongsBefore;
    if (answered !== pings) throw new Error(`${pings} pings, ${answered} answers`);
    for (const room of rooms) {
      await room.mark(); // every connection still lives
      room.close();
    }
    return {
      figures: {
        kilobytesPerConnection: (after - before) / 1000 / clients.length,
        idleCpuPercent: (reading.cpuSeconds / reading.seconds) * 100,
        joinCpuMs: (joinCpuSeconds / clients.length) * 1000,
      },
      notes: { connections: clients.length, pings, beforeMB: before / megabyte, afterMB: after / megabyte },
    };
  },
});

// Log in, join, catch up, leave; over and over, after as much of the same that is not measured: a server that has just
// started compiles for longer than it serves.

import { Histogram } from '../load/histogram.js';
import { inParallel, Room } from '../load/room.js';
import { Meter, peakResidentBytes } from '../server/sample.js';
import { megabyte, runNotes, scenario } from './scenario.js';

export const joinStorm = scenario({
  summary: 'users join a small session and leave it, over and over',
  params: { joins: 500, parallel: 20, warmUp: 1000 },
  async run(stage, params) {
    const latency = new Histogram();
    const openRoom = async (): Promise<Room> => {
      const room = await new Room(stage).open(1, 20_000);
      await room.mark();
      room.checkHistory(4 << 20);
      return room;
    };
    const storm = (room: Room, joins: number): Promise<void> =>
      inParallel(joins, params.parallel, async () => {
        const client = room.client();
        const receiver = room.receive(client).checkAll();
        const start = performance.now();
        await client.join(room.id);
        latency.add(Math.round((performance.now() - start) * 1000));
        if (receiver.drawn !== room.past.sent) {
          throw new Error(`${client.name} got ${receiver.drawn} messages of ${room.past.sent}`);
        }
        client.close();
      });
    // In other sessions, so that what is measured begins with a short history and a short log.
    for (let left = params.warmUp; left > 0; left -= params.joins) {
      const room = await openRoom();
      await storm(room, Math.min(left, params.joins));
      room.close();
    }
    latency.clear();
    const room = await openRoom();
    const { pid } = stage.server();
    const meter = new Meter(pid);
    await storm(room, params.joins);
    const reading = meter.read();
    room.finish();
    room.close();
    return {
      figures: {
        cpuMsPerJoin: (reading.cpuSeconds / params.joins) * 1000,
        joinsPerSecond: params.joins / reading.seconds,
        joinP50Ms: latency.percentile(0.5),
        joinP95Ms: latency.percentile(0.95),
        serverCores: reading.cpuSeconds / reading.seconds,
      },
      notes: { ...runNotes(reading), peakResidentMB: peakResidentBytes(pid) / megabyte },
    };
  },
});

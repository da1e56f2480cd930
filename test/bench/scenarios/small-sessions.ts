// Many small sessions in which everyone draws.

import { draw } from '../load/draw.js';
import { Histogram } from '../load/histogram.js';
import { inParallel, Room } from '../load/room.js';
import { Meter } from '../server/sample.js';
import { deliveryCosts, latencies, megabyte, runNotes, scenario } from './scenario.js';

const warmUpSeconds = 1;

export const smallSessions = scenario({
  summary: 'many small sessions in which every user draws',
  params: { sessions: 100, users: 3, rate: 20, seconds: 5 },
  async run(stage, params) {
    const latency = new Histogram();
    const rooms: Room[] = [];
    await inParallel(params.sessions, 10, async () => {
      rooms.push(await new Room({ ...stage, latency, transcriptBytes: 1 << 18 }).open(params.users));
    });
    const markAll = (): Promise<unknown> => Promise.all(rooms.map((room) => room.mark()));
    const sum = (of: (room: Room) => number): number => rooms.reduce((total, room) => total + of(room), 0);
    const senders = rooms.flatMap((room) => room.scripts(params.users));
    const rate = params.rate * senders.length;
    await markAll();
    await draw(senders, rate, warmUpSeconds);
    await markAll();

    const delivered = sum((room) => room.delivered());
    const bytes = sum((room) => room.bytes());
    latency.clear();
    const meter = new Meter(stage.server().pid);
    const lagMs = await draw(senders, rate, params.seconds);
    await markAll();
    const reading = meter.read();
    const newlyDelivered = sum((room) => room.delivered()) - delivered;
    const costs = deliveryCosts(reading, newlyDelivered, sum((room) => room.bytes()) - bytes);
    for (const room of rooms) {
      room.finish();
      room.close();
    }
    return {
      figures: { ...costs, ...latencies(latency) },
      notes: {
        ...runNotes(reading),
        writesPerDelivered: reading.writes / newlyDelivered,
        residentMB: reading.residentBytes / megabyte,
      },
      lagMs,
    };
  },
});

// Senders keep a bounded window of undelivered messages full: as much as the server can deliver.

import { setImmediate as endOfTurn } from 'node:timers/promises';
import { Histogram } from '../load/histogram.js';
import { Room } from '../load/room.js';
import { microseconds } from '../load/wire.js';
import { Meter, peakResidentBytes } from '../server/sample.js';
import { deliveryCosts, latencies, megabyte, runNotes, scenario } from './scenario.js';

const warmUpSeconds = 1;

export const saturation = scenario({
  summary: 'a few users send as fast as all users of the session receive',
  params: { users: 50, senders: 5, window: 4096, seconds: 5 },
  async run(stage, params) {
    const latency = new Histogram();
    const room = await new Room({ ...stage, latency }).open(params.users);
    const senders = room.scripts(params.senders);
    await room.mark();

    const fill = async (seconds: number): Promise<void> => {
      const base = room.receivers[0]!.drawn;
      const end = performance.now() + seconds * 1000;
      for (let sent = 0; performance.now() < end; ) {
        let least = Number.POSITIVE_INFINITY;
        for (const { drawn } of room.receivers) least = Math.min(least, drawn);
        const free = params.window - (sent - (least - base));
        if (free >= params.window / 8) {
          const each = Math.floor(free / senders.length);
          for (const { client, script } of senders) {
            const now = microseconds();
            client.send(script.next(each, () => now));
          }
          sent += each * senders.length;
        }
        await endOfTurn();
      }
      await room.mark();
    };

    await fill(warmUpSeconds);
    const delivered = room.delivered();
    const bytes = room.bytes();
    latency.clear();
    const meter = new Meter(stage.server().pid);
    await fill(params.seconds);
    const reading = meter.read();
    const newBytes = room.bytes() - bytes;
    const costs = deliveryCosts(reading, room.delivered() - delivered, newBytes);
    room.finish();
    room.close();
    return {
      figures: { ...costs, megabytesPerSecond: newBytes / megabyte / reading.seconds, ...latencies(latency) },
      notes: { ...runNotes(reading), peakResidentMB: peakResidentBytes(stage.server().pid) / megabyte },
    };
  },
});

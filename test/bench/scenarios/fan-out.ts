// A few users draw at a fixed rate, everyone in the session receives.

import { draw } from '../load/draw.js';
import { Histogram } from '../load/histogram.js';
import { Room } from '../load/room.js';
import { sampleOpenSsl } from '../server/openssl-share.js';
import { Meter, residentBytes } from '../server/sample.js';
import { deliveryCosts, latencies, megabyte, runNotes, scenario } from './scenario.js';

export const fanOut = scenario({
  summary: 'a few users draw at a fixed rate, all users of the session receive',
  params: { users: 50, senders: 5, rate: 500, seconds: 5 },
  async run(stage, params) {
    const latency = new Histogram();
    const room = await new Room({ ...stage, latency, transcriptBytes: 256 << 20 }).open(params.users);
    const senders = room.scripts(params.senders);
    await room.mark();
    await draw(senders, Math.min(params.rate, 200), 0.5); // warm up
    await room.mark();

    const delivered = room.delivered();
    const bytes = room.bytes();
    latency.clear();
    const { pid } = stage.server();
    const sampling = stage.target.transport === 'tls' ? await sampleOpenSsl(pid, stage.folder) : undefined;
    const meter = new Meter(pid);
    const lagMs = await draw(senders, params.rate, params.seconds);
    await room.mark();
    const reading = meter.read();
    const newlyDelivered = room.delivered() - delivered;
    const costs = deliveryCosts(reading, newlyDelivered, room.bytes() - bytes);
    const openSslShare = (await sampling?.share()) ?? 0;
    room.finish();
    room.close();
    return {
      figures: {
        ...costs,
        cpuMicrosecondsWithoutOpenSsl: costs.cpuMicrosecondsPerDelivered! * (1 - openSslShare),
        ...latencies(latency),
      },
      notes: {
        ...runNotes(reading),
        writesPerDelivered: reading.writes / newlyDelivered,
        residentMB: residentBytes(pid) / megabyte,
        openSslShare,
      },
      lagMs,
    };
  },
});

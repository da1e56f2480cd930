// A host uploads a large canvas into a new session.

import { Room, within } from '../load/room.js';
import { Meter } from '../server/sample.js';
import { megabyte, runNotes, scenario } from './scenario.js';

export const upload = scenario({
  summary: 'the host of a new session uploads a large canvas; a joiner then checks it',
  params: { megabytes: 50 },
  async run(stage, params) {
    const room = new Room(stage);
    // Made before the clock runs, or the generator would be measured.
    const canvas = [...room.past.upload(params.megabytes * megabyte)];
    const bytes = canvas.reduce((sum, batch) => sum + batch.length, 0);
    const host = room.client();
    room.receive(host);
    await host.openSession();
    room.id = host.sessionId;

    const meter = new Meter(stage.server().pid);
    for (const batch of canvas) await host.sendAll(batch);
    host.completeInit();
    await room.mark(); // comes back after the server has taken all that was before it
    const reading = meter.read();

    room.checkHistory(bytes + (4 << 20));
    const joiner = room.client();
    room.receive(joiner).checkAll();
    await within(joiner.join(room.id), 'the joiner gets the canvas');
    await room.mark();
    room.finish();
    room.close();
    return {
      figures: {
        megabytesPerSecond: bytes / megabyte / reading.seconds,
        cpuSecondsPerGB: (reading.cpuSeconds / bytes) * 1e9,
      },
      notes: runNotes(reading),
    };
  },
});

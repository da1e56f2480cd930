// A server with many stored sessions stops and starts again.

import { setTimeout as sleep } from 'node:timers/promises';
import { Room, within } from '../load/room.js';
import { cpu, peakResidentBytes, residentBytes } from '../server/sample.js';
import { megabyte, scenario } from './scenario.js';

export const restart = scenario({
  summary: 'a server with many stored sessions starts again; someone joins the one that was stored last',
  params: { sessions: 200, megabytes: 5 },
  async run(stage, params) {
    const size = params.megabytes * megabyte;
    const bareMs = stage.server().startMs; // with nothing stored
    let last = new Room(stage);
    for (let i = 0; i < params.sessions; i++) {
      last = await new Room({ ...stage, transcriptBytes: 64 << 10 }).open(1, size);
      await last.persist();
      last.close();
    }
    await sleep(500);
    const { pid, startedAt, startMs } = await stage.restart();
    const residentBefore = residentBytes(pid);
    const cpuSeconds = cpu(pid).total;

    const room = new Room(stage, last.past);
    room.checkHistory(last.pastBytes + (4 << 20));
    const client = room.client();
    const receiver = room.receive(client).checkAll();
    await within(client.join(last.id), 'someone joins after the restart');
    const servedMs = performance.now() - startedAt;
    room.id = last.id;
    await room.mark();
    room.finish();
    if (receiver.drawn !== last.past.sent) {
      throw new Error(`${receiver.drawn} of ${last.past.sent} messages came back after the restart`);
    }
    room.close();
    return {
      figures: {
        listeningMs: startMs,
        listeningLaterThanBareMs: startMs - bareMs,
        firstJoinServedMs: servedMs,
        cpuMsUntilListening: cpuSeconds * 1000,
        residentWhenListeningMB: residentBefore / megabyte,
        peakResidentMB: peakResidentBytes(pid) / megabyte,
      },
      notes: { sessions: params.sessions, storedMB: (params.sessions * last.pastBytes) / megabyte },
    };
  },
});

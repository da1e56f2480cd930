// Users join a session with a long history, all at once. A server that keeps its sessions is started anew before
// that, so that the history comes from its files.

import { setTimeout as sleep } from 'node:timers/promises';
import { Room, within } from '../load/room.js';
import { Meter, peakResidentBytes, resetPeak, residentBytes } from '../server/sample.js';
import { megabyte, runNotes, scenario } from './scenario.js';

const settleMs = 500;
/** Long enough for a server to give back what it has read of a file. */
const releaseMs = 5000;

export const catchUp = scenario({
  summary: 'users join a session with a long history, all at the same moment',
  params: { megabytes: 50, joiners: 10 },
  async run(stage, params) {
    let { pid } = stage.server();
    await sleep(settleMs);
    let idleBytes = residentBytes(pid);

    const size = params.megabytes * megabyte;
    const room = await new Room(stage).open(1, size);
    if (stage.keepsSessions) await room.persist();
    await room.mark();
    const residentAfterUpload = residentBytes(pid);
    let peakOfUpload = peakResidentBytes(pid);

    let historyBytes = room.pastBytes;
    room.checkHistory(historyBytes + (4 << 20));
    if (stage.keepsSessions) {
      room.close();
      await sleep(settleMs);
      ({ pid } = await stage.restart());
      await sleep(settleMs);
      idleBytes = residentBytes(pid);
      historyBytes = 0; // it lies in files
      peakOfUpload = 0;
    }
    // The first one has the messages checked one by one, which would hold up the others, and has a server read its
    // file through; what that costs is for restart.ts.
    const first = room.client();
    room.receive(first).checkAll();
    await within(first.join(room.id), 'the first one catches up');
    if (stage.keepsSessions) await sleep(releaseMs);

    const joiners = Array.from({ length: params.joiners }, () => room.client());
    for (const client of joiners) {
      room.receive(client).checkAll();
      await client.login(room.id);
    }
    await sleep(settleMs);
    resetPeak(pid);
    const residentBefore = residentBytes(pid);
    const bytesBefore = room.bytes();
    const meter = new Meter(pid);
    const start = performance.now();
    const seconds: number[] = [];
    const enterAll = joiners.map(async (client) => {
      await client.enter(room.id);
      seconds.push((performance.now() - start) / 1000);
    });
    await within(Promise.all(enterAll), 'everyone catches up');
    const reading = meter.read();
    const bytes = room.bytes() - bytesBefore;
    const peakOfCatchUp = peakResidentBytes(pid);
    await room.mark();
    room.finish();
    room.close();

    const aboveHistory = (peak: number): number => (peak - idleBytes - historyBytes) / megabyte;
    return {
      figures: {
        cpuSecondsPerGB: (reading.cpuSeconds / bytes) * 1e9,
        megabytesPerSecond: bytes / megabyte / reading.seconds,
        secondsUntilFirst: Math.min(...seconds),
        secondsUntilAll: Math.max(...seconds),
        // The whole run counts, the upload before the catch-up too.
        peakAboveIdleAndHistoryMB: aboveHistory(Math.max(peakOfUpload, peakOfCatchUp)),
      },
      notes: {
        ...runNotes(reading),
        idleMB: idleBytes / megabyte,
        historyMB: historyBytes / megabyte,
        beforeCatchUpMB: residentBefore / megabyte,
        afterUploadMB: residentAfterUpload / megabyte,
        peakOfUploadMB: peakOfUpload / megabyte,
        peakOfCatchUpMB: peakOfCatchUp / megabyte,
      },
    };
  },
});

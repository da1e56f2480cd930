// Users join a session with a long history, all at once.

import { setTimeout as sleep } from 'node:timers/promises';
import { Room, within } from '../load/room.js';
import { command } from '../load/wire.js';
import { Meter, peakResidentBytes, resetPeak, residentBytes } from '../server/sample.js';
import { megabyte, runNotes, scenario } from './scenario.js';

const settleMs = 500;

export const catchUp = scenario({
  summary: 'users join a session with a long history, all at the same moment',
  // restart: 1 has the history read from the store, by a server that has just started.
  params: { megabytes: 50, joiners: 10, restart: 0 },
  async run(stage, params) {
    let { pid } = stage.server();
    await sleep(settleMs);
    let idleBytes = residentBytes(pid);

    const size = params.megabytes * megabyte;
    const room = await new Room(stage).open(1, size);
    if (params.restart) room.clients[0]!.send(command('sessionconf', [], { persistent: true }));
    await room.mark();
    const residentAfterUpload = residentBytes(pid);
    let peakOfUpload = peakResidentBytes(pid);

    let historyBytes = room.pastBytes;
    room.checkHistory(historyBytes + (4 << 20));
    if (params.restart) {
      room.close();
      await sleep(settleMs);
      ({ pid } = await stage.restart());
      await sleep(settleMs);
      idleBytes = residentBytes(pid);
      historyBytes = 0; // it lies in files
      peakOfUpload = 0;
    }
    const joiners = Array.from({ length: params.joiners }, () => room.client());
    for (const client of joiners) {
      room.receive(client).checkAll();
      await client.login(room.id);
    }
    await sleep(settleMs);
    resetPeak(pid);
    const meter = new Meter(pid);
    const start = performance.now();
    const seconds: number[] = [];
    const enterAll = joiners.map(async (client) => {
      await client.enter(room.id);
      seconds.push((performance.now() - start) / 1000);
    });
    await within(Promise.all(enterAll), 'everyone catches up');
    const reading = meter.read();
    const peakOfCatchUp = peakResidentBytes(pid);
    await room.mark();
    const bytes = room.bytes();
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
        afterUploadMB: residentAfterUpload / megabyte,
        peakOfUploadMB: peakOfUpload / megabyte,
        peakOfCatchUpMB: peakOfCatchUp / megabyte,
      },
    };
  },
});

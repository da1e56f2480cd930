// A full house over every transport, half of it hostile: do the others notice?

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { draw } from '../load/draw.js';
import { Histogram } from '../load/histogram.js';
import type { HostileOrder, HostileReport } from '../load/hostile.js';
import { inParallel, Room, within } from '../load/room.js';
import type { Target } from '../load/socket.js';
import { Meter, residentBytes } from '../server/sample.js';
import { megabyte, runNotes, scenario } from './scenario.js';

/** Honest people come from as many addresses as they are, by turns over each transport. */
function* targets(targetFor: (transport: Target['transport']) => Target): Generator<Target, never> {
  for (let number = 0; ; number++) {
    const transport = (['tcp', 'tls', 'ws'] as const)[number % 3]!;
    const localAddress = `127.0.${128 + ((number >> 7) & 63)}.${1 + (number & 127)}`;
    yield { ...targetFor(transport), localAddress };
  }
}

/** The hostile half; resolves when most of it has been inside. */
async function letLoose(order: HostileOrder) {
  const script = path.join(import.meta.dirname, '../load/hostile.js');
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const reports = { last: { open: 0, made: 0 } as HostileReport };
  const enough = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      reports.last = JSON.parse(line) as HostileReport;
      if (reports.last.made >= order.connections) resolve();
    });
  });
  await within(enough, 'the hostile half has come');
  return {
    reports,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export const crowd = scenario({
  summary:
    'honest people draw in many sessions over TCP, TLS and WebSocket, first by themselves, then among hostile ones',
  params: { honest: 1000, hostile: 1000, sessions: 100, rate: 1000, seconds: 10 },
  async run(stage, params) {
    const { pid } = stage.server();
    const latency = new Histogram();
    const places = targets(stage.targetFor);
    const rooms: Room[] = [];
    const users = Math.floor(params.honest / params.sessions);
    await inParallel(params.sessions, 5, async () => {
      const options = { ...stage, nextTarget: () => places.next().value, latency, transcriptBytes: 1 << 20 };
      rooms.push(await new Room(options).open(users));
    });
    const senders = rooms.flatMap((room) => room.scripts(2));
    const markAll = (): Promise<unknown> => Promise.all(rooms.map((room) => room.mark()));
    const drawFor = async (seconds: number) => {
      await markAll();
      latency.clear();
      const meter = new Meter(pid);
      const lagMs = await draw(senders, params.rate, seconds);
      await markAll();
      return { p99Ms: latency.percentile(0.99), lagMs, reading: meter.read() };
    };
    await drawFor(2); // warm up
    const quiet = await drawFor(params.seconds);
    const quietBytes = residentBytes(pid);

    const plain = stage.targetFor('tcp');
    const hostile = await letLoose({
      host: plain.host,
      port: plain.port,
      webSocketPort: stage.targetFor('ws').port,
      connections: params.hostile,
    });
    const loud = await drawFor(params.seconds);
    const loudBytes = residentBytes(pid);
    const { open, made } = hostile.reports.last;
    await hostile.stop();
    for (const room of rooms) {
      room.finish();
      room.close();
    }
    return {
      figures: {
        quietP99Ms: quiet.p99Ms,
        loudP99Ms: loud.p99Ms,
        laterP99Ms: loud.p99Ms - quiet.p99Ms,
        quietServerCores: quiet.reading.cpuSeconds / quiet.reading.seconds,
        loudServerCores: loud.reading.cpuSeconds / loud.reading.seconds,
      },
      notes: {
        ...runNotes(loud.reading),
        honest: rooms.length * users,
        hostileOpen: open,
        hostileMade: made,
        quietMB: quietBytes / megabyte,
        loudMB: loudBytes / megabyte,
        quietLagMs: quiet.lagMs,
        loudLagMs: loud.lagMs,
      },
    };
  },
});

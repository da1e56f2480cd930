// People draw by themselves, beside programs that follow their server's events and ask its API, and beside the same
// programs at another server on the same processor: do they notice, and how much of that is the machine?

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { drawAtRest } from '../load/draw.js';
import type { FollowersOrder, FollowersReport } from '../load/followers.js';
import { Histogram } from '../load/histogram.js';
import { inParallel, Room, type RoomOptions, within } from '../load/room.js';
import type { Target } from '../load/socket.js';
import { median } from '../median.js';
import { Meter } from '../server/sample.js';
import { apiAuth } from '../servers.js';
import { runNotes, scenario } from './scenario.js';

/** Resolves when all of them listen. */
async function follow(order: FollowersOrder) {
  const script = path.join(import.meta.dirname, '../load/followers.js');
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextReport = async (): Promise<FollowersReport> => {
    const { value, done } = await within(lines.next(), 'a report of those who follow');
    if (done) throw new Error('those who follow ended early');
    return JSON.parse(value) as FollowersReport;
  };
  const { listening } = await nextReport();
  if (listening !== order.listeners) throw new Error(`${listening} of ${order.listeners} listen`);
  return {
    async stop(): Promise<FollowersReport> {
      child.kill('SIGTERM');
      const report = await nextReport();
      await exit;
      // each change is two of them: that it was made, and that it applies
      if (report.fewestChanges !== 2 * report.changed)
        throw new Error(`a listener got ${report.fewestChanges} events of ${report.changed} changes`);
      return report;
    },
  };
}

export const followed = scenario({
  summary:
    'people draw in several sessions, in turns by themselves, beside listeners of events and requests to the API, and beside the same at another server',
  params: {
    sessions: 10,
    users: 20,
    rate: 1000,
    listeners: 500,
    requests: 200,
    changes: 1,
    phases: 5,
    seconds: 5,
  },
  async run(stage, params) {
    const { pid } = stage.server();
    const latency = new Histogram();
    const openRooms = async (target: Target, options: Partial<RoomOptions>): Promise<Room[]> => {
      const opened: Room[] = [];
      await inParallel(params.sessions, 5, async () => {
        opened.push(await new Room({ onError: stage.onError, target, ...options }).open(params.users));
      });
      return opened;
    };
    const rooms = await openRooms(stage.target, { latency, transcriptBytes: 1 << 24 });
    const targetElsewhere = await stage.startAnother();
    const roomsElsewhere = await openRooms(targetElsewhere('tcp'), {});
    const senders = rooms.flatMap((room) => room.scripts(params.users));
    const markAll = (): Promise<unknown> => Promise.all(rooms.map((room) => room.mark()));
    const drawFor = async (seconds: number) => {
      for (const { clients } of roomsElsewhere) for (const client of clients) client.ping(); // or they would be taken for lost
      await markAll();
      latency.clear();
      const meter = new Meter(pid);
      const lagMs = await drawAtRest(senders, params.rate, seconds);
      await markAll();
      const reading = meter.read();
      return {
        p50: latency.percentile(0.5),
        p99: latency.percentile(0.99),
        cores: reading.cpuSeconds / reading.seconds,
        lagMs,
        reading,
      };
    };
    const drawFollowed = async (seconds: number, where = stage.targetFor, [room] = rooms) => {
      const { host, port } = where('ws');
      const order: FollowersOrder = { ...params, host, port, auth: apiAuth, session: room!.id };
      const followers = await follow(order);
      const drawn = await drawFor(seconds);
      return { drawn, followers: await followers.stop() };
    };
    const drawElsewhere = (seconds: number) => drawFollowed(seconds, targetElsewhere, roomsElsewhere);
    await drawFor(2); // warm up
    await drawFollowed(4);
    await drawElsewhere(4);
    const quiet: Awaited<ReturnType<typeof drawFor>>[] = [];
    const loud: Awaited<ReturnType<typeof drawFollowed>>[] = [];
    const elsewhere: typeof loud = [];
    for (let phase = 0; phase < params.phases; phase++) {
      quiet.push(await drawFor(params.seconds));
      loud.push(await drawFollowed(params.seconds));
      elsewhere.push(await drawElsewhere(params.seconds));
    }
    for (const room of rooms) room.finish();
    for (const room of [...rooms, ...roomsElsewhere]) room.close();
    const quietP99Ms = median(quiet.map(({ p99 }) => p99));
    const loudP99Ms = median(loud.map(({ drawn }) => drawn.p99));
    const elsewhereP99Ms = median(elsewhere.map(({ drawn }) => drawn.p99));
    const quietCores = median(quiet.map(({ cores }) => cores));
    const loudCores = median(loud.map(({ drawn }) => drawn.cores));
    const lastLoud = loud.at(-1)!;
    return {
      figures: {
        quietP99Ms,
        loudP99Ms,
        elsewhereP99Ms,
        p99Times: loudP99Ms / quietP99Ms,
        p99TimesElsewhere: elsewhereP99Ms / quietP99Ms,
        p99TimesOfElsewhere: loudP99Ms / elsewhereP99Ms,
        laterP99Ms: loudP99Ms - quietP99Ms,
        quietP50Ms: median(quiet.map(({ p50 }) => p50)),
        loudP50Ms: median(loud.map(({ drawn }) => drawn.p50)),
        quietServerCores: quietCores,
        loudServerCores: loudCores,
      },
      notes: {
        ...runNotes(lastLoud.drawn.reading),
        answeredPerSecond: median(loud.map(({ followers }) => followers.answered)) / params.seconds,
        answerP99Ms: median(loud.map(({ followers }) => followers.answerP99Ms)),
        eventsPerSecond: median(loud.map(({ followers }) => followers.events)) / params.seconds,
        quietLagMs: Math.max(...quiet.map(({ lagMs }) => lagMs)),
        loudLagMs: Math.max(...loud.map(({ drawn }) => drawn.lagMs)),
      },
      lagMs: median([...quiet, ...loud.map(({ drawn }) => drawn)].map(({ lagMs }) => lagMs)),
    };
  },
});

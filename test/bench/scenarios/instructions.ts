// Instructions per delivered message, one message at a time: each has come to everybody before the next one is sent, so
// that a slow machine does not join messages into fewer writes.

import { Room } from '../load/room.js';
import { microseconds } from '../load/wire.js';
import { callgrindCount, findInstructionCounter, startPerf, stopPerf } from '../server/instructions.js';
import { type Stage, scenario } from './scenario.js';

type Params = {
  users: number;
  messages: number;
  warmUp: number;
};

/** A session in which one user draws. */
async function openRoom(stage: Stage, users: number): Promise<Room> {
  const room = await new Room(stage).open(users);
  room.scripts(1);
  await room.mark();
  return room;
}

/** Returns how many messages came to somebody, the mark behind each included. */
async function drawSteps(room: Room, messages: number): Promise<number> {
  const { client, script } = room.senders[0]!;
  for (let i = 0; i < messages; i++) {
    client.send(script.next(1, microseconds));
    await room.mark();
  }
  return messages * 2 * room.receivers.length;
}

async function countByPerf(stage: Stage, { users, messages, warmUp }: Params) {
  const room = await openRoom(stage, users);
  await drawSteps(room, warmUp);
  const perf = await startPerf(stage.server().pid);
  const delivered = await drawSteps(room, messages);
  const instructions = await stopPerf(perf);
  room.finish();
  room.close();
  return { instructions, delivered };
}

/** callgrind counts from start to end: two runs that differ only in how many messages there are. */
async function countByCallgrind(stage: Stage, { users, messages, warmUp }: Params) {
  const runOnce = async (steps: number) => {
    const room = await openRoom(stage, users);
    const delivered = await drawSteps(room, steps);
    room.finish();
    room.close();
    const server = stage.server();
    await server.stop();
    return { instructions: callgrindCount(stage.folder, server.pid), delivered };
  };
  const less = await runOnce(warmUp);
  await stage.restart();
  const more = await runOnce(warmUp + messages);
  return {
    instructions: more.instructions - less.instructions,
    delivered: more.delivered - less.delivered,
  };
}

export const instructions = scenario({
  summary: 'one user draws one message at a time, all users of the session receive; instructions are counted',
  params: { users: 20, messages: 1000, warmUp: 200 },
  async run(stage, params) {
    const isByPerf = findInstructionCounter() === 'perf';
    const { instructions, delivered } = await (isByPerf ? countByPerf : countByCallgrind)(stage, params);
    return {
      figures: { instructionsPerDelivered: instructions / delivered },
      notes: { isByPerf: Number(isByPerf), delivered },
    };
  },
});

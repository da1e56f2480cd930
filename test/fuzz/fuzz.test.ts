// Any bytes at any time: the sender gets a reply or a close, and everyone else goes on as if nothing had happened.
// Longer with DP_FUZZ_ROUNDS, elsewhere with DP_FUZZ_SEED.

import test, { type ExecutionContext } from 'ava';
import { Client, generations, isType } from '../helpers/client.js';
import { firstSeed, rounds, Seeded } from '../helpers/seeded.js';
import { startTestServer, type TestServer } from '../helpers/server.js';
import { until } from '../helpers/until.js';
import { type Frame, messageType } from '../helpers/wire.js';
import { anyBadFrame } from './bad-input.js';

const stages = ['connected', 'greeted', 'inLobby', 'uploading', 'operator', 'resetting', 'member'] as const;
type Stage = (typeof stages)[number];

const generationNames = Object.keys(generations) as Array<keyof typeof generations>;

async function attackerAt(
  stage: Stage,
  server: TestServer,
  session: string,
  random: Seeded,
): Promise<Client> {
  // Clients without a system id can't join a session of a newer generation (login.md §4).
  const generation = stage === 'member' ? '2.3' : random.pick(generationNames);
  const options = { name: `bad ${random.below(1e9)}`, generation };
  const attacker = await Client.open(server.port, options);
  switch (stage) {
    case 'connected':
      break;
    case 'greeted':
      await attacker.reply('login');
      break;
    case 'inLobby':
      await attacker.logIn();
      break;
    case 'uploading':
      await attacker.logIn('host');
      await attacker.host({ complete: false });
      break;
    case 'operator':
      await attacker.logIn('host');
      await attacker.host();
      break;
    case 'resetting':
      await attacker.logIn('host');
      await attacker.host();
      attacker.command('reset-session');
      break;
    case 'member':
      await attacker.logIn();
      await attacker.join(session);
      break;
  }
  return attacker;
}

/** Whole, byte by byte, or cut anywhere. */
function piecesOf(bytes: Buffer, random: Seeded): Buffer[] {
  if (random.chance(0.5)) {
    return [bytes];
  }
  const pieces: Buffer[] = [];
  const most = bytes.length < 500 && random.chance(0.5) ? 1 : Math.max(2, Math.ceil(bytes.length / 4));
  for (let at = 0; at < bytes.length; ) {
    const size = random.between(1, most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function isIntact(message: Frame): boolean {
  const known = new Set<number>(Object.values(messageType));
  if (message.type < 64 && !known.has(message.type)) {
    return false;
  }
  if (message.type !== messageType.command) {
    return true;
  }
  try {
    const json = JSON.parse(message.payload.toString());
    return typeof json.type === 'string';
  } catch {
    return false;
  }
}

async function expectsNothingLeft(t: ExecutionContext, server: TestServer): Promise<void> {
  t.deepEqual(
    server.problems.map(({ message }) => message),
    [],
    'the server met something that it did not foresee',
  );
}

test('any bytes at any time leave everyone else alone', async (t) => {
  const server = await startTestServer({
    settings: {
      sessionCountLimit: '100',
      sessionSizeLimit: '0',
      autoResetThreshold: '0',
      // Sessions of attackers who drop the connection are not to pile up.
      droppedSessionLingerTime: '0',
    },
  });
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  const first = firstSeed();
  for (let round = 0; round < rounds(400); round++) {
    const random = new Seeded(first + round);
    const stage = random.pick(stages);
    const attacker = await attackerAt(stage, server, host.sessionId, random);
    const bad = Array.from({ length: random.between(1, 6) }, () => anyBadFrame(random));
    for (const piece of piecesOf(Buffer.concat(bad), random)) {
      attacker.send(piece);
    }
    await (random.chance(0.8) ? attacker.leave() : attacker.drop());
    t.true(attacker.log.every(isIntact), `round ${round} (${stage}): a malformed answer`);

    const stamp = `round ${round}`;
    host.draw(stamp, 200);
    const isStamp = (message: Frame) => message.type === 200 && message.payload.toString() === stamp;
    await Promise.all([host, guest].map((client) => client.next(isStamp, stamp)));
  }
  const late = await Client.join(server.port, host.sessionId, { name: 'late' });
  await late.caughtUp();
  const canvasOf = (client: Client) => Buffer.concat(client.canvas.map(({ bytes }) => bytes)).toString('hex');
  t.true(canvasOf(guest) === canvasOf(host), 'host and guest see different canvases');
  t.true(canvasOf(late) === canvasOf(host), 'a late joiner sees another canvas');
  t.is(server.sessionCount, 1);
  // Whoever was cut off leaves when the socket is gone.
  await until('who was cut off has left', () => server.running.peers.count <= 3);
  t.is(server.running.peers.count, 3);
  await expectsNothingLeft(t, server);
});

test('a member who never reads slows nobody else', async (t) => {
  const server = await startTestServer({ settings: { autoResetThreshold: '0' } });
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const deaf = await Client.join(server.port, host.sessionId, { name: 'deaf' });
  deaf.pauseReading();
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  const last = 400;
  for (let count = 1; count <= last; count++) {
    host.draw(Buffer.alloc(60_000, count & 255), count === last ? 201 : 200);
  }
  await guest.next(isType(201), 'the last of the drawing');
  deaf.resumeReading();
  await deaf.next(isType(201), 'the same for the slow one');
  const drawn = (client: Client) => client.canvas.filter(({ type }) => type >= 200);
  t.is(drawn(deaf).length, last);
  t.true(drawn(deaf).every((message, index) => message.bytes.equals(drawn(guest)[index]!.bytes)));
});

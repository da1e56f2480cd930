// A whole server with a session folder: stopped and started again, killed, out of space.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { MemorySettings } from '../../../src/lib/core/settings/settings.js';
import { makeStorage } from '../../../src/lib/server/storage.js';
import { Client, isReply } from '../../helpers/client.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';
import { mountSmall, withSmallDisk } from '../../helpers/small-disk.js';
import { until } from '../../helpers/until.js';
import { type Frame, frame, jsonOf } from '../../helpers/wire.js';

function makeFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'dp-storage-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface StoredServer extends TestServer {
  /** Stops it as a signal does. */
  end(): Promise<void>;
}

async function start(
  t: ExecutionContext,
  folder: string,
  options: { record?: string; durability?: 'os' | 'sync'; templates?: string } = {},
): Promise<StoredServer> {
  const settings = new MemorySettings({ persistence: 'true' });
  const log = { write: () => {} };
  const storage = await makeStorage({ settings, log, sessions: join(folder, 'sessions'), ...options });
  const server = await startTestServer({ settings: { persistence: 'true' }, more: storage.parts });
  server.running.directory.restore(storage.open());
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ended ??= server.stop().then(() => storage.stop());
    return ended;
  };
  t.teardown(end);
  return Object.assign(server, { end });
}

/** A drawing message that carries a number. */
const stroke = (number: number, bytes = 30): string => String(number).padStart(bytes, '0');

/** What a client has on its canvas of the drawing commands, as text. */
function drawn(client: Client): string[] {
  return client.canvas.filter(({ type }) => type >= 128).map(textOf);
}

function textOf({ type, context, payload }: Frame): string {
  return `${type}/${context}/${Buffer.from(payload).toString('latin1')}`;
}

for (const durability of ['os', 'sync'] as const) {
  test(`what was drawn is there after a restart, durability ${durability}`, async (t) => {
    const folder = makeFolder(t);
    const first = await start(t, folder, { durability });
    const alice = await Client.host(first.port, { name: 'alice', alias: 'room', title: 'Kept' });
    const bob = await Client.join(first.port, 'room', { name: 'bob' });
    await bob.caughtUp();
    for (let i = 0; i < 200; i++) (i % 2 ? alice : bob).draw(stroke(i));
    await Promise.all([alice.ping(), bob.ping()]);
    await until('all strokes have come', () => drawn(alice).length >= 203);
    await first.end();
    const second = await start(t, folder, { durability });
    t.is(second.sessionCount, 1);
    const carol = await Client.join(second.port, 'room', { name: 'carol' });
    await carol.caughtUp();
    t.deepEqual(drawn(carol), drawn(alice));
    // Whoever was there when the server stopped has left.
    const people = new Set<number>();
    for (const { type, context } of carol.log) {
      if (type === 32) people.add(context);
      if (type === 33) people.delete(context);
    }
    t.deepEqual([...people], [carol.userId]);
    carol.draw(stroke(1000));
    await carol.next(({ type, payload }) => type === 148 && Buffer.from(payload).includes('1000'));
    t.is(carol.log.filter(isReply('sessionconf')).length > 0, true);
  });
}

test('resets of both kinds survive', async (t) => {
  const folder = makeFolder(t);
  const first = await start(t, folder);
  const alice = await Client.host(first.port, { name: 'alice', alias: 'room' });
  for (let i = 0; i < 20; i++) alice.draw(stroke(i));
  await alice.ping();
  await alice.resetTo([frame(148, 1, stroke(777)), frame(148, 1, stroke(778))]);
  alice.draw(stroke(1));
  const bob = await Client.join(first.port, 'room', { name: 'bob' });
  await bob.caughtUp();
  t.deepEqual(
    drawn(bob),
    [777, 778, 1].map((number) => `148/1/${stroke(number)}`),
  );
  await first.end();
  t.is(readdirSync(join(folder, 'sessions')).filter((name) => name.endsWith('_r2.dprec')).length, 1);
  const second = await start(t, folder);
  const carol = await Client.join(second.port, 'room', { name: 'carol' });
  await carol.caughtUp();
  t.deepEqual(drawn(carol), drawn(bob));
});

test('a session is recorded from its start, and again after a reset', async (t) => {
  const folder = makeFolder(t);
  const server = await start(t, folder, { record: join(folder, 'rec', '%a.dprec') });
  const alice = await Client.host(server.port, { name: 'alice', alias: 'room' });
  alice.draw(stroke(5));
  await alice.ping();
  await alice.resetTo([frame(148, 1, stroke(777))]);
  await server.end();
  t.deepEqual(readdirSync(join(folder, 'rec')).sort(), ['room (1).dprec', 'room.dprec']);
});

// A folder that is there and takes no new ones: Node's own recursive mkdir would never come back.
for (const place of ['/proc/nowhere/x.dprec', '/proc/nowhere/deep/%a.dprec', '/dev/null/x.dprec']) {
  test(`a recording to ${place} fails alone: drawing goes on`, async (t) => {
    const folder = makeFolder(t);
    const server = await start(t, folder, { record: place });
    const alice = await Client.host(server.port, { name: 'alice', alias: 'room' });
    const bob = await Client.join(server.port, 'room', { name: 'bob' });
    alice.draw(stroke(5));
    await bob.next(({ type, payload }) => type === 148 && Buffer.from(payload).includes('5'));
    await alice.resetTo([frame(148, 1, stroke(777))]);
    bob.draw(stroke(6));
    await alice.next(({ type, payload }) => type === 148 && Buffer.from(payload).includes('6'));
    t.is(server.sessionCount, 1);
    await server.end();
  });
}

test('what is stored of sessions is not for everybody', async (t) => {
  const folder = makeFolder(t);
  const server = await start(t, folder, { record: join(folder, 'rec', '%a.dprec') });
  const alice = await Client.host(server.port, { name: 'alice', alias: 'room' });
  alice.draw(stroke(5));
  await alice.ping();
  await alice.resetTo([frame(148, 1, stroke(777))]);
  await server.end();
  for (const sub of ['sessions', 'rec']) {
    t.is(statSync(join(folder, sub)).mode & 0o007, 0, sub);
    const names = readdirSync(join(folder, sub));
    t.true(names.length >= 2);
    for (const name of names) t.is(statSync(join(folder, sub, name)).mode & 0o137, 0, name);
  }
});

test('a template becomes a session in the folder when someone joins it', async (t) => {
  const folder = makeFolder(t);
  const templates = join(folder, 'templates');
  mkdirSync(templates);
  const template = readFileSync('test/vectors/formats/v23/template/full.dptxt', 'utf8');
  writeFileSync(join(templates, 'full.dptxt'), template.replace('!password=plainpw', '!password=plain;pw'));
  const record = join(folder, 'rec-%a.dprec');
  const server = await start(t, folder, { templates, record });
  const tina = await Client.join(server.port, 'full', { name: 'tina', password: 'pw' });
  await tina.caughtUp();
  const names = readdirSync(join(folder, 'sessions'));
  const journal = readFileSync(
    join(folder, 'sessions', names.find((name) => name.endsWith('.session'))!),
    'utf8',
  );
  t.deepEqual(
    journal
      .replace(/^#.*\n/gm, '')
      .split('\n')
      .slice(0, 11)
      .map((line) => line.split(' ')[0]),
    [
      'FILE',
      'ALIAS',
      'FOUNDER',
      'MAXUSERS',
      'PASSWORD',
      'OPWORD',
      'TITLE',
      'ANNOUNCE',
      'FLAGS',
      'AUTORESET',
      'CATCHUP',
    ],
  );
  t.true(readFileSync(join(folder, 'rec-full.dprec')).includes('After error'));
  await server.end();
  const again = await start(t, folder, { templates });
  const uma = await Client.join(again.port, 'full', { name: 'uma', password: 'pw' });
  await uma.caughtUp();
  t.deepEqual(drawn(uma), drawn(tina));
  t.is(again.sessionCount, 1);
});

// ---- killed ---------------------------------------------------------------------------------------------

const program = fileURLToPath(new URL('../../helpers/stored-server.js', import.meta.url));

async function launch(t: ExecutionContext, folder: string): Promise<{ port: number; child: ChildProcess }> {
  const child = fork(program, [folder, 'os'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)));
    child.once('exit', (status) => reject(new Error(`the server ended with ${status}`)));
  });
  return { port, child };
}

/** A sequence of numbers that is the same in each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const startsWith = (all: readonly string[], start: readonly string[]): boolean =>
  start.length <= all.length && start.every((item, i) => item === all[i]);

/** An image that replaces what was drawn before: everything (full reset), or the first `before` messages (streamed). */
interface Image {
  texts: string[];
  before: number;
}

/** What one person saw until the server was killed. */
interface Witness {
  canvas: string[];
  /** Resets that may have been done, though this person has not seen it. */
  images: Image[];
}

/** Whether this history has everything that the witness saw, in that order. */
function hasAll(restored: readonly string[], { canvas, images }: Witness): boolean {
  return (
    startsWith(restored, canvas) ||
    images.some(({ texts, before }) => startsWith(restored, [...texts, ...canvas.slice(before)]))
  );
}

test('whatever anyone has seen is there after the process was killed, at any moment', async (t) => {
  t.timeout(600_000);
  const folder = makeFolder(t);
  const random = seeded(20_261_122);
  const rounds = Number(process.env.DP_KILL_ROUNDS ?? 30);
  const counts = { full: 0, streamed: 0, foundDone: 0 };
  let number = 0;
  let witnesses: Witness[] = [];
  const makeImage = (): { frames: Buffer[]; texts: string[] } => {
    const frames = Array.from({ length: 1 + random(300) }, () => frame(148, 1, stroke(++number, 500)));
    return { frames, texts: frames.map((bytes) => `148/1/${bytes.toString('latin1', 4)}`) };
  };
  for (let round = 0; round < rounds; round++) {
    const { port, child } = await launch(t, folder);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const people: Client[] = [];
    if (round === 0) people.push(await Client.host(port, { name: 'user0', alias: 'room' }));
    for (let i = people.length; i < 4; i++) {
      const person = await Client.join(port, 'room', { name: `user${i}` });
      await person.caughtUp();
      people.push(person);
    }
    const restored = drawn(people[3]!);
    for (const witness of witnesses) {
      if (hasAll(restored, witness)) continue;
      t.fail(`round ${round}: ${witness.canvas.length} messages seen, ${restored.length} restored`);
      return;
    }
    if (witnesses.some(({ images }) => images.some(({ texts }) => startsWith(restored, texts)))) {
      counts.foundDone++;
    }

    // Every third round a full reset, every third one streamed resets, while all draw.
    const kind = (['none', 'streamed', 'full'] as const)[round % 3]!;
    const images: Image[] = [];
    if (kind === 'full') {
      const { frames, texts } = makeImage();
      images.push({ texts, before: Number.POSITIVE_INFINITY });
      people[0]!.resetTo(frames).then(
        () => counts.full++,
        () => {},
      );
    }
    for (const person of kind === 'streamed' ? people : []) {
      person.onFrame = (message) => {
        const asked = jsonOf(message);
        if (asked?.type !== 'autoreset') return;
        if (asked.query === true) person.answerAutoreset(asked.payload, true);
        else if (typeof asked.correlator === 'string') stream(person, asked.correlator);
      };
    }
    const stream = (person: Client, correlator: string): void => {
      const { frames, texts } = makeImage();
      const sstart = isReply('sstart');
      const answer = person.onFrame;
      person.onFrame = (message) => {
        if (!sstart(message)) return;
        images.push({ texts, before: drawn(person).length });
        person.onFrame = answer;
      };
      person.streamReset(correlator, frames, 2000).then(
        () => counts.streamed++,
        () => {},
      );
    };
    let isOver = false;
    const drawing = people.map(async (person) => {
      while (!isOver && !person.isClosed) {
        for (let i = random(5); i >= 0; i--) person.draw(stroke(++number, 10 + random(2000)));
        await person.ping();
      }
    });
    const turns = random(kind === 'none' ? 40 : 120);
    for (let i = 0; i < turns; i++) await people[1 + random(3)]!.ping();
    child.kill('SIGKILL');
    await exited;
    isOver = true;
    await Promise.all(drawing);
    await Promise.all(people.map(({ closed }) => closed));
    witnesses = people.map((person) => {
      const canvas = drawn(person);
      // Who has seen the beginning of the new image must find it again; others may find the one or the other.
      const hasSeenReset = kind === 'full' && canvas.length > 0 && canvas[0] === images[0]?.texts[0];
      return { canvas, images: hasSeenReset ? [] : images };
    });
  }
  t.true(number > rounds * 10);
  t.log(
    `${number} messages; ${counts.full} full resets seen, ${counts.streamed} streamed ones uploaded, ${counts.foundDone} found done afterwards`,
  );
});

// ---- out of space ---------------------------------------------------------------------------------------

withSmallDisk('a disk that is full while people draw loses nothing when there is room again', async (t) => {
  const folder = mountSmall(t);
  const first = await start(t, folder);
  const alice = await Client.host(first.port, { name: 'alice', alias: 'room' });
  const bob = await Client.join(first.port, 'room', { name: 'bob' });
  await bob.caughtUp();
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(512 * 1024));
  const isAlert = isReply('alert');
  let number = 0;
  const drawUntil = async (done: () => boolean): Promise<void> => {
    await until('enough is drawn', async () => {
      if (done()) return true;
      alice.draw(stroke(++number, 9000));
      bob.draw(stroke(++number, 9000));
      await Promise.all([alice.ping(), bob.ping()]);
      return false;
    });
  };
  // Drawing goes on in memory, and the operator is told.
  await drawUntil(() => alice.log.some(isAlert));
  const before = number;
  await drawUntil(() => number > before + 20);
  await until('all strokes have come', () => drawn(bob).length >= number + 3);
  const alerts = alice.log.filter(isAlert).length;
  rmSync(ballast);
  while (alice.log.filter(isAlert).length === alerts) await alice.next(isAlert);
  await drawUntil(() => number > before + 40);
  await until('all strokes have come', () => drawn(bob).length >= number + 3);
  const expected = drawn(bob);
  await first.end();
  const second = await start(t, folder);
  const carol = await Client.join(second.port, 'room', { name: 'carol' });
  await carol.caughtUp();
  t.is(drawn(carol).length, expected.length);
  t.deepEqual(drawn(carol), expected);
});

test('a stop waits for passwords that are being hashed, however many changes came', async (t) => {
  const folder = makeFolder(t);
  const first = await start(t, folder);
  const host = await Client.host(first.port, { name: 'host', alias: 'room' });
  for (let i = 0; i < 50; i++)
    host.command('sessionconf', [], { password: `password ${i}`, opword: `op ${i}` });
  await host.ping();
  await first.end();
  const second = await start(t, folder);
  const stranger = await t.throwsAsync(Client.join(second.port, 'room', { name: 'stranger' }));
  t.regex(stranger!.message, /badPassword/);
  const friend = await Client.join(second.port, 'room', { name: 'friend', password: 'password 49' });
  await friend.caughtUp();
  friend.command('gain-op', ['op 49']);
  await friend.reply('msg', { T: 'opgive' });
  t.pass();
});

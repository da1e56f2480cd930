// An export is of one moment, whatever happens to the session meanwhile.
import test, { type ExecutionContext } from 'ava';
import type { LiveServer } from '../../../src/lib/admin/live.js';
import type { AdminNeeds } from '../../../src/lib/admin/operation.js';
import { exportSession } from '../../../src/lib/admin/session-export.js';
import { Fault, Refusal } from '../../../src/lib/core/errors.js';
import { eachFrame } from '../../../src/lib/core/protocol/frame.js';
import type { Session } from '../../../src/lib/core/session/session.js';
import { makeStorage } from '../../../src/lib/server/storage.js';
import { Client } from '../../helpers/client.js';
import { startTestServer } from '../../helpers/server.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { until } from '../../helpers/until.js';
import { frame } from '../../helpers/wire.js';

async function start(t: ExecutionContext, sessions: string) {
  const server = await startTestServer({
    settings: { persistence: 'true' },
    surround: async ({ settings, log, clock }) => {
      const storage = await makeStorage({ settings, log, clock, sessions });
      return {
        parts: storage.parts,
        started: (running) => running.directory.restore(storage.open()),
        stop: () => storage.stop(),
      };
    },
  });
  t.teardown(() => server.stop());
  const live = { directory: server.running.directory, clock: server.clock } as unknown as LiveServer;
  const needs = { live } as AdminNeeds;
  return { server, needs };
}

/** A stored session of 30 blocks, as a server finds it: nothing of it is in memory. */
async function storedSession(t: ExecutionContext) {
  const folder = tempFolder(t);
  const first = await start(t, folder);
  const host = await Client.host(first.server.port, {
    name: 'hana',
    alias: 'room',
    settings: { persistent: true },
  });
  for (let i = 0; i < 60; i++) host.draw(Buffer.alloc(60_000, 'o'));
  await host.ping();
  await first.server.stop();
  const second = await start(t, folder);
  const session = second.server.running.directory.find('room')!;
  return { ...second, session };
}

const strokes = (frames: string): string => {
  const bytes = Buffer.from(frames, 'base64');
  const letters = new Set<string>();
  eachFrame(bytes, 0, bytes.length, (at, _end, type) => {
    if (type === 148) letters.add(String.fromCharCode(bytes[at + 4]!));
  });
  return [...letters].join('');
};

function reset(session: Session, letter: string): void {
  session.history.replaceAll([frame(148, 1, Buffer.alloc(50_000, letter))], 1);
}

test('a reset while the disk is waited for: only what was there before or after it is exported', async (t) => {
  const { needs, session } = await storedSession(t);
  await new Promise((resolve) => session.open(resolve));
  const part = exportSession(needs, { session: 'room' });
  // requireSession answers in a microtask; the disk takes longer.
  await Promise.resolve().then(() => Promise.resolve());
  reset(session, 'n');
  const { frames } = await part;
  t.is(strokes(frames).length, 1);
});

test('a reset between two parts: the rest is refused, and a new export has only the new history', async (t) => {
  const { needs, session } = await storedSession(t);
  const part = await exportSession(needs, { session: 'room' });
  t.is(strokes(part.frames), 'o');
  t.not(part.next, undefined);
  reset(session, 'n');
  await t.throwsAsync(exportSession(needs, { session: 'room', from: part.next!, until: part.until }), {
    instanceOf: Refusal,
    message: /was reset/,
  });
  await until('all is stored', () => session.history.readableIndex === session.history.lastIndex);
  const again = await exportSession(needs, { session: 'room' });
  t.is(strokes(again.frames), 'n');
  t.is(again.next, undefined);
});

test('what is drawn after the first part is not exported', async (t) => {
  const { needs, session } = await storedSession(t);
  let part = await exportSession(needs, { session: 'room' });
  session.flow.store(frame(148, 1, Buffer.from('later')));
  let letters = strokes(part.frames);
  while (part.next !== undefined) {
    part = await exportSession(needs, { session: 'room', from: part.next, until: part.until });
    letters += strokes(part.frames);
  }
  t.false(letters.includes('l'), letters);
});

test('a disk that gives nothing is not waited for without end', async (t) => {
  const { server, needs, session } = await storedSession(t);
  const timers = server.clock.waiting;
  session.history.read = () => null;
  const exported = exportSession(needs, { session: 'room' });
  await until('the export waits for the disk', () => server.clock.waiting > timers);
  server.clock.advance(5000);
  await t.throwsAsync(exported, { instanceOf: Fault, message: /cannot read the history of session/ });
});

// Recordings that administrators begin and end, and how quickly people answer.

import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import type { OperationName, OutputOf } from '../../../src/lib/admin/operations.js';
import { readTemplate } from '../../../src/lib/core/recording/template.js';
import { startAdminServer } from '../../helpers/admin-server.js';
import { Client } from '../../helpers/client.js';
import { startFilesServer } from '../../helpers/files-server.js';
import { until } from '../../helpers/until.js';

type Server = Pick<Awaited<ReturnType<typeof startAdminServer>>, 'request'>;

async function run<Name extends OperationName>(server: Server, name: Name, body: unknown) {
  const answer = await server.request({ method: 'POST', path: `/api/dp/1/${name.replace('.', '/')}`, body });
  return answer.json as OutputOf<Name> & { code?: string };
}

test('a session is recorded from where it is, until that is stopped, and again', async (t) => {
  const server = await startFilesServer(t, { records: 'asked', hasTrail: true });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'Live' });
  const session = host.sessionId;
  t.like(await run(server, 'session.recording', { session }), { isRecording: false, canRecord: true });
  t.like(await run(server, 'session.record', { session, isRecording: true }), { isRecording: true });
  await until(
    'it is written',
    async () => (await run(server, 'session.recording', { session })).sizeBytes! > 0,
  );
  const state = await run(server, 'session.recording', { session });
  t.is(path.dirname(state.file!), server.folders.recordings);
  t.false(state.isFailing);
  const twice = await run(server, 'session.record', { session, isRecording: true });
  t.is(twice.file, state.file, 'a second time it goes on');
  const listed = (await run(server, 'file.list', { kind: 'recording' })).files;
  t.like(listed[0], { isInUse: true });
  t.like(await run(server, 'session.record', { session, isRecording: false }), { isRecording: false });
  await until('it is complete', async () =>
    (await run(server, 'file.list', { kind: 'recording' })).files.every(({ isInUse }) => isInUse !== true),
  );
  t.true(readTemplate(readFileSync(state.file!)).count > 0, 'the drawing is in it');
  await run(server, 'session.record', { session, isRecording: true });
  await until(
    'another file',
    async () => (await run(server, 'file.list', { kind: 'recording' })).files.length === 2,
  );
  await host.leave();
});

test('where there is no folder for recordings, none begins', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'Live' });
  const session = host.sessionId;
  t.like(await run(server, 'session.recording', { session }), { isRecording: false, canRecord: false });
  t.is((await run(server, 'session.record', { session, isRecording: true })).code, 'file-kind-not-kept');
  await host.leave();
});

test('who answers a ping has a time, who does not has none, and who leaves keeps nobody waiting', async (t) => {
  const server = await startAdminServer(t, { settings: { clientTimeout: '1d' } });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'Live' });
  const gus = await Client.join(server.server.port, host.sessionId, { name: 'Gus' });
  const silent = await Client.join(server.server.port, host.sessionId, { name: 'Silent' });
  silent.answersPings = false;
  const asked = run(server, 'session.ping', { session: host.sessionId });
  await until('the ping is there', () => silent.pingsAsked > 0);
  await silent.leave();
  const pings = await asked;
  const msOf = (name: string) => pings.find((each) => each.name === name)?.milliseconds;
  t.true(msOf('Anna')! >= 0);
  t.true(msOf('Gus')! >= 0);
  t.is(msOf('Silent'), null);
  await Promise.all([host.leave(), gus.leave()]);
});

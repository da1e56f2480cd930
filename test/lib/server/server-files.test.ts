// Files of a running server over its API: what is listed, read, deleted, backed up and opened; and names that lead elsewhere.

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { OperationName, OutputOf } from '../../../src/lib/admin/operations.js';
import { Client } from '../../helpers/client.js';
import { doodles, startFilesServer } from '../../helpers/files-server.js';
import { until } from '../../helpers/until.js';

type Files = Awaited<ReturnType<typeof startFilesServer>>;

async function run<Name extends OperationName>(server: Files, name: Name, body: unknown) {
  const answer = await server.request({ method: 'POST', path: `/api/dp/1/${name.replace('.', '/')}`, body });
  return { status: answer.status, json: answer.json as OutputOf<Name> & { code?: string; message?: string } };
}

const listed = async (server: Files) => (await run(server, 'file.list', {})).json.files;

async function archived(t: ExecutionContext, server: Files, title: string) {
  const host = await Client.host(server.server.port, { name: 'Anna', title });
  t.is((await run(server, 'session.kill', { session: host.sessionId })).status, 200);
  await until('the session is archived', async () =>
    (await listed(server)).some((file) => file.kind === 'archive' && file.isLive !== true),
  );
  return (await listed(server)).find(({ kind }) => kind === 'archive')!;
}

test('archives have the title of their session, and become a session again', async (t) => {
  const server = await startFilesServer(t, { hasTrail: true });
  const archive = await archived(t, server, 'A house by the sea');
  t.like(archive, { title: 'A house by the sea', founder: 'Anna' });
  const { status, json } = await run(server, 'session.create', {
    file: { kind: 'archive', name: archive.name },
  });
  t.is(status, 200, json.message);
  t.is(json.title, 'A house by the sea');
  t.not(json.id, archive.session!);
  t.true(server.server.directory.find(json.id)!.history.lastIndex > 0, 'the drawing is there');
  const again = { file: { kind: 'archive', name: archive.name }, title: 'The same house' };
  t.is((await run(server, 'session.create', again)).json.title, 'The same house');
  const both = { file: { kind: 'template', name: 'doodles.dptxt' }, template: 'doodles' };
  t.is((await run(server, 'session.create', both)).json.code, 'options-exclusive');
});

test('the journal of an ended session goes with its last history', async (t) => {
  const server = await startFilesServer(t, { hasTrail: true });
  const { kind, name } = await archived(t, server, 'Gone');
  t.true(readdirSync(server.folders.sessions).length > 1);
  const { status, json } = await run(server, 'file.delete', { kind, name });
  t.is(status, 200);
  t.true(json.sizeBytes > 0);
  t.deepEqual(
    readdirSync(server.folders.sessions).filter((each) => each.endsWith('.archived')),
    [],
  );
  t.is((await run(server, 'file.delete', { kind, name })).json.code, 'stored-file-not-found');
  const audit = (await run(server, 'audit.query', { order: 'newest' })).json as unknown as {
    entries?: unknown[];
  };
  t.regex(JSON.stringify(audit), /file\.delete/);
});

test('a recording is not deleted while it is written', async (t) => {
  const server = await startFilesServer(t, { records: true });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'Live' });
  await until('it is recorded', async () => (await listed(server)).some(({ kind }) => kind === 'recording'));
  const file = (await listed(server)).find(({ kind }) => kind === 'recording')!;
  t.true(file.isInUse);
  const { kind, name } = file;
  t.is((await run(server, 'file.delete', { kind, name })).json.code, 'recording-in-use');
  await host.leave();
  await until('it is complete', async () =>
    (await listed(server)).every((each) => each.kind !== 'recording' || each.isInUse !== true),
  );
  t.is((await run(server, 'file.delete', { kind, name })).status, 200);
  t.deepEqual(readdirSync(server.folders.recordings), []);
});

test('a backup is made beside the data, is intact, and who takes it is in the audit trail', async (t) => {
  const server = await startFilesServer(t, { hasTrail: true });
  await archived(t, server, 'In the backup');
  const { status, json: made } = await run(server, 'file.backup', {});
  t.is(status, 200, made.message);
  t.regex(made.name, /^dp-backup-\d{8}T\d{6}Z\.tar\.gz$/);
  const { json: checked } = await run(server, 'file.verify', { name: made.name });
  t.deepEqual(checked.problems, []);
  const content = await server.request({
    path: `/api/dp/1/file/content?kind=backup&name=${encodeURIComponent(made.name)}`,
  });
  t.is(content.status, 200);
  t.is(Number(content.headers['content-length']), made.sizeBytes);
  t.regex(String(content.headers['content-disposition']), /^attachment; filename\*=UTF-8''dp-backup-/);
  const audit = (await run(server, 'audit.query', { order: 'newest' })).json;
  t.regex(JSON.stringify(audit), /file\.read/);
  t.regex(JSON.stringify(audit), /file\.backup/);

  const file = path.join(server.folders.backups, made.name);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length / 2));
  t.not((await run(server, 'file.verify', { name: made.name })).json.problems.length, 0, 'half of it is not');
});

test('a template is checked line by line, stored, offered at once, and replaced only when that is asked', async (t) => {
  const server = await startFilesServer(t);
  const content = Buffer.from(doodles).toString('base64');
  const wrong = Buffer.concat([Buffer.from(doodles), Buffer.from('\nnonsense line\n')]).toString('base64');
  const { json: checked } = await run(server, 'file.add', {
    name: 'new.dptxt',
    content: wrong,
    isDryRun: true,
  });
  t.is(checked.problems.length, 1);
  t.true(checked.problems[0]!.line! > 1);
  t.false(checked.isStored);
  t.false(existsSync(path.join(server.folders.templates, 'new.dptxt')));
  const { json: added } = await run(server, 'file.add', { name: 'new.dptxt', content });
  t.like(added, { isStored: true, alias: 'new', title: 'Doodles', problems: [] });
  t.truthy(server.server.directory.findTemplate('new'));
  t.is((await run(server, 'file.add', { name: 'new.dptxt', content })).json.code, 'stored-file-exists');
  t.is((await run(server, 'file.add', { name: 'new.dptxt', content, replaces: true })).status, 200);
  t.is((await run(server, 'file.delete', { kind: 'template', name: 'new.dptxt' })).status, 200);
  t.is(server.server.directory.findTemplate('new'), undefined, 'it is offered no longer');
  for (const name of [
    '../new.dptxt',
    'a/new.dptxt',
    '.new.dptxt',
    'new.txt',
    'n w.dptxt',
    'new.dptxt/',
    '\u202enew.dptxt',
  ]) {
    const refused = await run(server, 'file.add', { name, content });
    t.is(refused.json.code, 'template-name-invalid', name);
  }
  const garbage = Buffer.from('not a template').toString('base64');
  t.is((await run(server, 'file.add', { name: 'bad.dptxt', content: garbage })).status >= 400, true);
});

test('a name leads to no file but those that are listed', async (t) => {
  const server = await startFilesServer(t);
  const { recordings, templates, sessions } = server.folders;
  writeFileSync(path.join(server.folder, 'secret.dprec'), 'secret');
  writeFileSync(path.join(recordings, '.hidden.dprec'), 'secret');
  symlinkSync(path.join(server.folder, 'secret.dprec'), path.join(templates, 'link.dprec'));
  symlinkSync(server.folder, path.join(templates, 'folder'));
  mkdirSync(path.join(templates, 'below.dprec'));
  const names = [
    '../secret.dprec',
    'link.dprec',
    'folder/secret.dprec',
    'below.dprec',
    path.join(server.folder, 'secret.dprec'),
    './doodles.dptxt',
    'x/../doodles.dptxt',
    'doodles.dptxt/',
    'doodles.dptxt\0.dprec',
    '..',
    '.hidden.dprec',
    `${'a/'.repeat(400)}b.dprec`,
  ];
  for (const name of names) {
    for (const [operation, input] of [
      ['file.read', { kind: 'template', name }],
      ['file.delete', { kind: 'template', name }],
      ['session.create', { file: { kind: 'template', name } }],
    ] as const) {
      t.is((await run(server, operation, input)).json.code, 'stored-file-not-found', `${operation} ${name}`);
    }
  }
  t.true(existsSync(path.join(server.folder, 'secret.dprec')));
  // journals and histories of live sessions are none of these
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'Live' });
  await until('it is stored', () => readdirSync(sessions).some((name) => name.endsWith('.session')));
  const [journal = ''] = readdirSync(sessions).filter((name) => name.endsWith('.session'));
  t.is(
    (await run(server, 'file.delete', { kind: 'archive', name: journal })).json.code,
    'stored-file-not-found',
  );
  await host.leave();
});

test('hostile names are listed as they are, and say in a header nothing but a name', async (t) => {
  const server = await startFilesServer(t, { records: true });
  const name = '<img src=x onerror=alert(1)> "a\u202ecer\'.dprec';
  mkdirSync(path.join(server.folders.recordings, '2026 x'));
  writeFileSync(path.join(server.folders.recordings, '2026 x', name), doodles);
  const [file] = (await listed(server)).filter(({ kind }) => kind === 'recording');
  t.is(file!.name, `2026 x/${name}`);
  const query = new URLSearchParams({ kind: 'recording', name: file!.name });
  const content = await server.request({ path: `/api/dp/1/file/content?${query}` });
  t.is(content.status, 200);
  t.is(content.text, Buffer.from(doodles).toString());
  t.notRegex(String(content.headers['content-disposition']), /["<>\r\n]|%E2%80%AE|%22/);
  t.is(content.headers['content-type'], 'application/octet-stream');
  for (const wrong of ['kind=recording', 'kind=secret&name=x', 'kind=recording&name=x&more=1', '']) {
    t.is((await server.request({ path: `/api/dp/1/file/content?${wrong}` })).status, 400, wrong);
  }
});

test('files are for administrators, and a server without a folder says what it does not keep', async (t) => {
  const server = await startFilesServer(t);
  const { operationOf } = await import('../../../src/lib/admin/operations.js');
  for (const name of [
    'file.list',
    'file.read',
    'file.delete',
    'file.backup',
    'file.verify',
    'file.add',
  ] as const) {
    t.is((await operationOf(name)).role, 'administrator', name);
  }
  const { json } = await run(server, 'file.list', {});
  t.deepEqual(json.folders.map(({ kind }) => kind).sort(), ['archive', 'backup', 'template']);
  t.is(
    (await run(server, 'file.read', { kind: 'recording', name: 'x.dprec' })).json.code,
    'file-kind-not-kept',
  );
});

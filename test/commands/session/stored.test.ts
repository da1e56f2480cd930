// `dp session repair`, `adopt` and `list` on stored sessions: with a server on them and without.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import SessionAdopt from '../../../src/commands/session/adopt.js';
import SessionList from '../../../src/commands/session/list.js';
import SessionRepair from '../../../src/commands/session/repair.js';
import { checkSessionFolder } from '../../../src/lib/io/disk/session-check.js';
import { Client } from '../../helpers/client.js';
import { runCommand } from '../../helpers/run-command.js';
import { type ServedBinary, serveBinary } from '../../helpers/serve-binary.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { until } from '../../helpers/until.js';

const store = 'test/vectors/formats/v23/store';
const id = '01m8117n3gr05sv034sn5seq1e';
const history = `${id}_r2.dprec`;
const copy = '01m8hdhttxh5gtea7j0bgk4zzz';

function makeStore(t: ExecutionContext, folder = tempFolder(t)): string {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(store)) {
    if (/\.(session|dprec)$/.test(name)) copyFileSync(join(store, name), join(folder, name));
  }
  return folder;
}

/** One bit of a keyword. */
function damage(folder: string): void {
  const journal = join(folder, `${id}.session`);
  writeFileSync(
    journal,
    readFileSync(journal, 'latin1').replaceAll('FLAGS persistent', 'FLAGR persistent'),
    'latin1',
  );
}

const state = (folder: string) => checkSessionFolder(folder).sessions.find((session) => session.id === id)!;

test('repair without a server: the journal is written anew, and the old one kept', async (t) => {
  const folder = makeStore(t);
  damage(folder);
  const before = readFileSync(join(folder, `${id}.session`));
  t.true(state(folder).doubts.length > 0);
  const ran = await runCommand(SessionRepair, [id.slice(0, 12), '--sessions', folder]);
  t.is(ran.status, 0, ran.stderr);
  t.regex(ran.stderr, /repaired/);
  t.deepEqual(state(folder).doubts, []);
  t.true(state(folder).isPersistent);
  t.is(state(folder).title, 'Test title ä');
  t.deepEqual(readFileSync(join(folder, `${id}.session.damaged`)), before);
  const again = await runCommand(SessionRepair, [id, '--sessions', folder]);
  t.is(again.status, 6);
  t.regex(again.stderr, /is intact/);
});

test('repair puts back a changed bit where the check sums give it away', async (t) => {
  const folder = makeStore(t);
  const journal = join(folder, `${id}.session`);
  await runCommand(SessionRepair, [id, '--sessions', damaged(folder)]);
  const sound = readFileSync(journal);
  const broken = Buffer.from(sound);
  broken[sound.indexOf('FLAGS persistent') + 8]! ^= 4;
  writeFileSync(journal, broken);
  t.true(state(folder).doubts.length > 0);
  const ran = await runCommand(SessionRepair, [id, '--sessions', folder, '--json']);
  t.deepEqual(ran.json<{ done: string[] }>().done, ['bits corrected: 1']);
  t.deepEqual(readFileSync(journal), sound);
});

function damaged(folder: string): string {
  damage(folder);
  return folder;
}

test('repair finds the history of a session whose journal has lost its FILE lines', async (t) => {
  const folder = makeStore(t);
  writeFileSync(join(folder, `${id}.session`), 'TITLE left\nFLAGS persistent\n');
  t.regex(state(folder).problem!, /no FILE line/);
  t.is((await runCommand(SessionRepair, [id, '--sessions', folder])).status, 0);
  t.is(state(folder).problem, undefined);
  t.is(state(folder).history, history);
});

test('repair leaves alone what belongs to another session, and says why', async (t) => {
  const folder = makeStore(t);
  copyFileSync(join(folder, `${id}.session`), join(folder, `${copy}.session`));
  const names = readdirSync(folder);
  const ran = await runCommand(SessionRepair, [copy, '--sessions', folder]);
  t.is(ran.status, 6);
  t.regex(ran.stderr, /cannot repair session/);
  t.deepEqual(
    readdirSync(folder).filter((name) => !name.includes('.lock')),
    names,
  );
});

test('adopt without a server: a session with what its history tells, shut because a password was lost', async (t) => {
  const folder = makeStore(t);
  rmSync(join(folder, `${id}.session`));
  t.deepEqual(checkSessionFolder(folder).orphans, [history]);
  const ran = await runCommand(SessionAdopt, [join(folder, history), '--sessions', folder]);
  t.is(ran.status, 0, ran.stderr);
  t.is(state(folder).problem, undefined);
  t.is(state(folder).history, history);
  t.is(state(folder).title, 'Test title ä');
  t.true(state(folder).isPersistent);
  t.deepEqual(checkSessionFolder(folder).orphans, []);
  t.regex(state(folder).doubts.join(), /operator password was lost/);
  const again = await runCommand(SessionAdopt, [join(folder, history), '--sessions', folder]);
  t.is(again.status, 6);
});

test('adopt copies a recording from elsewhere, under an id of its own', async (t) => {
  const folder = makeStore(t);
  const from = join(tempFolder(t), 'holiday.dprec');
  copyFileSync(join(folder, history), from);
  const ran = await runCommand(SessionAdopt, [from, '--sessions', folder, '--json']);
  const adopted = ran.json<{ id: string; history: string }>();
  t.true(existsSync(join(folder, `${adopted.id}.dprec`)));
  t.is(checkSessionFolder(folder).sessions.length, 3);
  t.true(checkSessionFolder(folder).sessions.every(({ problem }) => problem === undefined));
});

for (const [what, make, status] of [
  ['no recording', (folder: string) => writeFileSync(join(folder, `${copy}.dprec`), 'nothing'), 2],
  ['a file that is not there', () => {}, 4],
  [
    'a link to the history of a session',
    (folder: string) => {
      linkSync(join(folder, history), join(folder, `${copy}.dprec`));
    },
    6,
  ],
] as const) {
  test(`adopt refuses ${what}`, async (t) => {
    const folder = makeStore(t);
    make(folder);
    const names = readdirSync(folder);
    const ran = await runCommand(SessionAdopt, [join(folder, `${copy}.dprec`), '--sessions', folder]);
    t.is(ran.status, status, ran.stderr);
    t.deepEqual(
      readdirSync(folder).filter((name) => !name.includes('.lock')),
      names,
    );
  });
}

test('list without a server names what is set aside, in doubt and without a journal', async (t) => {
  const folder = makeStore(t);
  damage(folder);
  copyFileSync(join(folder, `${id}.session`), join(folder, `${copy}.session`));
  copyFileSync(join(folder, history), join(folder, 'alone.dprec'));
  const ran = await runCommand(SessionList, ['--sessions', folder]);
  t.is(ran.status, 0);
  t.regex(ran.stderr, new RegExp(`${copy} {2}set aside: .*belongs to session '${id}'`));
  t.regex(ran.stderr, new RegExp(`${id} {2}in doubt: `));
  t.regex(ran.stderr, /alone\.dprec {2}no journal: run: dp session adopt/);
});

/** A server that finds the damaged files while it runs. */
async function serve(t: ExecutionContext): Promise<{ server: ServedBinary; folder: string }> {
  const server = await serveBinary(t, 'socket');
  const folder = join(server.data, 'sessions');
  makeStore(t, folder);
  damage(folder);
  copyFileSync(join(folder, `${id}.session`), join(folder, `${copy}.session`));
  copyFileSync(join(folder, history), join(folder, `${copy.replace('zzz', 'yyy')}.dprec`));
  // Started as root, the server is somebody else now.
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o666);
  server.kill('SIGHUP');
  await until('the files are found', async () =>
    (await server.dp('session', 'list')).stdout.includes('my23'),
  );
  return { server, folder };
}

test('a running server lists, repairs and adopts', async (t) => {
  const { server, folder } = await serve(t);
  const { dp } = server;
  const listed = await dp('session', 'list');
  t.regex(listed.stderr, new RegExp(`${copy} {2}set aside`));
  t.regex(listed.stderr, new RegExp(`${id} {2}in doubt`));
  t.regex(listed.stderr, /yyy\.dprec {2}no journal/);
  await t.throwsAsync(() => Client.join(server.port, 'my23', { name: 'eve' }), { message: /closed/ });
  const repaired = await dp('session', 'repair', 'my23');
  t.is(repaired.status, 0, repaired.stderr);
  await Client.join(server.port, 'my23', { name: 'eve' });
  const adopted = await dp('session', 'adopt', join(folder, `${copy.replace('zzz', 'yyy')}.dprec`));
  t.is(adopted.status, 0, adopted.stderr);
  t.regex((await dp('session', 'list')).stdout, /01m8hdhttxh5gtea7j0bgk4yyy/);
  const elsewhere = await dp('session', 'adopt', join(store, history));
  t.is(elsewhere.status, 6);
});

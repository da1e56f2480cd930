// dp archive list and prune.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import ArchiveList, { type ArchivedSession } from '../../../src/commands/archive/list.js';
import ArchivePrune, { type Pruned } from '../../../src/commands/archive/prune.js';
import { runCommand } from '../../helpers/run-command.js';

const ended = '01m811bm3qasbpjqw2j2jnckxx';

function makeFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'dp-archive-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Names with sizes and ages in days. */
function fill(folder: string, files: Record<string, [bytes: number, days: number]>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, [bytes, days]] of Object.entries(files)) {
    writeFileSync(join(folder, name), Buffer.alloc(bytes));
    const time = new Date(Date.now() - days * 86_400_000);
    utimesSync(join(folder, name), time, time);
  }
}

/** One session that ended long ago, one that ended lately, one that lives and was reset twice. */
function fillUsual(t: ExecutionContext): string {
  const folder = makeFolder(t);
  fill(folder, {
    'old.session.archived': [10, 101],
    'old.dprec.archived': [1000, 101],
    'old_r2.dprec.archived': [1000, 100],
    'new.session.archived': [10, 3],
    'new.dprec.archived': [1000, 2],
    'new.thumbnail.archived': [100, 2],
    'live.session': [10, 0],
    'live.dprec.archived': [1000, 50],
    'live_r2 (1).dprec.archived': [1000, 20],
    'live_r3.dprec': [1000, 0],
    'notes.txt.archived': [50_000, 500],
  });
  return folder;
}

const cases: readonly (readonly [args: string[], gone: string[], status?: number])[] = [
  [
    ['--max-age', '90d'],
    ['old.dprec.archived', 'old.session.archived', 'old_r2.dprec.archived'],
  ],
  [
    ['--max-age', '10d'],
    [
      'live.dprec.archived',
      'live_r2 (1).dprec.archived',
      'old.dprec.archived',
      'old.session.archived',
      'old_r2.dprec.archived',
    ],
  ],
  [
    ['--max-age', '60h', '--by', 'file'],
    [
      'live.dprec.archived',
      'live_r2 (1).dprec.archived',
      'new.session.archived',
      'old.dprec.archived',
      'old.session.archived',
      'old_r2.dprec.archived',
    ],
  ],
  [['--max-size', '1mb'], []],
  [['--max-size', '1t'], []],
  [
    ['--max-size', '0.0047m'],
    ['old.dprec.archived', 'old.session.archived', 'old_r2.dprec.archived'],
  ],
  [
    ['--max-size', '5000b'],
    ['old.dprec.archived', 'old.session.archived', 'old_r2.dprec.archived'],
  ],
  [
    ['--max-size', '3500b'],
    [
      'new.dprec.archived',
      'new.session.archived',
      'new.thumbnail.archived',
      'old.dprec.archived',
      'old.session.archived',
      'old_r2.dprec.archived',
    ],
  ],
  [
    ['--max-size', '2500b', '--by', 'file'],
    [
      'live.dprec.archived',
      'live_r2 (1).dprec.archived',
      'old.dprec.archived',
      'old.session.archived',
      'old_r2.dprec.archived',
    ],
  ],
  [
    ['--maximum-size', '500b'],
    [
      'live.dprec.archived',
      'live_r2 (1).dprec.archived',
      'new.dprec.archived',
      'new.session.archived',
      'new.thumbnail.archived',
      'old.dprec.archived',
      'old.session.archived',
      'old_r2.dprec.archived',
    ],
    7,
  ],
  [['--max-count', '1'], ['live.dprec.archived']],
  [
    ['--max-count', '0'],
    ['live.dprec.archived', 'live_r2 (1).dprec.archived'],
  ],
];

for (const [args, gone, status = 0] of cases) {
  test(`dp archive prune ${args.join(' ')}`, async (t) => {
    const folder = fillUsual(t);
    const before = readdirSync(folder);
    const dry = await runCommand(ArchivePrune, [...args, '--dry-run', folder]);
    t.deepEqual(readdirSync(folder), before);
    const told = [...dry.stdout.matchAll(/^Dry run: would delete '(.*)'$/gm)].map((match) => match[1]!);
    t.deepEqual(told.sort(), gone.map((name) => join(folder, name)).sort());
    const ran = await runCommand(ArchivePrune, [...args, folder, '--json']);
    t.is(ran.status, status);
    t.deepEqual(ran.json<Pruned>().files.sort(), told);
    t.deepEqual(
      readdirSync(folder),
      before.filter((name) => !gone.includes(name)),
    );
  });
}

test('exactly one limit is needed, and one that can be read', async (t) => {
  const folder = makeFolder(t);
  t.is((await runCommand(ArchivePrune, [folder])).status, 2);
  t.is((await runCommand(ArchivePrune, [folder, '--max-age', '1d', '--max-count', '1'])).status, 2);
  for (const args of [
    ['--max-age', 'old'],
    ['--max-size', '-'],
    ['--max-count', 'x'],
  ]) {
    const ran = await runCommand(ArchivePrune, [folder, ...args]);
    t.is(ran.status, 2);
    t.regex(ran.stderr, /invalid value '.*' for --max/);
  }
});

test('archives are listed with what their journals say, in folders below as well', async (t) => {
  const folder = makeFolder(t);
  cpSync('test/vectors/formats/v23/store-archived', join(folder, 'a'), { recursive: true });
  cpSync('test/vectors/formats/v23/store', join(folder, 'b'), { recursive: true });
  const rows = (await runCommand(ArchiveList, [folder, '--json'])).json<ArchivedSession[]>();
  t.is(rows.length, 3);
  const mine = rows.find(({ id }) => id === ended)!;
  t.is(mine.title, 'hosty Drawpile');
  // The orphan of a streamed reset lies beside the archives.
  t.false(mine.hasEnded);
  t.is(mine.archivedFiles.length, 3);
  rmSync(join(folder, 'a', `${ended}_r2.dprec`));
  const { stdout } = await runCommand(ArchiveList, [folder, '--ended']);
  t.regex(stdout, /hosty Drawpile +hosty +ended +3/);
  t.notRegex(stdout, /my23/);
  t.true(existsSync(join(folder, 'b')));
});

test('a folder that is not there', async (t) => {
  const ran = await runCommand(ArchiveList, ['/nowhere/at/all']);
  t.is(ran.status, 4);
  t.regex(ran.stderr, /nowhere/);
  t.is((await runCommand(ArchiveList, [], { env: { DP_SESSIONS: makeFolder(t) } })).status, 0);
  t.regex((await runCommand(ArchiveList, [], { env: { DP_DATA: '/nowhere' } })).stderr, /--sessions/);
});

for (const [what, lately] of [
  ['nothing was written since', {}],
  ['the server has written since', { 'live_r4.dprec': [10, -729], 'next.dprec.archived': [10, -728] }],
] as const) {
  test(`a clock that is two years ahead makes no archives old: ${what}`, async (t) => {
    const folder = fillUsual(t);
    fill(folder, lately as unknown as Record<string, [number, number]>);
    const before = readdirSync(folder).sort();
    const ahead = Date.now() + 730 * 86_400_000;
    const ran = await runCommand(ArchivePrune, [folder, '--max-age', '110d', '--yes'], {
      now: () => ahead,
    });
    t.deepEqual(ran.status, 0, ran.stderr);
    t.deepEqual(readdirSync(folder).sort(), before);
    t.regex(ran.stderr, /the clock is far ahead of most of these files/);
    // and back: what the wrong clock wrote stands in nobody's way
    const right = await runCommand(ArchivePrune, [folder, '--max-age', '90d', '--yes']);
    t.is(right.status, 0, right.stderr);
    t.deepEqual(
      before.filter((name) => !existsSync(join(folder, name))),
      ['old.dprec.archived', 'old.session.archived', 'old_r2.dprec.archived'],
    );
  });
}

test('a gap of a year that has been over for a week is no jump of the clock', async (t) => {
  const folder = makeFolder(t);
  fill(folder, { 'a.dprec.archived': [1, 400], 'b.dprec.archived': [1, 9], 'c.dprec.archived': [1, 1] });
  await runCommand(ArchivePrune, [folder, '--max-age', '90d', '--yes']);
  t.deepEqual(readdirSync(folder).sort(), ['b.dprec.archived', 'c.dprec.archived']);
});

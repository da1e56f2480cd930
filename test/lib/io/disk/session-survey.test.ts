// To whom the files of a session folder belong: who comes second is set aside, whatever way it came about.
import {
  copyFileSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { checkSessionFolder } from '../../../../src/lib/io/disk/session-check.js';
import { sessionSources } from '../../../../src/lib/io/disk/session-copy.js';
import { SessionFolder } from '../../../../src/lib/io/disk/session-folder.js';
import { until } from '../../../helpers/until.js';

const store = 'test/vectors/formats/v23/store';
const id = '01m8117n3gr05sv034sn5seq1e';
const history = `${id}_r2.dprec`;
const late = '01m8hdhttxh5gtea7j0bgk4zzz';
/** Sorts before the original. */
const early = '01a8hdhttxh5gtea7j0bgk4zzz';

function makePath(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'dp-survey-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  for (const name of readdirSync(store)) {
    if (/\.(session|dprec)$/.test(name)) copyFileSync(join(store, name), join(path, name));
  }
  return path;
}

function load(t: ExecutionContext, path: string) {
  const reports: string[] = [];
  const folder = new SessionFolder({
    path,
    disk: new Disk('os', () => 0),
    isArchiving: () => false,
    report: (level, message) => reports.push(`${level}: ${message}`),
  });
  t.teardown(() => folder.stop());
  return { folder, reports, found: folder.load() };
}

/** Journal of the session, as that of another id and without its alias. */
const renamed = (path: string, other: string): string =>
  readFileSync(join(path, `${id}.session`), 'utf8')
    .replaceAll(id, other)
    .replace('ALIAS my23\n', '');

const seconds: readonly (readonly [string, (path: string, other: string) => void, RegExp])[] = [
  [
    'a copy of the journal',
    (path, other) => copyFileSync(join(path, `${id}.session`), join(path, `${other}.session`)),
    /names '01m8117n3gr05sv034sn5seq1e_r2\.dprec', which belongs to session '01m8117n3gr05sv034sn5seq1e'/,
  ],
  [
    'a copy of both files',
    (path, other) => {
      copyFileSync(join(path, `${id}.session`), join(path, `${other}.session`));
      copyFileSync(join(path, history), join(path, `${other}_r2.dprec`));
    },
    /which belongs to session '01m8117n3gr05sv034sn5seq1e'/,
  ],
  [
    'a symbolic link to the journal',
    (path, other) => symlinkSync(`${id}.session`, join(path, `${other}.session`)),
    /belongs to session '01m8117n3gr05sv034sn5seq1e'/,
  ],
  [
    'a hard link to the journal',
    (path, other) => linkSync(join(path, `${id}.session`), join(path, `${other}.session`)),
    /belongs to session '01m8117n3gr05sv034sn5seq1e'/,
  ],
  [
    'a journal of its own and a link to the history',
    (path, other) => {
      writeFileSync(join(path, `${other}.session`), renamed(path, other));
      symlinkSync(history, join(path, `${other}_r2.dprec`));
    },
    /is the same file as 01\w+_r2\.dprec|same file/,
  ],
  [
    'the alias of the other',
    (path, other) => {
      const text = readFileSync(join(path, `${id}.session`), 'utf8').replaceAll(id, other);
      writeFileSync(join(path, `${other}.session`), text);
      copyFileSync(join(path, history), join(path, `${other}_r2.dprec`));
    },
    /it has the same alias 'my23' as session/,
  ],
  [
    'the id of the other as its alias',
    (path, other) => {
      writeFileSync(join(path, `${other}.session`), `${renamed(path, other)}ALIAS ${id}\n`);
      copyFileSync(join(path, history), join(path, `${other}_r2.dprec`));
    },
    /it has the same alias '01m8117n3gr05sv034sn5seq1e' as session/,
  ],
  [
    'the file of another session in its last FILE line',
    (path, other) => {
      copyFileSync(join(path, history), join(path, `${other}.dprec`));
      writeFileSync(join(path, `${other}.session`), `FILE ${other}.dprec\nFILE ${history}\n`);
    },
    /which belongs to session/,
  ],
];

for (const [what, make, why] of seconds) {
  test(`who comes second is set aside, untouched: ${what}`, (t) => {
    const path = makePath(t);
    make(path, late);
    const before = readdirSync(path);
    const bytes = readFileSync(join(path, `${late}.session`));
    const { folder, reports, found } = load(t, path);
    t.deepEqual(found.map(({ saved }) => saved.id).sort(), [id, '01m811amzzdvjxhsx0m6wy6xs6'].sort());
    t.deepEqual(
      folder.setAside.map((each) => each.id),
      [late],
    );
    t.regex(String(folder.setAside[0]!.why), why);
    t.true(reports.some((report) => report.startsWith(`error: session ${late} is set aside`)));
    t.deepEqual(readdirSync(path), before);
    // The first one is sealed, and with it whatever is the same file.
    if (!what.includes('link to the journal')) {
      t.deepEqual(readFileSync(join(path, `${late}.session`)), bytes);
    }
    const checked = checkSessionFolder(path).sessions.find((session) => session.id === late);
    t.regex(checked!.problem!, why);
    t.is(checkSessionFolder(path).sessions.find((session) => session.id === id)!.problem, undefined);
  });
}

for (const [what, make] of seconds.slice(0, 5)) {
  test(`${what} is the second also when its name comes first`, (t) => {
    const path = makePath(t);
    make(path, early);
    const { folder, found } = load(t, path);
    t.true(found.some(({ saved }) => saved.id === id));
    t.deepEqual(
      folder.setAside.map((each) => each.id),
      [early],
    );
  });
}

for (const [what, make] of [
  ...seconds.slice(5, 7),
  [
    'a journal of its own and a hard link to the history',
    (path, other) => {
      writeFileSync(join(path, `${other}.session`), renamed(path, other));
      linkSync(join(path, history), join(path, `${other}_r2.dprec`));
    },
  ],
] as readonly (readonly [string, (path: string, other: string) => void])[]) {
  test(`of a session that dp wrote and one that somebody edited the edited one is the second: ${what}`, async (t) => {
    const path = makePath(t);
    const first = load(t, path);
    await first.folder.stop();
    // What was sealed is edited, so that the check sum is wrong or, without it, lines have none.
    make(path, early);
    const bytes = readFileSync(join(path, `${id}.session`));
    const { folder, found } = load(t, path);
    t.true(found.some(({ saved }) => saved.id === id));
    t.deepEqual(
      folder.setAside.map((each) => each.id),
      [early],
    );
    t.deepEqual(readFileSync(join(path, `${id}.session`)), bytes);
  });
}

for (const [what, link] of [
  ['symbolic', (path: string, from: string, to: string) => symlinkSync(from, join(path, to))],
  ['hard', (path: string, from: string, to: string) => linkSync(join(path, from), join(path, to))],
] as const) {
  test(`a ${what} link to another session's history, named as the next one of a session, costs that one nothing`, async (t) => {
    const path = makePath(t);
    const other = '01m811amzzdvjxhsx0m6wy6xs6';
    const first = load(t, path);
    await first.folder.stop();
    const journal = join(path, `${id}.session`);
    const others = readdirSync(path).find((name) => name.startsWith(other) && name.endsWith('.dprec'))!;
    link(path, others, `${id}_r3.dprec`);
    writeFileSync(journal, `${readFileSync(journal, 'utf8')}FILE ${id}_r3.dprec\n`);
    const own = readFileSync(join(path, history));
    const { folder, found } = load(t, path);
    t.deepEqual(
      found.map(({ saved }) => saved.id),
      [other],
    );
    t.regex(String(folder.setAside[0]!.why), /it is the same file as .* which belongs to session/);
    t.deepEqual(readFileSync(join(path, history)), own);
  });
}

test('a history that has other names takes the place of no older one', (t) => {
  const path = makePath(t);
  copyFileSync(join(path, history), join(path, `${id}_r3.dprec`));
  linkSync(join(path, `${id}_r3.dprec`), join(path, 'backup'));
  const journal = join(path, `${id}.session`);
  writeFileSync(journal, `${readFileSync(journal, 'utf8')}FILE ${id}_r3.dprec\n`);
  load(t, path);
  t.true(readdirSync(path).includes(history));
});

test('a FILE line that leads out of the folder is named', (t) => {
  for (const name of ['/etc/passwd', `../s/${history}`, '..']) {
    const path = makePath(t);
    writeFileSync(join(path, `${id}.session`), `FILE ${name}\nTITLE old\n`);
    const { folder } = load(t, path);
    t.is(String(folder.setAside[0]!.why), `line 1: '${name}' is not a file name`);
    t.is(folder.problems().setAside[0]!.reason, 'line-no-file-name');
  }
});

test('a FILE line that names another file is told with whose it is', (t) => {
  const path = makePath(t);
  writeFileSync(join(path, 'notes'), 'mine');
  const others = '01m8hdhttxh5gtea7j0bgk4z09';
  writeFileSync(join(path, `${others}.session`), 'FILE notes\nTITLE old\n');
  const second = '01m8hdhttxh5gtea7j0bgk4z08';
  writeFileSync(join(path, `${second}.session`), `FILE ${history}\nTITLE old\n`);
  const orphan = '01m8hdhttxh5gtea7j0bgk4z07';
  copyFileSync(join(path, history), join(path, `${orphan}.dprec`));
  const third = '01m8hdhttxh5gtea7j0bgk4z06';
  writeFileSync(join(path, `${third}.session`), `FILE ${orphan}.dprec\nTITLE old\n`);
  const why = new Map(load(t, path).folder.setAside.map((each) => [each.file, String(each.why)]));
  t.is(
    why.get(join(path, `${others}.session`)),
    "its FILE line names 'notes', which is not a file of this session",
  );
  t.is(
    why.get(join(path, `${third}.session`)),
    `its FILE line names '${orphan}.dprec', which is not a file of this session`,
    'a history whose session is not there',
  );
  t.is(
    why.get(join(path, `${second}.session`)),
    `its FILE line names '${history}', which belongs to session '${id}'`,
  );
});

for (const name of [`${id}.old.session`, `${id} (1).session`, `.session`, `${id}_r2.session`]) {
  test(`a journal called "${name}" is set aside and the session is read from its own`, (t) => {
    const path = makePath(t);
    writeFileSync(join(path, name), `FILE ${history}\nTITLE old\n`);
    const { folder, found } = load(t, path);
    t.is(found.find(({ saved }) => saved.id === id)!.saved.title, 'Test title ä');
    t.deepEqual(
      folder.setAside.map(({ file }) => file),
      [join(path, name)],
    );
  });
}

test('a session whose files were both renamed is used under its new name', (t) => {
  const path = makePath(t);
  for (const [from, to] of [
    [`${id}.session`, `${late}.session`],
    [history, `${late}_r2.dprec`],
  ] as const) {
    copyFileSync(join(path, from), join(path, to));
    rmSync(join(path, from));
  }
  const { found, folder } = load(t, path);
  t.deepEqual(folder.setAside, []);
  t.is(found.find(({ saved }) => saved.id === late)!.saved.alias, 'my23');
});

test('a copy that is put there while the server runs is set aside at the next look', (t) => {
  const path = makePath(t);
  const { folder, reports } = load(t, path);
  copyFileSync(join(path, `${id}.session`), join(path, `${late}.session`));
  t.deepEqual(folder.load(), []);
  t.is(folder.setAside[0]!.id, late);
  folder.load();
  t.is(reports.filter((report) => report.includes('is set aside')).length, 1);
});

test('the next history of a session never is a file that exists, nor a link', async (t) => {
  const path = makePath(t);
  symlinkSync('elsewhere', join(path, `${late}_r2.dprec`));
  const { folder } = load(t, path);
  const { history: own } = folder.create({ id: late, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
  own.flush();
  own.replaceAll([Buffer.from([0, 0, 33, 1])], 1);
  await until('all is stored', () => own.readableIndex === own.lastIndex);
  t.true(readdirSync(path).includes(`${late}_r2 (1).dprec`));
  t.false(readdirSync(path).includes('elsewhere'));
});

test('histories without a journal are named', (t) => {
  const path = makePath(t);
  copyFileSync(join(path, history), join(path, `${late}_r7.dprec`));
  copyFileSync(join(path, history), join(path, 'holiday.dprec'));
  const { folder, reports } = load(t, path);
  t.deepEqual(folder.orphans, [`${late}_r7.dprec`, 'holiday.dprec']);
  for (const name of folder.orphans)
    t.true(reports.some((report) => report.includes(`${name} has no journal`)));
  t.deepEqual(checkSessionFolder(path).orphans, folder.orphans);
});

test('a copy of the folder has every file once, also with sessions that were set aside', (t) => {
  const path = makePath(t);
  for (const [, make] of seconds.slice(0, 1)) make(path, late);
  writeFileSync(join(path, `${id}.old.session`), `FILE ${history}\n`);
  const names = [...sessionSources(path, true)].map(({ name, pieces }) => {
    for (const _ of pieces());
    return name;
  });
  t.deepEqual(names, [...new Set(names)]);
  t.true(names.includes(history));
  t.true(names.includes(`${late}.session`));
});

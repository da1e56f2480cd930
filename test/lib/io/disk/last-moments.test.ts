// A disk that fails while the server stops: what is not written yet is tried again for as long as a stop may take, and
// where that does not help the next start finds what was before, and the log tells what is lost.
import '../../../helpers/disk-faults.js';

import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { OpenedSession } from '../../../../src/lib/core/session/needs.js';
import { Disk, lastTries } from '../../../../src/lib/io/disk/disk.js';
import { Recordings } from '../../../../src/lib/io/disk/recorder.js';
import { SessionFolder } from '../../../../src/lib/io/disk/session-folder.js';
import { add, numbered, readAll, settle } from '../../../contracts/history.js';
import { type DiskCall, systemError, watchFolder } from '../../../helpers/disk-faults.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const id = '01m8112ne3k0d1f6kr701npyym';

function openFolder(path: string) {
  const reports: string[] = [];
  const disk = new Disk('os', () => 0);
  // A second is as long as a turn of the event loop.
  const { retryLater } = disk;
  disk.retryLater = (run, options) =>
    options?.isLast ? void setImmediate(run) : retryLater.call(disk, run, options);
  const folder = new SessionFolder({
    path,
    disk,
    isArchiving: () => false,
    report: (level, message) => reports.push(`${level}: ${message}`),
  });
  return { folder, disk, reports };
}

async function begun(t: ExecutionContext) {
  const path = tempFolder(t);
  const { folder, disk, reports } = openFolder(path);
  const stored = folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
  stored.journal.write({ key: 'flags', flags: ['persistent'] });
  for (const number of [0, 1, 2]) add(stored.history, numbered(number));
  await settle(stored.history);
  return { path, folder, disk, reports, stored };
}

/** What the next server finds: a copy, so that nothing is done to it. */
async function restored(t: ExecutionContext, path: string): Promise<{ numbers: number[]; title: string }> {
  const copy = tempFolder(t);
  for (const name of readdirSync(path)) copyFileSync(join(path, name), join(copy, name));
  const { folder } = openFolder(copy);
  const [found] = folder.load();
  if (!found) return { numbers: [], title: '' };
  const opened = await new Promise<OpenedSession>((resolve) => found.open(resolve));
  if ('error' in opened) throw new Error(opened.error);
  const numbers = await readAll(found.history, found.history.cursorAt(0));
  await folder.stop();
  return { numbers, title: found.saved.title };
}

type Begun = Awaited<ReturnType<typeof begun>>;

/** What is under way when the server stops. `found`: at the next start where nothing of it could be written. */
const unfinished: Record<
  string,
  {
    begin: (session: Begun) => void;
    fails: (call: DiskCall) => boolean;
    done: { numbers: number[]; title: string };
    found: { numbers: number[]; title: string };
    lost: RegExp;
  }
> = {
  'the file of a full reset': {
    begin({ stored: { history } }) {
      history.replaceAll([numbered(10), numbered(11)], 2);
      history.flush();
    },
    fails: ({ name, path }) => name === 'openSync' && path.endsWith('_r2.dprec'),
    done: { numbers: [10, 11], title: '' },
    found: { numbers: [0, 1, 2], title: '' },
    lost: /error: the canvas of the last reset \(48 bytes\) .* lost; .*\.dprec is kept: .* before the reset/,
  },
  'the content of a full reset': {
    begin({ stored: { history } }) {
      history.replaceAll([numbered(10), numbered(11)], 2);
      history.flush();
    },
    fails: ({ isChange, path, name }) => isChange && name !== 'unlinkSync' && path.endsWith('_r2.dprec'),
    done: { numbers: [10, 11], title: '' },
    found: { numbers: [0, 1, 2], title: '' },
    lost: /error: the canvas of the last reset \(48 bytes\)/,
  },
  'the FILE line of a full reset': {
    begin({ stored: { history } }) {
      history.replaceAll([numbered(10), numbered(11)], 2);
      history.flush();
    },
    fails: ({ isChange, path, name }) => isChange && name === 'writev' && path.endsWith('.session'),
    done: { numbers: [10, 11], title: '' },
    found: { numbers: [0, 1, 2], title: '' },
    lost: /error: the canvas of the last reset \(48 bytes\)/,
  },
  'the last messages': {
    begin: ({ stored: { history } }) => add(history, numbered(3)),
    fails: ({ isChange, path }) => isChange && path.endsWith('.dprec'),
    done: { numbers: [0, 1, 2, 3], title: '' },
    found: { numbers: [0, 1, 2], title: '' },
    lost: /error: 24 bytes of this session could not be written and are lost/,
  },
  'the last settings': {
    begin: ({ stored: { journal } }) => journal.write({ key: 'setting', name: 'title', value: 'a title' }),
    fails: ({ isChange, path }) => isChange && path.endsWith('.session'),
    done: { numbers: [0, 1, 2], title: 'a title' },
    found: { numbers: [0, 1, 2], title: '' },
    lost: /error: \d changes of settings or roles are lost: cannot write the journal: ENOSPC/,
  },
};

for (const [what, { begin, fails, done, found, lost }] of Object.entries(unfinished)) {
  test(`${what} cannot be written for a moment while the server stops: it is tried again, nothing is lost`, async (t) => {
    const session = await begun(t);
    const { path, folder, reports } = session;
    let failures = 0;
    const unwatch = watchFolder(path, (call) => {
      if (fails(call) && failures++ < lastTries - 1) throw systemError('ENOSPC', call);
    });
    begin(session);
    await folder.stop();
    unwatch();
    t.true(failures >= lastTries - 1, `${failures}`);
    t.deepEqual(await restored(t, path), done);
    t.false(reports.some((report) => /lost/.test(report)));
  });

  test(`${what} cannot be written at all before the server ends: what was before is there, and it is told`, async (t) => {
    const session = await begun(t);
    const { path, folder, reports } = session;
    const unwatch = watchFolder(path, (call) => {
      if (fails(call)) throw systemError('ENOSPC', call);
    });
    begin(session);
    await folder.stop();
    unwatch();
    t.deepEqual(await restored(t, path), found);
    t.true(
      reports.some((report) => lost.test(report)),
      reports.join('\n'),
    );
  });
}

test('what is wrong before anybody listens is told to the first who does', async (t) => {
  // Nothing else keeps the process while the disk waits to try again.
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  for (const end of ['.dprec', '.session']) {
    const path = tempFolder(t);
    const { folder } = openFolder(path);
    const unwatch = watchFolder(path, (call) => {
      if (call.name === 'openSync' && call.path.endsWith(end)) throw systemError('ENOSPC', call);
    });
    const stored = folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
    const told: (string | undefined)[] = [];
    const isWell = new Promise<void>((resolve) => {
      stored.onProblem = (problem) => {
        told.push(problem);
        if (problem === undefined) resolve();
      };
    });
    // Where the history fails its file is made in a moment, and has failed then.
    while (told.length === 0) await new Promise(setImmediate);
    t.regex(told[0] ?? '', /made up/);
    unwatch();
    await isWell;
    await folder.stop();
  }
});

for (const [what, failing] of [
  ['for a moment', lastTries - 1],
  ['at all', Number.POSITIVE_INFINITY],
] as const) {
  test(`a thumbnail that cannot be written ${what} while the server stops is ${failing < 9 ? 'written' : 'given up, and that is told'}`, async (t) => {
    const { path, folder, reports, stored } = await begun(t);
    let failures = 0;
    const unwatch = watchFolder(path, (call) => {
      if (
        call.isChange &&
        /thumbnail\.new$/.test(call.path) &&
        call.name === 'writeFile' &&
        failures++ < failing
      )
        throw systemError('ENOSPC', call);
    });
    stored.saveThumbnail(Buffer.from('a picture'));
    await folder.stop();
    unwatch();
    t.true(failures >= lastTries - 1, `${failures}`);
    const isThere = readdirSync(path).includes(`${id}.thumbnail`);
    t.is(isThere, failing < 9);
    if (isThere) t.is(readFileSync(join(path, `${id}.thumbnail`), 'utf8'), 'a picture');
    t.is(reports.filter((report) => /cannot write .*\.thumbnail/.test(report)).length, isThere ? 0 : 1);
  });

  test(`a recording that cannot be written ${what} when the server stops is ${failing < 9 ? 'whole' : 'incomplete, and that is told'}`, async (t) => {
    const { path, disk, folder, stored } = await begun(t);
    const reports: string[] = [];
    const out = tempFolder(t);
    const recordings = new Recordings({
      pattern: join(out, '%i.dprec'),
      disk,
      now: () => new Date(),
      report: (level, message) => reports.push(`${level}: ${message}`),
    });
    const recorder = recordings.make({ id, alias: '', protocol: 'dp:4.25.1' });
    recorder.restart(stored.history);
    let failures = 0;
    const unwatch = watchFolder(out, (call) => {
      if (call.isChange && call.write && failures++ < failing) throw systemError('ENOSPC', call);
    });
    add(stored.history, numbered(3));
    await settle(stored.history);
    recorder.wake();
    // It waits already when more comes.
    add(stored.history, numbered(4));
    await settle(stored.history);
    recorder.wake();
    await recordings.stop();
    unwatch();
    await folder.stop();
    t.true(failures >= lastTries - 1, `${failures}`);
    const recorded = readFileSync(join(out, `${id}.dprec`));
    const isWhole = recorded.includes(numbered(3)) && recorded.includes(numbered(4));
    t.is(isWhole, failing < 9);
    t.is(
      reports.filter((report) => /is incomplete/.test(report)).length,
      isWhole ? 0 : 1,
      reports.join('\n'),
    );
    t.true(readdirSync(path).includes(`${id}.dprec`));
  });
}

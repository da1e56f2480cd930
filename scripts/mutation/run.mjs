// Mutation testing: makes one small mistake at a time in the compiled code and looks whether the tests notice.
//
//   npm run pretest && node scripts/mutation/run.mjs [--sample N] [--seed N] [--jobs N] [--most SECONDS] [--tests FOLDER ...]
//     [--again] [--fresh] [--list] [--at FILE[:LINE] ...] [FOLDER ...]
//
// FOLDER: below src/lib; core/session, core/login and io/disk when left out. Without --sample all mutants are tried. A mutant
// meets the tests that run its place, one after the other in a process that has loaded them (worker.mjs), until one fails;
// `--most`: what they may take together, in seconds (4 when left out). --tests: only these files or folders of test/, for a
// quick look; --again: also those that have survived; --fresh: all, as if nothing was known; --at: only the mistakes in these
// places, as `io/disk/journal.ts`, `io/disk/journal.ts:119` or `io/disk/journal.ts:110-130`; --list: tries nothing, says what is known.
// Results are kept in .mutation/results.jsonl, by the text of the line: a run that was ended goes on where it was.
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { equivalentsAmong } from './equivalent.mjs';
import { reachOf } from './reach.mjs';
import { filesBelow, makeTree, place } from './tree.mjs';
import { Judge } from './verdict.mjs';
import { Worker } from './workers.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '3' },
    most: { type: 'string', default: '4' },
    tests: { type: 'string', multiple: true },
    again: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    at: { type: 'string', multiple: true },
  },
});
const allFolders = ['core/session', 'core/login', 'io/disk'];
const folders = positionals.length > 0 ? positionals : allFolders;
const jobs = Number(values.jobs);
const results = path.join(place, 'results.jsonl');
/** Where the tests are that see the folders: others drive the program as it was built, without the mutant, or the canvas. */
const testPlaces = [
  'commands/archive',
  'commands/session',
  'commands/template',
  'lib/admin',
  'lib/cli',
  'lib/core/login',
  'lib/core/peer',
  'lib/core/session',
  'lib/io/disk',
  'lib/io/http',
  'lib/server',
  'sessions',
  'transcripts',
];
/** They kill processes at many moments, for minutes, or drive a browser. */
const leftOut = /\/(storage|stored-before-sent|[\w-]*browser)\.test\.js$/;

/** Reproducible chance. */
function shuffled(list, seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
  return list
    .map((each) => [next(), each])
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each);
}

if (values.fresh)
  for (const name of ['results.jsonl', 'reach.json']) rmSync(path.join(place, name), { force: true });
// all folders even when one is looked at: numbers and what is known stay those of all
const all = makeTree([...new Set([...allFolders, ...folders])]);
const { reasons, stale } = equivalentsAmong(all, allFolders);
const known = new Map(
  existsSync(results)
    ? readFileSync(results, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .map((result) => [result.key, result])
    : [],
);

/** Lines of the source that were named. */
const lines = values.at?.map((at) => {
  const [, file, from = 1, to = from] = /^([^:]+)(?::(\d+)(?:-(\d+))?)?$/.exec(at) ?? [];
  if (file === undefined) throw new Error(`--at ${at}: write FILE, FILE:LINE or FILE:LINE-LINE`);
  return {
    file: `src/lib/${file}`,
    from: Number(from),
    to: at === file ? Number.POSITIVE_INFINITY : Number(to),
  };
});
const isNamed = (mutant) =>
  lines.some(({ file, from, to }) => mutant.file === file && from <= mutant.line && mutant.line <= to);
const ofFolders = all.filter(({ folder }) => folders.includes(folder));
const chosen = lines
  ? ofFolders.filter(isNamed)
  : values.sample === undefined
    ? ofFolders
    : shuffled(ofFolders, Number(values.seed)).slice(0, Number(values.sample));
const isOpen = (result) =>
  result === undefined ||
  result.status === 'late' ||
  (values.again && result.status !== 'killed' && result.status !== 'endless');
const open = values.list ? [] : chosen.filter(({ key }) => isOpen(known.get(key)));
console.log(`${ofFolders.length} mutants, ${chosen.length} chosen, ${open.length} to try`);

const placeOf = ({ file, line }) => `${file}:${line}`;
const whatOf = ({ kind, was, becomes }) => `${kind}: ${was}${becomes && ` -> ${becomes}`}`;

if (open.length > 0) await tryAll();
report();

async function tryAll() {
  let workers = 0;
  const openWorker = (own) => {
    const notes = path.join(tmpdir(), `dp-mutation-${process.pid}-${++workers}`);
    return new Worker(place, notes, own);
  };
  const places = values.tests ?? [...new Set([...testPlaces, ...folders.map((folder) => `lib/${folder}`)])];
  const filesOf = (name) =>
    name.endsWith('.test.ts')
      ? [`${place}/test/${name.replace(/ts$/, 'js')}`]
      : filesBelow(`${place}/test/${name}`, '.test.js');
  const files = [...new Set(places.flatMap(filesOf))];
  const { tests, atLoad, importers } = await reachOf({
    files: files.filter((file) => !leftOut.test(file)),
    mutants: all,
    jobs,
    openWorker,
  });
  console.log(`${tests.length} tests, ${atLoad.size} mutants in what runs while modules are loaded`);

  /** Those that have noticed something in the file lately: they notice more. */
  const sharp = new Map();
  const costOf = ({ cpu, asleep }) => 0.002 + cpu + asleep;

  /** How much of a file each test runs, between 0 and 1. */
  const shares = new Map();
  const shareOf = (test, file) => {
    if (!shares.has(file)) {
      const ids = all.filter((mutant) => mutant.file === file).map(({ id }) => id);
      const counts = tests.map((each) => [each, ids.filter((id) => each.runs.has(id)).length / ids.length]);
      shares.set(file, new Map(counts));
    }
    return shares.get(file).get(test);
  };

  /** Those that run the place, in the order in which they are tried. */
  const testsFor = ({ id, file, module }, isOwn) => {
    const own = module.replace(`${place}/src/`, `${place}/test/`).replace(/\.js$/, '.test.js');
    const loading = new Set(importers.get(module));
    const covering = tests.filter((test) => (isOwn ? loading.has(test.file) : test.runs.has(id)));
    const recent = sharp.get(file) ?? [];
    /** Those that run much of the file in little time go first. */
    const rank = (test) => {
      const at = recent.indexOf(test);
      if (at >= 0) return -1000 + at;
      return (test.file === own ? -500 : 0) - shareOf(test, file) / (0.05 + costOf(test));
    };
    const ranked = covering.map((test) => [rank(test), test]).sort(([a], [b]) => a - b);
    const taken = [];
    const opened = new Set();
    let seconds = 0;
    for (const [, test] of ranked) {
      seconds += costOf(test);
      if (isOwn && !opened.has(test.file)) seconds += 0.3;
      opened.add(test.file);
      if (taken.length > 0 && seconds > Number(values.most)) break;
      taken.push(test);
    }
    return { taken, left: covering.length - taken.length };
  };

  const total = open.length;
  let done = 0;
  const began = Date.now();
  const work = async (queue, patience) => {
    const judge = new Judge(openWorker);
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const isOwn = atLoad.has(mutant.id);
      const { taken, left } = testsFor(mutant, isOwn);
      if (patience > 1) {
        const by = known.get(mutant.key)?.test;
        taken.sort((a, b) => (b.title === by ? 1 : 0) - (a.title === by ? 1 : 0));
      }
      const { status, by, test } = await judge.try(mutant, taken, { isOwn, patience });
      if (test) {
        const recent = (sharp.get(mutant.file) ?? []).filter((each) => each !== test);
        sharp.set(mutant.file, [test, ...recent].slice(0, 12));
      }
      const final = taken.length === 0 ? 'unreached' : status === 'late' && patience > 1 ? 'endless' : status;
      const result = { key: mutant.key, status: final, by, test: test?.title, tests: taken.length, left };
      known.set(mutant.key, result);
      appendFileSync(results, `${JSON.stringify(result)}\n`);
      done++;
      const minutes = ((Date.now() - began) / 60_000).toFixed(1);
      console.log(
        `${done}/${total} ${minutes} min  ${final.toUpperCase().padEnd(9)} ${placeOf(mutant)} ${whatOf(mutant)}` +
          (final === 'survived' ? `  (${taken.length} tests, ${left} left)` : ''),
      );
    }
    await judge.end();
  };
  const tryEach = (queue, patience) => Promise.all(Array.from({ length: jobs }, () => work(queue, patience)));
  await tryEach(
    open.filter(({ key }) => known.get(key)?.status !== 'late'),
    1,
  );
  // what did not end gets three times as long, when there is less to do
  await tryEach(
    chosen.filter(({ key }) => known.get(key)?.status === 'late'),
    3,
  );
}

/** What became of the mutants that were chosen. */
function report() {
  const percent = (part, of) => (of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} %`);
  const row = (name, mutants) => {
    const count = { killed: 0, endless: 0, survived: 0, unreached: 0, equivalent: 0, untried: 0 };
    for (const { key } of mutants) {
      const status = known.get(key)?.status ?? 'untried';
      const isEquivalent = reasons.has(key) && status !== 'killed' && status !== 'endless';
      count[isEquivalent ? 'equivalent' : status === 'late' ? 'endless' : status]++;
    }
    const noticed = count.killed + count.endless;
    const score = percent(noticed, mutants.length - count.equivalent - count.untried);
    return { '': name, mutants: mutants.length, ...count, score };
  };
  for (const mutant of chosen) {
    const { status, by, tests, left } = known.get(mutant.key) ?? {};
    const reason = reasons.get(mutant.key);
    if (status === 'killed' && reason) {
      console.log(`EQUIVALENT? ${placeOf(mutant)} ${whatOf(mutant)}: killed by ${by}`);
    }
    if ((values.list || values.at) && !reason && (status === 'survived' || status === 'unreached'))
      console.log(`${status} (${tests}+${left}) ${placeOf(mutant)} ${whatOf(mutant)}  # ${mutant.text}`);
  }
  for (const key of stale) console.log(`equivalent.json names what is not there any more: ${key}`);
  console.table([
    ...folders.map((folder) =>
      row(
        folder,
        chosen.filter((mutant) => mutant.folder === folder),
      ),
    ),
    ...(folders.length > 1 ? [row('all', chosen)] : []),
  ]);
  if (stale.length > 0) process.exitCode = 1;
}

// Mutation testing: makes one small mistake at a time in the compiled code and looks whether the tests notice.
//
//   npm run pretest && node scripts/mutation/run.mjs [--sample N] [--seed N] [--jobs N] [--most SECONDS] [--tests FOLDER ...]
//     [--again] [--at FILE:LINE ...] [FOLDER ...]
//
// FOLDER: below src/lib; core/session, core/login and io/disk when left out. Without --sample all mutants are tried. A mutant
// meets the tests that run its place, its own test file first, then the cheapest, in one process, until one fails; `--most`:
// what they may cost together, in seconds of a processor (60 when left out). --tests: only tests below these folders of test/,
// for a quick look; --again: also those that have survived, with all tests then; --at: only the mistakes in these lines, as
// `io/disk/journal.ts:119` or `io/disk/journal.ts:110-130`.
// Results are kept in .mutation/results.jsonl: a run that was ended goes on where it was; remove the file to begin anew.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { coverageOf, runsPlace, runTests } from './coverage.mjs';
import { mutantsOf } from './mutants.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    most: { type: 'string', default: '60' },
    tests: { type: 'string', multiple: true },
    again: { type: 'boolean', default: false },
    at: { type: 'string', multiple: true },
  },
});
const folders = positionals.length > 0 ? positionals : ['core/session', 'core/login', 'io/disk'];
const jobs = Number(values.jobs);
const results = '.mutation/results.jsonl';
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
/** They kill processes at many moments, for minutes. */
const tooLong = ['lib/server/storage', 'lib/server/stored-before-sent'];

const filesBelow = (folder, ending) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(ending))
        .map((name) => path.posix.join(folder, name))
        // what was compiled from a file that has another name by now is still there
        .filter((file) => existsSync(file.replace('.build/', '').replace(/\.js$/, '.ts')))
        .sort()
    : [];

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

const idOf = ({ file, start, text, was }) => `${file}:${start}:${was}:${text}`;
mkdirSync('.mutation', { recursive: true });
const known = new Map(
  existsSync(results)
    ? readFileSync(results, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .map((result) => [result.id, result])
    : [],
);

const places = values.tests ?? [...new Set([...testPlaces, ...folders.map((folder) => `lib/${folder}`)])];
const tests = [...new Set(places.flatMap((place) => filesBelow(`.build/test/${place}`, '.test.js')))].filter(
  (test) => !tooLong.some((name) => test === `.build/test/${name}.test.js`),
);
const coverage = await coverageOf(
  tests,
  folders.map((folder) => `.build/src/lib/${folder}`),
  jobs,
);

/** Those that run the place, in the order in which they are tried. */
function testsFor({ file, start }) {
  const own = file.replace('.build/src/', '.build/test/').replace(/\.js$/, '.test.js');
  const rank = (test) => (test === own ? 0 : coverage.get(test).seconds);
  const covering = [...coverage.keys()]
    .filter((test) => runsPlace(coverage.get(test), file, start))
    .sort((a, b) => rank(a) - rank(b));
  const chosen = [];
  let seconds = 0;
  for (const test of covering) {
    seconds += coverage.get(test).seconds;
    if (chosen.length > 0 && seconds > Number(values.most)) break;
    chosen.push(test);
  }
  return { chosen, left: covering.length - chosen.length, seconds };
}

const all = folders.flatMap((folder) =>
  filesBelow(`.build/src/lib/${folder}`, '.js').flatMap((file) =>
    mutantsOf(file).map((mutant) => ({ ...mutant, folder })),
  ),
);
/** Lines of the source that were named. */
const lines = values.at?.map((place) => {
  const [, file, from, to = from] = /^(.+):(\d+)(?:-(\d+))?$/.exec(place) ?? [];
  if (file === undefined) throw new Error(`--at ${place}: write FILE:LINE or FILE:LINE-LINE`);
  return { file: `.build/src/lib/${file.replace(/\.ts$/, '.js')}`, from: Number(from), to: Number(to) };
});
const isNamed = (mutant) =>
  lines.some(({ file, from, to }) => mutant.file === file && from <= mutant.line && mutant.line <= to);
const chosen = lines
  ? all.filter(isNamed)
  : values.sample === undefined
    ? all
    : shuffled(all, Number(values.seed)).slice(0, Number(values.sample));
const isOpen = (result) => result === undefined || (values.again && result.killedBy === null);
const open = chosen.filter((mutant) => isOpen(known.get(idOf(mutant))));
console.log(`${all.length} mutants, ${chosen.length} chosen, ${open.length} to try`);

async function tryOut(mutant) {
  const { chosen: files, left, seconds } = testsFor(mutant);
  // A mutant may make something run for ever, or wait for ever.
  const { passed, said } =
    files.length === 0
      ? { passed: true, said: 'no test runs it' }
      : await runTests(files, { mutant, cpu: 10 + 3 * seconds, wall: 90_000 + 10_000 * seconds });
  const result = { id: idOf(mutant), ...mutant, killedBy: passed ? null : said, tests: files.length, left };
  known.set(result.id, result);
  appendFileSync(results, `${JSON.stringify(result)}\n`);
  const place = `${mutant.file.replace('.build/', '').replace(/\.js$/, '.ts')}:${mutant.line}`;
  const what = `${mutant.kind}: ${mutant.was} -> ${mutant.text.slice(0, 60)}`;
  console.log(
    `${passed ? `SURVIVED ${files.length} of ${files.length + left} files` : 'killed  '} ${place} ${what}`,
  );
}

await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let mutant = open.shift(); mutant; mutant = open.shift()) await tryOut(mutant);
  }),
);

for (const folder of folders) {
  const tried = chosen.filter((mutant) => mutant.folder === folder).map((mutant) => known.get(idOf(mutant)));
  const killed = tried.filter((result) => result?.killedBy != null).length;
  if (tried.length === 0) continue;
  console.log(
    `${folder}: ${killed} of ${tried.length} killed (${((100 * killed) / tried.length).toFixed(0)} %)`,
  );
}

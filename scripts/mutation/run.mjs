// Mutation testing: makes one small mistake at a time in the compiled code and looks whether the tests notice.
//
//   npm run pretest && node scripts/mutation/run.mjs [--sample N] [--seed N] [--jobs N] [FOLDER ...]
//
// FOLDER: below src/lib; core/session, core/login and io/disk when left out. Without --sample all mutants are tried.
// Results are kept in .mutation/results.jsonl: a run that was ended goes on where it was; remove the file to begin anew.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { mutantsOf } from './mutants.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});
const folders = positionals.length > 0 ? positionals : ['core/session', 'core/login', 'io/disk'];
const results = '.mutation/results.jsonl';
const ava = path.resolve('node_modules/ava/entrypoints/cli.mjs');
/** A mutant that makes something run for ever is noticed as well. */
const patienceMs = 300_000;

/** Tests that see a folder as a whole, for what those of the file itself do not notice. */
const wide = {
  'core/session': [
    'sessions',
    'lib/core/session',
    'lib/core/peer',
    'transcripts/session.test.js',
    'lib/admin',
  ],
  'core/login': ['sessions', 'lib/core/login', 'transcripts/login.test.js', 'lib/admin'],
  'io/disk': ['lib/io/disk', 'sessions/returning.test.js'],
};

const filesBelow = (folder, ending) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.posix.join(folder, name));

// Tests of commands run the program as it was built, without the mutant.
const tests = filesBelow('.build/test', '.test.js').filter((file) =>
  /^\.build\/test\/(?:lib|sessions|transcripts)\//.test(file),
);

function importsOf(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, to]) =>
    path.posix.join(path.posix.dirname(file), to),
  );
}

/** The test of the file, those that import it themselves or through a helper, and then all that see its folder. */
function testsFor(file, folder) {
  const own = file.replace('.build/src/', '.build/test/').replace(/\.js$/, '.test.js');
  const near = tests.filter(
    (test) =>
      test === own ||
      importsOf(test).some(
        (to) => to === file || (!to.includes('/src/') && existsSync(to) && importsOf(to).includes(file)),
      ),
  );
  const places = (wide[folder] ?? [`lib/${folder}`]).map((place) => `.build/test/${place}`);
  const far = tests.filter(
    (test) => !near.includes(test) && places.some((place) => test === place || test.startsWith(`${place}/`)),
  );
  return { near, far };
}

/** Whether the tests pass with the mutant in. */
function passes(files, mutant) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [ava, '--fail-fast', ...files], {
      stdio: 'ignore',
      detached: true,
      env: {
        ...process.env,
        NODE_OPTIONS: `--import=${path.resolve('scripts/mutation/loader.mjs')}`,
        ...(mutant && { MUTANT: JSON.stringify(mutant) }),
      },
    });
    // with everything that it started
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), patienceMs);
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve(status === 0);
    });
  });
}

const sound = new Map();

/** Tests that fail anyway notice nothing. */
function isSound(files) {
  const key = files.join();
  if (!sound.has(key))
    sound.set(
      key,
      passes(files, undefined).then((isPassed) => {
        if (!isPassed) console.log(`not used, because they fail without any mutant: ${files.join(' ')}`);
        return isPassed;
      }),
    );
  return sound.get(key);
}

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

const all = folders.flatMap((folder) =>
  filesBelow(`.build/src/lib/${folder}`, '.js').flatMap((file) =>
    mutantsOf(file).map((mutant) => ({ ...mutant, folder })),
  ),
);
const chosen =
  values.sample === undefined ? all : shuffled(all, Number(values.seed)).slice(0, Number(values.sample));
const open = chosen.filter((mutant) => !known.has(idOf(mutant)));
console.log(`${all.length} mutants, ${chosen.length} chosen, ${open.length} to try`);

function keep(mutant, killedBy) {
  const result = { id: idOf(mutant), ...mutant, killedBy };
  known.set(result.id, result);
  appendFileSync(results, `${JSON.stringify(result)}\n`);
  const place = `${mutant.file.replace('.build/', '').replace(/\.js$/, '.ts')}:${mutant.line}`;
  const what = `${mutant.kind}: ${mutant.was} -> ${mutant.text.slice(0, 60)}`;
  console.log(`${killedBy ? 'killed  ' : 'SURVIVED'} ${place} ${what}`);
}

/** The tests of the file first, for all; the many tests only for what is left then. */
async function work(queue, which, left) {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const files = testsFor(mutant.file, mutant.folder)[which];
    if (files.length > 0 && (await isSound(files)) && !(await passes(files, mutant))) {
      keep(mutant, files.length === 1 ? files[0] : `${files.length} files`);
    } else left(mutant);
  }
}

const inParallel = (run) => Promise.all(Array.from({ length: Number(values.jobs) }, run));
const late = [];
await inParallel(() => work(open, 'near', (mutant) => late.push(mutant)));
console.log(`${late.length} are left for the tests of the whole folder`);
await inParallel(() => work(late, 'far', (mutant) => keep(mutant, null)));

for (const folder of folders) {
  const tried = chosen.filter((mutant) => mutant.folder === folder).map((mutant) => known.get(idOf(mutant)));
  const killed = tried.filter((result) => result?.killedBy).length;
  console.log(
    `${folder}: ${killed} of ${tried.length} killed (${((100 * killed) / tried.length).toFixed(0)} %)`,
  );
}

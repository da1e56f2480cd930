// Which test files run which part of a module, and what each of them costs: found out once, by running each alone with V8's
// coverage. A mistake in code that a test does not run cannot be noticed by it.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = '.mutation/coverage.json';
const here = path.resolve('scripts/mutation');
/** A file that fails in vain waits no longer than this for its processor, and so long for everything else. */
const cpuSeconds = 120;
const wallMs = 300_000;

/**
 * Runs test files in one process. `cpu`: seconds that it and what it started took, and may take; one that takes more is
 * killed, as one that waits too long.
 */
export function runTests(files, { mutant, coverage, cpu = cpuSeconds, wall = wallMs } = {}) {
  const said = [];
  const script = `ulimit -t ${Math.ceil(cpu)}; "$@"; status=$?; times; exit $status`;
  const node = [process.execPath, '--import', path.join(here, 'loader.mjs'), path.join(here, 'worker.mjs')];
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...node, ...files], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    env: {
      ...process.env,
      // for processes that tests start
      NODE_OPTIONS: `--import=${path.join(here, 'loader.mjs')}`,
      ...(coverage && { NODE_V8_COVERAGE: coverage }),
      ...(mutant && { MUTANT: JSON.stringify(mutant) }),
    },
  });
  child.stdout.on('data', (text) => said.push(String(text)));
  return new Promise((resolve) => {
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), wall);
    child.once('close', (status) => {
      clearTimeout(timer);
      const lines = said.join('').trimEnd().split('\n');
      const times = status === null ? undefined : lines.splice(-2)[1];
      resolve({
        passed: status === 0,
        said: lines.at(-1) ?? '',
        seconds: [...(times ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
          (sum, [, m, s]) => sum + 60 * m + Number(s),
          0,
        ),
      });
    });
  });
}

/** `Map` from test file to `{ seconds, ranges }`; `ranges`: of each module, from the outside in, `[start, end, isRun]`. */
export async function coverageOf(tests, folders, jobs) {
  const built = Math.max(...[...tests, ...folders.flatMap(modulesIn)].map((file) => statSync(file).mtimeMs));
  const known = existsSync(cache) ? JSON.parse(readFileSync(cache, 'utf8')) : {};
  const queue = tests.filter((test) => !(known[test]?.at > built));
  console.log(`${tests.length} test files, ${queue.length} to be looked at`);
  const look = async () => {
    for (let test = queue.shift(); test; test = queue.shift()) {
      const place = mkdtempSync(path.join(tmpdir(), 'dp-coverage-'));
      const { passed, said, seconds } = await runTests([test], { coverage: place });
      if (!passed) console.log(`not used, because it fails without any mutant: ${test}: ${said}`);
      known[test] = { at: Date.now(), passed, seconds, ranges: passed ? rangesIn(place, folders) : {} };
      rmSync(place, { recursive: true });
      mkdirSync('.mutation', { recursive: true });
      writeFileSync(cache, JSON.stringify(known));
    }
  };
  await Promise.all(Array.from({ length: jobs }, look));
  return new Map(tests.map((test) => [test, known[test]]).filter(([, { passed }]) => passed));
}

function modulesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => path.join(folder, name));
}

/** A process that was killed while it wrote leaves half of it. */
function whole(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).result;
  } catch {
    return [];
  }
}

/** Of all processes that the test started. */
function rangesIn(place, folders) {
  const ranges = {};
  for (const name of readdirSync(place)) {
    for (const { url, functions } of whole(path.join(place, name))) {
      if (!url.startsWith('file:')) continue;
      const file = path.relative('.', fileURLToPath(url));
      if (!folders.some((folder) => file.startsWith(`${folder}/`))) continue;
      const own = functions.flatMap(({ ranges }) => ranges);
      ranges[file] ??= [];
      ranges[file].push(own.map(({ startOffset, endOffset, count }) => [startOffset, endOffset, count > 0]));
    }
  }
  return ranges;
}

/** Whether the test runs this place in a module: the innermost range around it was run, in any process. */
export function runsPlace({ ranges }, file, place) {
  return (ranges[file] ?? []).some((own) => {
    let inner;
    for (const range of own) {
      const [start, end] = range;
      if (start <= place && place < end && (!inner || end - start <= inner[1] - inner[0])) inner = range;
    }
    return inner?.[2] ?? false;
  });
}

// Which test runs which mutant's place, and what each test takes: found out by running every test once, alone. A mistake in a
// place that a test does not run cannot be noticed by it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const cache = '.mutation/reach.json';

/**
 * `tests`: `{ file, test, title, cpu, asleep, runs: Set of numbers of mutants }`. `atLoad`: of those whose places run while a
 * module is loaded. `importers`: from a module to the test files that load it.
 */
export async function reachOf({ files, mutants, jobs, openWorker }) {
  const known = existsSync(cache) ? JSON.parse(readFileSync(cache, 'utf8')) : { keys: [], files: {} };
  const numbers = renumbered(known.keys, mutants);
  const queue = files.filter((file) => known.files[file]?.sum !== sumOf(file));
  console.log(`${files.length} test files, ${queue.length} to be looked at`);
  const found = {};
  for (const [file, { sum, tests }] of Object.entries(known.files)) {
    if (queue.includes(file) || !existsSync(file)) continue;
    found[file] = {
      sum,
      tests: tests.map((test) => ({
        ...test,
        runs: unpacked(test.runs).flatMap((id) => numbers.get(id) ?? []),
      })),
    };
  }
  const save = () =>
    writeFileSync(
      cache,
      JSON.stringify({
        keys: mutants.map(({ key }) => key),
        files: Object.fromEntries(
          Object.entries(found).map(([file, { sum, tests }]) => [
            file,
            { sum, tests: tests.map((test) => ({ ...test, runs: packed(test.runs) })) },
          ]),
        ),
      }),
    );
  const look = async () => {
    let worker = openWorker();
    for (let file = queue.shift(); file; file = queue.shift()) {
      const tests = [];
      const opened = await worker.run({ file });
      if (opened.failed !== undefined) console.log(`not used: ${file}: ${opened.failed}`);
      for (const [test, title] of (opened.titles ?? []).entries()) {
        if (!worker.isUsable) worker = openWorker();
        const { failed, usage, ran } = await worker.run({ file, test });
        if (failed === undefined) tests.push({ test, title, ...usage, runs: ran });
        else console.log(`not used: ${file}: ${title}: ${failed}`);
      }
      // what failed gets another chance in the next run: a machine may be too busy
      const isComplete = tests.length === opened.titles?.length;
      found[file] = { sum: isComplete ? sumOf(file) : '', tests };
      save();
      if (!worker.isUsable) worker = openWorker();
    }
    await worker.end();
  };
  await Promise.all(Array.from({ length: jobs }, look));
  save();
  const tests = files.flatMap((file) =>
    found[file].tests.map((test) => ({ ...test, file, runs: new Set(test.runs) })),
  );
  return { tests, atLoad: await ranAtLoad(files, openWorker()), importers: importersOf(files) };
}

async function ranAtLoad(files, worker) {
  const found = new Set();
  for (const file of files) for (const id of (await worker.run({ file })).atLoad ?? []) found.add(id);
  await worker.end();
  return found;
}

const sumOf = (file) => createHash('sha1').update(readFileSync(file)).digest('base64');

/** Numbers of before and now; what is new in a file runs where the place before it runs. */
function renumbered(keys, mutants) {
  const before = new Map(keys.map((key, id) => [key, id]));
  const numbers = new Map();
  let last;
  let file;
  for (const { id, key, file: own } of mutants) {
    if (own !== file) last = undefined;
    file = own;
    last = before.get(key) ?? last;
    if (last !== undefined) numbers.set(last, [...(numbers.get(last) ?? []), id]);
  }
  return numbers;
}

function packed(ids) {
  const bits = Buffer.alloc(8_192);
  for (const id of ids) bits[id >> 3] |= 1 << (id & 7);
  return bits.toString('base64').replace(/A+=*$/, '');
}

function unpacked(text) {
  const bits = Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4, 'A'), 'base64');
  const ids = [];
  for (const [at, byte] of bits.entries()) {
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) ids.push(8 * at + bit);
  }
  return ids;
}

/** From each module to the test files that import it, directly or not. */
function importersOf(files) {
  const direct = new Map();
  const importsOf = (file) => {
    if (!direct.has(file)) {
      const found = [];
      for (const [, name] of readFileSync(file, 'utf8').matchAll(
        /(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g,
      )) {
        const target = path.posix.join(path.posix.dirname(file), name);
        if (target.endsWith('.js') && existsSync(target)) found.push(target);
      }
      direct.set(file, found);
    }
    return direct.get(file);
  };
  const importers = new Map();
  for (const test of files) {
    const seen = new Set();
    const visit = (file) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const next of importsOf(file)) visit(next);
    };
    visit(test);
    for (const file of seen) importers.set(file, [...(importers.get(file) ?? []), test]);
  }
  return importers;
}

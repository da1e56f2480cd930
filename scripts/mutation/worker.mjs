// Runs single tests, with one mistake in the code or none, as often as run.mjs asks for it. Modules are loaded once.
//
// Takes `{ file, test, mutant }` (`test`: its number in the file; undefined: only open the file) and answers with
// `{ begun: true }` when the file is open, `{ failed, isStray }` for each failure and, when all has ended, with
// `{ ended: true, cpu, ... }`. What waits for ever has to be ended by the other side (workers.mjs).
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { openFile, runOne } from './small-ava.mjs';
import { choose, ran, runTestsHere } from './switch.mjs';

runTestsHere();

const notes = process.env.DP_MUTATION_NOTES;
const open = new Map();
let report = () => {};
/** Gives up the test that runs. */
let abandon = () => {};

const textOf = (error) =>
  String(error?.message ?? error)
    .split('\n', 1)[0]
    .slice(0, 300);
const stray = (error) => report({ failed: textOf(error), isStray: true });
process.on('unhandledRejection', stray);
process.on('uncaughtException', stray);
process.on('disconnect', () => process.exit());
// Nothing is left that could settle what a test waits for.
process.on('beforeExit', () => abandon());

/** Loads a file; `isLive`: and starts what all its tests need, the first time. */
async function opened(file, isLive) {
  if (!open.has(file)) open.set(file, { ...(await openFile(file)), isLive: false });
  const found = open.get(file);
  if (isLive && !found.isLive) {
    found.isLive = true;
    for (const each of found.before) await runOne(each);
  }
  return found.tests;
}

async function run({ file, test, mutant }) {
  // a process for one mutant makes the mistake while modules are loaded as well
  const isOwn = process.env.DP_MUTATION_OWN === '1';
  if (!isOwn) choose(-1);
  ran.fill(0);
  const tests = await opened(file, test !== undefined);
  if (test === undefined) return { titles: tests.map(({ title }) => title), atLoad: ranNow() };
  ran.fill(0);
  if (notes) rmSync(notes, { force: true });
  process.send({ begun: true });
  if (!isOwn) choose(mutant ?? -1);
  const before = process.cpuUsage();
  process.channel.unref();
  await new Promise((resolve) => {
    abandon = () => {
      process.channel.ref();
      report({ failed: 'it waits for what never comes', isStray: false });
      resolve();
    };
    runOne(tests[test], (error) => report({ failed: textOf(error), isStray: false })).then(resolve, stray);
  });
  abandon = () => {};
  process.channel.ref();
  // what was rejected and nobody waits for
  await turn();
  await turn();
  if (!isOwn) choose(-1);
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, ran: mutant === undefined ? ranNow() : undefined };
}

/** Numbers of the mutants whose places have run, here or in processes that were started. */
function ranNow() {
  const elsewhere = notes && existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').filter(Boolean) : [];
  for (const id of elsewhere) ran[Number(id)] = 1;
  return [...ran.keys()].filter((id) => ran[id] === 1);
}

process.on('message', async (task) => {
  report = (message) => process.send({ ...message, test: task.test });
  try {
    const result = await run(task);
    process.send({ ended: true, rss: process.memoryUsage.rss(), ...result });
  } catch (error) {
    process.send({ ended: true, broken: textOf(error), rss: 0 });
  }
});

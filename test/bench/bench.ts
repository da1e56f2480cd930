// `npm run bench`: every measurement in alternation with the server that it is compared with, then what was measured
// beside what must be reached. README.md in this folder says how to read it.

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import Table from 'cli-table3';
import { type Alternation, alternate, lagOf } from './alternation.js';
import { compareWithKept, guarded, type KeptFigures } from './kept.js';
import { type Measurement, measurements } from './measurements.js';
import { chooseProcessors, type Processors } from './processors.js';
import type { RunRequest } from './run.js';
import type { Figures, Outcome } from './scenarios/scenario.js';
import { prepareServers, projectRoot, type Server } from './servers.js';
import {
  boundText,
  type FigureSummary,
  judge,
  measuredText,
  shortNumber,
  summarise,
  type Verdict,
} from './summary.js';

const runTimeoutMs = 900_000;
const usualPairs = '5';
const guardPairs = '3';
const guardSeconds = 2;
const keptFile = path.join(projectRoot, 'test/bench/kept.json');

const help = `npm run bench -- [flags]

  --only NAME[,NAME]   only these measurements
  --pairs N            pairs per measurement; medians are printed (default 5)
  --seconds N          how long runs with a duration last (default 5; idle 15)
  --with NAME=VALUE    another parameter of the measurements, with --only
  --against CMD        compare with this server
  --server CMD         measure this server instead of dp
  --json               figures of every run as JSON
  --guard              a short form: ratios to the relay and instructions, beside those kept in test/bench/kept.json; ends with 0
  --keep               with --guard: keeps the ratios there, for a release
  --list               measurements and their parameters

CMD is a shell command; {port}, {wsport} (the port after it), {dir} (a fresh folder), {cert} and {key} are filled in.
Linux only: CPU time and memory are read from /proc.`;

interface Options {
  chosen: readonly Measurement[];
  pairs: number;
  params: Figures;
  server: string | undefined;
  against: string | undefined;
  isJson: boolean;
  guard: 'no' | 'compare' | 'keep';
}

interface Result extends Alternation {
  measurement: Measurement;
  /** What the flags changed. */
  params: Figures;
  summary: Map<string, FigureSummary>;
  verdicts: Verdict[];
}

class UsageError extends Error {}

function wholeNumber(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`--${flag} takes a whole number from 1 on, not ${text}`);
  }
  return value;
}

function choose(names: readonly string[] | undefined): readonly Measurement[] {
  if (!names) return measurements;
  return names.map((wanted) => {
    const measurement = measurements.find(({ name }) => name === wanted);
    if (measurement) return measurement;
    throw new UsageError(
      `nothing is called ${wanted}; there are ${measurements.map((m) => m.name).join(', ')}`,
    );
  });
}

function parseOptions(args: string[]): Options | 'help' | 'list' {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      pairs: { type: 'string' },
      seconds: { type: 'string' },
      with: { type: 'string', multiple: true },
      against: { type: 'string' },
      server: { type: 'string' },
      json: { type: 'boolean', default: false },
      guard: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  if (values.keep && !values.guard) throw new UsageError('--keep goes with --guard');
  const names = values.only ?? (values.guard ? Object.keys(guarded) : undefined);
  const chosen = choose(names?.flatMap((list) => list.split(',')));
  const params: Figures = values.guard ? { seconds: guardSeconds } : {};
  if (values.seconds !== undefined) params.seconds = wholeNumber(values.seconds, 'seconds');
  for (const assignment of values.with ?? []) {
    const [name = '', value = ''] = assignment.split('=');
    const stranger = chosen.find(({ scenario }) => !(name in scenario.params));
    if (stranger) throw new UsageError(`${stranger.name} has no parameter ${name}; see --list`);
    if (value === '' || Number.isNaN(Number(value))) {
      throw new UsageError(`--with takes NAME=NUMBER, not ${assignment}`);
    }
    params[name] = Number(value);
  }
  return {
    chosen,
    pairs: wholeNumber(values.pairs ?? (values.guard ? guardPairs : usualPairs), 'pairs'),
    params,
    server: values.server,
    against: values.against,
    isJson: values.json,
    guard: values.keep ? 'keep' : values.guard ? 'compare' : 'no',
  };
}

/** One run in a process of its own, on a processor of its own. */
async function runOnce(request: RunRequest, processors: Processors | undefined): Promise<Outcome> {
  const script = path.join(import.meta.dirname, 'run.js');
  const command = [process.execPath, script, JSON.stringify(request)];
  if (processors) command.unshift('taskset', '-c', String(processors.generator));
  const { stdout } = await promisify(execFile)(command[0]!, command.slice(1), {
    cwd: projectRoot,
    timeout: runTimeoutMs,
  });
  return JSON.parse(stdout) as Outcome;
}

async function measure(
  measurement: Measurement,
  options: Options,
  server: Server | undefined,
  other: Server | undefined,
  processors: Processors | undefined,
): Promise<Result> {
  const { name, scenario, targets, pairsAtMost = options.pairs } = measurement;
  const known = Object.entries(options.params).filter(([param]) => param in scenario.params);
  const params = Object.fromEntries(known);
  const request = {
    measurement: name,
    params,
    ...(processors && { serverCpu: processors.server }),
  };
  const runOn = (on: Server | undefined) => (): Promise<Outcome> =>
    runOnce({ ...request, server: on }, processors);
  const started = performance.now();
  console.error(`${name}: ${scenario.summary}`);
  const alternation = await alternate(
    Math.min(options.pairs, pairsAtMost),
    runOn(server),
    other ? runOn(other) : undefined,
    (pair) => {
      const lag = lagOf(pair) > 0 ? `, generator at most ${shortNumber(lagOf(pair))} ms late` : '';
      console.error(`  a pair is done after ${((performance.now() - started) / 1000).toFixed(0)} s${lag}`);
    },
  );
  const summary = summarise(alternation.pairs);
  const isAsPlanned = options.against === undefined;
  const verdicts = targets.map((target) => judge(target, summary.get(target.figure)!, isAsPlanned));
  return { ...alternation, measurement, params, summary, verdicts };
}

const plainTable = { head: [], border: [], compact: true };

function paramText({ scenario, params }: Measurement, changed: Figures = {}): string {
  const all = Object.entries({ ...scenario.params, ...params, ...changed });
  return all.map(([param, value]) => `${param}=${value}`).join(' ');
}

function printFigures(
  { measurement, params, pairs, droppedPairs, hasLatePairs, summary }: Result,
  otherName: string,
): void {
  const { name, scenario, server = 'dp' } = measurement;
  console.log(`\n${name}: ${scenario.summary} (${paramText(measurement, params)})`);
  const hasOther = pairs[0]!.other !== undefined;
  const head = hasOther ? ['', server, otherName, 'ratio', 'least – greatest'] : ['', server];
  const table = new Table({ head, style: plainTable });
  for (const [figure, { ours, other, ratio }] of summary) {
    const row = [figure, shortNumber(ours)];
    if (other !== undefined && ratio) {
      row.push(shortNumber(other), shortNumber(ratio.median));
      row.push(`${shortNumber(ratio.least)} – ${shortNumber(ratio.greatest)}`);
    }
    table.push(row);
  }
  console.log(table.toString());
  const notes = Object.entries(pairs.at(-1)!.ours.notes).map(
    ([note, value]) => `${note} ${shortNumber(value)}`,
  );
  console.log(`  last run: ${notes.join(', ')}`);
  if (droppedPairs > 0) console.log(`  ${droppedPairs} pairs were dropped: the generator was late`);
  if (hasLatePairs) {
    const worst = Math.max(...pairs.map(lagOf));
    console.log(`  NOT RELIABLE: the generator was up to ${shortNumber(worst)} ms late in pairs that count`);
  }
}

function printVerdicts(results: readonly Result[]): void {
  const table = new Table({ head: ['', 'must reach', 'measured', ''], style: plainTable });
  for (const { measurement, verdicts } of results) {
    const other = measurement.other ?? 'other';
    for (const verdict of verdicts) {
      const word = verdict.isMet === undefined ? '–' : verdict.isMet ? 'held' : 'missed';
      const { target } = verdict;
      table.push([target.label, boundText(target, other), measuredText(verdict, other), word]);
    }
  }
  if (table.length > 0) console.log(`\n${table.toString()}`);
  for (const { measurement, verdicts } of results) {
    const { name, limit } = measurement;
    if (limit && verdicts.some(({ isMet }) => isMet === false))
      console.log(`${name} is limited by: ${limit}`);
  }
}

/** Nothing of it fails: where others work too, figures say little about a change. */
function guard(results: readonly Result[], how: 'compare' | 'keep'): void {
  const kept = JSON.parse(readFileSync(keptFile, 'utf8')) as KeptFigures;
  const rows = compareWithKept(new Map(results.map((each) => [each.measurement.name, each.summary])), kept);
  const text = (value: number | undefined, other: string | undefined) => {
    if (value === undefined) return '–';
    return other === undefined ? shortNumber(value) : `${shortNumber(value)} × ${other}`;
  };
  const table = new Table({ head: ['', 'figure', 'kept', 'now', ''], style: plainTable });
  for (const { name, figure, other, kept, now, word } of rows) {
    table.push([name, figure, text(kept, other), text(now, other), word]);
  }
  console.log(table.toString());
  if (how === 'compare') return;
  const now = rows.flatMap(({ name, now }) => (now === undefined ? [] : [[name, Number(shortNumber(now))]]));
  writeFileSync(keptFile, `${JSON.stringify({ ...kept, ...Object.fromEntries(now) }, null, 2)}\n`);
}

/** The same kind of server by another command. */
function replaceCommand(server: Server | undefined, command: string | undefined): Server | undefined {
  return server && command !== undefined ? { ...server, command } : server;
}

async function bench(options: Options): Promise<void> {
  const servers = prepareServers();
  const processors = chooseProcessors();
  if (!servers.relay)
    console.error('No C compiler (cc): there is no relay to compare with, figures are absolute.');
  if (!processors)
    console.error("No taskset or one processor only: server and generator get in each other's way.");

  const results: Result[] = [];
  for (const measurement of options.chosen) {
    const planned = measurement.server && servers[measurement.server];
    if (measurement.server && !planned) {
      console.error(`${measurement.name}: left out, this machine cannot run its server`);
      continue;
    }
    const plannedOther = measurement.other && servers[measurement.other];
    const server = replaceCommand(planned, options.server);
    const other = replaceCommand(options.against === undefined ? plannedOther : planned, options.against);
    const result = await measure(measurement, options, server, other, processors);
    results.push(result);
    if (!options.isJson && options.guard === 'no') {
      printFigures(result, options.against === undefined ? (measurement.other ?? '') : 'the other');
    }
  }
  if (options.isJson) {
    const plain = results.map(({ measurement, summary, ...rest }) => ({
      measurement: measurement.name,
      summary: Object.fromEntries(summary),
      ...rest,
    }));
    console.log(JSON.stringify(plain));
  } else if (options.guard !== 'no') {
    guard(results, options.guard);
  } else {
    printVerdicts(results);
  }
}

function listMeasurements(): void {
  for (const measurement of measurements) {
    console.log(`${measurement.name}: ${measurement.scenario.summary}\n    ${paramText(measurement)}`);
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (process.platform !== 'linux') throw new UsageError('the bench reads /proc: it runs on Linux only');
  if (options === 'help') console.log(help);
  else if (options === 'list') listMeasurements();
  else await bench(options);
} catch (error) {
  const { code = '', stderr, message } = error as Error & { code?: unknown; stderr?: string };
  const isUsage = error instanceof UsageError || String(code).startsWith('ERR_PARSE_ARGS');
  console.error(isUsage ? `${message}\n\n${help}` : `The bench failed: ${stderr || message}`);
  process.exitCode = isUsage ? 2 : 1;
}

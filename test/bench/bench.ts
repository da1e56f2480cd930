// `npm run bench`: every scenario in alternation with the bare C relay (or another server), then what was measured
// beside what must be reached. README.md in this folder says how to read it.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import Table from 'cli-table3';
import { alternate, lagOf, type Pair } from './alternation.js';
import { type Transport, transports } from './load/socket.js';
import { chooseProcessors, type Processors } from './processors.js';
import type { RunRequest } from './run.js';
import { scenarios } from './scenarios/index.js';
import type { Figures, Outcome } from './scenarios/scenario.js';
import { dpCommand, projectRoot, relayCommand } from './servers.js';
import {
  boundText,
  type FigureSummary,
  judge,
  measuredText,
  shortNumber,
  summarise,
  type Verdict,
} from './summary.js';
import { targets } from './targets.js';

const runTimeoutMs = 900_000;

const help = `npm run bench -- [flags]

  --only NAME[,NAME]   only these scenarios
  --pairs N            pairs per scenario; medians are printed (default 5)
  --seconds N          how long the scenarios with a duration run (default 5; idle 15)
  --with NAME=VALUE    another parameter of the scenarios, with --only
  --against CMD        compare with this server instead of the bare C relay
  --server CMD         measure this server instead of dp
  --transport T        tcp, tls or ws (default tcp)
  --json               figures of every run as JSON
  --list               scenarios and their parameters

CMD is a shell command; {port}, {wsport} (the port after it) and {dir} (a fresh folder) are filled in.
Linux only: CPU time and memory are read from /proc.`;

interface Options {
  names: string[];
  pairs: number;
  params: Figures;
  server: string;
  against: string | undefined;
  transport: Transport;
  isJson: boolean;
}

interface ScenarioResult {
  pairs: Pair[];
  droppedPairs: number;
  hasLatePairs: boolean;
  summary: Map<string, FigureSummary>;
}

class UsageError extends Error {}

function wholeNumber(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`--${flag} takes a whole number from 1 on, not ${text}`);
  return value;
}

function parseOptions(args: string[]): Options | 'help' | 'list' {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      pairs: { type: 'string', default: '5' },
      seconds: { type: 'string' },
      with: { type: 'string', multiple: true },
      against: { type: 'string' },
      server: { type: 'string', default: dpCommand },
      transport: { type: 'string', default: 'tcp' },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  const names = values.only?.flatMap((list) => list.split(',')) ?? Object.keys(scenarios);
  for (const name of names) {
    if (!scenarios[name])
      throw new UsageError(`no scenario is called ${name}; there are ${Object.keys(scenarios).join(', ')}`);
  }
  const transport = transports.find((name) => name === values.transport);
  if (!transport) throw new UsageError(`--transport is one of ${transports.join(', ')}`);
  const params: Figures = {};
  if (values.seconds !== undefined) params.seconds = wholeNumber(values.seconds, 'seconds');
  for (const assignment of values.with ?? []) {
    const [name = '', value = ''] = assignment.split('=');
    const isKnown = names.every((scenario) => name in scenarios[scenario]!.params);
    if (!isKnown) throw new UsageError(`${names.join(', ')}: no parameter ${name} in each; see --list`);
    if (value === '' || Number.isNaN(Number(value)))
      throw new UsageError(`--with takes NAME=NUMBER, not ${assignment}`);
    params[name] = Number(value);
  }
  return {
    names,
    pairs: wholeNumber(values.pairs, 'pairs'),
    params,
    server: values.server,
    against: values.against,
    transport,
    isJson: values.json,
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

async function runScenario(
  name: string,
  options: Options,
  other: string | undefined,
  processors: Processors | undefined,
): Promise<ScenarioResult> {
  const known = Object.entries(options.params).filter(([param]) => param in scenarios[name]!.params);
  const request = { scenario: name, params: Object.fromEntries(known), transport: options.transport };
  const runOn = (command: string) => (): Promise<Outcome> =>
    runOnce({ ...request, command, ...(processors && { serverCpu: processors.server }) }, processors);
  const started = performance.now();
  const alternation = await alternate(
    options.pairs,
    runOn(options.server),
    other === undefined ? undefined : runOn(other),
    (pair) => {
      const lag = lagOf(pair) > 0 ? `, generator at most ${shortNumber(lagOf(pair))} ms late` : '';
      console.error(
        `  ${name}: a pair is done after ${((performance.now() - started) / 1000).toFixed(0)} s${lag}`,
      );
    },
  );
  return { ...alternation, summary: summarise(alternation.pairs) };
}

function printFigures(name: string, result: ScenarioResult): void {
  const { pairs, droppedPairs, hasLatePairs, summary } = result;
  console.log(`\n${name}: ${scenarios[name]!.summary}`);
  const hasOther = pairs[0]!.other !== undefined;
  const table = new Table({
    head: hasOther ? ['', 'this server', 'the other', 'ratio', 'least – greatest'] : ['', 'this server'],
    style: { head: [], border: [], compact: true },
  });
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
  console.log(`  last run of this server: ${notes.join(', ')}`);
  if (droppedPairs > 0) console.log(`  ${droppedPairs} pairs were dropped: the generator was late`);
  if (hasLatePairs) {
    const worst = Math.max(...pairs.map(lagOf));
    console.log(`  NOT RELIABLE: the generator was up to ${shortNumber(worst)} ms late in pairs that count`);
  }
}

function printVerdicts(verdicts: readonly Verdict[]): void {
  const table = new Table({
    head: ['', 'must reach', 'measured', ''],
    style: { head: [], border: [], compact: true },
  });
  for (const verdict of verdicts) {
    const { label, bound, unit } = verdict.target;
    const word = verdict.isMet === undefined ? '–' : verdict.isMet ? 'ok' : 'missed';
    table.push([label, boundText(bound, unit), measuredText(verdict), word]);
  }
  console.log(`\n${table.toString()}`);
}

async function bench(options: Options): Promise<void> {
  const relay = options.against === undefined ? relayCommand() : undefined;
  const other = options.against ?? relay;
  const processors = chooseProcessors();
  if (!other) console.error('No C compiler (cc): nothing to compare with, figures are absolute.');
  if (!processors)
    console.error("No taskset or one processor only: server and generator get in each other's way.");

  const results = new Map<string, ScenarioResult>();
  for (const name of options.names) {
    console.error(`${name}: ${scenarios[name]!.summary}`);
    const result = await runScenario(name, options, other, processors);
    results.set(name, result);
    if (!options.isJson) printFigures(name, result);
  }
  const isRelay = relay !== undefined;
  const verdicts = targets.flatMap((target) => {
    const summary = results.get(target.scenario)?.summary.get(target.figure);
    return summary ? [judge(target, summary, isRelay)] : [];
  });
  if (options.isJson) {
    const scenarioResults = [...results].map(([scenario, { summary, ...result }]) => ({
      scenario,
      ...result,
      summary: Object.fromEntries(summary),
    }));
    console.log(JSON.stringify({ server: options.server, other, scenarios: scenarioResults, verdicts }));
  } else {
    printVerdicts(verdicts);
  }
}

function listScenarios(): void {
  for (const [name, { summary, params }] of Object.entries(scenarios)) {
    console.log(`${name}: ${summary}`);
    console.log(
      `    ${Object.entries(params)
        .map(([param, value]) => `${param}=${value}`)
        .join(' ')}`,
    );
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (process.platform !== 'linux') throw new UsageError('the bench reads /proc: it runs on Linux only');
  if (options === 'help') console.log(help);
  else if (options === 'list') listScenarios();
  else await bench(options);
} catch (error) {
  const { code = '', stderr, message } = error as Error & { code?: unknown; stderr?: string };
  const isUsage = error instanceof UsageError || String(code).startsWith('ERR_PARSE_ARGS');
  console.error(isUsage ? `${message}\n\n${help}` : `The bench failed: ${stderr || message}`);
  process.exitCode = isUsage ? 2 : 1;
}

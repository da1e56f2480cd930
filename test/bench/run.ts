// One run of one measurement against one server, in a process of its own so that no run inherits another's heap.
// Takes a RunRequest as JSON in its first argument, prints a RunResult as JSON.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeSelfSigned } from '../../src/lib/io/net/self-signed.js';
import { measurements } from './measurements.js';
import type { Figures, Outcome, Stage } from './scenarios/scenario.js';
import { freePort, ServerProcess } from './server/server-process.js';
import type { Server } from './servers.js';

export interface RunRequest {
  measurement: string;
  /** What differs from the measurement's own parameters. */
  params: Figures;
  /** Undefined: the scenario needs none. */
  server: Server | undefined;
  /** The processor that the server has for itself. */
  serverCpu?: number;
}

export type RunResult = Outcome;

/** The command with everything filled in that `Server` names. */
async function startCommand(template: string, port: number, folder: string): Promise<string> {
  const command = template
    .replaceAll('{port}', String(port))
    .replaceAll('{wsport}', String(port + 1))
    .replaceAll('{dir}', folder);
  if (!command.includes('{cert}')) return command;
  const made = await makeSelfSigned({ names: ['127.0.0.1'], days: 1, nowMs: Date.now() });
  const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
  writeFileSync(files.cert, made.certificate);
  writeFileSync(files.key, made.key);
  return command.replaceAll('{cert}', files.cert).replaceAll('{key}', files.key);
}

function scenarioOf({ measurement: wanted, params }: RunRequest): (stage: Stage) => Promise<RunResult> {
  const measurement = measurements.find(({ name }) => name === wanted);
  if (!measurement) throw new Error(`no measurement is called ${wanted}`);
  return (stage) => measurement.scenario.run(stage, { ...measurement.params, ...params });
}

async function run(request: RunRequest): Promise<RunResult> {
  const runScenario = scenarioOf(request);
  const { server: planned, serverCpu } = request;
  const folder = mkdtempSync(path.join(tmpdir(), 'dp-bench-'));
  chmodSync(folder, 0o777); // the server may run as another user
  const begin = async ({ command: template }: Server, port: number): Promise<ServerProcess> => {
    const command = await startCommand(template, port, folder);
    return ServerProcess.start(
      serverCpu === undefined ? command : `taskset -c ${serverCpu} ${command}`,
      // The last one that it opens.
      template.includes('{wsport}') ? port + 1 : port,
    );
  };
  const wayTo =
    (port: number): Stage['targetFor'] =>
    (transport) => ({ host: '127.0.0.1', port: transport === 'ws' ? port + 1 : port, transport });
  const port = freePort();
  let server: ServerProcess | undefined;
  let another: ServerProcess | undefined;
  const needed = (): Server => {
    if (!planned) throw new Error('this measurement has no server');
    return planned;
  };
  const start = async (): Promise<ServerProcess> => {
    server = await begin(needed(), port);
    return server;
  };
  try {
    if (planned) await start();
    return await new Promise<RunResult>((resolve, reject) => {
      const stage: Stage = {
        target: wayTo(port)(planned?.transport ?? 'tcp'),
        targetFor: wayTo(port),
        folder,
        keepsSessions: planned?.keepsSessions ?? false,
        onError: reject,
        server: () => server!,
        async restart() {
          await server?.stop();
          return start();
        },
        async startAnother() {
          const nextPort = freePort(port + 2);
          another = await begin(needed(), nextPort);
          return wayTo(nextPort);
        },
      };
      runScenario(stage).then(resolve, reject);
    });
  } finally {
    await server?.stop();
    await another?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

run(JSON.parse(process.argv[2] ?? '{}') as RunRequest).then(
  (result) => {
    process.stdout.write(JSON.stringify(result), () => process.exit(0)); // clients may still be connected
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);

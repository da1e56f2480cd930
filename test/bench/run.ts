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
  const port = freePort();
  let server: ServerProcess | undefined;
  try {
    const command = planned && (await startCommand(planned.command, port, folder));
    const start = async (): Promise<ServerProcess> => {
      if (command === undefined) throw new Error('this measurement has no server');
      server = await ServerProcess.start(
        serverCpu === undefined ? command : `taskset -c ${serverCpu} ${command}`,
        // The last one that it opens.
        planned?.command.includes('{wsport}') ? port + 1 : port,
      );
      return server;
    };
    if (command !== undefined) await start();
    const targetFor: Stage['targetFor'] = (transport) => ({
      host: '127.0.0.1',
      port: transport === 'ws' ? port + 1 : port,
      transport,
    });
    return await new Promise<RunResult>((resolve, reject) => {
      const stage: Stage = {
        target: targetFor(planned?.transport ?? 'tcp'),
        targetFor,
        folder,
        keepsSessions: planned?.keepsSessions ?? false,
        onError: reject,
        server: () => server!,
        async restart() {
          await server?.stop();
          return start();
        },
      };
      runScenario(stage).then(resolve, reject);
    });
  } finally {
    await server?.stop();
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

// One run of one measurement against one server, in a process of its own so that no run inherits another's heap.
// Takes a RunRequest as JSON in its first argument, prints a RunResult as JSON.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measurements } from './measurements.js';
import type { Figures, Outcome, Stage } from './scenarios/scenario.js';
import { freePort, ServerProcess } from './server/server-process.js';
import type { Server } from './servers.js';

export interface RunRequest {
  measurement: string;
  /** What differs from the measurement's own parameters. */
  params: Figures;
  server: Server;
  /** The processor that the server has for itself. */
  serverCpu?: number;
}

export type RunResult = Outcome;

/** Fills in `{port}`, `{wsport}` (the port after it) and `{dir}` (a fresh, empty folder). */
function startCommand(template: string, port: number, folder: string): string {
  return template
    .replaceAll('{port}', String(port))
    .replaceAll('{wsport}', String(port + 1))
    .replaceAll('{dir}', folder);
}

async function run(request: RunRequest): Promise<RunResult> {
  const measurement = measurements.find(({ name }) => name === request.measurement);
  if (!measurement) throw new Error(`no measurement is called ${request.measurement}`);
  const { command: template, transport } = request.server;
  const folder = mkdtempSync(path.join(tmpdir(), 'dp-bench-'));
  chmodSync(folder, 0o777); // the server may run as another user
  const port = freePort();
  const command = startCommand(template, port, folder);
  const pinned = request.serverCpu === undefined ? command : `taskset -c ${request.serverCpu} ${command}`;
  let server: ServerProcess | undefined;
  try {
    server = await ServerProcess.start(pinned, port);
    return await new Promise<RunResult>((resolve, reject) => {
      const stage: Stage = {
        target: {
          host: '127.0.0.1',
          port: transport === 'ws' ? port + 1 : port,
          transport,
        },
        onError: reject,
        server: () => server!,
        async restart() {
          await server!.stop();
          server = await ServerProcess.start(pinned, port);
          return server;
        },
      };
      measurement.scenario.run(stage, { ...measurement.params, ...request.params }).then(resolve, reject);
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

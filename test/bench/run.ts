// One run of one scenario against one server, in a process of its own so that no run inherits another's heap.
// Takes a RunRequest as JSON in its first argument, prints a RunResult as JSON.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Transport } from './load/socket.js';
import { scenarios } from './scenarios/index.js';
import type { Figures, Outcome, Stage } from './scenarios/scenario.js';
import { freePort, ServerProcess } from './server/server-process.js';

export interface RunRequest {
  scenario: string;
  params: Figures;
  /** Shell command that starts the server; see `startCommand`. */
  command: string;
  transport: Transport;
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
  const scenario = scenarios[request.scenario];
  if (!scenario) throw new Error(`no scenario is called ${request.scenario}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'dp-bench-'));
  chmodSync(folder, 0o777); // the server may run as another user
  const port = freePort();
  const command = startCommand(request.command, port, folder);
  const pinned = request.serverCpu === undefined ? command : `taskset -c ${request.serverCpu} ${command}`;
  let server: ServerProcess | undefined;
  try {
    server = await ServerProcess.start(pinned, port);
    return await new Promise<RunResult>((resolve, reject) => {
      const stage: Stage = {
        target: {
          host: '127.0.0.1',
          port: request.transport === 'ws' ? port + 1 : port,
          transport: request.transport,
        },
        onError: reject,
        server: () => server!,
        async restart() {
          await server!.stop();
          server = await ServerProcess.start(pinned, port);
          return server;
        },
      };
      scenario.run(stage, request.params).then(resolve, reject);
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

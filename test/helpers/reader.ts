// Somebody who reads a page and types what it says: a clean home, a folder that looks like a fresh clone with a few
// recordings in it, and the commands `dp`, `npx dp`, `drawpile-srv` and `node bin/run.js`. What would stay in the
// foreground (`dp serve`) runs as if in a terminal of its own until the next one is started, or the page ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.js';

export interface Ran {
  status: number | null;
  output: string;
}

const root = process.cwd();
const isRoot = process.getuid?.() === 0;
/** Who has no home of their own would get the system's data folder. */
const isSystemUser = (process.getuid?.() ?? 1000) < 1000;
const nobody = 65_534;

/** Ports as the pages write them; each reader has others, so that many may read at once. */
const writtenPort = /\b277[5-9]\d\b/g;

export class Reader {
  /** Where commands are typed. */
  readonly folder: string;
  readonly #top: string;
  readonly #env: Record<string, string>;
  readonly #ports = new Map<string, number>();
  #socket: Server | undefined;
  #server: { child: ChildProcess; output: () => string; ended: Promise<number | null> } | undefined;

  private constructor() {
    this.#top = mkdtempSync(path.join(tmpdir(), 'dp-docs-'));
    const home = path.join(this.#top, 'home');
    const commands = path.join(this.#top, 'commands');
    const runtime = path.join(this.#top, 'run');
    const data = path.join(home, '.local/share/dp');
    this.folder = path.join(home, 'dp');
    for (const folder of [home, commands, runtime, data, this.folder]) mkdirSync(folder, { recursive: true });
    chmodSync(this.#top, 0o755);
    chmodSync(runtime, 0o700);
    // Root serves as somebody else, who needs to get at the data.
    if (isRoot) for (const folder of [home, runtime, data]) chownSync(folder, nobody, nobody);
    for (const name of [
      'bin',
      'dist',
      'docs',
      'man',
      'node_modules',
      'oclif.manifest.json',
      'package.json',
    ]) {
      symlinkSync(path.join(root, name), path.join(this.folder, name));
    }
    this.#env = {
      PATH: [commands, path.dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      HOME: home,
      XDG_RUNTIME_DIR: runtime,
      DOCS_SOCKET: path.join(this.#top, 'socket'),
      ...(isSystemUser && { DP_DATA: data }),
    };
    writeCommands(commands);
  }

  static async sitDown(): Promise<Reader> {
    const reader = new Reader();
    reader.#socket = createServer({ allowHalfOpen: true }, (socket) => {
      let text = '';
      socket.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      socket.on('end', async () => {
        const answer = await reader.#serve(JSON.parse(text) as ServeRequest);
        socket.end(JSON.stringify(answer));
      });
    });
    reader.#socket.listen(reader.#env.DOCS_SOCKET);
    await once(reader.#socket, 'listening');
    return reader;
  }

  /** The port that stands for one of the pages', as soon as somebody has typed it. */
  async portFor(written: string): Promise<number> {
    let port = this.#ports.get(written);
    if (port === undefined) {
      port = await freePort();
      this.#ports.set(written, port);
    }
    return port;
  }

  /** Whether `dp serve` runs in that other terminal. */
  get isServing(): boolean {
    return this.#server !== undefined;
  }

  /** Types these lines; stops at the first that fails. */
  async type(lines: string): Promise<Ran> {
    let script = lines;
    for (const [written] of lines.matchAll(writtenPort)) {
      script = script.replaceAll(written, String(await this.portFor(written)));
    }
    const child = spawn('/bin/sh', ['-e', '-c', script], {
      cwd: this.folder,
      env: { ...this.#env, DP_PORT: String(await this.portFor('27750')) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collect(child);
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, output: output() };
  }

  /** Presses Ctrl-C where the server runs. What it said, if it did not end well. */
  async stopServer(): Promise<string | undefined> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return undefined;
    server.child.kill('SIGINT');
    const status = await server.ended;
    return status === 0 ? undefined : `dp serve ended with ${status}: ${server.output()}`;
  }

  async leave(): Promise<string | undefined> {
    const problem = await this.stopServer();
    this.#socket?.close();
    rmSync(this.#top, { recursive: true, force: true });
    return problem;
  }

  async #serve({ program, args, folder, env }: ServeRequest): Promise<Ran> {
    const problem = await this.stopServer();
    if (problem !== undefined) return { status: 1, output: problem };
    const child = spawn(process.execPath, [path.join(root, 'bin', program), ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collect(child);
    const ended = once(child, 'close').then(([status]) => status as number | null);
    const started = new Promise<void>((resolve) => {
      child.stdout.on('data', () => {
        if (output().includes('Ctrl-C stops')) resolve();
      });
    });
    const status = await Promise.race([started.then(() => undefined), ended]);
    if (status !== undefined) return { status, output: output() };
    this.#server = { child, output, ended };
    return { status: 0, output: output() };
  }
}

interface ServeRequest {
  program: string;
  args: string[];
  folder: string;
  env: Record<string, string>;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  }
  return () => text;
}

function writeCommands(folder: string): void {
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  const node = process.execPath;
  const knock = path.join(folder, 'knock.mjs');
  write(
    'knock.mjs',
    `import { connect } from 'node:net';
const [program, ...args] = process.argv.slice(2);
const { DOCS_SOCKET, ...env } = process.env;
const socket = connect({ path: DOCS_SOCKET, allowHalfOpen: true });
socket.end(JSON.stringify({ program, args, folder: process.cwd(), env }));
let text = '';
for await (const piece of socket) text += piece;
const { status, output } = JSON.parse(text);
process.stdout.write(output);
process.exitCode = status ?? 1;
`,
  );
  const start = (program: string, test: string) =>
    `if ${test}; then exec '${node}' '${knock}' ${program} "$@"; fi\nexec '${node}' '${root}/bin/${program}' "$@"\n`;
  const isAsking = 'case " $* " in *" --help "*|*" --version "*) false;; *) true;; esac';
  write('dp', `#!/bin/sh\n${start('run.js', `[ "$1" = serve ] && ${isAsking}`)}`);
  write('drawpile-srv', `#!/bin/sh\n${start('drawpile-srv.js', isAsking)}`);
  write('npx', '#!/bin/sh\nexec "$@"\n');
  write('node', `#!/bin/sh\n[ "$1" = bin/run.js ] && shift && exec dp "$@"\nexec '${node}' "$@"\n`);
  // The program is there, built: that is what npm test does before it runs this.
  write('npm', '#!/bin/sh\n[ "$*" = install ]\n');
}

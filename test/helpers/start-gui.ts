// `dp gui` as a program, with the link that it prints. Killed when the test ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { binary } from './run-binary.js';
import { tempFolder } from './temp-folder.js';

export async function startGui(t: ExecutionContext, env: Record<string, string>, ...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [binary, 'gui', '--no-browser', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...env },
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  t.teardown(async () => {
    // a server that it started ends with it
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
  });
  let output = '';
  const link = await new Promise<URL>((resolve, reject) => {
    const take = (piece: Buffer) => {
      output += piece.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\/admin\/#link=\S+/.exec(output);
      if (found) resolve(new URL(found[0]));
    };
    child.stdout!.on('data', take);
    child.stderr!.on('data', take);
    child.once('close', () => reject(new Error(`dp gui ended: ${output}`)));
  });
  return {
    link,
    port: Number(link.port),
    secret: link.hash.slice('#link='.length),
    child,
    ended,
    output: () => output,
  };
}

/** A folder for a server that is started there, and the variables that lead to it and nowhere else. */
export function guiHome(t: ExecutionContext): { folder: string; env: Record<string, string> } {
  const folder = tempFolder(t);
  // started as root, the server is somebody else by the time it makes its folders in here
  chmodSync(folder, 0o777);
  const env = {
    HOME: folder,
    DP_DATA: `${folder}/data`,
    DP_RUNTIME: `${folder}/run`,
    DP_LISTEN: '127.0.0.1',
  };
  return { folder, env };
}

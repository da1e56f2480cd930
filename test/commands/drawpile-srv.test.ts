// The program under the original's name, started as old units start it.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Client } from '../helpers/client.js';
import { freePort } from '../helpers/free-port.js';

const program = path.resolve('bin/drawpile-srv.js');

function temporaryFolder(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-srv-'));
  if (process.geteuid?.() === 0) fs.chownSync(folder, 65534, 65534);
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(...argv: string[]) {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
  return spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8', env });
}

test('an old command line serves: database, sessions, signals, exit status', async (t) => {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const start = async () => {
    const argv = [
      '-l',
      '127.0.0.1',
      '-p',
      String(port),
      '-d',
      `${folder}/config.db`,
      `--sessions=${folder}/sessions`,
      '--no-gui',
    ];
    const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.teardown(() => child.kill('SIGKILL'));
    const output: string[] = [];
    child.stderr.on('data', (text) => output.push(String(text)));
    const exited = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), exited]);
    return { child, exited, output };
  };
  const first = await start();
  const host = await Client.host(port, { name: 'ann', alias: 'kept' });
  host.draw('from an old unit');
  await host.ping();
  // The original reloads its admin API; here nothing may open, least of all Node's debugger.
  first.child.kill('SIGUSR1');
  await host.ping();
  first.child.kill('SIGTERM');
  t.deepEqual(await first.exited, [0, null], first.output.join(''));
  t.notRegex(first.output.join(''), /Debugger|warning|no data is kept/);
  t.true(fs.existsSync(path.join(folder, 'config.db')));

  const second = await start();
  const guest = await Client.join(port, 'kept', { name: 'bob' });
  await guest.caughtUp();
  t.true(guest.canvas.some(({ payload }) => payload.toString() === 'from an old unit'));
  second.child.kill('SIGINT');
  t.deepEqual(await second.exited, [0, null]);
});

test('what it prints and how it ends without serving', (t) => {
  t.like(run('--version'), { status: 0 });
  t.regex(run('--version').stdout, /^drawpile-srv 2\.3\.\d+\nProtocol version: 25\.1\ndp version: \d/);
  t.like(run('--generate-crypt-key'), { status: 0 });
  t.like(run('--bogus'), { status: 1, stderr: "drawpile-srv: Unknown option 'bogus'.\n" });
  const graphical = run('--gui', '--port', '5', '--remote', 'ftp://nowhere');
  t.not(graphical.status, 0);
  t.regex(graphical.stderr, /--port has no effect in graphical mode\n.*'ftp:\/\/nowhere'/s);
  t.not(run('--port', '99999', '-d', '/nonexistent/x.db').status, 0);
});

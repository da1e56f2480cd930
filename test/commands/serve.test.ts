// `dp serve` as its operator meets it: through the real program, with its messages, statuses and signals.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';

interface Run {
  child: ChildProcess;
  output: () => string;
  /** Resolves with the port when the server has started. */
  started: Promise<number>;
  ended: Promise<{ status: number | null; signal: string | null }>;
}

function serve(t: ExecutionContext, ...args: string[]): Run {
  const child = spawn(process.execPath, ['bin/run.js', 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let text = '';
  let report = (_port: number) => {};
  let fail = (_error: Error) => {};
  const started = new Promise<number>((resolve, reject) => {
    report = resolve;
    fail = reject;
  });
  started.catch(() => {});
  const take = (piece: Buffer) => {
    text += piece.toString();
    const port = /TCP port (\d+) open|:(\d+)\/\n/.exec(text);
    if (text.includes('Ctrl-C') && port) report(Number(port[1] ?? port[2]));
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = once(child, 'close').then(([status, signal]) => {
    fail(new Error(`the server ended: ${text}`));
    return { status, signal };
  });
  t.teardown(() => child.kill('SIGKILL'));
  return { child, output: () => text, started, ended };
}

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'serve-'));
  // Started as root, the server is somebody else by the time it comes here.
  chmodSync(folder, 0o755);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends it with status 0`, async (t) => {
    const run = serve(t, '--port', '0', '--ephemeral');
    t.true((await run.started) > 0, run.output());
    run.child.kill(signal);
    t.deepEqual(await run.ended, { status: 0, signal: null });
    t.regex(run.output(), /Stopping server/);
  });
}

test('SIGHUP of a service means to read again, not to stop', async (t) => {
  const run = serve(t, '--port', '0', '--ephemeral');
  await run.started;
  run.child.kill('SIGHUP');
  run.child.kill('SIGTERM');
  t.deepEqual(await run.ended, { status: 0, signal: null });
});

test('a port in use is one clear line and status 1', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const run = serve(t, '--listen', '127.0.0.1', '--port', String(port), '--ephemeral');
  t.is((await run.ended).status, 1);
  t.is(
    run.output(),
    `error: port ${port} is in use by another program\nhint: stop the other program, or choose another port with --port\n`,
  );
});

const mistakes: [what: string, args: string[], words: RegExp][] = [
  ['a bad port', ['--port', '70000'], /invalid value '70000' for --port: expected /],
  ['a bad address', ['--listen', 'nowhere'], /invalid value 'nowhere' for --listen: expected /],
  ['an unknown flag', ['--prot', '1'], /--prot[\s\S]*--port/],
  ['an unknown setting', ['--set', 'sessionCountLimt=5'], /sessionCountLimt[\s\S]*sessionCountLimit/],
  ['a bad value', ['--set', 'sessionCountLimit=many'], /invalid value 'many' for sessionCountLimit/],
  ['a setting without a value', ['--set', 'sessionCountLimit'], /NAME=VALUE/],
];
for (const [what, args, words] of mistakes) {
  test(`${what} is status 2, and says what to type`, async (t) => {
    const run = serve(t, '--ephemeral', ...args);
    t.is((await run.ended).status, 2);
    t.regex(run.output(), words);
  });
}

test('a second server on the same data is refused with status 6, and the first one goes on', async (t) => {
  const data = path.join(temporaryFolder(t), 'data');
  const first = serve(t, '--port', '0', '--data', data);
  await first.started;
  const second = serve(t, '--port', '0', '--data', data);
  t.is((await second.ended).status, 6);
  t.regex(second.output(), /another dp server is using/);
  t.is(first.child.exitCode, null);
  first.child.kill('SIGTERM');
  t.is((await first.ended).status, 0);
  const third = serve(t, '--port', '0', '--data', data);
  await third.started;
  third.child.kill('SIGTERM');
  t.is((await third.ended).status, 0);
});

test('nor do two servers share a folder of sessions', async (t) => {
  const sessions = path.join(temporaryFolder(t), 'sessions');
  const first = serve(t, '--port', '0', '--sessions', sessions);
  await first.started;
  const second = serve(t, '--port', '0', '--sessions', sessions);
  t.is((await second.ended).status, 6);
  t.regex(second.output(), /another dp server is using/);
  first.child.kill('SIGTERM');
  t.is((await first.ended).status, 0);
});

test('a killed server leaves no lock behind', async (t) => {
  const data = path.join(temporaryFolder(t), 'data');
  const first = serve(t, '--port', '0', '--data', data);
  await first.started;
  first.child.kill('SIGKILL');
  await first.ended;
  const second = serve(t, '--port', '0', '--data', data);
  await second.started;
  second.child.kill('SIGTERM');
  t.is((await second.ended).status, 0);
});

// What systemd is told, over a real notify socket (bound here through libc, as systemd does it).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test from 'ava';
import { openNotifier, SystemdNotifier, watchdogMs } from '../../../../src/lib/io/system/notify.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { bindNotifySocket } from '../../../helpers/notify-socket.js';

const onLinux = process.platform === 'linux' ? test : test.skip;

for (const kind of ['path', 'abstract'] as const) {
  onLinux(`ready, status, watchdog and stopping arrive at a real socket (${kind})`, async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-notify-'));
    t.teardown(() => fs.rmSync(folder, { recursive: true }));
    const name = kind === 'path' ? path.join(folder, 'notify') : `@${folder}/notify`;
    const receive = await bindNotifySocket(t, name);
    const clock = new ManualClock();
    const notifier = await openNotifier(clock, { NOTIFY_SOCKET: name, WATCHDOG_USEC: '4000000' });
    t.true(notifier.isActive);
    notifier.status('0 users and 0 sessions');
    notifier.ready();
    t.is(receive(), 'STATUS=0 users and 0 sessions');
    t.is(receive(), 'READY=1\nSTATUS=0 users and 0 sessions');
    t.is(receive(), 'WATCHDOG=1');
    notifier.status('1 users and 1 sessions');
    notifier.status('2 users and 1 sessions');
    clock.advance(200);
    t.is(receive(), 'STATUS=2 users and 1 sessions');
    t.is(receive(), undefined);
    clock.advance(1800);
    await new Promise((resolve) => setImmediate(resolve));
    t.is(receive(), 'WATCHDOG=1');
    notifier.stopping();
    t.is(receive(), 'STOPPING=1');
    notifier.close();
    clock.advance(10_000);
    notifier.stopping();
    t.is(receive(), undefined);
  });
}

onLinux('the sender is the process itself, and one whose event loop is stuck is silent', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-notify-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const socket = path.join(folder, 'notify');
  const receive = await bindNotifySocket(t, socket);
  const module = new URL('../../../../src/lib/io/system/notify.js', import.meta.url).href;
  const program = `
    import { openNotifier } from ${JSON.stringify(module)};
    const clock = {
      now: Date.now,
      after: (ms, run) => { const timer = setTimeout(run, ms); return { cancel: () => clearTimeout(timer) }; },
      endOfTurn: setImmediate,
    };
    const notifier = await openNotifier(clock, { ...process.env, WATCHDOG_USEC: '4000', WATCHDOG_PID: String(process.pid) });
    notifier.ready();
    process.stdin.once('data', () => {
      process.stdout.write('stuck');
      const end = Date.now() + 300;
      while (Date.now() < end);
      process.exit();
    });
    process.stdout.write('up');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, NOTIFY_SOCKET: socket },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  t.is(receive(), 'READY=1');
  t.is(receive(), 'WATCHDOG=1');
  child.stdin.write('x');
  await once(child.stdout, 'data');
  while (receive() !== undefined);
  await once(child, 'exit');
  t.is(receive(), undefined, 'nothing while it was stuck');
});

test('nobody to tell, or nobody who can be told', async (t) => {
  const clock = new ManualClock();
  t.false((await openNotifier(clock, {})).isActive);
  const problems: string[] = [];
  t.false((await openNotifier(clock, { NOTIFY_SOCKET: 'vsock:1' }, (text) => problems.push(text))).isActive);
  t.false(
    (await openNotifier(clock, { NOTIFY_SOCKET: `/${'x'.repeat(200)}` }, (text) => problems.push(text)))
      .isActive,
  );
  t.is(problems.length, 2);
});

onLinux('a socket that nobody reads, or that is gone, is no trouble', async (t) => {
  const unread = `@dp-notify-${process.pid}-unread`;
  const receive = await bindNotifySocket(t, unread);
  const problems: string[] = [];
  for (const name of ['/nonexistent/notify', unread]) {
    const notifier = await openNotifier(new ManualClock(), { NOTIFY_SOCKET: name }, (problem) =>
      problems.push(problem),
    );
    for (let n = 0; n < 1000; n += 1) notifier.stopping();
    notifier.close();
  }
  t.deepEqual(problems, []);
  let waiting = 0;
  while (receive() === 'STOPPING=1') waiting += 1;
  t.true(waiting > 0 && waiting < 1000, `${waiting} fit, nobody waited for the others`);
});

test('the watchdog beats every half interval, at most every minute, and only for this process', (t) => {
  t.is(watchdogMs({}), undefined);
  t.is(watchdogMs({ WATCHDOG_USEC: '10000000' }), 5000);
  t.is(watchdogMs({ WATCHDOG_USEC: '600000000' }), 60_000);
  t.is(watchdogMs({ WATCHDOG_USEC: '1999' }), undefined);
  t.is(watchdogMs({ WATCHDOG_USEC: 'x' }), undefined);
  t.is(watchdogMs({ WATCHDOG_USEC: '10000000', WATCHDOG_PID: '1' }, 2), undefined);
  t.is(watchdogMs({ WATCHDOG_USEC: '10000000', WATCHDOG_PID: '2' }, 2), 5000);
});

test('a status of several lines stays one line', (t) => {
  const sent: string[] = [];
  const notifier = new SystemdNotifier(new ManualClock(), (text) => void sent.push(text), undefined);
  notifier.status('a\nREADY=1');
  notifier.ready();
  t.deepEqual(sent, ['STATUS=a READY=1', 'READY=1\nSTATUS=a READY=1']);
});

test('without the optional package that sends it a server goes on, and says what to install', async (t) => {
  const told: string[] = [];
  const notifier = await openNotifier(
    new ManualClock(),
    { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '4000000' },
    (text) => told.push(text),
    () => Promise.reject(new Error('the optional package koffi is missing')),
  );
  t.false(notifier.isActive);
  notifier.ready();
  notifier.close();
  t.deepEqual(told, ['Cannot notify the service manager: the optional package koffi is missing']);
});

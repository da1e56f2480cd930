// Log lines: the original's form, and JSON; a name can't write lines of its own (config.md §8).
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import type { LogEntry } from '../../../../src/lib/core/session/needs.js';
import { ConsoleLog, formatLogJson, formatLogLine } from '../../../../src/lib/io/system/console-log.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const entry: LogEntry = {
  time: Date.UTC(2026, 10, 22, 7, 3, 40),
  level: 'info',
  topic: 'Join',
  user: { id: 1, ip: '127.0.0.1', name: 'alice' },
  session: '01m8yym',
  message: 'Joined session',
};

test('a line as the original writes it', (t) => {
  t.is(formatLogLine(entry), '2026-11-22T07:03:40Z Info/Join 1;127.0.0.1;alice@01m8yym: Joined session');
  const { user: _user, session: _session, ...bare } = entry;
  t.is(formatLogLine(bare), '2026-11-22T07:03:40Z Info/Join Joined session');
});

test('line breaks in names and messages are shown, not written', (t) => {
  const line = formatLogLine({ ...entry, message: 'a\nb\u001b[2J\u2028c' });
  t.false(/[\n\u2028]/.test(line));
  t.true(line.endsWith('a\\u000ab\\u001b[2J\\u2028c'));
});

test('an entry as JSON', (t) => {
  t.deepEqual(JSON.parse(formatLogJson(entry)), {
    timestamp: '2026-11-22T07:03:40Z',
    level: 'Info',
    topic: 'Join',
    session: '01m8yym',
    user: '1;127.0.0.1;alice',
    message: 'Joined session',
  });
});

function written() {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      writes.push(String(chunk));
      done();
    },
  });
  const clock = new ManualClock();
  return { writes, clock, log: new ConsoleLog(stream, 'info', 'text', clock) };
}

test('lines of several turns are written together, in order, soon', async (t) => {
  const { writes, clock, log } = written();
  log.write({ ...entry, message: 'one' });
  await turn();
  log.write({ ...entry, message: 'two' });
  log.write({ ...entry, level: 'debug', message: 'not asked for' });
  await turn();
  t.deepEqual(writes, []);
  clock.advance(100);
  t.deepEqual(writes.join('').match(/one|two|not/g), ['one', 'two']);
  t.is(writes.length, 1);
  log.write({ ...entry, message: 'three' });
  clock.advance(100);
  t.is(writes.length, 2);
});

test('a warning leaves with its turn, and takes along what waits', async (t) => {
  for (const level of ['warn', 'error'] as const) {
    const { writes, log } = written();
    log.write({ ...entry, message: 'one' });
    log.write({ ...entry, level, message: 'two' });
    await turn();
    await turn();
    t.deepEqual(writes.join('').match(/one|two/g), ['one', 'two'], level);
  }
});

test('many lines do not wait for their time', async (t) => {
  const { writes, log } = written();
  for (let line = 0; line < 1000; line++) log.write(entry);
  await turn();
  await turn();
  t.is(writes.join('').split('\n').length - 1, 1000);
});

test('a flush leaves nothing behind', (t) => {
  const { writes, clock, log } = written();
  log.write(entry);
  log.flush();
  t.is(writes.length, 1);
  clock.advance(100);
  log.flush();
  t.is(writes.length, 1);
});

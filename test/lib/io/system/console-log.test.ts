// Log lines: the original's form, and JSON; a name can't write lines of its own (config.md §8).
import test from 'ava';
import type { LogEntry } from '../../../../src/lib/core/session/needs.js';
import { formatLogJson, formatLogLine } from '../../../../src/lib/io/system/console-log.js';

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

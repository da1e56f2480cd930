// The log that joiners are replayed: who sees what, and no more than 1000 entries (sessions.md §20).
import test from 'ava';
import { eachFrame } from '../../../../src/lib/core/protocol/frame.js';
import type { LogEntry } from '../../../../src/lib/core/session/needs.js';
import { type LogAudience, SessionLog } from '../../../../src/lib/core/session/session-log.js';

const entry = (topic: LogEntry['topic'], message: string): LogEntry => ({
  time: 0,
  level: 'info',
  topic,
  user: { id: 3, ip: '10.0.0.1', name: 'bob' },
  message,
});

function messages(log: SessionLog, audience: LogAudience): string[] {
  const bytes = log.replay(audience);
  const list: string[] = [];
  eachFrame(bytes, 0, bytes.length, (start, end) => {
    list.push(JSON.parse(bytes.toString('utf8', start + 4, end)).message);
  });
  return list;
}

test('each sees what is for them', (t) => {
  const log = new SessionLog();
  log.add(entry('Join', 'join'));
  log.add(entry('Kick', 'kick'));
  log.add(entry('ClientInfo', 'info'));
  log.add({ ...entry('Status', 'debug'), level: 'debug' });
  t.deepEqual(messages(log, 'everyone'), ['join']);
  t.deepEqual(messages(log, 'operator'), ['join', 'kick']);
  t.deepEqual(messages(log, 'moderator'), ['join', 'kick', 'info']);
  t.false(log.replay('moderator').includes('10.0.0.1'), 'addresses are not for members');
});

test('the newest 1000 are replayed, and what was handed out does not change', (t) => {
  const log = new SessionLog();
  for (let i = 0; i < 1500; i++) log.add(entry('Join', `n${i}`));
  const early = log.replay('everyone');
  const copy = early.toString('latin1');
  for (let i = 1500; i < 3500; i++) log.add(entry('Join', `n${i}`));
  const list = messages(log, 'everyone');
  t.is(list.length, 1000);
  t.is(list[0], 'n2500');
  t.is(list.at(-1), 'n3499');
  t.is(early.toString('latin1'), copy);
});

test('long entries are bounded by their bytes, the newest are kept', (t) => {
  const log = new SessionLog();
  for (let i = 0; i < 1000; i++) log.add(entry('Join', `${i} ${'x'.repeat(3000)}`));
  t.true(log.replay('everyone').length <= 256 * 1024);
  t.true(messages(log, 'everyone').length > 50);
  t.regex(messages(log, 'everyone').at(-1) ?? '', /^999 /);
});

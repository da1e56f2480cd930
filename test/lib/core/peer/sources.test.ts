import test from 'ava';
import { limitLoginLog, Sources } from '../../../../src/lib/core/peer/sources.js';
import type { LogEntry } from '../../../../src/lib/core/session/needs.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';

function make(settings: Record<string, string> = {}) {
  let now = 1_000_000;
  const sources = new Sources(new MemorySettings(settings), () => now);
  return {
    sources,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('an address may have so many connections, and is told off once', (t) => {
  const { sources } = make({ connectionsPerAddress: '3', newConnectionsPerSecond: '0' });
  for (let i = 0; i < 3; i++) t.is(sources.admit('192.0.2.1'), undefined);
  t.regex(sources.admit('192.0.2.1') ?? '', /3 connections/);
  t.is(sources.admit('192.0.2.1'), '', 'the log has it already');
  t.is(sources.admit('192.0.2.2'), undefined);
  sources.released('192.0.2.1');
  t.is(sources.admit('192.0.2.1'), undefined);
});

test('a burst is fine, a flood is not, and it passes', (t) => {
  const { sources, pass } = make({ newConnectionsPerSecond: '10' });
  for (let i = 0; i < 50; i++) t.is(sources.admit('192.0.2.1'), undefined);
  t.regex(sources.admit('192.0.2.1') ?? '', /too fast/);
  pass(1000);
  for (let i = 0; i < 10; i++) t.is(sources.admit('192.0.2.1'), undefined);
  t.is(sources.admit('192.0.2.1'), '');
  pass(11 * 60_000);
  t.is(sources.admit('192.0.2.1'), undefined);
});

test('proxies on this machine have no limits', (t) => {
  const { sources } = make({ connectionsPerAddress: '1', newConnectionsPerSecond: '1' });
  for (let i = 0; i < 1000; i++) t.is(sources.admit('127.0.0.1'), undefined);
  t.is(sources.admit('127.0.7.1'), undefined);
  t.not(sources.admit('127.0.7.1'), undefined);
});

test('addresses are forgotten, and their number is limited', (t) => {
  const { sources, pass } = make();
  for (let i = 0; i < 25_000; i++) {
    const ip = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    sources.admit(ip);
    sources.released(ip);
  }
  t.true(sources.size <= 20_000);
  pass(61_000);
  sources.sweep();
  t.is(sources.size, 0);
});

test('strangers fill only so much of the log', (t) => {
  const { sources, pass } = make();
  const written: LogEntry[] = [];
  const log = limitLoginLog({ write: (entry) => void written.push(entry) }, sources);
  const entry: LogEntry = {
    time: 0,
    level: 'warn',
    topic: 'RuleBreak',
    message: 'garbage',
    user: { id: 0, ip: '192.0.2.1', name: '' },
  };
  for (let i = 0; i < 1000; i++) log.write(entry);
  t.is(written.length, 21);
  t.regex(written.at(-1)!.message, /not logged/);
  log.write({ ...entry, user: { id: 4, ip: '192.0.2.1', name: 'member' }, session: 's' });
  log.write({ ...entry, user: { id: 0, ip: '192.0.2.2', name: '' } });
  t.is(written.length, 23, 'members and others are not touched');
  pass(60_000);
  log.write(entry);
  t.is(written.length, 24);
});

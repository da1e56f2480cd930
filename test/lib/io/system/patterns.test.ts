// Patterns of administrators: what they match, and that none can hang the server.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import {
  compilePattern,
  type Pattern,
  PatternNameRules,
  threadUsedMs,
} from '../../../../src/lib/io/system/patterns.js';

function rulesOf(t: { is(a: unknown, b: unknown): unknown }, forbidden: string, filter = '') {
  const problems: string[] = [];
  const settings = new MemorySettings({ forbiddenNameRegex: forbidden, filterNameRegex: filter });
  t.is(problems.length, 0);
  return { settings, problems, rules: new PatternNameRules(settings, (message) => problems.push(message)) };
}

test('names that match anywhere are forbidden, whatever their case', (t) => {
  const { rules } = rulesOf(t, 'admin|mod.rator');
  for (const name of ['admin', 'XxADMINxX', 'MODERATOR', 'mod\nrator']) t.true(rules.isForbidden(name), name);
  for (const name of ['', 'adm in', 'alice']) t.false(rules.isForbidden(name), name);
});

test('what the filter matches is taken out before', (t) => {
  const { rules } = rulesOf(t, '^admin$', '[^a-z]');
  t.true(rules.isForbidden('a.d.m.i.n'));
  t.true(rules.isForbidden('~ADMIN~'));
  t.false(rules.isForbidden('admins'));
});

test('without a pattern everything is allowed, and a filter alone forbids nothing', (t) => {
  t.false(rulesOf(t, '').rules.isForbidden('admin'));
  t.false(rulesOf(t, '', '.*').rules.isForbidden('admin'));
});

test('changes act at once', (t) => {
  const { rules, settings } = rulesOf(t, 'a');
  t.true(rules.isForbidden('a'));
  settings.set('forbiddenNameRegex', 'b');
  t.false(rules.isForbidden('a'));
  settings.unset('forbiddenNameRegex');
  t.false(rules.isForbidden('b'));
});

test('a pattern that is none forbids nothing and is said once', (t) => {
  const { rules, problems } = rulesOf(t, '(');
  t.false(rules.isForbidden('('));
  t.false(rules.isForbidden('x'));
  t.is(problems.length, 1);
  t.regex(problems[0]!, /forbiddenNameRegex is invalid/);
});

test('a pattern that explodes elsewhere is linear here', (t) => {
  const pattern = compilePattern('^(a+)+$') as Pattern;
  t.false(pattern.matches(`${'a'.repeat(20_000)}b`));
});

test('look-around works, within bounds', (t) => {
  const { rules, problems } = rulesOf(t, '^(?=.*bad)(?!.*not).*$');
  t.true(rules.isForbidden('so BAD'));
  t.false(rules.isForbidden('not bad'));
  t.deepEqual(problems, []);
});

test('look-around that explodes is stopped, switched off and said once', (t) => {
  const { rules, problems, settings } = rulesOf(t, '^(?=a)(a+)+$');
  t.true(rules.isForbidden('aaa'));
  t.false(rules.isForbidden(`${'a'.repeat(60)}b`));
  t.false(rules.isForbidden('aaa'));
  t.is(problems.length, 1);
  settings.set('forbiddenNameRegex', '^(?=a)a+$');
  t.true(rules.isForbidden('aaa'));
});

const explodes = '^(?=a)(a+)+$';
const exploding = `${'a'.repeat(60)}b`;

test('time that passes on a busy machine does not switch a pattern off at once', (t) => {
  let asked = 0;
  let off = 0;
  // twice per try: nothing was computed in three of them, all the time in the fourth
  const used = [0, 0, 0, 1, 1, 2, 2, 150];
  const pattern = compilePattern(explodes, {
    usedMs: () => used[asked++]!,
    onSwitchedOff: () => off++,
  }) as Pattern;
  t.false(pattern.matches(exploding));
  t.is(asked, used.length);
  t.is(off, 1);
});

test('nor does it last for ever where the time of computing does not move', (t) => {
  for (const use of ['matches', 'strip'] as const) {
    let off = 0;
    const pattern = compilePattern(explodes, { usedMs: () => 0, onSwitchedOff: () => off++ }) as Pattern;
    t.is(pattern[use](exploding), use === 'matches' ? false : exploding);
    t.is(off, 1, use);
  }
});

test('a pattern that computes for too long is tried once', (t) => {
  let asked = 0;
  const pattern = compilePattern(explodes, { usedMs: () => 100 * asked++ }) as Pattern;
  t.false(pattern.matches(exploding));
  t.is(asked, 2);
});

test('what other threads compute does not count, what this one computes does', async (t) => {
  const processMs = () => process.cpuUsage().user / 1000;
  const before = { thread: threadUsedMs(), process: processMs() };
  const busy = new Worker(
    'const { workerData } = require("node:worker_threads"); while (process.cpuUsage().user < workerData) {}',
    {
      eval: true,
      workerData: (before.process + 400) * 1000,
    },
  );
  await once(busy, 'exit');
  const spent = { thread: threadUsedMs() - before.thread, process: processMs() - before.process };
  t.true(spent.process >= 400);
  t.true(spent.thread < spent.process / 2, JSON.stringify(spent));

  const start = { thread: threadUsedMs(), process: processMs() };
  while (processMs() < start.process + 100);
  t.true(threadUsedMs() - start.thread > 40);
});

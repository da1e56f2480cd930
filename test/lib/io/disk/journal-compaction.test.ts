// When a journal is written anew: only where that makes it much shorter, and nobody counts it over and over to find out.
import test from 'ava';
import { JournalCompaction } from '../../../../src/lib/io/disk/journal-compaction.js';

const kib = 1024;

/** `counted`: how often all lines were counted. */
function make(completeBytes: number) {
  const journal = { completeBytes, counted: 0 };
  const compaction = new JournalCompaction(() => {
    journal.counted++;
    return journal.completeBytes;
  });
  return { journal, compaction };
}

test('a journal is due from 32 KiB on, when it is twice what it would be', (t) => {
  const { compaction } = make(1);
  t.false(compaction.isDue(32 * kib - 1));
  t.true(compaction.isDue(32 * kib));
  const large = make(20 * kib).compaction;
  t.false(large.isDue(40 * kib - 1));
  t.true(large.isDue(40 * kib));
});

test('the lines are counted only when the journal is twice what it was when they were counted last', (t) => {
  const { journal, compaction } = make(100 * kib);
  t.false(compaction.isDue(32 * kib - 1));
  t.is(journal.counted, 0);
  t.false(compaction.isDue(100 * kib));
  t.is(journal.counted, 1);
  t.false(compaction.isDue(200 * kib - 1));
  t.is(journal.counted, 1);
  t.true(compaction.isDue(200 * kib));
  t.is(journal.counted, 2);
});

test('a journal that was found large is not counted before it has doubled', (t) => {
  const { journal, compaction } = make(100 * kib);
  compaction.measured(100 * kib);
  t.false(compaction.isDue(200 * kib - 1));
  t.is(journal.counted, 0);
  compaction.measured(0);
  t.false(compaction.isDue(32 * kib - 1), 'a small one neither');
  t.is(journal.counted, 0);
});

test('at a reset a journal is due from 4 KiB on', (t) => {
  const { compaction } = make(3 * kib);
  t.false(compaction.isDueAtReset(6 * kib - 1));
  t.true(compaction.isDueAtReset(6 * kib));
  const small = make(1).compaction;
  t.false(small.isDueAtReset(4 * kib - 1));
  t.true(small.isDueAtReset(4 * kib));
});

test('lines that wait are written as a whole journal where that is less than half of them', (t) => {
  const lines = (bytes: number) => ['x'.repeat(bytes - 10), 'y'.repeat(10)];
  const { compaction } = make(20 * kib);
  t.false(compaction.isShorterThan(lines(40 * kib - 1)));
  t.true(compaction.isShorterThan(lines(40 * kib)));
  const small = make(1).compaction;
  t.false(small.isShorterThan(lines(32 * kib - 1)));
  t.true(small.isShorterThan(lines(32 * kib)));
});

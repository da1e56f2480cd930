import test from 'ava';
import type { Bound, Target } from './measurements.js';
import { judge, summarise } from './summary.js';

const outcome = (value: number) => ({ figures: { cost: value }, notes: {} });
const target = (bound: Bound): Target => ({
  figure: 'cost',
  label: 'cost',
  unit: 'ms',
  bound,
});

test('a ratio is the median of the pairs, not the ratio of the medians', (t) => {
  const pairs = [
    [2, 1],
    [30, 10],
    [4, 4],
  ].map(([ours, other]) => ({ ours: outcome(ours!), other: outcome(other!) }));
  t.deepEqual(summarise(pairs).get('cost'), {
    ours: 4,
    other: 4,
    ratio: { median: 2, least: 1, greatest: 3 },
  });
});

const compared = { ours: 8, other: 4, ratio: { median: 2, least: 2, greatest: 2 } };
const alone = { ours: 8 };
const rows: [string, Bound, typeof compared | typeof alone, boolean | undefined][] = [
  ['a ratio within its bound', { kind: 'ratioAtMost', value: 2 }, compared, true],
  ['a ratio above its bound', { kind: 'ratioAtMost', value: 1.9 }, compared, false],
  ['a ratio with nothing to compare', { kind: 'ratioAtMost', value: 2 }, alone, undefined],
  ['a ratio that is high enough', { kind: 'ratioAtLeast', value: 2 }, compared, true],
  ['a ratio that is too low', { kind: 'ratioAtLeast', value: 2.1 }, compared, false],
  ['a value above its bound', { kind: 'atMost', value: 5 }, compared, false],
  [
    'a value above its bound, but as good as the relay',
    { kind: 'atMost', value: 5, orRatio: 2 },
    compared,
    true,
  ],
  ['a value above its bound, with no relay', { kind: 'atMost', value: 5, orRatio: 2 }, alone, false],
  ['a rate that is high enough', { kind: 'atLeast', value: 8 }, alone, true],
  ['a rate that is too low', { kind: 'atLeast', value: 9 }, alone, false],
];
for (const [what, bound, summary, isMet] of rows) {
  test(`verdict on ${what}: ${isMet}`, (t) => t.is(judge(target(bound), summary, true).isMet, isMet));
}

test('ratios to another server than planned say nothing about the targets', (t) => {
  t.is(judge(target({ kind: 'ratioAtMost', value: 2 }), compared, false).isMet, undefined);
});

import test from 'ava';
import { Histogram } from './histogram.js';

test('percentiles are right to 1/32', (t) => {
  const histogram = new Histogram();
  for (let us = 1; us <= 100_000; us++) histogram.add(us);
  for (const p of [0.5, 0.95, 0.99]) {
    const found = histogram.percentile(p);
    t.true(Math.abs(found / (p * 100) - 1) < 1 / 32, `p${p * 100}: ${found} ms`);
  }
});

test('a cleared histogram has forgotten everything', (t) => {
  const histogram = new Histogram();
  histogram.add(5000);
  histogram.clear();
  t.is(histogram.percentile(0.5), 0);
});

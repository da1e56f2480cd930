import test from 'ava';
import { alternate } from './alternation.js';
import type { Outcome } from './scenarios/scenario.js';

/** Runs with the given lags, one after the other; the log says who ran. */
function runs(name: string, lags: number[], log: string[] = []) {
  let next = 0;
  return async (): Promise<Outcome> => {
    log.push(name);
    return { figures: {}, notes: {}, lagMs: lags[next++ % lags.length]! };
  };
}

test('the servers take turns in going first', async (t) => {
  const log: string[] = [];
  await alternate(3, runs('A', [0], log), runs('B', [0], log));
  t.is(log.join(''), 'ABBAAB');
});

test('a pair in which the generator lagged is dropped and run again', async (t) => {
  const result = await alternate(2, runs('A', [1, 11, 2]), runs('B', [3, 4, 5]));
  t.deepEqual(
    result.pairs.map((pair) => pair.ours.lagMs),
    [1, 2],
  );
  t.is(result.droppedPairs, 1);
  t.false(result.hasLatePairs);
});

test('a machine that always lags gets its least late pairs, and is told', async (t) => {
  const result = await alternate(2, runs('A', [40, 20, 30, 50]), runs('B', [0]));
  t.deepEqual(
    result.pairs.map((pair) => pair.ours.lagMs),
    [20, 30],
  );
  t.is(result.droppedPairs, 2);
  t.true(result.hasLatePairs);
});

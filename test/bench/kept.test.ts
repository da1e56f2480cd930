import test from 'ava';
import { compareWithKept, guarded } from './kept.js';
import { measurements } from './measurements.js';
import type { FigureSummary } from './summary.js';

const name = 'fan-out-50';
const summaryOf = (ratio: number | undefined) =>
  new Map<string, FigureSummary>([
    [
      guarded[name]!,
      { ours: 9, ...(ratio !== undefined && { ratio: { median: ratio, least: ratio, greatest: ratio } }) },
    ],
  ]);
const rows: [number | undefined, number | undefined, string][] = [
  [2, 2, 'about as before'],
  [2.9, 2, 'about as before'],
  [3.1, 2, 'WORSE'],
  [1.3, 2, 'better'],
  [1.4, 2, 'about as before'],
  [undefined, 2, 'not known'],
  [2, undefined, 'not known'],
];
for (const [now, kept, word] of rows) {
  test(`${now} × the relay, kept as ${kept}: ${word}`, (t) => {
    const [row] = compareWithKept(
      new Map([[name, summaryOf(now)]]),
      kept === undefined ? {} : { [name]: kept },
    );
    t.deepEqual(row, { name, figure: guarded[name]!, now, kept, word: word as 'WORSE' });
  });
}

test('what is guarded is measured beside the relay', (t) => {
  for (const name of Object.keys(guarded)) {
    t.is(measurements.find((each) => each.name === name)?.other, 'relay', name);
  }
});

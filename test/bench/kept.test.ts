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
    t.deepEqual(row, { name, figure: guarded[name]!, other: 'relay', now, kept, word: word as 'WORSE' });
  });
}

test('a figure without another server is compared as it is', (t) => {
  const summary = new Map([['instructionsPerDelivered', { ours: 9000 }]]);
  const [row] = compareWithKept(new Map([['instructions', summary]]), { instructions: 5000 });
  t.like(row, { other: undefined, now: 9000, kept: 5000, word: 'WORSE' });
});

test('what is guarded is measured, and all but instructions beside the relay', (t) => {
  for (const name of Object.keys(guarded)) {
    const measurement = measurements.find((each) => each.name === name);
    t.is(measurement?.other, name === 'instructions' ? undefined : 'relay', name);
  }
});

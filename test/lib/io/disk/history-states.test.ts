import test from 'ava';
import { moveStates } from '../../../../src/lib/io/disk/history-move.js';
import { writingStates } from '../../../../src/lib/io/disk/history-writer.js';
import { journalStates } from '../../../../src/lib/io/disk/journal-writer.js';

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** States that can be reached from one. */
function reachedFrom(table: Table, first: string): string[] {
  const reached = new Set([first]);
  for (const name of reached) for (const next of Object.values(table[name] ?? {})) reached.add(next);
  return [...reached].sort();
}

for (const [what, table, first] of [
  ['writing', writingStates, 'idle'],
  ['moving', moveStates, 'none'],
  ['writing a journal', journalStates, 'idle'],
] as const) {
  test(`${what}: every state is reached from rest, and rest from every state`, (t) => {
    const names = Object.keys(table).sort();
    t.deepEqual(reachedFrom(table, first), names);
    for (const name of names) t.true(reachedFrom(table, name).includes(first), name);
  });
}

test('a write can begin only where none is under way, and end only where one is', (t) => {
  const underWay = ['writing', 'retrying'];
  for (const table of [writingStates, journalStates]) {
    for (const [name, row] of Object.entries(table)) {
      t.is('started' in row, !underWay.includes(name), name);
      for (const event of ['written', 'failed', 'ignored']) t.is(event in row, underWay.includes(name), name);
    }
  }
});

test('the file of a session changes only from the state in which nothing is written', (t) => {
  const rows = Object.entries(moveStates).filter(([, row]) => 'done' in row);
  t.deepEqual(
    rows.map(([name]) => name),
    ['switching'],
  );
});

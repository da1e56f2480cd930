import test from 'ava';
import { jsonOf } from '../helpers/wire.js';
import type { Row } from './capture.js';
import { type Difference, differences, isAbout } from './differences.js';
import { loginScenarios, prepare, realClientScenarios, sessionScenarios } from './scenarios.js';

const files = new Set(
  [...loginScenarios, ...sessionScenarios, ...realClientScenarios].map(({ file }) => file),
);

/** Whether an effect of this kind can be about such a row. */
function fits(kind: Difference['effect']['kind'], row: Row): boolean {
  switch (kind) {
    case 'absent':
      return row.kind === 'received' || row.kind === 'closed';
    case 'instead':
    case 'ignored':
      return row.kind === 'received' && jsonOf(row.frame) !== undefined;
    case 'becomes':
    case 'alsoTo':
      return row.kind === 'received';
    case 'unsent':
    case 'earlier':
      return row.kind === 'sent';
    case 'clientCloses':
      return row.kind === 'closed';
    case 'extra':
      return row.kind !== 'note';
  }
}

test('every row of the table is about something that was recorded', (t) => {
  for (const difference of differences) {
    const { file, lines, effect } = difference;
    t.true(files.has(file), file);
    const { conversation } = prepare(file, undefined);
    for (const line of lines) {
      const rows = conversation.rows.filter((row) => isAbout({ lines: [line] }, row.line));
      t.true(
        rows.some((row) => fits(effect.kind, row)),
        `${file} line ${line}: nothing that could be ${effect.kind}`,
      );
    }
    if (effect.kind === 'extra' || effect.kind === 'alsoTo') {
      t.true(conversation.peers.has(effect.peer), `${file}: no connection ${effect.peer}`);
    }
  }
});

test('every row says where the specification wants it so', (t) => {
  for (const { file, clause, why } of differences) {
    t.regex(clause, /^(login|sessions|protocol|formats|config)\.md §\d/, file);
    t.true(why.length > 10, file);
  }
});

test('what a row expects instead is not what was recorded', (t) => {
  for (const { file, lines, effect } of differences) {
    if (effect.kind !== 'instead' || lines.some((line) => typeof line !== 'number')) {
      continue;
    }
    const { conversation } = prepare(file, undefined);
    for (const row of conversation.rows.filter((each) => isAbout({ lines }, each.line))) {
      if (row.kind !== 'received') {
        continue;
      }
      const json = jsonOf(row.frame)!;
      for (const [key, value] of Object.entries(effect.keys)) {
        if (!key.includes('.')) {
          t.notDeepEqual(json[key], value, `${file} line ${row.line}: ${key}`);
        }
      }
    }
  }
});

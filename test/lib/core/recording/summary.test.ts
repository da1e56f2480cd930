// The figures of dp rec info are those of the originals' tools.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { Summarizer, type Summary } from '../../../../src/lib/core/recording/summary.js';

function summarize(bytes: Buffer): Summary {
  const work = new Summarizer();
  for (let at = 0; at < bytes.length; at += 100) work.read(bytes.subarray(at, at + 100));
  return work.end();
}

test('counts and bytes per type are those that dprectool 2.1 prints', (t) => {
  const { byType, messages, bytes, invalid } = summarize(
    readFileSync('test/vectors/formats/v21/all-types.dprec'),
  );
  const table = byType.map(
    ({ type, name, count, bytes: size }) =>
      `${type.toString(16).padStart(2, '0')} ${name.padEnd(17)} ${String(count).padEnd(9)} ${String(size).padEnd(9)} (${((size / bytes) * 100).toFixed(2)}%)\n`,
  );
  const total = `Total count: ${messages}\nInvalid messages: ${invalid}\nTotal length: ${bytes} (0.00 MB)\n`;
  t.is(table.join('') + total, readFileSync('test/vectors/formats/v21/all-types.msgfreq.txt', 'utf8'));
});

test('people are told apart by id and name', (t) => {
  const { users } = summarize(
    Buffer.from(
      [
        '!version=dp:4.25.1',
        '2 join {"name":"bob"}',
        '2 penup',
        '2 undo',
        '2 leave',
        '2 join {"name":"eve"}',
        '2 undo {"redo":true}',
        '2 penup',
        '2 penup',
      ].join('\n'),
    ),
  );
  t.deepEqual(
    users.map(({ name, messages, strokes, undos, redos }) => [name, messages, strokes, undos, redos]),
    [
      ['bob', 4, 1, 1, 0],
      ['eve', 4, 2, 0, 1],
    ],
  );
});

test('duration, undo points, resets and wrong messages are told by number', (t) => {
  const summary = summarize(
    Buffer.from(
      [
        '!version=dp:4.24.0',
        '1 undopoint',
        '0 interval msecs=1500',
        '0 interval msecs=500',
        '1 undopoint',
        '0 softreset',
        '0 servercommand msg={"type":"sstart"}',
        '1 what is=this',
      ].join('\n'),
    ),
  );
  t.is(summary.durationMs, 2000);
  t.deepEqual(summary.undoPoints, [1, 4]);
  t.deepEqual(summary.resets, [
    { message: 5, what: 'soft reset' },
    { message: 6, what: 'sstart' },
  ]);
  t.is(summary.invalid, 1);
  t.is(summary.compatibility, 'compatible');
});

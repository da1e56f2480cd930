// Cutting: the part plays, what the canvas needs comes before it, and no stroke is left hanging.

import test from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { Cut, type CutOptions } from '../../../../src/lib/core/recording/cut.js';

const recording = Buffer.from(
  [
    '!version=dp:4.25.1',
    '1 join {"name":"alice"}', // 1
    '1 resize {"right":100,"bottom":100}',
    '1 layertreecreate {"id":257,"title":"L"}',
    '1 chat {"message":"hello"}', // 4
    '0 interval {"msecs":1000}',
    '1 undopoint', // 6
    '1 pixeldabs {"layer":257,"_":[{"x":1,"y":1,"size":1,"opacity":255}]}',
    '1 penup {"layer":257}',
    '0 interval {"msecs":2000}', // 9
    '1 undopoint',
    '1 movepointer {"x":1,"y":2}',
    '1 pixeldabs {"layer":257,"_":[{"x":2,"y":2,"size":1,"opacity":255}]}', // 12
    '1 pixeldabs {"layer":257,"_":[{"x":3,"y":3,"size":1,"opacity":255}]}',
    '1 penup {"layer":257}',
    '1 leave',
    '',
  ].join('\n'),
);

function cut(options: CutOptions, bytes = recording) {
  const work = new Cut(options, () => {});
  const pieces: Buffer[] = [];
  for (const byte of bytes) if (!work.isOver) pieces.push(work.read(Buffer.from([byte])));
  pieces.push(work.end());
  const text = Buffer.concat(pieces).toString();
  return {
    lines: text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ').slice(0, 2).join(' ')),
    text,
    count: work.count,
  };
}

test('what is before the part is kept as far as the canvas needs it', (t) => {
  const { lines, count } = cut({ from: { message: 10 } });
  t.deepEqual(lines, [
    '1 join',
    '1 resize',
    '1 layertreecreate',
    '1 undopoint',
    '1 pixeldabs',
    '1 penup',
    '1 undopoint',
    '1 movepointer',
    '1 pixeldabs',
    '1 pixeldabs',
    '1 penup',
    '1 leave',
  ]);
  t.deepEqual(count, { part: 6, before: 6, left: 3, added: 0 });
});

test('a stroke that is cut through is ended', (t) => {
  const { lines, text, count } = cut({ to: { message: 12 } });
  t.is(lines.length, 13);
  t.true(text.endsWith('1 penup {"layer":257}\n'));
  t.is(count.added, 1);
});

test('times count the intervals', (t) => {
  const { lines, count } = cut({ from: { ms: 1000 }, to: { ms: 2999 } });
  t.is(count.part, 4);
  t.deepEqual(lines, [
    '1 join',
    '1 resize',
    '1 layertreecreate',
    '0 interval',
    '1 undopoint',
    '1 pixeldabs',
    '1 penup',
  ]);
});

test('times need intervals, and parts have to be inside', (t) => {
  const silent = Buffer.from('!version=dp:4.25.1\n1 undopoint\n1 undopoint\n');
  t.throws(() => cut({ from: { ms: 5 } }, silent), { instanceOf: Refusal, message: /no times/ });
  t.throws(() => cut({ from: { message: 3 } }, silent), { instanceOf: Refusal, message: /ends after 2/ });
});

test('older generations end strokes without a layer', (t) => {
  const old = Buffer.from(
    '!version=dp:4.21.2\n\n3 pixeldabs layer=0x0101 x=1 y=1 color=#000000 mode=1 {\n\t1 1 1 1\n\t}\n3 penup\n',
  );
  const { text } = cut({ to: { message: 1 } }, old);
  t.true(text.endsWith('\t}\n3 penup\n'));
});

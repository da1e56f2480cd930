// JSON as the original servers write it.

import test from 'ava';
import { printableJson } from '../../../../src/lib/core/printable.js';
import { formatJson, RowTexts } from '../../../../src/lib/io/http/json.js';

test('keys are in order at each depth, whatever they are called, and nothing is lost', (t) => {
  const value = JSON.parse(
    '{"b":[{"z":1,"a":null}],"__proto__":{"d":true,"c":{}},"a":"ä","B":1.5}',
  ) as unknown;
  const text = formatJson(value).toString();
  t.deepEqual(JSON.parse(text), value);
  t.is(
    text.replaceAll(/\n */g, ''),
    '{"B": 1.5,"__proto__": {"c": {},"d": true},"a": "ä","b": [{"a": null,"z": 1}]}',
  );
  t.regex(text, /^\{\n {4}"B": 1\.5,\n/);
  t.true(text.endsWith('}\n'));
});

const values: readonly unknown[] = [
  [],
  {},
  [[], {}, [[]]],
  [1, 'ä\u202e\n', null, true, undefined, Number.NaN],
  { b: [Object.freeze({ z: [1, { y: 'a\nb', x: [] }], a: {} })], a: Object.freeze({ q: 1 }), c: undefined },
  Object.freeze([Object.freeze({ 'ключ\u200b': '👩‍👧' }), Object.freeze({ '': [] })]),
  { list: [{ deep: [Object.freeze({ a: 1 })] }], __proto__: null },
];

/** As JSON.stringify() writes it, with the keys in order. */
const expected = (value: unknown) => `${printableJson(inOrder(value), 4)}\n`;

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, inOrder(item)]),
  );
}

test('rows whose bytes are kept are written as all others, at each depth, the first time and later', (t) => {
  const rows = new RowTexts();
  const shared = Object.freeze({ b: 'x\ny', a: [1, {}] });
  const mixed = [shared, 1, shared, [shared], { last: [shared, shared] }];
  for (const value of [...values, [shared], { a: [shared], b: shared }, [[shared]], shared, mixed]) {
    t.is(formatJson(value).toString(), expected(value));
    t.is(formatJson(value, rows).toString(), expected(value));
    t.is(formatJson(value, rows).toString(), expected(value));
  }
});

test('a row that may still change is read again', (t) => {
  const rows = new RowTexts();
  const row = { a: 1 };
  const text = () => formatJson([row], rows).toString();
  t.is(text(), '[\n    {\n        "a": 1\n    }\n]\n');
  row.a = 2;
  t.is(text(), '[\n    {\n        "a": 2\n    }\n]\n');
});

test('a large answer takes no longer than small ones with as much in them', (t) => {
  const answer = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`key${i}`, { path: `/api/${i}`, list: [i] }]),
    );
  const [large, small] = [answer(5_000), answer(200)];
  const processorTime = (run: () => void) => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  // what else the process does may take time meanwhile: the quickest of some counts
  const quickest = (run: () => void) => Math.min(...Array.from({ length: 3 }, () => processorTime(run)));
  const inOne = quickest(() => void formatJson(large));
  const inMany = quickest(() => {
    for (let i = 0; i < 25; i++) formatJson(small);
  });
  t.true(inOne < 5 * inMany, `${inOne} µs, ${inMany} µs`);
});

import test from 'ava';
import { formatCsv, formatTable } from '../../../src/lib/cli/tables.js';

const columns = [
  { title: 'name', value: (row: { name: string; text: string }) => row.name },
  { title: 'text', value: (row: { name: string; text: string }) => row.text },
];

test('no line is wider than the terminal, and nothing of a long cell is lost', (t) => {
  const text = 'a long sentence that certainly has to be wrapped somewhere in the middle';
  const lines = formatTable([{ name: 'alice', text }], columns, { width: 30 }).split('\n');
  t.true(lines.length > 2);
  for (const line of lines) t.true(line.length <= 30, line);
  t.is(
    lines
      .slice(1)
      .map((line) => line.slice(7))
      .join(' ')
      .replaceAll(/\s+/g, ''),
    text.replaceAll(' ', ''),
  );
});

test('without a terminal lines are as long as they get', (t) => {
  const text = 'x'.repeat(300);
  t.deepEqual(formatTable([{ name: 'a', text }], columns).split('\n'), ['name  text', `a     ${text}`]);
});

test('wide characters count as two columns', (t) => {
  const [, first, second] = formatTable(
    [
      { name: '日本', text: 'x' },
      { name: 'abcd', text: 'y' },
    ],
    columns,
  ).split('\n');
  t.is(first, '日本  x');
  t.is(second, 'abcd  y');
});

test('wide characters and styled titles are wrapped by the columns they take', (t) => {
  const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;
  const out = formatTable([{ name: '日本'.repeat(10), text: 'x'.repeat(30) }], columns, {
    width: 30,
    title: bold,
  });
  const [head, ...lines] = out.split('\n');
  t.is(head, `${bold('name')}            ${bold('text')}`);
  t.deepEqual(lines, [
    '日本日本日本日  xxxxxxxxxxxxxx',
    '本日本日本日本  xxxxxxxxxxxxxx',
    '日本日本日本    xx',
  ]);
});

test('other columns make room for one that is to be left whole', (t) => {
  const [first, second] = columns;
  const row = { name: 'n'.repeat(20), text: 'word '.repeat(10).trim() };
  const out = formatTable([row], [{ ...first!, isUncut: true }, second!], { width: 32 });
  t.is(out.split('\n')[1], `${'n'.repeat(20)}  word word`);
});

test('one line per row where cells are to be cut', (t) => {
  const row = { name: 'alice', text: '日本'.repeat(20) };
  t.is(formatTable([row], columns, { width: 18, isCut: true }), 'name   text\nalice  日本日本日…');
});

test('control characters in a cell are shown, not obeyed', (t) => {
  const out = formatTable([{ name: 'evil\u001b[2J\nname', text: '' }], columns);
  t.false(out.includes('\u001b'));
  t.true(out.includes('evil\\u001b[2J\\u000aname'));
});

test('CSV quotes what needs it', (t) => {
  t.is(formatCsv([{ name: 'a,"b"', text: 'c\nd' }], columns), 'name,text\n"a,""b""","c\nd"');
});

for (const [what, text] of [
  ['letters', 'long'.repeat(15_000)],
  ['wide characters', '日本'.repeat(15_000)],
  ['marks on top of one letter', `e${'\u0301'.repeat(60_000)}`],
  ['letters with marks', 'e\u0301'.repeat(30_000)],
] as const) {
  test(`a cell of 60,000 characters takes no longer than printing it: ${what}`, (t) => {
    const rows = [
      { name: 'alice', text: 'x' },
      { name: text, text },
    ];
    for (const look of [{}, { width: 40 }, { width: 40, isCut: true }]) {
      const lines = formatTable(rows, columns, look).split('\n');
      t.regex(lines[1]!, /^alice +x$/);
      if (look.isCut) t.is(lines.length, 3);
    }
  });
}

test('more rows than a call can have arguments', (t) => {
  const rows = Array.from({ length: 130_000 }, () => ({ name: 'a', text: 'b' }));
  t.is(formatTable(rows, columns, { width: 40, isCut: true }).split('\n').length, 130_001);
});

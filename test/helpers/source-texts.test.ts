import test from 'ava';
import { sourceTexts } from './source-texts.js';

test('comments, strings and templates are found with their lines; code and regular expressions are passed over', (t) => {
  const source = [
    '// one',
    "const a = 'it\\'s' + \"two\"; /* three",
    ' * more */',
    ['const b = `four $', '{c({ d: `five` })} six`; // seven'].join(''),
    "const e = /['`/]\\/\"/; const f = 1 / 2; // 'eight'",
    "return /nine'/.test('ten');",
  ].join('\n');
  t.deepEqual(
    sourceTexts(source).map(({ kind, line, text }) => `${line} ${kind} ${text}`),
    [
      '1 comment // one',
      "2 string it\\'s",
      '2 string two',
      '2 comment /* three\n * more */',
      '4 string four  six',
      '4 string five',
      '4 comment // seven',
      "5 comment // 'eight'",
      '6 string ten',
    ],
  );
});

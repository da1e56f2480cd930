// Bytes as text: certain, or a problem with its place; and back to the same bytes.

import { Buffer } from 'node:buffer';
import test from 'ava';
import { decodeText, encodeText, isTextProblem } from '../../../src/lib/core/text.js';

const utf16 = (text: string, isBig = false): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};

const sound: [what: string, bytes: Buffer, text: string][] = [
  ['nothing', Buffer.alloc(0), ''],
  ['UTF-8', Buffer.from('title = Zeichnen ü 絵 🎨\n'), 'title = Zeichnen ü 絵 🎨\n'],
  ['UTF-8 with its mark', Buffer.from('\ufeffa\n'), '\ufeffa\n'],
  ['line ends of Windows', Buffer.from('a\r\nb\r\n'), 'a\r\nb\r\n'],
  ['doubled line ends of Windows, and one at the end', Buffer.from('a\r\r\nb\r'), 'a\r\r\nb\r'],
  ['UTF-16, little', utf16('a = ü🎨\r\nb\r\n'), 'a = ü🎨\r\nb\r\n'],
  ['UTF-16, big', utf16('a = ü🎨\nb', true), 'a = ü🎨\nb'],
  ['UTF-16, empty', utf16(''), ''],
  ['Chinese in UTF-16', utf16('title = 世上無難事\n只怕有心人上'), 'title = 世上無難事\n只怕有心人上'],
  ['Punjabi in UTF-16', utf16('ਪੰਜਾਬੀ ਵਿੱਚ ਸਿਰਲੇਖ'), 'ਪੰਜਾਬੀ ਵਿੱਚ ਸਿਰਲੇਖ'],
  ['other line ends beside those of Unix', Buffer.from('a = b\u2028c\nd\v\f\n'), 'a = b\u2028c\nd\v\f\n'],
];
for (const [what, bytes, text] of sound) {
  test(`${what} is read, and written as the same bytes`, (t) => {
    const copy = Buffer.from(bytes);
    const decoded = decodeText(bytes);
    if (isTextProblem(decoded)) return t.fail(JSON.stringify(decoded));
    t.is(decoded.text, text);
    t.deepEqual(Buffer.from(encodeText(decoded.text, decoded.encoding)), copy);
    t.deepEqual(bytes, copy);
  });
}

const wrong: [what: string, bytes: Buffer, line: number, offset: number, problem: RegExp][] = [
  ['Latin-1', Buffer.from('a = 1\ntitle = Caf\xe9\n', 'latin1'), 2, 17, /not UTF-8/],
  ['Latin-1 at the very beginning', Buffer.from('\xe9\n', 'latin1'), 1, 0, /not UTF-8/],
  ['a character that is cut at the end', Buffer.from('a\nb = \xe2\x82', 'latin1'), 2, 6, /not UTF-8/],
  ['half of a pair in UTF-8', Buffer.from('x\xed\xa0\x80', 'latin1'), 1, 1, /not UTF-8/],
  ['a NUL byte', Buffer.from('allow = a\0b\n'), 1, 9, /NUL byte$/],
  ['UTF-16 without its mark', Buffer.from('allow = 1\n', 'utf16le'), 1, 1, /UTF-16 without/],
  ['big UTF-16 without its mark', Buffer.from('allow = 1\n', 'utf16le').swap16(), 1, 0, /UTF-16 without/],
  ['ASCII behind a mark', Buffer.from('\xff\xfea=1\nbc=2\nd', 'latin1'), 1, 2, /another encoding/],
  ['ASCII behind a big mark', Buffer.from('\xfe\xffa=1\nbc=2\nd', 'latin1'), 1, 2, /another encoding/],
  ['UTF-16 that is cut', utf16('abc').subarray(0, -1), 1, 6, /half a character/],
  ['UTF-16 with half of a pair', utf16('a\nb\ud800c'), 2, 8, /half a character/],
  ['UTF-16 with a NUL', utf16('ab\0c'), 1, 6, /NUL/],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 1, 0, /UTF-32/],
  ['big UTF-32', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]), 1, 0, /UTF-32/],
  ['line ends of old Macs', Buffer.from('a = 1\rb = 2\r'), 1, 5, /carriage return/],
  ['line ends of old Macs in UTF-16', utf16('a\rb\r'), 1, 4, /carriage return/],
  [
    'a line of bytes behind UTF-16',
    Buffer.concat([utf16('a = ü\n'), Buffer.from('allowGuests=false\n')]),
    2,
    14,
    /another encoding/,
  ],
  [
    'a line of bytes behind big UTF-16',
    Buffer.concat([utf16('a = ü\n', true), Buffer.from('allowGuests=false\n')]),
    2,
    14,
    /another encoding/,
  ],
  [
    'the mark of UTF-16 before bytes',
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('[config]\na = 12\nbc')]),
    1,
    11,
    /another encoding/,
  ],
  ['line ends of mainframes', Buffer.from('a = 1\u0085b = 2\u0085'), 1, 5, /end with characters/],
  ['line separators', Buffer.from('[config]\u2028b = 2\n'), 1, 8, /end with characters/],
  ['vertical tabs as line ends', utf16('a = 1\vb = 2\v'), 1, 12, /end with characters/],
  ['one such line end in the middle', Buffer.from('ü = 1\nb = 2\rc = 3\n'), 2, 12, /carriage return/],
];
for (const [what, bytes, line, offset, problem] of wrong) {
  test(`${what} is refused with its place and a way out`, (t) => {
    const decoded = decodeText(bytes);
    if (!isTextProblem(decoded)) return t.fail(JSON.stringify(decoded));
    t.is(decoded.line, line);
    t.is(decoded.offset, offset);
    t.regex(decoded.problem.text, problem);
    t.regex(decoded.problem.hint ?? '', /^[a-z].*/);
  });
}

test('the place of one wrong byte is found wherever it is', (t) => {
  const text = 'aü絵🎨\n'.repeat(300);
  const starts: number[] = [];
  let bytesBefore = 0;
  for (const character of text) {
    starts.push(bytesBefore);
    bytesBefore += Buffer.byteLength(character);
  }
  for (const at of starts.filter((_, index) => index % 7 === 0)) {
    const bytes = Buffer.from(text);
    const wrongBytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at)]);
    const decoded = decodeText(wrongBytes);
    if (at === 0 || !isTextProblem(decoded)) {
      // at the beginning 0xff may be half of a mark
      if (at > 0) t.fail(`not found at ${at}`);
      continue;
    }
    t.is(decoded.offset, at);
    t.is(decoded.line, bytes.subarray(0, at).toString('latin1').split('\n').length);
  }
});

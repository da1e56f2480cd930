// Text in the bitmap font.

import test from 'ava';
import { drawText, textSize, wrapText } from '../../../../src/lib/core/picture/font.js';
import { blankPicture } from '../../../../src/lib/core/picture/picture.js';

function shown(text: string, scale = 1): string[] {
  const size = textSize(text, scale);
  const picture = blankPicture(size);
  drawText(picture, text, 0, 0, 0xff112233, scale);
  return Array.from({ length: size.height }, (_, y) =>
    Array.from({ length: size.width }, (_x, x) =>
      picture.rgba[(y * size.width + x) * 4 + 3] ? '#' : '.',
    ).join(''),
  );
}

test('letters have their shape', (t) => {
  t.deepEqual(shown('Hi'), [
    '#...#...#..',
    '#...#......',
    '#...#..##..',
    '#####...#..',
    '#...#...#..',
    '#...#...#..',
    '#...#..###.',
    '...........',
  ]);
});

test('marks are left out, what has no shape is a box', (t) => {
  t.deepEqual(shown('é'), shown('e'));
  t.deepEqual(shown('猫'), shown('\u0000'));
  t.is(textSize('猫 é').width, textSize('xxx').width);
  t.is(textSize('').width, 0);
});

test('a scale makes every dot larger', (t) => {
  const rows = shown('i', 3);
  t.is(rows.length, 24);
  t.is(rows[0], '......###......');
  t.is(rows[3], '...............');
});

test('nothing is drawn outside of the picture', (t) => {
  const picture = blankPicture({ width: 8, height: 4 });
  t.notThrows(() => {
    drawText(picture, 'WWWWWW', -3, -2, 0xffffffff, 2);
    drawText(picture, 'WWWWWW', 100, 100, 0xffffffff);
  });
  t.true(picture.rgba.some((byte) => byte !== 0));
});

test('text breaks between words, and within words that are too long', (t) => {
  t.deepEqual(wrapText('one two three', 47), ['one two', 'three']);
  t.deepEqual(wrapText('abcdefghij', 23), ['abcd', 'efgh', 'ij']);
  t.deepEqual(wrapText('a\n\nb', 100), ['a', '', 'b']);
  t.deepEqual(wrapText('ab', 1), ['a', 'b']);
});

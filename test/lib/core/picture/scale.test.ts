// Pictures in another size, whole and in strips.

import test from 'ava';
import { blankPicture, type Picture } from '../../../../src/lib/core/picture/picture.js';
import { fittedSize, RowScaler, scaled } from '../../../../src/lib/core/picture/scale.js';
import { Seeded } from '../../../helpers/seeded.js';

function noise(width: number, height: number): Picture {
  const random = new Seeded(width * 1000 + height);
  const picture = blankPicture({ width, height });
  for (let at = 0; at < picture.rgba.length; at++) picture.rgba[at] = random.below(256);
  return picture;
}

test('a size fits into a box and keeps its proportions', (t) => {
  t.deepEqual(fittedSize({ width: 800, height: 600 }, { width: 400 }), { width: 400, height: 300 });
  t.deepEqual(fittedSize({ width: 800, height: 600 }, { height: 300 }), { width: 400, height: 300 });
  t.deepEqual(fittedSize({ width: 800, height: 600 }, { width: 400, height: 100 }), {
    width: 133,
    height: 100,
  });
  t.deepEqual(fittedSize({ width: 10000, height: 1 }, { width: 10 }), { width: 10, height: 1 });
  t.deepEqual(fittedSize({ width: 8, height: 6 }, {}), { width: 8, height: 6 });
});

test('half the size is the average of four pixels, weighted by their alpha', (t) => {
  const picture: Picture = {
    width: 2,
    height: 2,
    rgba: Uint8Array.from([200, 0, 0, 255, 100, 0, 0, 255, 0, 0, 0, 0, 77, 77, 77, 0]),
  };
  t.deepEqual([...scaled(picture, { width: 1, height: 1 }).rgba], [150, 0, 0, 128]);
});

test('twice the size repeats every pixel', (t) => {
  const picture = noise(3, 2);
  for (let at = 3; at < picture.rgba.length; at += 4) picture.rgba[at] = 255;
  const large = scaled(picture, { width: 6, height: 4 });
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 6; x++) {
      const from = ((y >> 1) * 3 + (x >> 1)) * 4;
      const to = (y * 6 + x) * 4;
      t.deepEqual([...large.rgba.subarray(to, to + 4)], [...picture.rgba.subarray(from, from + 4)]);
    }
  }
});

test('one colour stays that colour in every size', (t) => {
  const picture = blankPicture({ width: 37, height: 53 });
  for (let at = 0; at < picture.rgba.length; at += 4) picture.rgba.set([12, 200, 99, 254], at);
  for (const size of [
    { width: 1, height: 1 },
    { width: 7, height: 11 },
    { width: 36, height: 54 },
    { width: 101, height: 200 },
  ]) {
    const { rgba } = scaled(picture, size);
    t.is(rgba.length, size.width * size.height * 4);
    for (let at = 0; at < rgba.length; at += 4) {
      t.deepEqual([...rgba.subarray(at, at + 4)], [12, 200, 99, 254]);
    }
  }
});

test('strips of any height give what the whole picture gives', (t) => {
  const picture = noise(50, 41);
  for (const size of [
    { width: 17, height: 13 },
    { width: 80, height: 97 },
    { width: 50, height: 20 },
  ]) {
    const whole = scaled(picture, size).rgba;
    for (const rows of [1, 2, 7, 40]) {
      const scaler = new RowScaler(picture, size);
      const pieces: Uint8Array[] = [];
      for (let top = 0; top < picture.height; top += rows) {
        pieces.push(scaler.take(picture.rgba.subarray(top * 200, Math.min(41, top + rows) * 200)));
      }
      t.deepEqual(Buffer.concat(pieces), Buffer.from(whole));
    }
  }
});

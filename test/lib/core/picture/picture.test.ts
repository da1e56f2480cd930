// Parts of pictures, one over the other, and what differs between two.

import test from 'ava';
import {
  blankPicture,
  changedArea,
  cropped,
  flattenOnto,
  intersection,
  type Picture,
  paintOver,
  visibleArea,
} from '../../../../src/lib/core/picture/picture.js';

function filled(width: number, height: number, colour: readonly number[]): Picture {
  const picture = blankPicture({ width, height });
  for (let at = 0; at < picture.rgba.length; at += 4) picture.rgba.set(colour, at);
  return picture;
}

const pixel = ({ rgba, width }: Picture, x: number, y: number): number[] => [
  ...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

test('areas share what lies in both', (t) => {
  const a = { x: 0, y: 0, width: 10, height: 10 };
  t.deepEqual(intersection(a, { x: 5, y: -5, width: 10, height: 10 }), { x: 5, y: 0, width: 5, height: 5 });
  t.is(intersection(a, { x: 10, y: 0, width: 1, height: 1 }), undefined);
  t.is(intersection(a, { x: 3, y: 3, width: 0, height: 4 }), undefined);
});

test('the changed area is the smallest one that holds every difference', (t) => {
  const before = filled(20, 10, [1, 2, 3, 255]);
  const after = { ...before, rgba: before.rgba.slice() };
  t.is(changedArea(before, after), undefined);
  after.rgba[(3 * 20 + 7) * 4] = 9;
  t.deepEqual(changedArea(before, after), { x: 7, y: 3, width: 1, height: 1 });
  after.rgba[(8 * 20 + 2) * 4 + 3] = 0;
  t.deepEqual(changedArea(before, after), { x: 2, y: 3, width: 6, height: 6 });
  t.deepEqual(changedArea(before, filled(20, 10, [0, 0, 0, 0])), { x: 0, y: 0, width: 20, height: 10 });
});

test('pictures of any part of a buffer are compared', (t) => {
  const bytes = new Uint8Array(33);
  const odd: Picture = { width: 2, height: 4, rgba: bytes.subarray(1) };
  bytes[1 + 4 * 5] = 1;
  t.deepEqual(changedArea(blankPicture(odd), odd), { x: 1, y: 2, width: 1, height: 1 });
});

test('pixels without alpha are not visible, whatever their colour', (t) => {
  const picture = filled(5, 5, [9, 9, 9, 0]);
  t.is(visibleArea(picture), undefined);
  picture.rgba[(2 * 5 + 4) * 4 + 3] = 1;
  t.deepEqual(visibleArea(picture), { x: 4, y: 2, width: 1, height: 1 });
});

test('a picture is painted over another, cut at its edges', (t) => {
  const picture = filled(4, 4, [0, 0, 0, 255]);
  paintOver(picture, filled(3, 3, [255, 255, 255, 128]), -1, 2);
  t.deepEqual(pixel(picture, 1, 2), [128, 128, 128, 255]);
  t.deepEqual(pixel(picture, 2, 2), [0, 0, 0, 255]);
  t.deepEqual(pixel(picture, 0, 1), [0, 0, 0, 255]);
  paintOver(picture, filled(3, 3, [255, 255, 255, 255]), 90, 90);
  t.deepEqual(pixel(picture, 3, 3), [0, 0, 0, 255]);
});

test('a part is a copy', (t) => {
  const picture = filled(4, 4, [1, 1, 1, 1]);
  picture.rgba.set([7, 7, 7, 7], (2 * 4 + 3) * 4);
  const part = cropped(picture, { x: 2, y: 1, width: 2, height: 2 });
  t.deepEqual(pixel(part, 1, 1), [7, 7, 7, 7]);
  part.rgba.fill(0);
  t.deepEqual(pixel(picture, 3, 2), [7, 7, 7, 7]);
});

test('transparent pixels get the colour of the paper', (t) => {
  const picture = filled(1, 1, [0, 0, 255, 0]);
  flattenOnto(picture, 0x102030);
  t.deepEqual(pixel(picture, 0, 0), [0x10, 0x20, 0x30, 255]);
});

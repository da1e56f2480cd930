// The recordings of the canvas bench are the ones that the figures of the C engine belong to.

import { createHash } from 'node:crypto';
import test from 'ava';
import { makeImage, makeRecording } from './recordings.js';

test('classic-100k is the recording that the C engine drew', (t) => {
  const { head, frames, messages } = makeRecording('classic-100k');
  t.is(messages, 100_005);
  t.is(
    createHash('sha256').update(head).update(frames).digest('hex'),
    '6be24121f165bf488335ea47b1f8ffb19f5fc36ba5fd8bf0323c4de35507465f',
  );
});

test('the image is about 50 MB', (t) => {
  const { frames } = makeImage();
  t.true(frames.length > 40e6 && frames.length < 60e6, String(frames.length));
});

// How fast recordings go by: pauses are cut to what is allowed, in however many waiting times they are told.

import test from 'ava';
import { PaceMeter } from '../../../../src/lib/core/recording/pace.js';

const wait = (ms: number) => ({ type: 64, payload: Uint8Array.of(ms >> 8, ms & 255) });
const drawing = { type: 148, payload: new Uint8Array(0) };
const chat = { type: 35, payload: new Uint8Array(0) };

const recording = [
  drawing,
  wait(500),
  drawing,
  wait(60_000),
  wait(60_000),
  chat,
  wait(9000),
  drawing,
  wait(700),
];

function meterOf(longestMs: number | undefined, messages = recording): PaceMeter {
  const meter = new PaceMeter(longestMs);
  for (const message of messages) meter.show(message);
  return meter;
}

test('a pause lasts until the next drawing, and counts once', (t) => {
  t.is(meterOf(2000).playMs, 500 + 2000 + 700);
  t.is(meterOf(600).playMs, 500 + 600 + 600);
  t.is(meterOf(undefined).playMs, 500 + 129_000 + 700);
});

test('the way through has the length that was measured', (t) => {
  for (const longest of [0, 1, 500, 2000, 61_000, undefined]) {
    const meter = meterOf(longest);
    const walk = meter.walk();
    let gone = 0;
    for (const message of recording) {
      const step = walk.stepOf(message);
      t.is(walk.stepOf(message), step, 'looking does not go on');
      gone += step;
      walk.pass(message);
    }
    t.is(gone, meter.total, String(longest));
  }
});

test('without waiting times, or with none that count, every drawing takes equally long', (t) => {
  t.is(meterOf(2000, [drawing, chat, drawing]).total, 2);
  const meter = meterOf(0);
  t.is(meter.playMs, 0);
  t.is(meter.total, 3);
  t.deepEqual(
    recording.map((message) => meter.walk().stepOf(message)),
    recording.map(({ type }) => (type === 148 ? 1 : 0)),
  );
});

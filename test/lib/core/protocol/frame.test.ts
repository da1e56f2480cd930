// Frames cut out of a byte stream, wherever the stream itself is cut.
import { Buffer } from 'node:buffer';
import test from 'ava';
import { countFrames, eachFrame, FrameReader, makeFrame } from '../../../../src/lib/core/protocol/frame.js';

/** A reader whose frames are collected as hex, runs taken apart. */
function collector(contextId = -1) {
  const frames: string[] = [];
  const reader = new FrameReader({
    run: (run) => {
      let count = 0;
      let hasMeta = false;
      let hasDrawing = false;
      eachFrame(run.bytes, run.start, run.end, (start, end, type) => {
        frames.push(run.bytes.toString('hex', start, end));
        count++;
        if (type >= 128) hasDrawing = true;
        else hasMeta = true;
      });
      if (count !== run.count || hasMeta !== run.hasMeta || hasDrawing !== run.hasDrawing) {
        throw new Error('the run tells something else than its frames');
      }
    },
    single: (_type, bytes, start, end) => frames.push(bytes.toString('hex', start, end)),
  });
  reader.contextId = contextId;
  return { reader, frames };
}

const sample = [
  makeFrame(0, 0, Buffer.from('{"cmd":"x"}')),
  makeFrame(140, 9, Buffer.alloc(0)),
  makeFrame(66, 9, Buffer.from('12345678')),
  makeFrame(148, 9, Buffer.alloc(300, 1)),
  makeFrame(2, 0, Buffer.from([0])),
  makeFrame(255, 9, Buffer.from([0, 1])),
  makeFrame(200, 9, Buffer.alloc(65_535, 7)),
];
const stream = Buffer.concat(sample);

for (const size of [1, 2, 3, 4, 5, 7, 64, 1000, 65_536, stream.length]) {
  test(`a stream in pieces of ${size} bytes gives the same frames`, (t) => {
    const { reader, frames } = collector();
    for (let at = 0; at < stream.length; at += size) {
      const piece = Buffer.from(stream.subarray(at, at + size));
      reader.read(piece, 0, piece.length);
      piece.fill(0xee);
    }
    t.deepEqual(
      frames,
      sample.map((frame) => frame.toString('hex')),
    );
  });
}

test('the context id is written over opaque frames only, also over one that came in pieces', (t) => {
  const { reader, frames } = collector(5);
  const bytes = Buffer.concat([sample[1]!, sample[2]!, sample[4]!]);
  reader.read(Buffer.from(bytes.subarray(0, 2)), 0, 2);
  reader.read(Buffer.from(bytes.subarray(2, 7)), 0, 5);
  reader.read(Buffer.from(bytes.subarray(7)), 0, bytes.length - 7);
  t.deepEqual(
    frames.map((hex) => hex.slice(4, 8)),
    ['8c05', '4205', '0200'],
  );
});

test('a reader that is stopped by a frame hands on nothing more', (t) => {
  const frames: number[] = [];
  const reader = new FrameReader({
    run: (run) => frames.push(run.count),
    single: (type) => {
      frames.push(-type);
      reader.stop();
    },
  });
  reader.read(Buffer.from(stream), 0, stream.length);
  reader.read(Buffer.from(stream), 0, stream.length);
  t.deepEqual(frames, [-0]);
});

test('a payload that does not fit into a frame is refused', (t) => {
  t.throws(() => makeFrame(1, 0, Buffer.alloc(65_536)), { instanceOf: RangeError });
  t.is(countFrames(stream, 0, stream.length), sample.length);
});

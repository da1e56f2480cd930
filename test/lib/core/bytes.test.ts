// The byte cursors: widths, signs, and that nothing is read past the end.

import test from 'ava';
import { ByteReader, ByteWriter } from '../../../src/lib/core/bytes.js';
import { ProtocolError } from '../../../src/lib/core/errors.js';

test('every width is read as it was written', (t) => {
  const writer = new ByteWriter(1);
  writer
    .u8(255)
    .u16(65535)
    .u24(0xabcdef)
    .u32(0xfedcba98)
    .u8(-1)
    .u32(-2)
    .text('ä')
    .bytes(Buffer.from([7]));
  const reader = new ByteReader(writer.take());
  t.is(reader.u8(), 255);
  t.is(reader.u16(), 65535);
  t.is(reader.u24(), 0xabcdef);
  t.is(reader.u32(), 0xfedcba98);
  t.is(reader.i8(), -1);
  t.is(reader.i32(), -2);
  t.is(reader.bytes(2).toString(), 'ä');
  t.is(reader.left, 1);
  t.deepEqual([...reader.rest()], [7]);
});

test('reading past the end is a protocol error that names the place', (t) => {
  const reader = new ByteReader(Buffer.from([1, 2, 3]), 1);
  t.is(reader.u8(), 2);
  for (const read of [() => reader.u16(), () => reader.u24(), () => reader.u32(), () => reader.bytes(2)]) {
    t.throws(read, { instanceOf: ProtocolError, message: /at byte 2, only 1/ });
  }
  t.is(reader.u8(), 3);
});

test('a cleared writer keeps earlier copies intact', (t) => {
  const writer = new ByteWriter(4);
  const first = writer.u32(1).take();
  t.is(writer.clear().u32(2).length, 4);
  t.deepEqual([...first], [0, 0, 0, 1]);
});

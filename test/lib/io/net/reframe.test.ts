import test from 'ava';
import { reframe, SharedReframer } from '../../../../src/lib/io/net/reframe.js';
import { frame } from '../../../helpers/wire.js';

/** Unmasked binary frames of a server, each as the message that it carries. */
function messagesOf(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0x82) throw new Error(`no final binary frame at ${at}`);
    let length = bytes[at + 1]!;
    at += 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at);
      if (length < 126) throw new Error('length is longer than need be');
      at += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at));
      if (length < 65_536) throw new Error('length is longer than need be');
      at += 8;
    }
    messages.push(bytes.subarray(at, at + length));
    at += length;
  }
  return messages;
}

const payloadLengths = [0, 1, 122, 123, 124, 125, 126, 127, 200, 65_532, 65_533, 65_534, 65_535];

test('each frame becomes one message without the length field, whatever its neighbours are', (t) => {
  for (const a of payloadLengths) {
    for (const b of payloadLengths) {
      const frames = [a, b, 3, a].map((length, index) =>
        frame(140 + index, index, Buffer.alloc(length, index + 1)),
      );
      const messages = messagesOf(reframe(Buffer.concat(frames)));
      t.deepEqual(
        messages.map((message) => message.toString('hex')),
        frames.map((each) => each.subarray(2).toString('hex')),
        `${a} and ${b}`,
      );
    }
  }
});

test('a slice in the middle of a block is read from its own start', (t) => {
  const block = Buffer.concat([
    frame(150, 1, 'before'),
    frame(151, 2, Buffer.alloc(300, 9)),
    frame(152, 3, 'x'),
  ]);
  const slice = new Uint8Array(block.buffer, block.byteOffset + 10, block.length - 10);
  t.deepEqual(
    messagesOf(reframe(slice)).map((message) => message[0]),
    [151, 152],
  );
});

test('the same slice is re-framed once, until the turn is over', (t) => {
  const due: (() => void)[] = [];
  const shared = new SharedReframer((run) => due.push(run));
  const slice = frame(140, 1, 'drawn');
  const first = shared.reframe(slice);
  t.is(shared.reframe(slice), first);
  t.not(shared.reframe(frame(140, 1, 'drawn')), first);
  t.is(due.length, 1);
  due[0]!();
  t.not(shared.reframe(slice), first);
});

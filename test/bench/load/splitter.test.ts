import test from 'ava';
import { Script } from './script.js';
import { type MessageSink, type Splitter, StreamSplitter } from './splitter.js';
import { toWebSocket, WebSocketSplitter } from './websocket.js';
import { command, isSessionMessage } from './wire.js';

const messages = Buffer.concat([
  command('ident', ['x'.repeat(200)]),
  new Script(3, 9).next(40, () => 77),
  command('join', ['s']),
  new Script(4, 9).next(2, () => 78),
]);

/** Collects what comes out: control and session messages must not be mixed. */
function collect(make: (sink: MessageSink) => Splitter) {
  const parts: Buffer[] = [];
  const keep = (isSession: boolean) => (bytes: Buffer, start: number, end: number) => {
    if (isSessionMessage(bytes[start + 2]!) !== isSession) throw new Error('in the wrong lane');
    parts.push(Buffer.from(bytes.subarray(start, end)));
  };
  const splitter = make({ control: keep(false), session: keep(true) });
  return { splitter, parts };
}

/** Clients mask with zeros; a server does not mask at all. */
function asFromServer(frames: Buffer): Buffer {
  const out: Buffer[] = [];
  for (let o = 0; o < frames.length; ) {
    const short = frames[o + 1]! & 127;
    const headBytes = short === 126 ? 4 : 2;
    const length = short === 126 ? frames.readUInt16BE(o + 2) : short;
    const head = Buffer.from(frames.subarray(o, o + headBytes));
    head[1]! &= 127;
    out.push(head, frames.subarray(o + headBytes + 4, o + headBytes + 4 + length));
    o += headBytes + 4 + length;
  }
  return Buffer.concat(out);
}

const rows: [string, Buffer, (sink: MessageSink) => Splitter][] = [
  ['a TCP stream', messages, (sink) => new StreamSplitter(sink)],
  ['WebSocket frames', asFromServer(toWebSocket(messages)), (sink) => new WebSocketSplitter(sink, () => {})],
];

for (const [what, bytes, make] of rows) {
  for (const chunkBytes of [1, 2, 3, 7, 100, bytes.length]) {
    test(`${what} in chunks of ${chunkBytes} bytes come out as whole TCP-framed messages`, (t) => {
      const { splitter, parts } = collect(make);
      for (let o = 0; o < bytes.length; o += chunkBytes) {
        const chunk = Buffer.from(bytes.subarray(o, o + chunkBytes)); // a splitter may write into it
        splitter.push(chunk, 0, chunk.length);
      }
      t.deepEqual(Buffer.concat(parts), messages);
    });
  }
}

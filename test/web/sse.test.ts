// Server-sent events in pieces: the same events, wherever the pieces end.
import test from 'ava';
import { EventReader } from '../../src/web/sse.js';

const text =
  ': hello\n\nid: 1\nevent: session\ndata: {"a":1}\n\nid:2\r\ndata: x\r\ndata:  y\r\n\r\nevent: log\n\ndata: z\rdata\r\r\n';
const events = [
  { id: '1', kind: 'session', data: '{"a":1}' },
  { id: '2', kind: 'message', data: 'x\n y' },
  { id: '2', kind: 'message', data: 'z\n' },
];

test('events are read as the standard says', (t) => {
  t.deepEqual(new EventReader().push(text), events);
});

test('events are the same in pieces of any size', (t) => {
  for (let size = 1; size < text.length; size++) {
    const reader = new EventReader();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...reader.push(text.slice(at, at + size)));
    t.deepEqual(found, events, `pieces of ${size}`);
  }
});

test('an event without its end is not there yet', (t) => {
  const reader = new EventReader();
  t.deepEqual(reader.push('data: a\n'), []);
  t.deepEqual(reader.push('\n'), [{ id: undefined, kind: 'message', data: 'a' }]);
});

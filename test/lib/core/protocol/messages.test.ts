// The message tables: well-formed rows, layouts against known frames, and every message there and back.

import test from 'ava';
import { ProtocolError } from '../../../../src/lib/core/errors.js';
import {
  decodePayload,
  encodeMessage,
  encodePayload,
  type Generation,
  generationOf,
  isRecordable,
  messageTables,
} from '../../../../src/lib/core/protocol/messages.js';

const generations = Object.keys(messageTables) as Generation[];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

for (const generation of generations) {
  test(`${generation}: numbers and names are unique, limits and fields make sense`, (t) => {
    const table = messageTables[generation];
    t.is(new Set(table.rows.map((row) => row.id)).size, table.rows.length);
    t.is(new Set(table.rows.map((row) => row.name)).size, table.rows.length);
    for (const row of table.rows) {
      t.true(row.min <= row.max && row.max <= 65535, row.name);
      t.is(table.row(row.id), row);
      const openEnded = row.fields.filter((field) => /^utf8$|bytes|\[\]|records/.test(field.kind.title));
      t.true(
        openEnded.length <= 1 && (openEnded.length === 0 || openEnded[0] === row.fields.at(-1)),
        row.name,
      );
    }
  });
}

test('frames are those that clients exchange (protocol.md §4)', (t) => {
  t.is(hex(encodeMessage('4.25', 'ping', 0)), '0001020000');
  t.is(hex(encodeMessage('4.25', 'ping', 0, { is_pong: true })), '0001020001');
  t.is(hex(encodeMessage('4.21', 'pong', 0)), '0001020001');
  t.is(hex(encodeMessage('4.24', 'join', 1, { name: 'hostuser' })), '000a20010008686f737475736572');
  t.is(hex(encodeMessage('4.21', 'leave', 2)), '00002102');
  t.is(hex(encodeMessage('4.25', 'sessionowner', 0, { users: [1] })), '0001220001');
  t.is(
    hex(encodeMessage('4.21', 'disconnect', 0, { message: 'Login error' })),
    '000c0100004c6f67696e206572726f72',
  );
  t.is(hex(encodeMessage('4.25', 'keepalive', 0)), '00000300');
});

test('the same layer is told differently by each generation', (t) => {
  t.is(hex(encodeMessage('4.21', 'defaultlayer', 1, { id: 0x0102 })), '000247010102');
  t.is(hex(encodeMessage('4.25', 'defaultlayer', 1, { id: 0x000201 })), '00034701000201');
});

test('a payload of the wrong length is refused, naming the message', (t) => {
  const row = messageTables['4.25'].row(148);
  t.truthy(row);
  if (!row) return;
  t.throws(() => encodePayload(row, {}), { instanceOf: ProtocolError, message: /classicdabs.*one dab/ });
  t.throws(() => decodePayload(row, Buffer.alloc(25)), {
    instanceOf: ProtocolError,
    message: /complete dabs/,
  });
  const order = messageTables['4.24'].row(169);
  t.throws(() => order && decodePayload(order, Buffer.alloc(3)), { instanceOf: ProtocolError });
  const unused = messageTables['4.25'].row(130);
  t.throws(() => unused && decodePayload(unused, Buffer.alloc(0)), { message: /reserved/ });
});

test('an unknown name is a protocol error', (t) => {
  t.throws(() => encodeMessage('4.21', 'layertreecreate', 1), { instanceOf: ProtocolError });
});

test('versions lead to their layout', (t) => {
  const of = (server: number, major: number, namespace = 'dp') => generationOf({ namespace, server, major });
  t.is(of(4, 20), '4.21');
  t.is(of(4, 21), '4.21');
  t.is(of(4, 23), '4.24');
  t.is(of(4, 25), '4.25');
  t.is(of(4, 26), undefined);
  t.is(of(4, 19), undefined);
  t.is(of(3, 25), undefined);
  t.is(of(4, 25, 'other'), undefined);
});

test('control messages are not recordable', (t) => {
  t.deepEqual([0, 31, 32, 255].map(isRecordable), [false, false, true, true]);
});

// What is taken for messages in a part of a history that was overwritten.
import test from 'ava';
import { frameLength } from '../../../../src/lib/core/protocol/frame.js';
import { intactMessages } from '../../../../src/lib/io/disk/history-salvage.js';

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.from([payload.length >> 8, payload.length & 0xff, type, 1]);
  return Buffer.concat([header, payload]);
}
const chat = (text: string): Buffer => frame(35, Buffer.from(`\0\0${text}`));

function typesIn(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += frameLength(bytes, at)) types.push(bytes[at + 2]!);
  return types;
}

const chats = Array.from({ length: 20 }, (_, i) => chat(`line ${i} of what was said`));

for (const [what, type, length] of [
  ['a disconnect', 1, 5000],
  ['a disconnect without a text', 1, 1],
  ['a ping', 2, 1],
  ['a keep-alive', 3, 0],
] as const) {
  test(`bytes that look like ${what} are no message of a history: whoever joined would act by it`, (t) => {
    for (const start of [Buffer.alloc(300), Buffer.alloc(0)]) {
      const fake = frame(type, Buffer.alloc(length, 'x'));
      const found = intactMessages('dp:4.25.1', Buffer.concat([start, fake, ...chats]));
      t.deepEqual(new Set(typesIn(found)), new Set([35]));
      t.is(typesIn(found).length, chats.length);
      t.deepEqual(found, Buffer.concat(chats));
    }
  });
}

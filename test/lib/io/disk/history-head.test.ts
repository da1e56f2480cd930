// The first bytes of histories: what is wrong with a file is told for each part of them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Reason } from '../../../../src/lib/core/errors/reason.js';
import { makeHead, readHead } from '../../../../src/lib/io/disk/history-head.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const head = makeHead({ version: 'dp:4.25.1', a: 'x'.repeat(20) });
const message = Buffer.from([0, 2, 36, 1, 7, 7]);

test('a head tells the protocol, where it ends, and whether a whole message follows', (t) => {
  const file = join(tempFolder(t), 'a.dprec');
  for (const [bytes, hasMessage] of [
    [head, false],
    [Buffer.concat([head, message.subarray(0, 1)]), false],
    [Buffer.concat([head, message.subarray(0, 5)]), false],
    [Buffer.concat([head, message]), true],
    [Buffer.concat([head, message, message]), true],
  ] as const) {
    writeFileSync(file, bytes);
    t.deepEqual(readHead(file), {
      protocol: 'dp:4.25.1',
      headBytes: head.length,
      sizeBytes: bytes.length,
      hasMessage,
    });
  }
});

test('metadata that is longer than what is read at first is read to its end', (t) => {
  const file = join(tempFolder(t), 'a.dprec');
  for (const length of [900, 1000, 1001, 1002, 1003, 1004, 1005, 5000]) {
    const long = makeHead({ version: 'dp:4.25.1', a: 'x'.repeat(length) });
    writeFileSync(file, Buffer.concat([long, message]));
    t.like(readHead(file), { headBytes: long.length, hasMessage: true }, String(length));
  }
});

test('what is no head is named', (t) => {
  const file = join(tempFolder(t), 'a.dprec');
  const other = Buffer.from(head);
  other[1] = 0x51;
  const withText = (text: string) =>
    Buffer.concat([head.subarray(0, 6), Buffer.from([0, text.length]), Buffer.from(text)]);
  for (const [bytes, why] of [
    [Buffer.alloc(0), /^it is not a recording/],
    [head.subarray(0, 7), /^it is not a recording/],
    [other, /^it is not a recording/],
    [Buffer.concat([other, message]), /^it is not a recording/],
    [head.subarray(0, head.length - 1), /^it ends within its header$/],
    [withText('{"version'), /^its header cannot be read: /],
    [withText('{}'), /^its header has no version$/],
    [withText('null'), /^its header has no version$/],
    [withText('{"version":4}'), /^its header has no version$/],
  ] as const) {
    writeFileSync(file, bytes);
    const found = readHead(file);
    t.regex(found instanceof Reason ? found.text : 'it is one', why, bytes.toString('latin1'));
  }
});

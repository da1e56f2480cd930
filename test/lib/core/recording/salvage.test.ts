// Repairing: sound messages survive whatever happens around them.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import { binaryHeader } from '../../../../src/lib/core/recording/header.js';
import type { Problem } from '../../../../src/lib/core/recording/items.js';
import { Salvage } from '../../../../src/lib/core/recording/salvage.js';
import { seededRandom } from '../../../helpers/generated-recording.js';

const header = binaryHeader(new Map([['version', 'dp:4.25.1']]), '4.25');
const frame = (x: number): Uint8Array => encodeMessage('4.25', 'movepointer', 1, { x, y: 70_000 + x });
const frames = Array.from({ length: 50 }, (_, x) => frame(x));

function salvage(bytes: Buffer, chunkBytes = 1000) {
  const problems: Problem[] = [];
  const work = new Salvage((problem) => problems.push(problem));
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    pieces.push(work.read(bytes.subarray(at, at + chunkBytes)));
  pieces.push(work.end());
  return { bytes: Buffer.concat(pieces), problems, count: work.count };
}

test('a sound recording stays as it is', (t) => {
  const whole = Buffer.concat([header, ...frames]);
  for (const chunkBytes of [1, 50, 100_000]) {
    const { bytes, problems, count } = salvage(whole, chunkBytes);
    t.true(bytes.equals(whole));
    t.deepEqual(problems, []);
    t.deepEqual(count, { kept: 50, dropped: 0, skippedBytes: 0 });
  }
});

test('a cut end is cut off', (t) => {
  const whole = Buffer.concat([header, ...frames]);
  const { bytes, problems } = salvage(whole.subarray(0, -5));
  t.true(bytes.equals(whole.subarray(0, -12)));
  t.is(problems.length, 1);
  t.like(problems[0], {
    offset: whole.length - 12,
    message: 'the last message is cut: 7 of 12 bytes are there',
  });
});

test('a message with a wrong inside is left out alone', (t) => {
  const wrong = Buffer.from('0003810101', 'hex');
  const { bytes, count } = salvage(
    Buffer.concat([header, ...frames.slice(0, 20), wrong, Buffer.alloc(2), ...frames.slice(20)]),
  );
  t.true(bytes.equals(Buffer.concat([header, ...frames])));
  t.is(count.dropped, 1);
});

test('behind garbage the next whole message is found', (t) => {
  const garbage = Buffer.from(Array.from({ length: 333 }, seededRandom(5)).map((value) => value * 256));
  for (const junk of [garbage, Buffer.alloc(100), Buffer.from([0xff, 0xff, 0xff])]) {
    const { bytes, problems, count } = salvage(
      Buffer.concat([header, ...frames.slice(0, 10), junk, ...frames.slice(10)]),
    );
    t.true(bytes.equals(Buffer.concat([header, ...frames])));
    t.is(count.skippedBytes, junk.length);
    t.is(problems.length, 1);
    t.is(problems[0]?.offset, header.length + 120);
  }
});

test('the torn file of a killed server keeps its ten messages', (t) => {
  const { count, problems } = salvage(
    readFileSync('test/vectors/formats/v21/crash/before/01m8112ne3k0d1f6kr701npyym_r2.dprec'),
  );
  t.is(count.kept, 10);
  t.is(problems.length, 1);
});

test('text keeps its sound lines', (t) => {
  const { bytes, count } = salvage(
    Buffer.from(
      '!version=dp:4.25.1\n1 undopoint\n1 nonsense\n2 undopoint {"a":1}\n1 ping [\n1 chat {"message":"x"}\n',
    ),
  );
  t.is(bytes.toString(), '!version=dp:4.25.1\n1 undopoint\n2 undopoint\n1 chat {"message":"x"}\n');
  t.like(count, { kept: 3, dropped: 2 });
});

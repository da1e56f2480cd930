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

const malformed = (random: () => number): Buffer => {
  // known types with an inside that cannot be, and types that nobody knows
  const kinds = [
    { type: 140, bytes: 40 },
    { type: 129, bytes: 3 },
    { type: 141, bytes: 1 + Math.floor(random() * 200) },
    { type: 251, bytes: Math.floor(random() * 60) },
    { type: 35, bytes: 1 },
  ];
  const { type, bytes } = kinds[Math.floor(random() * kinds.length)]!;
  const made = Buffer.alloc(4 + bytes, Math.floor(random() * 256));
  made.writeUInt16BE(bytes, 0);
  made[2] = type;
  made[3] = 1;
  return made;
};

const isMalformed = (bytes: Buffer) => salvage(Buffer.concat([header, bytes])).count.kept === 0;

test('malformed messages between sound ones cost none of those', (t) => {
  const chat = Buffer.from(encodeMessage('4.25', 'chat', 1, { message: 'still here' }));
  const penUp = Buffer.alloc(44, 7);
  penUp.writeUInt16BE(40, 0);
  penUp[2] = 140;
  const sound = Array.from({ length: 80 }, () => chat);
  const whole = [...sound.slice(0, 50), ...sound.slice(50).flatMap((each) => [penUp, each])];
  for (const chunkBytes of [7, 1000, 100_000]) {
    const { bytes, count } = salvage(Buffer.concat([header, ...whole]), chunkBytes);
    t.true(bytes.equals(Buffer.concat([header, ...sound])));
    t.deepEqual(count, { kept: 80, dropped: 30, skippedBytes: 0 });
  }
});

test('of runs of malformed messages nothing sound around them is lost', (t) => {
  const random = seededRandom(11);
  for (const run of [1, 2, 5, 10, 30]) {
    const penUps = Array.from({ length: run }, () => {
      const penUp = Buffer.alloc(44, Math.floor(random() * 256));
      penUp.writeUInt16BE(40, 0);
      penUp[2] = 140;
      return penUp;
    });
    const { bytes, count } = salvage(
      Buffer.concat([header, ...frames.slice(0, 5), ...penUps, ...frames.slice(5, 7), ...penUps]),
    );
    t.true(bytes.equals(Buffer.concat([header, ...frames.slice(0, 7)])), `${run} in a row`);
    t.is(count.dropped, run * 2);
  }
});

test('fuzz: what was put in sound and framed comes out, all of it and nothing else', (t) => {
  const rounds = Math.max(60, Math.floor(Number(process.env.DP_FUZZ_ROUNDS ?? 0) / 10));
  for (let round = 0; round < rounds; round++) {
    const random = seededRandom(1000 + round);
    const sound: Uint8Array[] = [];
    const whole: Uint8Array[] = [];
    for (let n = 0; n < 200; n++) {
      if (random() < 0.3) {
        const bad = malformed(random);
        if (isMalformed(bad)) whole.push(bad);
      }
      sound.push(frames[n % frames.length]!);
      whole.push(frames[n % frames.length]!);
    }
    const { bytes, count } = salvage(Buffer.concat([header, ...whole]), 1 + Math.floor(random() * 5000));
    t.true(bytes.equals(Buffer.concat([header, ...sound])), `round ${round}`);
    t.is(count.skippedBytes, 0, `round ${round}`);
  }
});

test('fuzz: where bytes are missing or too many, what is sound behind them is found again', (t) => {
  let lost = 0;
  const rounds = Math.max(60, Math.floor(Number(process.env.DP_FUZZ_ROUNDS ?? 0) / 10));
  for (let round = 0; round < rounds; round++) {
    const random = seededRandom(5000 + round);
    const at = 10 + Math.floor(random() * 20);
    const junk = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 300) }, () => random() * 256));
    const damage = random() < 0.5 ? junk : Buffer.from(frames[at]!).subarray(0, 5 + Math.floor(random() * 6));
    const behind = frames
      .slice(at + 1)
      .flatMap((each) => (random() < 0.3 ? [malformed(random), each] : [each]));
    const whole = Buffer.concat([header, ...frames.slice(0, at), damage, ...behind, ...frames, ...frames]);
    const { bytes } = salvage(whole);
    const text = bytes.toString('latin1');
    for (const each of frames.slice(0, at)) t.true(text.includes(Buffer.from(each).toString('latin1')));
    const tail = Buffer.concat([...frames, ...frames]);
    if (!bytes.subarray(-tail.length).equals(tail)) lost++;
  }
  // Bytes can look like one long message by chance.
  t.true(lost <= rounds / 50, `${lost} of ${rounds} rounds lost sound messages`);
});

// Damaged recordings: cut anywhere, bytes flipped, lines mangled. The answer is messages, or problems that tell
// where, or a refusal; never a crash, never a hang.

import test from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import type { Generation } from '../../../../src/lib/core/protocol/messages.js';
import { messageTables } from '../../../../src/lib/core/protocol/messages.js';
import { Conversion } from '../../../../src/lib/core/recording/conversion.js';
import {
  describePlace,
  type Problem,
  type RecordingFormat,
} from '../../../../src/lib/core/recording/items.js';
import { jsonErrorAt } from '../../../../src/lib/core/recording/json-place.js';
import { readTemplate } from '../../../../src/lib/core/recording/template.js';
import { RecordingWriter } from '../../../../src/lib/core/recording/writer.js';
import { everyMessage, seededRandom } from '../../../helpers/generated-recording.js';

const rounds = Number(process.env.DP_FUZZ_ROUNDS ?? 600);

function sample(generation: Generation, format: RecordingFormat): Buffer {
  const header = new Map([['version', messageTables[generation].protocol]]);
  const writer = new RecordingWriter({ format, generation, header, isOriginal: false });
  // one of each type, short: damage is to hit structure more often than pixels
  const seen = new Set<number>();
  for (const message of everyMessage(generation)) {
    if (message.payload.length > 60 || seen.has(message.type)) continue;
    seen.add(message.type);
    writer.write(message);
  }
  return writer.take();
}

/** Everything that may come of bytes: undefined is a refusal. */
function outcome(bytes: Buffer): { problems: Problem[]; messages: number } | undefined {
  const problems: Problem[] = [];
  const conversion = new Conversion({}, (problem) => problems.push(problem));
  try {
    for (let at = 0; at < bytes.length; at += 4096) conversion.read(bytes.subarray(at, at + 4096));
    conversion.end();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
  return { problems, messages: conversion.count.readMessages };
}

const hasPlace = (problem: Problem): boolean => /^(offset|line) \d+/.test(describePlace(problem));

for (const generation of Object.keys(messageTables) as Generation[]) {
  for (const format of ['binary', 'text'] as const) {
    const bytes = sample(generation, format);

    test(`${generation} ${format}: cut at any byte`, (t) => {
      const whole = outcome(bytes)?.messages ?? 0;
      t.true(whole > 20);
      const random = seededRandom(3);
      for (let round = 0; round < Math.min(bytes.length, rounds); round++) {
        const cut = bytes.length <= rounds ? round : Math.floor(random() * bytes.length);
        const result = outcome(bytes.subarray(0, cut));
        if (!result) continue;
        if (!result.problems.every(hasPlace) || result.messages > whole) {
          t.fail(`cut at ${cut}`);
          return;
        }
        if (format === 'binary' && result.messages < whole && result.problems.length === 0) {
          // the cut fell exactly between two messages: with a byte less the last one is cut, and told
          const shorter = outcome(bytes.subarray(0, cut - 1));
          if (result.messages > 0) {
            t.is(shorter?.messages, result.messages - 1, `cut at ${cut}`);
            t.is(shorter?.problems.length, 1, `cut at ${cut}`);
          }
        }
      }
      t.pass();
    });

    test(`${generation} ${format}: bytes flipped`, (t) => {
      const random = seededRandom(11);
      for (let round = 0; round < rounds; round++) {
        const broken = Buffer.from(bytes);
        const flips = 1 + Math.floor(random() * 3);
        for (let flip = 0; flip < flips; flip++) {
          broken[Math.floor(random() * broken.length)]! ^= 1 << Math.floor(random() * 8);
        }
        const result = outcome(broken);
        if (result && !result.problems.every(hasPlace)) {
          t.fail(JSON.stringify(result.problems));
          return;
        }
        try {
          readTemplate(broken);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }
      t.pass();
    });
  }
}

test('a cut message is told with the offset where it begins', (t) => {
  const bytes = Buffer.concat([
    Buffer.from('DPREC\0'),
    Buffer.from([0, 24]),
    Buffer.from('{"version":"dp:4.25.1" }'),
    Buffer.from('00008001', 'hex'),
    Buffer.from('0010810100', 'hex'),
  ]);
  const result = outcome(bytes);
  t.is(result?.messages, 1);
  t.like(result?.problems[0], { offset: 36, severity: 'error', endsReading: true });
  t.regex(result?.problems[0]?.message ?? '', /5 of 20 bytes/);
});

test('text problems are told with line and column', (t) => {
  const places = (text: string): string[] =>
    (outcome(Buffer.from(text))?.problems ?? []).map(
      (problem) => `${describePlace(problem)}: ${problem.message}`,
    );
  t.deepEqual(
    places(
      [
        '!version=dp:4.21.2',
        '1 newlayer id=0x0101 title',
        '300 undopoint',
        '1 newlayer id=0x0101 {',
        '\ttitle=Never closed',
        '1 undopoint',
        '1 classicdabs layer=0x0101 {',
        '\t1 2 3',
        '}',
        '1 nothing {',
        '\twhat=ever',
        '}',
        '1 resize right=wide colour=red',
        '1',
      ].join('\n'),
    ),
    [
      'line 2, column 22: "title" is not key=value',
      'line 3, column 1: a message begins with a user id of 0 to 255',
      'line 4: the block that begins here is not closed with }',
      'line 8, column 2: "1 2 3" is not a dab: it needs 5 numbers with one blank between (x y size hardness opacity)',
      'line 10, column 3: dp:4.21.2 has no message "nothing"',
      'line 13, column 10: right: "wide" is not a number, 0 is used',
      'line 13, column 21: colour: resize has no such key, it is ignored',
      'line 14: the name of the message is missing',
    ],
  );
  t.deepEqual(
    places(
      [
        '!version=dp:4.25.1',
        '1 resize {"right":5,}',
        '1 owner {"users":[1]}',
        '1 resize {"right":"wide","height":3}',
        '1 penup [1]',
        '1 classicdabs {"layer":1}',
        'one two',
      ].join('\n'),
    ),
    [
      'line 2, column 21: the part behind the name is not JSON: "}" cannot stand here',
      'line 3, column 3: dp:4.25.1 has no message "owner"; dp:4.21.2 has one',
      'line 4, column 11: right: is not a number, 0 is used',
      'line 4, column 26: height: resize has no such key, it is ignored',
      'line 5, column 9: the part behind the name is not a JSON object',
      'line 6, column 3: classicdabs has 17 bytes, it may have 24 to 65530: at least one dab is needed',
      'line 7, column 1: a message begins with a user id of 0 to 255',
    ],
  );
});

test('the place of a JSON error is where JSON.parse stops as well', (t) => {
  for (const good of ['{}', ' [1, -2.5e3, "a\\u00e4\\n", true, null, {"b":[]}] ', '"x"', '0', '[[[]]]']) {
    t.is(jsonErrorAt(good), -1, good);
    JSON.parse(good);
  }
  for (const [bad, at] of [
    ['', 0],
    ['{', 1],
    ['{"a"}', 4],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ['[1 2]', 3],
    ['[01]', 2],
    ['"a\tb"', 2],
    ['"\\x"', 1],
    ['[1]]', 3],
    ['{a:1}', 1],
    ['nul', 0],
  ] as const) {
    t.is(jsonErrorAt(bad), at, bad);
    t.throws(() => JSON.parse(bad));
  }
});

test('deep nesting and endless lines are no danger', (t) => {
  const deep = `!version=dp:4.25.1\n1 resize ${'{"right":['.repeat(50_000)}\n1 undopoint\n`;
  t.is(outcome(Buffer.from(deep))?.messages, 1);
  const long = Buffer.concat([
    Buffer.from('!version=dp:4.21.2\n1 chat message='),
    Buffer.alloc(20 * 1024 * 1024, 0x61),
    Buffer.from('\n1 undopoint\n'),
  ]);
  const result = outcome(long);
  t.is(result?.messages, 1);
  t.deepEqual(result?.problems.map(describePlace), ['line 2']);
});

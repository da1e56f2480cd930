// Templates: what the originals take and what the manual promises (formats.md §7).

import { readFileSync } from 'node:fs';
import test from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { countFrames } from '../../../../src/lib/core/protocol/frame.js';
import { describePlace } from '../../../../src/lib/core/recording/items.js';
import { makeTemplate } from '../../../../src/lib/core/recording/new-template.js';
import { readTemplate, TemplateReader } from '../../../../src/lib/core/recording/template.js';

const file = (name: string): Buffer => readFileSync(`test/vectors/formats/${name}`);
const typesOf = (frames: Buffer): number[] => {
  const types: number[] = [];
  for (let at = 0; at < frames.length; at += 4 + frames.readUInt16BE(at))
    types.push(frames[at + 2] as number);
  return types;
};

test("the manual's own example works, although it names no version", (t) => {
  const template = readTemplate(file('v21/template/seed-example-rejected.dptxt'));
  t.is(template.protocol, 'dp:4.21.2');
  t.is(template.settings.title, 'Template Session Demo');
  t.is(template.settings.maxUsers, 25);
  t.is(template.settings.founder, '-');
  t.deepEqual(template.problems, []);
  t.deepEqual(typesOf(template.frames), [34, 129, 130, 130]);
  t.is(template.count, 4);
});

test('a template of 2.1 with everything: settings, and a wrong line that is told and skipped', (t) => {
  const { settings, problems, protocol, frames } = readTemplate(file('v21/template/full.dptxt'));
  t.is(protocol, 'dp:4.21.2');
  t.deepEqual(settings, {
    title: 'Full template',
    founder: 'tplfounder',
    maxUsers: 7,
    password: 'plain;tplpw',
    opword: 'plain;tplop',
    announce: 'http://127.0.0.1:39298/listing/',
    nsfm: true,
    persistent: true,
    preserveChat: true,
    deputies: true,
    authOnly: false,
    idleOverride: false,
    allowWeb: false,
    invites: false,
    unlisted: false,
  });
  t.deepEqual(problems.map(describePlace), ['line 18, column 3']);
  t.regex(problems[0]?.message ?? '', /no message "nonsense"/);
  t.deepEqual(typesOf(frames), [34, 129, 130, 130]);
});

test('a template of 2.3 loses what templates may not hold', (t) => {
  const { settings, problems, protocol, frames, droppedCount } = readTemplate(
    file('v23/template/full.dptxt'),
  );
  t.is(protocol, 'dp:4.25.1');
  t.like(settings, {
    maxUsers: 7,
    persistent: true,
    preserveChat: true,
    deputies: true,
    authOnly: false,
    idleOverride: true,
    allowWeb: true,
    unlisted: false,
    password: 'plainpw',
  });
  t.is(problems.filter(({ severity }) => severity === 'error').length, 1);
  t.deepEqual(typesOf(frames), [70, 129, 162, 162]);
  t.is(droppedCount, 2);
});

test('the exclusive users of a layer are forgotten', (t) => {
  const { frames } = readTemplate(
    Buffer.from(
      '!version=dp:4.25.1\n1 resize {"right":9,"bottom":9}\n1 layeracl {"id":257,"flags":1,"exclusive":[1,2]}\n',
    ),
  );
  t.is(frames.subarray(20).toString('hex'), '0004450100010101');
});

test('binary templates need only the first number, text templates the first two', (t) => {
  const body = Buffer.from('001081010000000000000064000000640000000000000000', 'hex').subarray(0, 20);
  const binary = (version: string): Buffer => {
    const metadata = JSON.stringify({ version });
    return Buffer.concat([
      Buffer.from('DPREC\0'),
      Buffer.from([0, metadata.length]),
      Buffer.from(metadata),
      body,
    ]);
  };
  t.is(readTemplate(binary('dp:4.26.0')).protocol, 'dp:4.26.0');
  t.is(readTemplate(binary('dp:4.26.0')).count, 1);
  t.throws(() => readTemplate(binary('dp:5.1.0')), { instanceOf: Refusal, message: /dp:5\.1\.0/ });
  t.throws(() => readTemplate(binary('what')), { instanceOf: Refusal });
  const text = (version: string): Buffer => Buffer.from(`!version=${version}\n1 resize right=5 bottom=5\n`);
  t.is(readTemplate(text('dp:4.21.0')).protocol, 'dp:4.21.0');
  t.throws(() => readTemplate(text('dp:4.26.0')), { instanceOf: Refusal });
  t.throws(() => readTemplate(text('dp:4.19.0')), { instanceOf: Refusal });
});

test("the manual's spelling of the number of users works, the code's goes first", (t) => {
  const users = (header: string): number =>
    readTemplate(Buffer.from(`!version=dp:4.21.2\n${header}\n1 resize right=5 bottom=5\n`)).settings.maxUsers;
  t.is(users('!maxUsers=9'), 9);
  t.is(users('!maxUsers=9\n!maxUserCount=3'), 3);
  t.is(users('!maxUserCount=0'), 25);
  t.is(users('!maxUserCount=999'), 254);
  t.is(users('!maxUserCount=many'), 25);
});

test('doubtful keys and a missing size are told with their line', (t) => {
  const { problems } = readTemplate(
    Buffer.from('# a comment first\n!version=dp:4.25.1\n!nsfm=maybe\n!colour=red\n1 undopoint\n'),
  );
  t.deepEqual(
    problems.map((problem) => `${describePlace(problem)} ${problem.message}`),
    [
      'line 3, column 2 nsfm: "maybe" is neither true nor false and counts as true',
      'line 4, column 2 colour: no template has such a key, it is ignored',
      'line 1 no resize gives the canvas a size: nothing could be drawn on it',
    ],
  );
});

test('it does not matter how the bytes are cut', (t) => {
  const bytes = file('v23/all-types.template.dprec');
  const reader = new TemplateReader();
  for (const byte of bytes) reader.read(Buffer.from([byte]));
  const whole = readTemplate(bytes);
  t.true(reader.end().frames.equals(whole.frames));
  t.is(countFrames(whole.frames, 0, whole.frames.length), whole.count);
});

test('something that is no recording is refused', (t) => {
  for (const text of ['', 'hello world, this is a letter\nto you\n', '\0\u0001\u0002garbage', '{"json":1}']) {
    t.throws(() => readTemplate(Buffer.from(text)), {
      instanceOf: Refusal,
      message: /not a Drawpile recording/,
    });
  }
});

for (const generation of ['4.21', '4.24', '4.25'] as const) {
  for (const format of ['text', 'binary'] as const) {
    test(`a new template of ${generation} as ${format} is a good template`, (t) => {
      const bytes = makeTemplate({
        generation,
        format,
        widthPixels: 800,
        heightPixels: 600,
        layers: ['Paper', 'My drawing'],
        fill: 0xffffffff,
        settings: { title: 'A place to draw', maxUserCount: 12, nsfm: false },
      });
      const template = readTemplate(bytes);
      t.deepEqual(template.problems, []);
      t.is(template.settings.title, 'A place to draw');
      t.is(template.settings.maxUsers, 12);
      t.false(template.settings.nsfm);
      t.is(template.protocol.slice(0, 7), `dp:${generation}`);
      t.is(template.droppedCount, 0);
      t.true(typesOf(template.frames).includes(129));
    });
  }
}

test('a template without layers or size can not be made', (t) => {
  const options = {
    generation: '4.25',
    format: 'text',
    widthPixels: 10,
    heightPixels: 10,
    layers: ['One'],
    fill: 0,
    settings: {},
  } as const;
  t.throws(() => makeTemplate({ ...options, layers: [] }), { instanceOf: Refusal });
  t.throws(() => makeTemplate({ ...options, widthPixels: 0 }), { instanceOf: Refusal });
  t.throws(() => makeTemplate({ ...options, heightPixels: 40000 }), { instanceOf: Refusal });
});

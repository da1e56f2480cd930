// dp rec render: pictures with the right pixels, in every format, and clear words where there are none.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import RecConvert from '../../../src/commands/rec/convert.js';
import RecRender, { type Rendered } from '../../../src/commands/rec/render.js';
import { readPng } from '../../../src/lib/io/canvas/png-read.js';
import {
  blue,
  blueLayer,
  drawnMessages,
  drawnRecording,
  drawnText,
  green,
  nothing,
  red,
  white,
} from '../../helpers/drawn-recording.js';
import { type Ran, runCommand } from '../../helpers/run-command.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { unzipped } from '../../helpers/unzipped.js';

interface Shown {
  width: number;
  height: number;
  at(x: number, y: number): number[];
}

function shown(file: string): Shown {
  const { width, height, rgba } = readPng(readFileSync(file), file);
  return { width, height, at: (x, y) => [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)] };
}

async function rendered(t: ExecutionContext, args: readonly string[], more: string[] = []): Promise<Shown> {
  const { file, folder: where } = drawnRecording(t, more);
  const out = join(where, 'out.png');
  const ran = await runCommand(RecRender, [file, out, ...args]);
  t.is(ran.stderr, '');
  t.is(ran.status, 0);
  t.false(existsSync(`${out}.part`));
  return shown(out);
}

test('a recording becomes a picture', async (t) => {
  const picture = await rendered(t, []);
  t.like(picture, { width: 100, height: 80 });
  t.deepEqual(picture.at(0, 0), [...white]);
  t.deepEqual(picture.at(10, 10), [...red]);
  t.deepEqual(picture.at(29, 49), [...red]);
  t.deepEqual(picture.at(30, 30), [...blue]);
  t.deepEqual(picture.at(69, 69), [...blue]);
  t.deepEqual(picture.at(70, 70), [...white]);
});

test('what was done is told in one line, and in JSON', async (t) => {
  const { file, folder: where } = drawnRecording(t);
  const out = join(where, 'a.png');
  t.is(
    (await runCommand(RecRender, [file, out])).stdout,
    `${out}: 100 × 80 pixels, ${drawnMessages} messages\n`,
  );
  const ran = await runCommand(RecRender, [file, out, '--force', '--json']);
  t.like(ran.json<Rendered>(), { in: file, out, width: 100, height: 80, pictures: 1, problems: [] });
  t.like(ran.json<Rendered>().counts, { messages: drawnMessages, unreadable: 0 });
});

test('--at stops behind a message, or at a time', async (t) => {
  t.deepEqual((await rendered(t, ['--at', '6'])).at(40, 40), [...red]);
  t.deepEqual((await rendered(t, ['--at', '5'])).at(40, 40), [...white]);
  t.deepEqual((await rendered(t, ['--at', '1.9s'])).at(40, 40), [...red]);
  t.deepEqual((await rendered(t, ['--at', '0:02'])).at(40, 40), [...blue]);
  t.deepEqual((await rendered(t, ['--at', String(drawnMessages)])).at(40, 40), [...blue]);
});

test('layers and users can be left out', async (t) => {
  const onlyBlue = await rendered(t, ['--layer', 'Blue']);
  t.deepEqual(onlyBlue.at(0, 0), [...nothing]);
  t.deepEqual(onlyBlue.at(15, 15), [...nothing]);
  t.deepEqual(onlyBlue.at(40, 40), [...blue]);
  t.deepEqual((await rendered(t, ['--layer', String(blueLayer)])).at(40, 40), [...blue]);
  t.deepEqual((await rendered(t, ['--without-user', '2'])).at(40, 40), [...red]);
  t.deepEqual((await rendered(t, ['--only-user', '2'])).at(15, 15), [...white]);
  t.deepEqual((await rendered(t, ['--only-user', '1', '--only-user', '2'])).at(40, 40), [...blue]);
  t.deepEqual((await rendered(t, ['--no-background'])).at(0, 0), [...nothing]);
});

test('a part and another size can be shown', async (t) => {
  const part = await rendered(t, ['--crop', '20x10+30+30']);
  t.like(part, { width: 20, height: 10 });
  t.deepEqual(part.at(0, 0), [...blue]);
  const small = await rendered(t, ['--size', '50']);
  t.like(small, { width: 50, height: 40 });
  t.deepEqual(small.at(5, 5), [...red]);
  t.deepEqual(small.at(4, 4), [...white]);
  t.like(await rendered(t, ['--size', 'x160']), { width: 200, height: 160 });
  t.like(await rendered(t, ['--crop', '500x500+90+70']), { width: 10, height: 10 });
});

test('annotations are drawn when they are wanted', async (t) => {
  t.deepEqual((await rendered(t, [])).at(99, 0), [...white]);
  const with_ = await rendered(t, ['--annotations']);
  t.deepEqual(with_.at(99, 0), [...green]);
  const letters = Array.from({ length: 40 * 20 }, (_, at) => with_.at(60 + (at % 40), Math.floor(at / 40)));
  t.true(letters.some((pixel) => pixel.join() === '0,0,0,255'));
});

test('rights are looked at when the recording tells them', async (t) => {
  const locked = '2 fillrect {"layer":257,"mode":"svg:src-over","w":5,"h":5,"color":"#ff0000ff"}';
  const { folder: where } = drawnRecording(t);
  const told = join(where, 'told.dptxt');
  const lines = drawnText().split('\n');
  const rights = [
    '1 join {"name":"a"}',
    '0 sessionowner {"users":[1]}',
    '1 layeracl {"id":257,"flags":"0x80"}',
  ];
  writeFileSync(told, [lines[0], ...rights, ...lines.slice(1, -1), locked, ''].join('\n'));
  const pixel = async (...args: string[]): Promise<number[]> => {
    const out = join(where, `${args.length}${args.at(-1)}.png`);
    t.is((await runCommand(RecRender, [told, out, ...args])).status, 0);
    return shown(out).at(1, 1);
  };
  t.deepEqual(await pixel(), [...white]);
  t.deepEqual(await pixel('--acl', 'client'), [...white]);
  t.deepEqual(await pixel('--acl', 'none'), [...blue]);
});

test('pictures are written every so many messages', async (t) => {
  const { file, folder: where } = drawnRecording(t);
  const frames = join(where, 'deep', 'frames');
  const ran = await runCommand(RecRender, [file, '--every', '4', '--frames', frames]);
  t.is(ran.stdout, `${frames}: 3 pictures of 100 × 80 pixels, ${drawnMessages} messages\n`);
  t.deepEqual(readdirSync(frames).sort(), ['frame-000001.png', 'frame-000002.png', 'frame-000003.png']);
  t.deepEqual(shown(join(frames, 'frame-000001.png')).at(15, 15), [...white]);
  t.deepEqual(shown(join(frames, 'frame-000002.png')).at(40, 40), [...red]);
  t.deepEqual(shown(join(frames, 'frame-000003.png')).at(40, 40), [...blue]);
  const part = join(where, 'part');
  const until = ['--at', '1.5s', '--every', '2', '--frames', part];
  await runCommand(RecRender, [file, ...until]);
  t.deepEqual(readdirSync(part).sort(), ['frame-000001.png', 'frame-000002.png', 'frame-000003.png']);
});

test('JPEG, WebP and OpenRaster files are what their name says', async (t) => {
  const { file, folder: where } = drawnRecording(t);
  const made = async (name: string): Promise<Buffer> => {
    t.is((await runCommand(RecRender, [file, join(where, name)])).status, 0);
    return readFileSync(join(where, name));
  };
  t.is((await made('a.jpg')).toString('hex', 0, 3), 'ffd8ff');
  t.is((await made('a.jpeg')).toString('hex', 0, 3), 'ffd8ff');
  const webp = await made('a.webp');
  t.is(webp.toString('latin1', 0, 4) + webp.toString('latin1', 8, 16), 'RIFFWEBPVP8L');
  const ora = await made('a.ora');
  // the mime type stands where programs look for it
  t.is(ora.toString('latin1', 30, 54), 'mimetypeimage/openraster');
});

test('an OpenRaster file of large layers has them where its directory says', async (t) => {
  const out = join(tempFolder(t), 'house.ora');
  t.is((await runCommand(RecRender, ['docs/example.dprec', out])).status, 0);
  const files = unzipped(readFileSync(out));
  t.is(files.size, 10);
  t.is(files.get('mimetype')!.toString(), 'image/openraster');
  for (const [name, bytes] of files) {
    if (name.endsWith('.png')) t.true(readPng(bytes, name).width > 0, name);
  }
  t.true([...files.values()].some(({ length }) => length > 100_000));
});

test('an OpenRaster file has the layers with their places and modes', async (t) => {
  const { file, folder: where } = drawnRecording(t, [
    '1 layerattr {"id":257,"opacity":128,"blend":"svg:multiply"}',
    '1 layertreecreate {"id":1025,"title":"A <group> & \\"more\\"","flags":["group"]}',
  ]);
  const out = join(where, 'a.ora');
  t.is((await runCommand(RecRender, [file, out])).status, 0);
  const files = unzipped(readFileSync(out));
  const unpacked = (name: string): Buffer => files.get(name)!;
  const stack = unpacked('stack.xml').toString();
  t.regex(stack, /<image version="0.0.3" w="100" h="80" xres="72" yres="72">/);
  t.regex(
    stack,
    /<stack name="A &lt;group&gt; &amp; &quot;more&quot;" opacity="1" [^>]*isolation="isolate">\n<\/stack>/,
  );
  t.regex(
    stack,
    /name="Blue" opacity="1" visibility="visible" composite-op="svg:src-over" src="data\/layer-000102.png" x="30" y="30"/,
  );
  t.regex(
    stack,
    /name="Red" opacity="0.502" visibility="visible" composite-op="svg:multiply" [^>]*x="10" y="10"/,
  );
  t.true(stack.indexOf('Blue') < stack.indexOf('Red'), 'the topmost comes first');
  const layer = readPng(unpacked('data/layer-000102.png'), 'layer');
  t.like(layer, { width: 40, height: 40 });
  t.deepEqual([...layer.rgba.subarray(0, 4)], [...blue]);
  const merged = readPng(unpacked('mergedimage.png'), 'merged');
  t.deepEqual([...merged.rgba.subarray(0, 4)], [...white]);
  t.like(readPng(unpacked('Thumbnails/thumbnail.png'), 'thumbnail'), { width: 100, height: 80 });
});

test('the state is printed as the vectors have it', async (t) => {
  const { file } = drawnRecording(t);
  const state = (await runCommand(RecRender, [file, '--state', '--json'])).json();
  t.like(state, { messages: drawnMessages, acl: 'none', width: 100, height: 80 });
  t.is((state.layers as unknown[]).length, 2);
  t.deepEqual(JSON.parse((await runCommand(RecRender, [file, '--state'])).stdout), state);
});

test('a picture goes to standard output', async (t) => {
  const ran = await runCommand(RecRender, ['-', '-', '--size', '10'], { stdin: drawnText() });
  t.is(ran.status, 0);
  t.regex(ran.stdout, /PNG/);
});

/** What goes wrong, the exit status, and what is said. */
const refusals: readonly [args: readonly string[], status: number, message: RegExp][] = [
  [
    ['FILE', 'OUT.bmp'],
    2,
    /cannot determine the picture format from the name .*OUT\.bmp\nhint: .*\.png, \.jpg, \.webp, \.ora/,
  ],
  [['FILE', 'OUT'], 2, /cannot determine the picture format/],
  [['FILE'], 2, /no output file given/],
  [['FILE', 'OUT.png', '--at', '500'], 2, /the recording ends after 12 messages, before --at/],
  [['FILE', 'OUT.png', '--at', '2:00'], 2, /ends after 12 messages, before --at/],
  [['FILE', 'OUT.png', '--at', 'soon'], 2, /soon/],
  [['FILE', 'OUT.png', '--at', '1'], 0, /^$/],
  [['FILE', 'OUT.png', '--size', '10by10'], 2, /invalid value '10by10' for --size/],
  [['FILE', 'OUT.png', '--size', '0x5'], 2, /invalid value '0x5' for --size/],
  [['FILE', 'OUT.png', '--crop', '10x10'], 2, /invalid value '10x10' for --crop/],
  [['FILE', 'OUT.png', '--crop', '10x10+100+0'], 2, /outside the canvas of 100 × 80 pixels/],
  [
    ['FILE', 'OUT.png', '--layer', 'Bleu'],
    4,
    /there is no layer 'Bleu' at this point\nhint: did you mean 'Blue'\?/,
  ],
  [
    ['FILE', 'OUT.png', '--layer', '99'],
    4,
    /there is no layer '99'.*\nhint: choose one of: 257 'Red', 258 'Blue'/,
  ],
  [
    ['FILE', 'OUT.png', '--only-user', '99'],
    4,
    /user 99 draws nothing up to there\nhint: choose among those who draw: 1, 2/,
  ],
  [['FILE', 'OUT.png', '--only-user', '1', '--without-user', '98'], 4, /user 98 draws nothing/],
  [['FILE', 'OUT.png', '--only-user', '2', '--at', '6'], 4, /user 2 draws nothing.*\n.*draw: 1$/m],
  [['FILE', 'OUT.png', '--only-user', '2', '--at', '4'], 4, /user 2 draws nothing.*nor does anybody else/],
  [['FILE', '--state', '--without-user', '97'], 4, /user 97 draws nothing/],
  [['FILE', 'OUT.png', '--only-user', 'x'], 2, /invalid value 'x' for --only-user/],
  [['FILE', 'OUT.png', '--without-user', '256'], 2, /invalid value '256' for --without-user/],
  [['FILE', 'OUT.webp', '--size', '20000'], 2, /too large: a webp file has at most 16383 pixels per side/],
  [['FILE', 'OUT.jpg', '--size', '30000'], 2, /too large: a jpg file of more than 128 megapixels/],
  [['FILE', 'OUT.png', '--state'], 2, /nothing would be written to .*OUT\.png/],
  [['FILE', '--every', '5'], 2, /--frames/],
  [['FILE', 'OUT.png', '--proflie', 'avx2'], 2, /did you mean --profile\?/],
  [['nowhere.dprec', 'OUT.png'], 4, /there is no file nowhere\.dprec/],
];

for (const [args, status, message] of refusals) {
  test(`${args.join(' ')} ends with ${status}`, async (t) => {
    const { file, folder: where } = drawnRecording(t);
    const named = args.map((each) => each.replace(/^FILE$/, file).replace(/^OUT/, join(where, 'OUT')));
    const ran: Ran = await runCommand(RecRender, named);
    t.regex(ran.stderr, message);
    t.is(ran.status, status);
    if (status !== 0) t.deepEqual(readdirSync(where), ['drawn.dptxt']);
  });
}

test('with --every, users who draw nothing are told at the end', async (t) => {
  const { file, folder: where } = drawnRecording(t);
  const ran = await runCommand(RecRender, [
    ...[file, '--every', '5', '--frames', join(where, 'frames')],
    ...['--only-user', '96'],
  ]);
  t.regex(ran.stderr, /user 96 draws nothing up to there/);
  t.is(ran.status, 4);
  t.is((await runCommand(RecRender, [file, '--every', '5', '--frames', join(where, 'more')])).status, 0);
});

test('recordings of 2.1 are refused with the reason', async (t) => {
  const ran = await runCommand(RecRender, [
    'test/vectors/formats/v21/all-types.dprec',
    join(tempFolder(t), 'a.png'),
  ]);
  t.regex(ran.stderr, /cannot draw the canvas: .*2\.1/);
  t.is(ran.status, 5);
});

test('a recording without a canvas has no picture', async (t) => {
  const ran = await runCommand(RecRender, ['-', join(tempFolder(t), 'a.png')], {
    stdin: '!version=dp:4.25.1\n1 undopoint\n',
  });
  t.regex(ran.stderr, /the canvas has no size/);
  t.is(ran.status, 2);
});

test('a cut recording is drawn as far as it goes, and that is told', async (t) => {
  const { file: text, folder: where } = drawnRecording(t);
  const file = join(where, 'cut.dprec');
  await runCommand(RecConvert, [text, file]);
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length - 3));
  const out = join(where, 'a.png');
  const ran = await runCommand(RecRender, [file, out]);
  t.regex(ran.stderr, /the last message is cut/);
  t.is(ran.status, 7);
  t.true(existsSync(out));
});

test('a picture that is there is kept unless --force is given', async (t) => {
  const { file, folder: where } = drawnRecording(t);
  const out = join(where, 'mine.png');
  writeFileSync(out, 'mine');
  const ran = await runCommand(RecRender, [file, out]);
  t.is(ran.status, 6);
  t.is(readFileSync(out, 'utf8'), 'mine');
  t.is((await runCommand(RecRender, [file, out, '--force'])).status, 0);
});

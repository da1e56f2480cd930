// dp template new --image and --from: templates with something on them.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import RecRender from '../../../src/commands/rec/render.js';
import TemplateNew, { type NewTemplateResult } from '../../../src/commands/template/new.js';
import { blankPicture, type Picture } from '../../../src/lib/core/picture/picture.js';
import { encodePayload, messageTables } from '../../../src/lib/core/protocol/messages.js';
import { readTemplate } from '../../../src/lib/core/recording/template.js';
import { encodePng } from '../../../src/lib/io/canvas/png.js';
import { readPng } from '../../../src/lib/io/canvas/png-read.js';
import { Client } from '../../helpers/client.js';
import { blue, drawnRecording, nothing, red, white } from '../../helpers/drawn-recording.js';
import { runCommand } from '../../helpers/run-command.js';
import { Seeded } from '../../helpers/seeded.js';
import { serveBinary } from '../../helpers/serve-binary.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** 150 × 70: red, a blue square in the second tile, transparent at the right. */
function picture(): Picture {
  const made = blankPicture({ width: 150, height: 70 });
  for (let y = 0; y < 70; y++) {
    for (let x = 0; x < 140; x++) {
      const colour = x >= 70 && x < 80 && y < 10 ? [0, 0, 255, 255] : [255, 0, 0, 255];
      made.rgba.set(colour, (y * 150 + x) * 4);
    }
  }
  return made;
}

async function drawn(
  t: ExecutionContext,
  file: string,
  ...more: string[]
): Promise<(x: number, y: number) => number[]> {
  const out = join(tempFolder(t), 'out.png');
  const ran = await runCommand(RecRender, [file, out, ...more]);
  t.is(ran.status, 0, ran.stderr);
  const { width, rgba } = readPng(readFileSync(out), out);
  return (x, y) => [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

for (const protocol of ['4.24', '4.25']) {
  test(`a picture becomes a template for ${protocol}`, async (t) => {
    const where = tempFolder(t);
    const image = join(where, 'lines.png');
    writeFileSync(image, encodePng(picture()));
    const file = join(where, 'a.dprec');
    const args = [file, '--image', image, '--layers', '3', '--protocol', protocol, '--title', 'Lines'];
    const ran = await runCommand(TemplateNew, [...args, '--background', 'none', '--json']);
    t.like(ran.json<NewTemplateResult>(), {
      widthPixels: 150,
      heightPixels: 70,
      layers: ['Layer 1', 'Layer 2', 'Layer 3'],
    });
    const at = await drawn(t, file, '--acl', 'client');
    t.deepEqual(at(0, 0), [...red]);
    t.deepEqual(at(75, 5), [...blue]);
    t.deepEqual(at(139, 69), [...red]);
    t.deepEqual(at(140, 69), [...nothing]);
    const opaque = join(where, 'b.dprec');
    t.is(
      (await runCommand(TemplateNew, [opaque, ...args.slice(1)])).stdout,
      `${opaque}: 150 × 70 pixels, 3 layers\n`,
    );
    t.deepEqual((await drawn(t, opaque))(145, 5), [...white]);
    t.is(readTemplate(readFileSync(file)).problems.length, 0);
  });
}

/** What `dp rec render` makes of it. */
async function rendered(t: ExecutionContext, file: string, ...more: string[]): Promise<Picture> {
  const out = join(tempFolder(t), 'out.png');
  const ran = await runCommand(RecRender, [file, out, ...more]);
  t.is(ran.status, 0, ran.stderr);
  return readPng(readFileSync(out), out);
}

/** By how much the two differ at most, of 255, in a channel multiplied by alpha. */
function difference(t: ExecutionContext, a: Picture, b: Picture): number {
  t.deepEqual([a.width, a.height], [b.width, b.height]);
  let worst = 0;
  for (let at = 0; at < a.rgba.length; at++) {
    const channel = (of: Picture): number =>
      at % 4 === 3 ? of.rgba[at]! : (of.rgba[at]! * of.rgba[at | 3]!) / 255;
    worst = Math.max(worst, Math.abs(channel(a) - channel(b)));
  }
  return worst;
}

const sizes: readonly [width: number, height: number][] = [
  [1, 1],
  [64, 64],
  [65, 63],
  [200, 131],
];

for (const [width, height] of sizes) {
  for (const protocol of ['4.24', '4.25']) {
    test(`a picture of ${width} × ${height} comes out of a template for ${protocol} as it went in`, async (t) => {
      const where = tempFolder(t);
      const random = new Seeded(width);
      const noisy = blankPicture({ width, height });
      const opaque = blankPicture({ width, height });
      for (let at = 0; at < noisy.rgba.length; at++) {
        noisy.rgba[at] = random.below(256);
        opaque.rgba[at] = at % 4 === 3 ? 255 : noisy.rgba[at]!;
      }
      // tiles of one colour, and empty ones, are told in another way
      for (const picture of [noisy, opaque]) picture.rgba.fill(0, 0, Math.min(64, height) * width * 4);
      const through = async (picture: Picture): Promise<Picture> => {
        const image = join(where, 'in.png');
        writeFileSync(image, encodePng(picture));
        const file = join(where, 'template.dprec');
        const args = ['--image', image, '--protocol', protocol, '--background', 'none', '--force'];
        const ran = await runCommand(TemplateNew, [file, ...args]);
        t.is(ran.status, 0, ran.stderr);
        return rendered(t, file);
      };
      t.true(difference(t, await through(opaque), opaque) === 0, 'opaque pixels are the same');
      // clients keep colours multiplied by alpha, in 8 bits each
      const worst = difference(t, await through(noisy), noisy);
      t.true(worst <= 1, `${worst}`);
    });
  }
}

for (const source of ['docs/example.dprec', 'DRAWN']) {
  for (const protocol of ['4.24', '4.25']) {
    test(`a template for ${protocol} from ${source} shows what the recording shows`, async (t) => {
      const file = source === 'DRAWN' ? drawnRecording(t).file : source;
      const out = join(tempFolder(t), 'copy.dprec');
      const ran = await runCommand(TemplateNew, [out, '--from', file, '--protocol', protocol]);
      t.is(ran.status, 0, ran.stderr);
      for (const more of [[], ['--no-background']]) {
        const before = await rendered(t, file, ...more);
        t.true(before.width * before.height > 1000);
        const worst = difference(t, await rendered(t, out, ...more), before);
        // layers go through 8 bits, and then over each other
        t.true(worst <= (source === 'DRAWN' ? 0 : 3), `${more}: ${worst}`);
      }
    });
  }
}

test('a picture becomes a template for 2.1, put there by its operator', async (t) => {
  const where = tempFolder(t);
  const image = join(where, 'lines.png');
  writeFileSync(image, encodePng(picture()));
  const ran = await runCommand(TemplateNew, ['-', '--image', image, '--protocol', '4.21']);
  t.is(ran.status, 0, ran.stderr);
  t.regex(ran.stdout, /^1 puttile /m);
});

test('the canvas of a recording becomes a template', async (t) => {
  const { file, folder: where } = drawnRecording(t, ['1 join {"name":"x"}', '1 chat {"message":"secret"}']);
  const out = join(where, 'copy.dptxt');
  const ran = await runCommand(TemplateNew, [
    out,
    '--from',
    file,
    '--title',
    'Again',
    '--max-users',
    '7',
    '--json',
  ]);
  t.like(ran.json<NewTemplateResult>(), {
    widthPixels: 100,
    heightPixels: 80,
    layers: ['Red', 'Blue'],
    protocol: 'dp:4.25.1',
  });
  const text = readFileSync(out, 'utf8');
  t.regex(text, /^!title=Again$/m);
  t.regex(text, /^!maxUserCount=7$/m);
  t.notRegex(text, /secret|join/);
  t.deepEqual((await drawn(t, out))(40, 40), [...blue]);
  const older = join(where, 'older.dprec');
  t.is((await runCommand(TemplateNew, [older, '--from', file, '--protocol', '4.24'])).status, 0);
  t.deepEqual((await drawn(t, older))(40, 40), [...blue]);
});

test('the canvas of a session becomes a template', async (t) => {
  const server = await serveBinary({}, 'socket');
  t.teardown(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  const host = await Client.host(server.port, { name: 'alice', alias: 'wall', patience: 60_000 });
  t.teardown(() => host.drop());
  const table = messageTables['4.25'];
  const say = (name: string, fields: Record<string, string | number>): void => {
    const { row } = table.named(name)!;
    host.draw(Buffer.from(encodePayload(row, fields)), row.id);
  };
  say('layertreecreate', { id: 0x101, title: 'Wall', fill: 0xff0000ff });
  await host.ping();
  const out = join(tempFolder(t), 'wall.dprec');
  const ran = await server.dp('template', 'new', out, '--from', 'wall');
  t.is(ran.stdout, `${out}: 600 × 400 pixels, 1 layer\n`, ran.stderr);
  t.deepEqual((await drawn(t, out))(40, 40), [...blue]);
  const missing = await server.dp('template', 'new', join(tempFolder(t), 'a.dprec'), '--from', 'nobody');
  t.is(missing.status, 4, missing.stderr);
});

const refusals: readonly [args: readonly string[], status: number, message: RegExp][] = [
  [['OUT.dprec', '--image', 'nowhere.png'], 4, /there is no file nowhere\.png/],
  [['OUT.dprec', '--image', 'DRAWN'], 2, /drawn\.dptxt is not a PNG picture\nhint: convert it to PNG first/],
  [['OUT.dprec', '--image', 'a.png', '--size', '5x5'], 2, /--size/],
  [['OUT.dprec', '--from', 'nowhere.dprec'], 4, /there is no file nowhere\.dprec/],
  [['OUT.dprec', '--from', 'DRAWN', '--protocol', '4.21'], 5, /2\.1/],
  [['OUT.dprec', '--from', 'DRAWN', '--layers', '3'], 2, /--layers/],
  [['OUT.dprec', '--from', 'test/vectors/formats/v21/all-types.dprec'], 5, /cannot draw the canvas/],
];

for (const [args, status, message] of refusals) {
  test(`template new ${args.join(' ')} ends with ${status}`, async (t) => {
    const { file, folder: where } = drawnRecording(t);
    const out = join(where, 'OUT.dprec');
    const ran = await runCommand(
      TemplateNew,
      args.map((each) => each.replace('OUT.dprec', out).replace('DRAWN', file)),
    );
    t.regex(ran.stderr, message);
    t.is(ran.status, status);
    t.false(existsSync(out));
  });
}
